//! The known differences, one by one: the versions that the table lists do what it says, and all others what the newest
//! does.

use std::time::Duration;

use compat_tests::hostile::preview2_command;
use compat_tests::imports::{Import, wasi_command};
use compat_tests::sockets::listen;
use compat_tests::{Adapter, assert_known_difference, command, engine, runtime, wat};
use tempfile::tempdir;
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::wasi::{Access, Network, Preopen, SocketAddrUse, Stdout};
use wasmtime_compat::{
    Command, Config, Engine, ErrorKind, Linker, Module, Outcome, RunConfig, Store, known_differences,
};

use super::V;

/// For each entry a test that the majors behave as it says, and the names of all these entries.
macro_rules! cases {
    ($($test:ident: $id:literal, $differs:expr;)*) => {
        $(
            #[test]
            fn $test() {
                assert_known_difference::<V>($id, $differs);
            }
        )*

        const CASES: &[&str] = &[$($id),*];
    };
}

cases! {
    calls_from_post_return: "calls-from-post-return",
        one_of(&outcome(&wat(POST_RETURN), None), "exited 0", "trapped: cannot leave component");
    calls_of_inner_components: "calls-of-inner-components",
        one_of(&outcome(&wat(INNER), None), "trapped: cannot enter component", "exited 0");
    descriptor_numbers: "descriptor-numbers", one_of(&preview1(TWO_CLOSED), "exited 5", "exited 6");
    directory_rights: "directory-rights", one_of(&preview1(RIGHTS), "exited 1", "exited 0");
    empty_buffers: "empty-buffers", one_of(&preview1(NO_BUFFERS), "exited 0", "exited 8");
    empty_writes: "empty-writes", one_of(&preview2(EMPTY_WRITE), "exited 0", "trapped: invalid operation");
    exact_imports: "exact-wasi-imports", newer_imports_are_refused();
    faults_between: "faults-between-components",
        one_of(&outcome(&wat(BETWEEN), None), "trapped: unreachable", "trapped: invalid char");
    file_stream_capacity: "file-stream-capacity", one_of(&preview2(CAPACITY), "exited 0", "exited 1");
    file_streams: "file-streams", one_of(&preview2(READ_NOTHING), "exited 0", "exited 1");
    filestat_of_link: "filestat-of-link-with-slash", {
        let link = one_of(&preview1(&stat(88, 5)), "exited 7", "exited 3");
        assert_eq!(one_of(&preview1(&stat(96, 2)), "exited 4", "exited 54"), link);
        link
    };
    fuel: "fuel-of-bulk-operations", one_of(&outcome(&wat(FILL), Some(1000)), "exited 0", "trapped: out of fuel");
    handles: "handles-per-resource-type", one_of(&outcome(&wasi_command(STREAMS, "", HANDLES), None), "exited 0", "exited 1");
    misaligned_strings: "misaligned-utf16-strings", one_of(&string(), "x", "pointer misaligned");
    nan_of_conversions: "nan-of-conversions", one_of(&demoted(), "7fc00001", "7fc00000");
    nonblocking_writes: "nonblocking-writes", one_of(&preview1(WRITE_NONBLOCKING), "exited 0", "exited 1");
    order_of_checks_in_0_2: "order-of-checks-0.2", one_of(&preview2(OPEN_TO_SYNC), "exited 0", "exited 1");
    order_of_checks_in_preview1: "order-of-checks-preview1", one_of(&preview1(SYNC), "exited 63", "exited 58");
    order_of_faults: "order-of-faults",
        one_of(&outcome(&wasi_command(RENAME_AT, TEXT, FAULTS), None), "trapped: invalid handle", "trapped: invalid string");
    peers_unchecked: "peers-unchecked", accepts_a_refused_peer();
    polls_of_read_only_files: "polls-of-read-only-files", one_of(&preview1(POLL), "exited 8", "exited 63");
    pwrite_of_append: "pwrite-of-append", one_of(&left(APPEND), "fext", "textf");
    rename_onto_slash: "rename-onto-slash", one_of(&preview1(RENAME), "exited 0", "exited 54");
    stores_after_a_trap: "stores-after-a-trap", one_of(&after_a_trap(), "called", "cannot enter component");
    stream_errors: "stream-errors", one_of(&preview2(STREAM_ERRORS), "exited 0", "exited 1");
    times_of_directories: "times-of-directories", one_of(&preview1(TIMES), "exited 8", "exited 0");
    truncate_without_write: "truncate-without-write", one_of(&preview1(TRUNCATE), "exited 28", "exited 0");
    writes_beyond_permission: "writes-beyond-permission",
        one_of(&preview2(WRITE_MORE), "exited 0", "trapped: invalid operation");
}

