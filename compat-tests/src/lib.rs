//! Owns what the cases share: guests, components made from them, and the table of expected differences.

pub mod bindings;
pub mod corpus;
pub mod hostile;
pub mod hostile_http;
pub mod http;
pub mod imports;
pub mod knobs;
pub mod p3;
pub mod pass_on;
pub mod random_values;
pub mod sections;
pub mod signatures;
pub mod sockets;

use std::path::Path;

use wasmtime_compat::report::{GuestReport, Verdict};
use wasmtime_compat::wasi::{Stdout, WasiConfig};
use wasmtime_compat::{
    AnyWasmtime, Command, Completed, Config, CoreWasmtime, Engine, ErrorKind, Outcome, Precompiled, Result, RunConfig,
    Trusted, Wasmtime, known_differences,
};
use wit_component::ComponentEncoder;

pub use self::pass_on::{pass_on, pass_on_with};

/// The majors that are compiled in. A function that is not inlined, so that what runs guests on them is compiled here, once for
/// all programs of the suite.
#[inline(never)]
pub fn enabled() -> &'static [&'static dyn AnyWasmtime] {
    wasmtime_compat::enabled()
}

/// The `wasi_snapshot_preview1` adapters components are made with here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Adapter {
    /// Of Wasmtime 24: imports WASI 0.2.0.
    V24,
    /// Of Wasmtime 29.0.1: imports WASI 0.2.3.
    V29,
    /// Of Wasmtime 36: imports WASI 0.2.6.
    V36,
    /// Of Wasmtime 48: imports WASI 0.2.12.
    V48,
}

impl Adapter {
    /// All of them, oldest first.
    pub const ALL: [Self; 4] = [Self::V24, Self::V29, Self::V36, Self::V48];

    /// Those whose WASI a major serves.
    pub fn served_on<W: Wasmtime>() -> &'static [Self] {
        if serves_only_its_own_wasi::<W>() { &[Self::V24] } else { &Self::ALL }
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::V24 => adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
            Self::V29 => adapter_29::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
            Self::V36 => adapter_36::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
            Self::V48 => adapter_48::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
        }
    }

    fn reactor_bytes(self) -> &'static [u8] {
        match self {
            Self::V24 => adapter_24::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
            Self::V29 => adapter_29::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
            Self::V36 => adapter_36::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
            Self::V48 => adapter_48::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
        }
    }
}

/// Whether a major links imports of exactly its own version of WASI, which then is that of the oldest adapter.
pub fn serves_only_its_own_wasi<W: Wasmtime>() -> bool {
    let known = known_differences().iter().find(|known| known.id == "exact-wasi-imports");
    known.expect("the table has it").applies_to(&W::report().wasmtime)
}

/// Assembles a module or component from text.
pub fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's own text is valid")
}

/// A preview1 command whose `_start` has this body; it can call every function that [`PREVIEW1`] imports, and has
/// one page of memory.
pub fn command(body: &str) -> Vec<u8> {
    command_with("", body)
}

