//! Owns what `--help` shows after the flags of each command: exit codes, examples, remarks.

pub(crate) const HELP: &str = "\
Data goes to standard output, everything else to standard error. Colour is used on terminals unless NO_COLOR is set.";

pub(crate) const VERSIONS_HELP: &str = "\
Exit codes:
  0  success, also without a major
  2  the command line is invalid, or the output cannot be written

Examples:
  wasmtime-compat versions
  wasmtime-compat versions --json | jq -r '.majors[] | select(.lts).wasmtime'
  wasmtime-compat versions --advisories 28
  wasmtime-compat versions --advisories 36.0.6

The column `advisories` has the number of published security advisories of that exact version, and the worst severity
of those from which this program does not keep its guests.";

pub(crate) const RUN_HELP: &str = "\
Exit codes:
  the guest's own code, or
    2  the command line is invalid
  123  with --isolate: the guest's process crashed (`\"outcome\": \"crashed\"`, and the signal under `signal`)
  124  the guest timed out
  125  the host failed while the guest ran, or the object of --json cannot be written
  126  the guest was refused and not started, for example because compiling took too long
  134  the guest trapped; without --isolate also: the guest made this process abort

A trap is a fault of the guest, detected by WebAssembly itself, or by the host when the guest passes an invalid
pointer, handle or value. The guest's frames follow, innermost first: function names from the `name` section, files
and lines from DWARF sections. A core module that exits with 126 or more traps (`invalid-exit-code`): Wasmtime
refuses such codes.

Examples:
  wasmtime-compat run hello.wasm
  wasmtime-compat run --wasmtime 24 --dir .::/work --optional-dir cache --timeout 10s tool.wasm -- --verbose in.txt
  wasmtime-compat run --json --wasmtime oldest hello.wat | jq .outcome

With --json the guest's output is captured into the object, and its standard input is empty without --stdin.

On some majors a guest can end the process that runs it, for example by allocating more memory than the machine has.
With --isolate that is an outcome. With --timeout the process is killed if it has not reported 10 s after the
timeout: the outcome is `timed-out`, and what was captured is lost (`\"output_lost\": true`).";

pub(crate) const SERVE_HELP: &str = "\
Exit codes:
    0  SIGINT or SIGTERM ended the server, and every request was completed
    1  as 0, but requests were still running after --grace, and were aborted
    2  the command line is invalid, the guest cannot be read, or the address cannot be listened on
  125  the host failed
  126  the guest was refused: it does not handle requests, a preopened directory cannot be used, or compiling failed
  130  a second signal ended the server at once

Responses of the server's own, with an error in the log:
  400  the request does not name its host
  413  the body of the request is larger than --max-request-body, and the guest responds with that error
  431  the headers of the request are too large
  500  the guest trapped, ended without a response, or the host failed
  502  the guest responded with another error
  503  more than --max-requests requests are running
  504  the guest took longer than --timeout, which holds for each request up to the end of its response
A guest that fails after the start of its response ends the connection.

Examples:
  wasmtime-compat serve handler.wasm
  wasmtime-compat serve --wasmtime 36 --addr 127.0.0.1:0 --timeout 10s --max-memory 268435456 handler.wasm
  wasmtime-compat serve --json --outgoing handler.wasm | jq 'select(.event == \"request\")'

HTTP/1.1 without TLS. The address is printed on standard output, and the log on standard error: client, method, path,
status, bytes of the body, time, and what failed. With --json standard output has an object on a line for each event:
`listening`, `request`, `output`, `stopping` and `stopped`. The output of guests goes to standard error, with --json to
`output` events. Without --timeout a guest that hangs keeps its connection. --stdin and --capture-limit have no effect.";

pub(crate) const CALL_HELP: &str = "\
Exit codes:
    0  the function returned; its results are on standard output, one on each line
    2  the command line is invalid, there is no such function, or an argument does not fit its type
  124  the guest timed out
  125  the host failed while the guest ran, or the guest exited with a code of 256 or more
  126  the guest was refused, or could not be instantiated
  134  the guest trapped
  or the code that the guest exited with

Functions of core modules have arguments of the types s32, s64, f32 and f64; `_initialize` is called first.

Examples:
  wasmtime-compat call add.wat add 40 2
  wasmtime-compat call --wasmtime 24 tool.wasm demo:tool/api@1.0.0#greet '\"World\"'
  wasmtime-compat call --json points.wasm longest '[{x: 1, y: 2}, {x: 3, y: 4}]' | jq -r '.results[0]'

With --json what the guest writes is not shown, and its standard input is empty without --stdin.";

pub(crate) const COMPARE_HELP: &str = "\
Exit codes:
  0  all majors agree
  1  they do not
  2  there is nothing to compare: the command line is invalid, the guest cannot be read, or no major
     started it; or the output cannot be written