/// Differences whose cases stand in the files of the objects.
const ELSEWHERE: [&str; 3] = ["extra-flags", "http-fields-in-use", "http-te"];

#[test]
fn every_difference_has_a_case() {
    let ids = known_differences().iter().map(|known| known.id).filter(|id| !ELSEWHERE.contains(id));
    let ids: Vec<_> = ids.collect();
    assert_eq!(ids, CASES, "ordered by name");
}

/// Whether what happened is what the entry says; it must be that or what the newest major does.
#[track_caller]
fn one_of(happened: &str, listed: &str, newest: &str) -> bool {
    assert!([listed, newest].contains(&happened), "{happened}: neither {listed} nor {newest}");
    happened == listed
}

/// How a guest ends, in words, and how the file `f` begins then, on a synchronous and on an async engine. Its directory
/// has a file `f`, a directory `sub`, and the link `link` to that; it is there to be written and to be read only.
#[track_caller]
fn run(wasm: &[u8], fuel: Option<u64>) -> [(String, String); 2] {
    [false, true].map(|is_async| {
        let root = tempdir().unwrap();
        std::fs::write(root.path().join("f"), "text").unwrap();
        std::fs::create_dir(root.path().join("sub")).unwrap();
        compat_tests::symlink_dir("sub", root.path().join("link")).unwrap();
        let mut config = RunConfig { fuel, ..RunConfig::new() };
        config.wasi.preopens.push(Preopen::new(root.path(), "/d"));
        config.wasi.preopens.push(Preopen::new(root.path(), "/r").access(Access::ReadOnly));
        config.wasi.stdout(Stdout::capture(100)).stderr(Stdout::capture(100));
        let engine = Engine::<V>::new(&config.engine_config().async_support(is_async)).unwrap();
        let command = Command::new(&engine, wasm).unwrap();
        let done = if is_async { runtime().block_on(command.run_async(&config)) } else { command.run(&config) };
        let ended = match done.unwrap().outcome {
            Outcome::Exited(code) => format!("exited {code}"),
            Outcome::Trapped { trap, .. } => format!("trapped: {trap}"),
            other => format!("{other:?}"),
        };
        let left = std::fs::read_to_string(root.path().join("f")).unwrap_or_default();
        (ended, left.chars().take(8).collect())
    })
}

#[track_caller]
fn outcome(wasm: &[u8], fuel: Option<u64>) -> String {
    // What is written without waiting may or may not be in the file.
    let [(synchronous, _), (asynchronous, _)] = run(wasm, fuel);
    assert_eq!(synchronous, asynchronous);
    synchronous
}

/// How a module ends with this body, which leaves its exit code. Its directories are descriptors 3 and 4.
#[track_caller]
fn preview1(body: &str) -> String {
    outcome(&module(body), None)
}

/// What is in the file `f` after a module has run that must succeed.
#[track_caller]
fn left(body: &str) -> String {
    let [synchronous, asynchronous] = run(&module(body), None);
    assert_eq!(synchronous, asynchronous);
    assert_eq!(synchronous.0, "exited 0");
    synchronous.1
}