/// As [`command`], with more definitions beside `_start`.
pub fn command_with(definitions: &str, body: &str) -> Vec<u8> {
    wat(&format!(r#"(module {PREVIEW1} (memory (export "memory") 1) {definitions} (func (export "_start") {body}))"#))
}

/// The preview1 functions the guests here use.
pub const PREVIEW1: &str = r#"
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $dir_name (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
"#;

/// Definition of `$print (ptr, len)`: writes memory to standard output, and traps if that fails.
pub const PRINT: &str = r#"
    (func $print (param $ptr i32) (param $len i32)
        (i32.store (i32.const 8) (local.get $ptr))
        (i32.store (i32.const 12) (local.get $len))
        (if (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable)))
"#;

/// Makes a component of a preview1 command.
pub fn component(module: &[u8], adapter: Adapter) -> Vec<u8> {
    component_with(module, adapter.bytes())
}

/// Makes a component of a preview1 module and an adapter that fits it.
pub fn component_with(module: &[u8], adapter: &[u8]) -> Vec<u8> {
    let encode = || {
        ComponentEncoder::default().validate(true).module(module)?.adapter("wasi_snapshot_preview1", adapter)?.encode()
    };
    encode().expect("the test's own module can be encoded")
}

/// A library: `name(fd)` gives the name of a preopen, after it has told its host of it with `test:host/log`'s `say`.
pub fn library(adapter: Adapter) -> Vec<u8> {
    const WORLD: &str = "package test:host;
        interface log { say: func(text: string) -> u32; }
        world library { import log; export name: func(fd: u32) -> string; }";
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $dir_name (param i32 i32 i32) (result i32)))
        (import "test:host/log" "say" (func $say (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (i32.mul (memory.grow (i32.const 2)) (i32.const 65536)))
        (func (export "name") (param $fd i32) (result i32)
            (if (call $prestat (local.get $fd) (i32.const 24)) (then unreachable))
            (if (call $dir_name (local.get $fd) (i32.const 100) (i32.load (i32.const 28))) (then unreachable))
            (i32.store (i32.const 32) (i32.const 100))
            (i32.store (i32.const 36) (call $say (i32.const 100) (i32.load (i32.const 28))))
            (i32.const 32)))"#;
    let encode = || {
        let mut resolve = wit_parser::Resolve::default();
        let package = resolve.push_source("library.wit", WORLD)?;
        let world = resolve.select_world(&[package], None)?;
        let mut module = wat(text);
        let encoding = wit_component::StringEncoding::UTF8;
        wit_component::embed_component_metadata(&mut module, &resolve, world, encoding, false)?;
        ComponentEncoder::default()
            .validate(true)
            .module(&module)?
            .adapter("wasi_snapshot_preview1", adapter.reactor_bytes())?
            .encode()
    };
    encode().expect("the test's own module can be encoded")
}

/// A component that hands its parameters to the host function `host` and returns the result. `core` is the parameters
/// as core types; the result is returned through memory if it takes more than one. `definitions` are what the types need.
pub fn echo(definitions: &str, params: &[&str], result: &str, core: &str, core_result: Option<&str>) -> Vec<u8> {
    let signature: String =
        params.iter().enumerate().map(|(index, ty)| format!(r#"(param "p{index}" {ty})"#)).collect();
    let gets: String = (0..core.split_whitespace().count()).map(|index| format!("(local.get {index})")).collect();
    let (area, imported, call) = match core_result {
        Some(ty) => ("", format!("(result {ty})"), format!("(call $f {gets})")),
        None => ("i32", String::new(), format!("(call $f {gets} (i32.const 1024)) (i32.const 1024)")),
    };
    let exported = core_result.unwrap_or("i32");
    wat(&format!(
        r#"(component
            {definitions}
            (import "host" (func $host {signature} (result {result})))
            (core module $libc
                (memory (export "memory") 4)
                (global $next (mut i32) (i32.const 4096))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                    (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                    (global.get $next)
                    (global.set $next (i32.add (global.get $next) (local.get 3)))))
            (core instance $libc (instantiate $libc))
            (alias core export $libc "memory" (core memory $memory))
            (alias core export $libc "realloc" (core func $realloc))
            (core func $lowered (canon lower (func $host) (memory $memory) (realloc $realloc)))
            (core module $m
                (import "host" "f" (func $f (param {core} {area}) {imported}))
                (func (export "f") (param {core}) (result {exported}) {call}))
            (core instance $i (instantiate $m (with "host" (instance (export "f" (func $lowered))))))
            (func (export "f") {signature} (result {result})
                (canon lift (core func $i "f") (memory $memory) (realloc $realloc))))"#
    ))
}

/// A guest that prints the name of each of its preopens on a line of its own.
pub fn print_preopens() -> Vec<u8> {
    command_with(
        PRINT,
        r#"(local $fd i32)
        (i32.store8 (i32.const 1000) (i32.const 10))
        (local.set $fd (i32.const 3))
        (block $done
            (loop $next
                (br_if $done (call $prestat (local.get $fd) (i32.const 24)))
                (if (call $dir_name (local.get $fd) (i32.const 100) (i32.load (i32.const 28))) (then unreachable))
                (call $print (i32.const 100) (i32.load (i32.const 28)))
                (call $print (i32.const 1000) (i32.const 1))
                (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
                (br $next)))"#,
    )
}

/// A guest that exits with the errno of creating the file `new` in its first preopen.
pub fn create_file() -> Vec<u8> {
    command_with(
        r#"(data (i32.const 200) "new")"#,
        // fd, dirflags, path, oflags=creat, rights: write, inheriting, fdflags, result.
        r#"(call $exit (call $path_open (i32.const 3) (i32.const 0) (i32.const 200) (i32.const 3) (i32.const 1)
            (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 24)))"#,
    )
}

/// A guest that copies its standard input to its standard output.
pub fn cat() -> Vec<u8> {
    command_with(
        PRINT,
        r#"(block $done
            (loop $next
                (i32.store (i32.const 8) (i32.const 4096))
                (i32.store (i32.const 12) (i32.const 4096))
                (if (call $fd_read (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable))
                (br_if $done (i32.eqz (i32.load (i32.const 16))))
                (call $print (i32.const 4096) (i32.load (i32.const 16)))
                (br $next)))"#,
    )
}

/// A guest that sleeps for ten minutes inside `poll_oneoff`.
pub fn sleep() -> Vec<u8> {
    command(
        // One subscription: clock, monotonic, relative timeout in nanoseconds.
        r#"(i32.store (i32.const 120) (i32.const 1))
        (i64.store (i32.const 128) (i64.const 600000000000))
        (if (call $poll (i32.const 104) (i32.const 304) (i32.const 1) (i32.const 400)) (then unreachable))"#,
    )
}

/// A command component that writes `count` zeroes to standard output at once.
pub fn zeroes(count: u64) -> Vec<u8> {
    wat(&format!(
        r#"(component
            (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
            (alias export $error "error" (type $error-type))
            (import "wasi:io/streams@0.2.0" (instance $streams
                (export "output-stream" (type $stream (sub resource)))
                (alias outer 1 $error-type (type $outer-error))
                (export "error" (type $error (eq $outer-error)))
                (type $either (variant (case "last-operation-failed" (own $error)) (case "closed")))
                (export "stream-error" (type $stream-error (eq $either)))
                (export "[method]output-stream.write-zeroes"
                    (func (param "self" (borrow $stream)) (param "len" u64) (result (result (error $stream-error)))))))
            (alias export $streams "output-stream" (type $stream-type))
            (import "wasi:cli/stdout@0.2.0" (instance $stdout
                (alias outer 1 $stream-type (type $outer-stream))
                (export "output-stream" (type $stream (eq $outer-stream)))
                (export "get-stdout" (func (result (own $stream))))))
            (core module $memory (memory (export "memory") 1))
            (core instance $memory (instantiate $memory))
            (core func $get (canon lower (func $stdout "get-stdout")))
            (core func $zeroes (canon lower
                (func $streams "[method]output-stream.write-zeroes") (memory (core memory $memory "memory"))))
            (core module $main
                (import "" "get" (func $get (result i32)))
                (import "" "zeroes" (func $zeroes (param i32 i64 i32)))
                (import "" "memory" (memory 1))
                (func (export "run") (result i32)
                    (call $zeroes (call $get) (i64.const {count}) (i32.const 0))
                    (i32.load8_u (i32.const 0))))
            (core instance $main (instantiate $main (with "" (instance
                (export "get" (func $get))
                (export "zeroes" (func $zeroes))
                (export "memory" (memory $memory "memory"))))))
            (func $run (result (result)) (canon lift (core func $main "run")))
            (instance $exported (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exported)))"#
    ))
}

/// A WASI world whose two output streams are captured.
pub fn captured() -> WasiConfig {
    let mut wasi = WasiConfig::new();
    wasi.stdout(Stdout::capture(1 << 20)).stderr(Stdout::capture(1 << 20));
    wasi
}

/// Runs a guest on a synchronous engine fit for the limits.
///
/// # Errors
/// If the guest is not started.
pub fn run<W: Wasmtime>(wasm: &[u8], config: &RunConfig) -> Result<Completed> {
    let engine = Engine::<W>::new(&config.engine_config())?;
    let done = Command::new(&engine, wasm).and_then(|command| command.run(config));
    assert_predicted::<W>(wasm, &done);
    done
}

/// Asserts that the guest report predicted whether the guest starts, where what came of it tells.
#[track_caller]
fn assert_predicted<W: Wasmtime>(wasm: &[u8], done: &Result<Completed>) {
    let happened = match done {
        Ok(done) if !matches!(done.outcome, Outcome::Failed(_)) => Verdict::Runs,
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidGuest | ErrorKind::Link | ErrorKind::Export | ErrorKind::TypeMismatch
            ) =>
        {
            Verdict::Fails
        }
        _ => return,
    };
    let host = GuestReport::parse(wasm).ok().and_then(|report| {
        let mut hosts = report.hosts().into_iter();
        hosts.find(|host| host.major == W::MAJOR)
    });
    let predicted = host.as_ref().map_or(Verdict::Fails, |host| host.verdict);
    assert_eq!(predicted, happened, "{host:?}, but {done:?}");
}

/// Runs a guest with an empty world, on a synchronous and on an async engine, and gives both endings.
///
/// # Errors
/// If the guest is not started.
pub fn run_both<W: Wasmtime>(wasm: &[u8], config: &RunConfig) -> Result<[Completed; 2]> {
    let synchronous = run::<W>(wasm, config)?;
    let engine = Engine::<W>::new(&config.engine_config().async_support(true))?;
    let command = Command::new(&engine, wasm)?;
    Ok([synchronous, runtime().block_on(command.run_async(config))?])
}

/// Reads what a test has precompiled itself, and vouches for it.
///
/// # Errors
/// If it is damaged, or something else.
#[expect(unsafe_code, reason = "loading machine code is what is tested")]
pub fn trusted(bytes: &[u8]) -> Result<Trusted<'_>> {
    let precompiled = Precompiled::parse(bytes)?;
    // SAFETY: tests only load what they have just made; what they change of it, the checksum keeps from being loaded.
    Ok(unsafe { precompiled.trust() })
}

