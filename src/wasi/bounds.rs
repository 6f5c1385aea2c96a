//! Owns the table of bounds: the largest requests that a guest can make to the host, and what happens beyond them.

/// A bound on what one call of a guest may make the host allocate, copy, read, keep or wait for.
///
/// ```
/// use wasmtime_compat::wasi::bounds;
///
/// // The functions that are bounded because of an advisory.
/// let covered = bounds().iter().filter(|bound| bound.advisories.contains(&"RUSTSEC-2025-0046"));
/// let functions: Vec<&str> = covered.map(|bound| bound.of).collect();
/// assert_eq!(functions, ["preview1: `fd_renumber`"]);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Bound {
    /// The WASI functions, or the instructions.
    pub of: &'static str,
    /// The bounded quantity.
    pub what: &'static str,
    /// The largest value that passes, and the limit that sets it where there is one.
    pub bound: &'static str,
    /// The behaviour above the bound.
    pub beyond: &'static str,
    /// On which majors this crate enforces it; on the others Wasmtime does.
    pub ours: Ours,
    /// The advisories of Wasmtime that it covers.
    pub advisories: &'static [&'static str],
}

/// Majors on which this crate enforces a bound.
///
/// ```
/// use wasmtime_compat::wasi::{Ours, bounds};
///
/// let of = |function: &str| bounds().iter().find(|bound| bound.of.contains(function)).map(|bound| bound.ours);
/// assert_eq!(of("`memory.grow`"), Some(Ours::All));
/// assert_eq!(of("`fd_renumber`"), Some(Ours::Unfixed));
/// // Wasmtime itself bounds it on every major.
/// assert_eq!(of("`path_readlink`"), Some(Ours::None));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Ours {
    /// The majors whose preview1 never got Wasmtime's security fixes.
    Unfixed,
    /// The majors whose WASI 0.2 Wasmtime does not bound as in the newest major.
    Unbounded,
    /// All of them.
    All,
    /// None: Wasmtime enforces it on every major.
    None,
}

/// Every bound, by kind of function.
pub fn bounds() -> &'static [Bound] {
    BOUNDS
}

const EXHAUSTION: &[&str] = &["RUSTSEC-2026-0020"];
const RENUMBER: &[&str] = &["RUSTSEC-2025-0046", "RUSTSEC-2026-0182"];
const FIELDS: &[&str] = &["RUSTSEC-2026-0020", "RUSTSEC-2026-0021"];
const TABLES: &[&str] = &["RUSTSEC-2026-0114"];

const fn unbounded(of: &'static str, what: &'static str, bound: &'static str, beyond: &'static str) -> Bound {
    Bound { of, what, bound, beyond, ours: Ours::Unbounded, advisories: EXHAUSTION }
}

const fn checked(of: &'static str, what: &'static str, bound: &'static str, beyond: &'static str) -> Bound {
    Bound { of, what, bound, beyond, ours: Ours::All, advisories: EXHAUSTION }
}

const fn all(of: &'static str, what: &'static str, bound: &'static str, beyond: &'static str) -> Bound {
    Bound { of, what, bound, beyond, ours: Ours::All, advisories: &[] }
}

const fn http(of: &'static str, what: &'static str, bound: &'static str, beyond: &'static str) -> Bound {
    Bound { of, what, bound, beyond, ours: Ours::All, advisories: EXHAUSTION }
}

const fn upstream(of: &'static str, what: &'static str, bound: &'static str, beyond: &'static str) -> Bound {
    Bound { of, what, bound, beyond, ours: Ours::None, advisories: &[] }
}