/// As `preview1`, of a component: see [`preview2_command`].
#[track_caller]
fn preview2(body: &str) -> String {
    outcome(&preview2_command(body), None)
}

fn module(body: &str) -> Vec<u8> {
    wat(&format!(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (import "wasi_snapshot_preview1" "path_open"
                (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_pwrite" (func $pwrite (param i32 i32 i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_readdir"
                (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "path_rename"
                (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "path_filestat_get"
                (func $filestat (param i32 i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_filestat_set_times" (func $times (param i32 i64 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 64) "f") (data (i32.const 72) "g/") (data (i32.const 80) "sub")
            (data (i32.const 88) "link/") (data (i32.const 96) "f/")
            ;; Opens `f`: the errno. The descriptor is at 100.
            (func $open (param $dir i32) (param $oflags i32) (param $rights i64) (param $fdflags i32) (result i32)
                (call $path_open (local.get $dir) (i32.const 0) (i32.const 64) (i32.const 1) (local.get $oflags)
                    (local.get $rights) (i64.const 0) (local.get $fdflags) (i32.const 100)))
            (func $must (param $errno i32) (if (local.get $errno) (then unreachable)))
            (func (export "_start") (call $exit {body})))"#
    ))
}

/// Opens two files, closes the one with the higher number first, and opens one again.
const TWO_CLOSED: &str = "
    (call $must (call $open (i32.const 3) (i32.const 0) (i64.const 2) (i32.const 0)))
    (call $must (call $open (i32.const 3) (i32.const 0) (i64.const 2) (i32.const 0)))
    (call $must (call $close (i32.const 6)))
    (call $must (call $close (i32.const 5)))
    (call $must (call $open (i32.const 3) (i32.const 0) (i64.const 2) (i32.const 0)))
    (i32.load (i32.const 100))";

/// The right `path_filestat_set_size` of `sub`.
const RIGHTS: &str = "
    (call $must (call $path_open (i32.const 3) (i32.const 0) (i32.const 80) (i32.const 3) (i32.const 2) (i64.const 2)
        (i64.const 0) (i32.const 0) (i32.const 100)))
    (call $must (call $fdstat (i32.load (i32.const 100)) (i32.const 128)))
    (i32.and (i32.const 1) (i32.wrap_i64 (i64.shr_u (i64.load (i32.const 136)) (i64.const 19))))";

/// Writes no buffers to a file that is open to be read.
const NO_BUFFERS: &str = "
    (call $must (call $open (i32.const 3) (i32.const 0) (i64.const 2) (i32.const 0)))
    (call $pwrite (i32.const 5) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 104))";

/// Whether 1 MiB, and not all of 2 MiB, is written to a file that is open with `nonblock`.
const WRITE_NONBLOCKING: &str = "
    (drop (memory.grow (i32.const 40)))
    (call $must (call $open (i32.const 3) (i32.const 0) (i64.const 0x40) (i32.const 4)))
    (i32.store (i32.const 0) (i32.const 0x10000))
    (i32.store (i32.const 4) (i32.const 0x200000))
    (call $must (call $pwrite (i32.const 5) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 104)))
    (i32.ne (i32.load (i32.const 104)) (i32.const 0x100000))";

/// Writes `f` at offset 0 of a file that is open to append.
const APPEND: &str = "
    (call $must (call $open (i32.const 3) (i32.const 0) (i64.const 0x40) (i32.const 1)))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 1))
    (call $pwrite (i32.const 5) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 104))";

const TRUNCATE: &str = "(call $open (i32.const 3) (i32.const 8) (i64.const 2) (i32.const 0))";

const RENAME: &str =
    "(call $rename (i32.const 3) (i32.const 64) (i32.const 1) (i32.const 3) (i32.const 72) (i32.const 2))";