/// A synchronous engine with Wasmtime's defaults.
pub fn engine<W: CoreWasmtime>() -> Engine<W> {
    Engine::new(&Config::new()).expect("default engines can be created")
}

/// An async engine with Wasmtime's defaults.
pub fn async_engine<W: Wasmtime>() -> Engine<W> {
    Engine::new(&Config::new().async_support(true)).expect("default engines can be created")
}

/// An async runtime.
pub fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().expect("a runtime can be started")
}

/// Asserts that a major behaves as the table of known differences says: it must `differ` from the others exactly
/// where the table lists it, so an entry that no longer holds fails the test.
#[track_caller]
pub fn assert_known_difference<W: Wasmtime>(id: &str, differs: bool) {
    let Some(known) = known_differences().iter().find(|known| known.id == id) else {
        panic!("{id} is not in the table of known differences");
    };
    let wasmtime = W::report().wasmtime;
    let listed = known.applies_to(&wasmtime);
    if listed {
        cell(if differs { "xfail" } else { "xpass" }, &format!("{} {}", known.link, known.what));
    }
    assert_eq!(
        differs, listed,
        "Wasmtime {wasmtime} does not behave as known difference {id} says: {} ({})",
        known.what, known.link
    );
}

/// Says that this case cannot be tried on this major, and what the major lacks.
pub fn not_applicable(lacks: &str) {
    cell("n/a", lacks);
}