Examples:
  wasmtime-compat compare
  wasmtime-compat compare --wasmtime 24,36,newest --dir .::/work tool.wasm -- in.txt
  wasmtime-compat compare --json tool.wasm | jq '.differences'
  wasmtime-compat compare --call add add.wat -- 40 2

With --call one exported function is called on each major, as `call` does, and its results are compared too.
The guest's output is captured, and its standard input is empty without --stdin. The runs follow one another and
share the directories: each run sees what the runs before it wrote.

Each major runs in a process of its own, unless --no-isolate is given. If a guest ends that process, the outcome on
that major is `crashed`, with the signal under `signal` in the JSON, and the other majors still run. With --timeout
the process is killed if it has not reported 10 s after the timeout: the outcome is `timed-out`, and what was
captured is lost (`\"output_lost\": true`). The built-in demo runs in this process.";

pub(crate) const UPGRADE_HELP: &str = "\
Exit codes:
  0  the page is written
  1  the page is written, and a guest that starts on the first release does not start on the second, or with --try its
     runs differ
  2  the command line is invalid, a guest cannot be read, or the output cannot be written

Examples:
  wasmtime-compat upgrade --from 19 --to 48
  wasmtime-compat upgrade --from 36.0.6 --to 48 --html tool.wasm > upgrade.html
  wasmtime-compat upgrade --from 20 --to 48 --sources src
  wasmtime-compat upgrade --from 24 --to 36 --try --dir .::/work tool.wasm -- in.txt
  wasmtime-compat upgrade --from 19 --to 48 --json tool.wasm | jq '.guests[].advice'

The page needs no major in this binary, except with --try. Known differences are ordered by how likely they show: first
those that the imports of a guest can show, then by how many guests use what they are about. With --try the runs share
the directories, as those of `compare` do.";

pub(crate) const INSPECT_HELP: &str = "\
Exit codes:
  0  the guest was read, whatever was found
  2  the command line is invalid, the guest cannot be read, or the output cannot be written; with --wit also: the guest
     is not a component, or WIT cannot express its world

Examples:
  wasmtime-compat inspect tool.wasm
  wasmtime-compat inspect --wit tool.wasm > tool.wit
  wasmtime-compat inspect --json tool.wasm | jq -r '.adapters[].issues[] | select(.status == \"affected\").id'

The report on a component ends with its world as WIT, without the interfaces of WASI.";

pub(crate) const READAPT_HELP: &str = "\
Exit codes:
  0  the new component is written
  1  the guest was refused, and nothing was written: the component cannot be encoded again faithfully, or the
     replacement adapter is refused
  2  the command line is invalid, the guest is not valid, or a file cannot be read or written

Examples:
  wasmtime-compat readapt tool.wasm -o tool-fixed.wasm
  wasmtime-compat readapt tool.wasm -o tool-fixed.wasm --adapter wasi_snapshot_preview1.command.wasm
  wasmtime-compat readapt old.wasm -o fixed.wasm --assume-adapter command
  wasmtime-compat readapt --json tool.wasm -o tool-fixed.wasm | jq '.refusal // .after.identity'

The main module stays the same byte for byte. The new adapter imports the WASI 0.2 of its own version, which
Wasmtime 18 does not have; every later major accepts it.";

pub(crate) const PREOPENS_HELP: &str = "\
Exit codes:
  0  every preopen can be used or may be left out, also with warnings; directories of --create-dir now exist
  1  a guest would be refused
  2  the command line is invalid, or the output cannot be written

Examples:
  wasmtime-compat preopens --dir .::/work --optional-dir ~/.cache/tool::/cache
  wasmtime-compat preopens --check-write --create-dir ~/.cache/tool::/cache
  wasmtime-compat preopens --json --ro-dir /usr/share/tool --create-dir out | jq '.preopens[] | select(.reason)'

If a preopen is in error, no directory is created; the verdict of a directory that --create-dir could create is then
`creatable`.";

pub(crate) const PROBE_HELP: &str = "\
Exit codes:
    0  every preopen has its name and can be opened, as far as the guest has the functions for that
    1  a name is wrong, a directory or a file in it cannot be opened, or the adapter aborted
    2  the command line is invalid, the guest cannot be read, or the output cannot be written
  126  not probed: preopens are refused, an import is not provided, or the structure of the guest is unknown

Examples:
  wasmtime-compat probe --dir src::/src --dir data::/data --dir out::/out tool.wasm
  wasmtime-compat probe --wasmtime all --ro-dir /usr/share/tool
  wasmtime-compat probe --json --dir .::/work tool.wasm | jq '.probes[].probed'

The adapter is the only code of the guest that runs. --stdin and --capture-limit have no effect.";