/// The type, or the errno, of what a path at this place of the memory names, where links are not followed.
fn stat(path: u32, len: u32) -> String {
    format!(
        "(call $filestat (i32.const 3) (i32.const 0) (i32.const {path}) (i32.const {len}) (i32.const 128))
        (i32.or (i32.load8_u (i32.const 144)))"
    )
}

/// Sets the times of the directory that can be written.
const TIMES: &str = "(call $times (i32.const 3) (i64.const 1000) (i64.const 1000) (i32.const 5))";

/// Opens to write and with `sync` in the directory that can only be read.
const SYNC: &str = "(call $open (i32.const 4) (i32.const 0) (i64.const 0x40) (i32.const 16))";

/// Waits to write to a file of that directory.
const POLL: &str = "
    (call $must (call $open (i32.const 4) (i32.const 0) (i64.const 2) (i32.const 0)))
    (i32.store8 offset=8 (i32.const 1024) (i32.const 2))
    (i32.store offset=16 (i32.const 1024) (i32.const 5))
    (call $poll (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 104))";

const FILL: &str = r#"(module (memory (export "memory") 1)
    (func (export "_start") (memory.fill (i32.const 0) (i32.const 1) (i32.const 60000))))"#;

/// Whether a guest accepts a connection from a peer that the host refuses.
fn accepts_a_refused_peer() -> bool {
    let mut config = RunConfig { timeout: Some(Duration::from_secs(2)), ..RunConfig::new() };
    config.wasi.network = Network::none().tcp(true);
    config.wasi.socket_addr_check(|_, purpose| purpose != SocketAddrUse::TcpAccept);
    // No timeout ends a call of the host on a synchronous engine.
    let engine = Engine::<V>::new(&config.engine_config().async_support(true)).unwrap();
    let command = Command::new(&engine, &listen()).unwrap();
    match runtime().block_on(command.run_async(&config)).unwrap().outcome {
        Outcome::Exited(0) => true,
        Outcome::TimedOut => false,
        other => panic!("{other:?}"),
    }
}

/// Whether a component of WASI 0.2.3 is refused.
fn newer_imports_are_refused() -> bool {
    let engine = Engine::<V>::new(&RunConfig::new().engine_config()).unwrap();
    match Command::new(&engine, &compat_tests::component(&command(""), Adapter::V29)) {
        Ok(_) => false,
        Err(error) if error.missing_import().is_some_and(|missing| missing.name.starts_with("wasi:")) => true,
        Err(error) => panic!("{error}"),
    }
}

/// Whether a stream into a file takes something else than 1 MiB.
const CAPACITY: &str = "
    (call $check-write (call $output-of (local.get $file)) (i32.const 32))
    (if (i32.load8_u (i32.const 32)) (then unreachable))
    (if (i64.ne (i64.load (i32.const 40)) (i64.const 0x100000))
        (then (if (i64.ne (i64.load (i32.const 40)) (i64.const 0x10000)) (then unreachable))))
    (i64.ne (i64.load (i32.const 40)) (i64.const 0x100000))";

/// A component of two, of which one gives the other a surrogate as a `char`.
const BETWEEN: &str = r#"(component
    (component $callee
        (core module $main (func (export "f") (param i32)))
        (core instance $main (instantiate $main))
        (func (export "f") (param "c" char) (canon lift (core func $main "f"))))
    (instance $callee (instantiate $callee))
    (component $caller
        (import "f" (func $f (param "c" char)))
        (core func $f (canon lower (func $f)))
        (core module $main
            (import "" "f" (func $f (param i32)))
            (func (export "run") (result i32) (call $f (i32.const 0xd800)) (i32.const 0)))
        (core instance $main (instantiate $main (with "" (instance (export "f" (func $f))))))
        (func (export "run") (result (result)) (canon lift (core func $main "run"))))
    (instance $caller (instantiate $caller (with "f" (func $callee "f"))))
    (instance $exported (export "run" (func $caller "run")))
    (export "wasi:cli/run@0.2.0" (instance $exported)))"#;