/// Reports that nothing was tested here, and why.
pub fn not_run(reason: &str) {
    cell("skip", reason);
}

/// Whether the tests run under Wine, as `cargo xtask platform windows` states it.
pub fn is_wine() -> bool {
    std::env::var_os("WASMTIME_COMPAT_PLATFORM").is_some_and(|platform| platform == "wine")
}

/// Reports what Wine does differently from Windows, with what Windows does, if this is Wine; otherwise nothing. A case that
/// calls it expects what Wine does there.
pub fn is_expected_of_wine(windows: &str) -> bool {
    if is_wine() {
        cell("xfail", &format!("https://www.winehq.org/ under Wine only; on Windows {windows}"));
    }
    is_wine()
}

/// Makes a symbolic link to a directory.
///
/// # Errors
/// What the operating system reports: Windows permits it to some users only.
pub fn symlink_dir(target: impl AsRef<Path>, link: impl AsRef<Path>) -> std::io::Result<()> {
    #[cfg(unix)]
    let made = std::os::unix::fs::symlink(target, link);
    #[cfg(windows)]
    let made = std::os::windows::fs::symlink_dir(target, link);
    made
}

/// Tells `cargo xtask matrix` what it could not see from a test that passes or fails.
fn cell(verdict: &str, text: &str) {
    println!("::cell {verdict} {text}");
}

/// The path of a directory that is made in `root`.
pub fn dir(root: &Path, name: &str) -> std::path::PathBuf {
    let path = root.join(name);
    std::fs::create_dir_all(&path).expect("a directory can be made");
    path
}