const BOUNDS: &[Bound] = &[
    // preview1
    checked(
        "preview1: `fd_read`, `fd_pread`, `fd_write`, `fd_pwrite`",
        "bytes of the list of buffers, and of the first buffer that is not empty",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "errno `nomem`",
    ),
    checked(
        "preview1: `poll_oneoff`",
        "subscriptions, at 80 bytes each for the list and its events",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "errno `nomem`",
    ),
    checked("preview1: `random_get`", "random bytes", "`WasiConfig::max_random_size`, 64 MiB", "the guest is stopped"),
    checked(
        "preview1: `random_get`",
        "pointer and length, before the bytes are made",
        "the guest's memory",
        "the guest is stopped",
    ),
    checked(
        "preview1: `path_*`",
        "bytes of the paths of one call",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "errno `nomem`; beyond the operating system's limit `nametoolong`",
    ),
    checked(
        "preview1: `path_open`",
        "open files and directories",
        "`StoreLimits::handles`, 1,000,000",
        "the guest is stopped; beyond the operating system's limit an errno",
    ),
    Bound {
        of: "preview1: `fd_renumber`",
        what: "descriptors that are not open, or the same twice",
        bound: "two that are open",
        beyond: "errno `badf`, or success without an effect",
        ours: Ours::Unfixed,
        advisories: RENUMBER,
    },
    Bound {
        of: "preview1: `sock_accept`, `sock_recv`, `sock_send`, `sock_shutdown`",
        what: "any call: Wasmtime panics up to 22",
        bound: "none, as preview1 cannot make sockets",
        beyond: "errno `notsock`, or `badf`",
        ours: Ours::Unfixed,
        advisories: &[],
    },
    upstream(
        "preview1: `fd_readdir`, `fd_prestat_dir_name`, `args_get`, `environ_get`, `path_readlink`",
        "bytes written to the guest",
        "the buffer that the guest names",
        "a short result, an errno, or the guest is stopped",
    ),
    upstream(
        "preview1: `fd_filestat_set_size`, `fd_allocate`; WASI 0.2: `descriptor.set-size`",
        "bytes of a file",
        "what the file system permits; of a read-only directory nothing",
        "an errno or an error code",
    ),
    upstream(
        "preview1: `fd_seek`, `fd_pread`, `fd_pwrite`; WASI 0.2: the offsets of `descriptor` and of its streams",
        "position in a file: nothing is allocated for it",
        "2^63 - 1",
        "an errno or an error code; a short read",
    ),
    // WASI 0.2
    unbounded(
        "WASI 0.2: `get-random-bytes`, `get-insecure-random-bytes`",
        "random bytes",
        "`WasiConfig::max_random_size`, 64 MiB",
        "the guest is stopped",
    ),
    unbounded(
        "WASI 0.2: `input-stream.read`, `.blocking-read`, `.skip`, `.blocking-skip`, `descriptor.read`",
        "bytes read at once",
        "64 KiB",
        "a short read",
    ),
    unbounded("WASI 0.2: `output-stream.splice`, `.blocking-splice`", "bytes read at once", "64 KiB", "a short splice"),
    unbounded(
        "WASI 0.2: `output-stream.write-zeroes`, of files and sockets",
        "zeroes",
        "what `check-write` permits",
        "the guest is stopped",
    ),
    unbounded(
        "WASI 0.2: `output-stream.write`, `descriptor.write`, and the functions of `descriptor` that take paths",
        "bytes of the arguments of one call, before they are copied; text in UTF-16 is transcoded first",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "the guest is stopped",
    ),
    unbounded(
        "WASI 0.2: `poll`",
        "bytes of the pollables in the host, before the list is read; an empty list, with which 18 waits for ever",
        "`StoreLimits::hostcall_fuel`, 128 MiB; one pollable or more",
        "the guest is stopped",
    ),
    unbounded(
        "WASI 0.2: functions that make a stream, a pollable, a descriptor, an error, a terminal, a network, a socket or a \
         list of addresses",
        "resources of the store",
        "`StoreLimits::handles`, 1,000,000",
        "the guest is stopped",
    ),
    unbounded(
        "WASI 0.2: `outgoing-datagram-stream.send`",
        "datagrams, and their bytes, each datagram copied before it is counted",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "the guest is stopped",
    ),
    unbounded(
        "WASI 0.2: `incoming-datagram-stream.receive`",
        "datagrams and bytes returned at once",
        "16 datagrams; none after 64 KiB",
        "a shorter list",
    ),
    unbounded(
        "WASI 0.2: `resolve-addresses`",
        "bytes of the name, before they are copied",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "the guest is stopped",
    ),
    Bound {
        of: "WASI 0.2: `descriptor.set-times`, `.set-times-at`",
        what: "times that the host cannot express: Wasmtime panics",
        bound: "what the system's clock can express",
        beyond: "error code `overflow`",
        ours: Ours::Unbounded,
        advisories: &[],
    },
    upstream(
        "WASI 0.2: `output-stream.blocking-write-and-flush`, `.blocking-write-zeroes-and-flush`",
        "bytes",
        "4 KiB",
        "the guest is stopped",
    ),
    upstream(
        "WASI 0.2: `tcp-socket.set-listen-backlog-size`, and the sizes of buffers of sockets",
        "entries and bytes in the operating system",
        "what the operating system permits",
        "the largest that it permits, or an error code",
    ),
    all("WASI 0.2: `write-zeroes` of standard output and standard error", "zeroes", "1 MiB", "the guest is stopped"),
    // Interfaces that a host adds
    all(
        "`wasi:keyvalue`: `bucket.set`, `set-many`, `increment`",
        "keys, and bytes of keys and values, in the host",
        "`KeyValueLimits`: 10,000 keys of 4 KiB, values of 1 MiB, 64 MiB in total",
        "error `other`",
    ),
    all(
        "`wasi:keyvalue`: `get-many`, `set-many`, `delete-many`, `list-keys`",
        "keys of one call, before the list is read; bytes of its keys and values",
        "`KeyValueLimits::call_keys`, 1,000; `call_size`, 16 MiB",
        "error `other`; `list-keys` returns a cursor",
    ),
    // HTTP
    http(
        "`wasi:http`: `fields.from-list`, `.set`",
        "bytes of the list, at 48 for each pair and 24 for each value, before anything in it is read",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "the guest is stopped",
    ),
    http(
        "`wasi:http`: `fields.from-list`, `.set`, `.append`, `.get`, `.has`, `.delete`",
        "bytes of one name and one value, before they are copied; lists are read element by element until the size below is reached",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "the guest is stopped",
    ),
    Bound {
        of: "`wasi:http`: `fields.from-list`, `.set`, `.append`",
        what: "bytes of all names and values, with 32 for each name and 40 for each value",
        bound: "`HttpConfig::max_field_size`, 128 KiB",
        beyond: "a header error if the name or the value is wrong too; otherwise the guest is stopped",
        ours: Ours::All,
        advisories: FIELDS,
    },
    Bound {
        of: "`wasi:http`: `fields.from-list`, `.set`, `.append`",
        what: "names: with more the crate `http` can panic",
        bound: "6,554",
        beyond: "the guest is stopped",
        ours: Ours::All,
        advisories: &["RUSTSEC-2026-0021"],
    },
    http(
        "`wasi:http`: `fields.entries`",
        "bytes of the list, in which a name is repeated for each of its values",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "the guest is stopped",
    ),
    http(
        "`wasi:http`: `outgoing-request.set-path-with-query`, `.set-authority`, `.set-method`, `.set-scheme`",
        "bytes of the text; those of a method or a scheme are copied once before they are counted",
        "65,534, and 64 of a scheme",
        "the error of the function; beyond `StoreLimits::hostcall_fuel` the guest is stopped",
    ),
    http(
        "`wasi:http`: `output-stream.write` into a body",
        "bytes of one write",
        "1 MiB, which is what `check-write` permits",
        "the guest is stopped",
    ),
    http(
        "`wasi:http`: `response-outparam.set`",
        "bytes of the text of an error code, which are copied once before they are counted",
        "`StoreLimits::hostcall_fuel`, 128 MiB",
        "the guest is stopped",
    ),
    http(
        "`wasi:http`: functions that make fields, a request, a response, options, a body, a stream, a future or a pollable",
        "resources of the store",
        "`StoreLimits::handles`, 1,000,000",
        "the guest is stopped",
    ),
    http(
        "`wasi:http`: functions that make or change fields, requests, responses and bodies, and `outgoing-handler.handle`",
        "bytes that all of them hold: fields and texts, 2 MiB for each body that the guest writes, and 1 MiB for each response on its way",
        "`StoreLimits::total_memory_bytes`, 8 GiB",
        "the guest is stopped",
    ),
    // The machine
    Bound {
        of: "`table.grow`, declared tables",
        what: "elements of all tables of the store",
        bound: "`StoreLimits::total_table_elements`, 16,777,216",
        beyond: "-1, or the guest is not instantiated",
        ours: Ours::All,
        advisories: TABLES,
    },
    all(
        "`memory.grow`, declared memories",
        "bytes of all memories of the store, and from 33 on of the heap of garbage-collected objects",
        "`StoreLimits::total_memory_bytes`, 8 GiB",
        "-1, or the guest is not instantiated",
    ),
    all(
        "instances, memories, tables",
        "number in the store",
        "`StoreLimits::instances`, `memories`, `tables`, 10,000 each",
        "the guest is not instantiated",
    ),
];