/// A component that calls one inside it.
const INNER: &str = r#"(component
    (component $inner
        (core module $main (func (export "f") (result i32) (i32.const 0)))
        (core instance $main (instantiate $main))
        (func (export "f") (result u32) (canon lift (core func $main "f"))))
    (instance $inner (instantiate $inner))
    (core func $f (canon lower (func $inner "f")))
    (core module $main
        (import "" "f" (func $f (result i32)))
        (func (export "run") (result i32) (call $f)))
    (core instance $main (instantiate $main (with "" (instance (export "f" (func $f))))))
    (func $run (result (result)) (canon lift (core func $main "run")))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $exported)))"#;

/// A component that calls an import after its export has returned.
const POST_RETURN: &str = r#"(component
    (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
    (core func $number (canon lower (func $random "get-random-u64")))
    (core module $main
        (import "" "number" (func $number (result i64)))
        (func (export "run") (result i32) (i32.const 0))
        (func (export "post") (param i32) (drop (call $number))))
    (core instance $main (instantiate $main (with "" (instance (export "number" (func $number))))))
    (func $run (result (result)) (canon lift (core func $main "run") (post-return (core func $main "post"))))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $exported)))"#;

const STREAMS: &[Import<'_>] = &[
    ("input", "wasi:cli/stdin", "get-stdin"),
    ("output", "wasi:cli/stdout", "get-stdout"),
    ("exit", "wasi:cli/exit", "exit"),
];

/// Whether the first handles of two types have different numbers.
const HANDLES: &str = "(call $exit (i32.ne (call $input) (call $output)))";

/// A name that is not UTF-8, and behind it a directory that does not exist.
const RENAME_AT: &[Import<'_>] = &[
    ("directories", "wasi:filesystem/preopens", "get-directories"),
    ("rename", "wasi:filesystem/types", "[method]descriptor.rename-at"),
];
const TEXT: &str = r#"(data (i32.const 128) "\ff") (data (i32.const 132) "f")"#;
const FAULTS: &str = "(call $directories (global.get $at))
    (call $rename (i32.load (i32.load (global.get $at))) (i32.const 128) (i32.const 1) (i32.const 99)
        (i32.const 132) (i32.const 1) (global.get $at))";

/// The bits of a NaN after a conversion, with one bit pattern for every NaN asked for.
fn demoted() -> String {
    let engine = Engine::<V>::new(&Config::new().cranelift_nan_canonicalization(true)).unwrap();
    let wasm = wat(r#"(module (func (export "f") (param i64) (result i32)
        (i32.reinterpret_f32 (f32.demote_f64 (f64.reinterpret_i64 (local.get 0))))))"#);
    let module = Module::new(&engine, &wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    let f = instance.get_typed_func::<i64, i32>(&mut store, "f").unwrap();
    format!("{:x}", f.call(&mut store, 0x7ff8_0000_2000_0000).unwrap())
}

/// What the host gets of a UTF-16 string at an odd address.
fn string() -> String {
    let wasm = wat(r#"(component
        (core module $main
            (memory (export "memory") 1)
            (data (i32.const 16) "\21\00\00\00\01\00\00\00")
            (data (i32.const 33) "x\00")
            (func (export "f") (result i32) (i32.const 16)))
        (core instance $main (instantiate $main))
        (func (export "f") (result string) (canon lift (core func $main "f")
            (memory (core memory $main "memory")) string-encoding=utf16)))"#);
    let engine = engine::<V>();
    let pre = component::Linker::new(&engine).instantiate_pre(&Component::new(&engine, &wasm).unwrap()).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = pre.instantiate(&mut store).unwrap();
    let f = instance.get_typed_func::<(), (String,)>(&mut store, "f").unwrap();
    match f.call(&mut store, ()) {
        Ok((string,)) => string,
        Err(error) => error.trap().map(ToString::to_string).unwrap_or_else(|| panic!("{error:?}")),
    }
}

/// How a call of another instance in the store ends when one has trapped.
fn after_a_trap() -> String {
    let wasm = wat(r#"(component
        (core module $main (func (export "f") (param i32) (if (local.get 0) (then unreachable))))
        (core instance $main (instantiate $main))
        (func (export "f") (param "trap" bool) (canon lift (core func $main "f"))))"#);
    let engine = engine::<V>();
    let pre = component::Linker::new(&engine).instantiate_pre(&Component::new(&engine, &wasm).unwrap()).unwrap();
    let mut store = Store::new(&engine, ());
    let mut call = |trap| {
        let instance = pre.instantiate(&mut store)?;
        instance.get_typed_func::<(bool,), ()>(&mut store, "f")?.call(&mut store, (trap,))
    };
    assert!(call(true).unwrap_err().trap().is_some());
    match call(false) {
        Ok(()) => "called".to_owned(),
        Err(error) => error.trap().map(ToString::to_string).unwrap_or_else(|| panic!("{error:?}")),
    }
}

/// Reads nothing, and whether it fails then to read something.
const READ_NOTHING: &str = "
    (local.set $index (call $input-of (local.get $file)))
    (call $blocking-read (local.get $index) (i64.const 0) (i32.const 32))
    (call $blocking-read (local.get $index) (i64.const 4) (i32.const 32))
    (i32.load8_u (i32.const 32))";

/// Writes nothing, and then a byte.
const EMPTY_WRITE: &str = "
    (local.set $index (call $output-of (local.get $file)))
    (call $write (local.get $index) (i32.const 0) (i32.const 0) (i32.const 32))
    (call $write (local.get $index) (i32.const 0) (i32.const 1) (i32.const 32))
    (i32.load8_u (i32.const 32))";

/// Whether opening to write and with `file-integrity-sync`, in the directory that can only be read, fails for the flag.
const OPEN_TO_SYNC: &str = "
    (call $open (i32.load offset=12 (i32.load (i32.const 0))) (i32.const 0) (i32.const 64) (i32.const 1)
        (i32.const 0) (i32.const 6) (i32.const 32))
    (if (i32.eqz (i32.load8_u (i32.const 32))) (then unreachable))
    (if (i32.eq (i32.load8_u (i32.const 36)) (i32.const 31)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load8_u (i32.const 36)) (i32.const 27)) (then unreachable))
    (i32.const 1)";

/// A stream from a directory, and one into a file of the directory that can only be read: whether the errors are
/// `is-directory` and `not-permitted`.
const STREAM_ERRORS: &str = "
    (call $open (i32.load offset=12 (i32.load (i32.const 0))) (i32.const 0) (i32.const 64) (i32.const 1)
        (i32.const 0) (i32.const 1) (i32.const 32))
    (if (i32.load8_u (i32.const 32)) (then unreachable))
    (call $output (i32.load (i32.const 36)) (i64.const 0) (i32.const 48))
    (call $input (i32.load (i32.load (i32.const 0))) (i64.const 0) (i32.const 56))
    (if (i32.eqz (i32.and (i32.load8_u (i32.const 48)) (i32.load8_u (i32.const 56)))) (then unreachable))
    (local.set $index (i32.add (i32.load8_u (i32.const 52)) (i32.shl (i32.load8_u (i32.const 60)) (i32.const 8))))
    (if (i32.eq (local.get $index) (i32.const 0x0303)) (then (return (i32.const 0))))
    (if (i32.ne (local.get $index) (i32.const 0x0e1f)) (then unreachable))
    (i32.const 1)";

/// Writes a byte more than any major permits.
const WRITE_MORE: &str = "
    (call $write (call $output-of (local.get $file)) (i32.const 0) (i32.const 0x100001) (i32.const 32))
    (i32.load8_u (i32.const 32))";
