//! Measures what the generic layer costs over calling a major directly, on 24 and 48, as ratios.
//!
//! `cargo bench --features cli,wasmtime-24,wasmtime-48 --bench overhead -- [WHAT] [--quick] [--write]`: `WHAT` picks
//! the measurements whose name contains it, `--quick` only shows that it works, `--write` also writes
//! `benches/RESULTS.md`.
//!
//! Where memory lies is decided anew in every process and moves a ratio by a few hundredths either way. So this program
//! runs itself several times (with `--one-process`), and what counts is the middle of what those say.

mod shared;

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wasmtime_compat::{V24, V48, Wasmtime};

use self::shared::{Result, circumstances, quantile};

/// One side of a measurement: prepares, does its work so many times, checks what came out, and returns how long the
/// work took.
type Side = Box<dyn FnMut(u32) -> Result<Duration>>;

const ADD: &str = r#"(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;

/// `write` writes 64 bytes to standard output and returns WASI's error number.
const WRITE: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\40\00\00\00")
    (data (i32.const 16) "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n")
    (func (export "write") (result i32)
        (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))"#;
const WRITTEN: usize = 64;

/// Commands that say hello; the first returns, the second calls `proc_exit(0)`.
const RETURN: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "hello\n")
    (func (export "_start")
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
const EXIT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "hello\n")
    (func (export "_start")
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (call $proc_exit (i32.const 0))))"#;
const HELLO: &[u8] = b"hello\n";

/// The first command as a component, with an adapter that has known flaws.
fn component() -> Result<Vec<u8>> {
    let module = wat::parse_str(RETURN)?;
    let adapter = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
    let mut encoder = wit_component::ComponentEncoder::default();
    Ok(encoder.module(&module)?.adapter("wasi_snapshot_preview1", adapter)?.encode()?)
}

/// Whether the direct side asks for itself if a directory is one before it preopens it, as users of Wasmtime are advised
/// to (bytecodealliance/wasmtime#8552). Ours always does, and asks more.
#[derive(Clone, Copy)]
struct Careful(bool);

/// Room for everything that a command, or the longest sample of `WRITE`, writes.
const ROOM: usize = 64 << 20;

/// The generic layer: written once for every major.
mod ours {
    use std::path::Path;

    use wasmtime_compat::wasi::{Preopen, Stdout, WasiConfig};
    use wasmtime_compat::{
        Command, Component, Config, Engine, Linker, Module, Outcome, Precompiled, RunConfig, Store, Wasmtime,
    };

    use super::*;

    pub(super) fn call<W: Wasmtime>() -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let module = Module::new(&engine, &wat::parse_str(ADD)?)?;
        let pre = Linker::new(&engine).instantiate_pre(&module)?;
        Ok(Box::new(move |iterations| {
            let mut store = Store::new(&engine, ());
            let instance = pre.instantiate(&mut store)?;
            let add = instance.typed_func::<(i32, i32), i32>(&mut store, "add")?;
            let start = Instant::now();
            for i in 0..iterations as i32 {
                black_box(add.call(&mut store, black_box((i, 1)))?);
            }
            Ok(start.elapsed())
        }))
    }

    pub(super) fn wasi<W: Wasmtime>() -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let module = Module::new(&engine, &wat::parse_str(WRITE)?)?;
        let mut linker = Linker::new(&engine);
        linker.add_wasi()?;
        let pre = linker.instantiate_pre(&module)?;
        let mut config = WasiConfig::new();
        config.stdout(Stdout::capture(ROOM));
        Ok(Box::new(move |iterations| {
            let mut store = Store::with_wasi(&engine, (), &config)?;
            let instance = pre.instantiate(&mut store)?;
            let write = instance.typed_func::<(), i32>(&mut store, "write")?;
            let start = Instant::now();
            for _ in 0..iterations {
                black_box(write.call(&mut store, ())?);
            }
            let elapsed = start.elapsed();
            assert_eq!(store.stdout().map(|out| out.bytes.len()), Some(iterations as usize * WRITTEN));
            Ok(elapsed)
        }))
    }

    pub(super) fn instantiate<W: Wasmtime>() -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let module = Module::new(&engine, &wat::parse_str(ADD)?)?;
        let pre = Linker::new(&engine).instantiate_pre(&module)?;
        Ok(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                let mut store = Store::new(&engine, ());
                black_box(pre.instantiate(&mut store)?);
            }
            Ok(start.elapsed())
        }))
    }

    pub(super) fn load<W: Wasmtime>() -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let component = component()?;
        Ok(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                let component = black_box(Component::new(&engine, &component)?);
                assert!(!component.adapter_warnings().is_empty());
            }
            Ok(start.elapsed())
        }))
    }

    #[expect(unsafe_code, reason = "that is how precompiled code is loaded")]
    pub(super) fn deserialize<W: Wasmtime>() -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let bytes = engine.precompile(&component()?)?;
        Ok(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                // SAFETY: the bytes were made above.
                let trusted = unsafe { Precompiled::parse(&bytes)?.trust() };
                let component = black_box(Component::from_precompiled(&engine, &trusted)?);
                assert!(!component.adapter_warnings().is_empty());
            }
            Ok(start.elapsed())
        }))
    }

    pub(super) fn command<W: Wasmtime>(wat: &str, directory: Option<&Path>) -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let command = Command::new(&engine, &wat::parse_str(wat)?)?;
        let mut config = RunConfig::new();
        config.wasi.arg("hello").stdout(Stdout::capture(ROOM));
        config.wasi.preopens.extend(directory.map(|directory| Preopen::new(directory, "/work")));
        Ok(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                let completed = black_box(command.run(&config)?);
                assert!(matches!(completed.outcome, Outcome::Exited(0)));
                assert_eq!(completed.stdout.bytes, HELLO);
            }
            Ok(start.elapsed())
        }))
    }
}

/// The same against one major's own crates, as its plain user would write it.
macro_rules! direct {
    ($name:ident: $major:ident, $p1:ident, $($pipe:ident)::+, $($permissions:expr),+) => {
        mod $name {
            use std::path::Path;

            use wasmtime_compat::$major::{wasmtime, wasmtime_wasi};

            use wasmtime::{Engine, Linker, Module, Store};
            use wasmtime_wasi::$($pipe)::+::MemoryOutputPipe;
            use wasmtime_wasi::$p1::{WasiP1Ctx, add_to_linker_sync};
            use wasmtime_wasi::{I32Exit, WasiCtxBuilder};

            use super::*;

            pub(super) fn call() -> Result<Side> {
                let engine = Engine::default();
                let module = Module::new(&engine, wat::parse_str(ADD)?)?;
                let pre = Linker::new(&engine).instantiate_pre(&module)?;
                Ok(Box::new(move |iterations| {
                    let mut store = Store::new(&engine, ());
                    let instance = pre.instantiate(&mut store)?;
                    let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
                    let start = Instant::now();
                    for i in 0..iterations as i32 {
                        black_box(add.call(&mut store, black_box((i, 1)))?);
                    }
                    Ok(start.elapsed())
                }))
            }

            pub(super) fn wasi() -> Result<Side> {
                let engine = Engine::default();
                let module = Module::new(&engine, wat::parse_str(WRITE)?)?;
                let mut linker = Linker::<WasiP1Ctx>::new(&engine);
                add_to_linker_sync(&mut linker, |ctx| ctx)?;
                let pre = linker.instantiate_pre(&module)?;
                Ok(Box::new(move |iterations| {
                    let stdout = MemoryOutputPipe::new(ROOM);
                    let ctx = WasiCtxBuilder::new().stdout(stdout.clone()).build_p1();
                    let mut store = Store::new(&engine, ctx);
                    let instance = pre.instantiate(&mut store)?;
                    let write = instance.get_typed_func::<(), i32>(&mut store, "write")?;
                    let start = Instant::now();
                    for _ in 0..iterations {
                        black_box(write.call(&mut store, ())?);
                    }
                    let elapsed = start.elapsed();
                    assert_eq!(stdout.contents().len(), iterations as usize * WRITTEN);
                    Ok(elapsed)
                }))
            }

            pub(super) fn instantiate() -> Result<Side> {
                let engine = Engine::default();
                let module = Module::new(&engine, wat::parse_str(ADD)?)?;
                let pre = Linker::new(&engine).instantiate_pre(&module)?;
                Ok(Box::new(move |iterations| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        let mut store = Store::new(&engine, ());
                        black_box(pre.instantiate(&mut store)?);
                    }
                    Ok(start.elapsed())
                }))
            }

            pub(super) fn load() -> Result<Side> {
                let engine = Engine::default();
                let component = component()?;
                Ok(Box::new(move |iterations| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        black_box(wasmtime::component::Component::new(&engine, &component)?);
                    }
                    Ok(start.elapsed())
                }))
            }

            #[expect(unsafe_code, reason = "that is how precompiled code is loaded")]
            pub(super) fn deserialize() -> Result<Side> {
                use wasmtime::component::Component;

                let engine = Engine::default();
                let bytes = engine.precompile_component(&component()?)?;
                Ok(Box::new(move |iterations| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        // SAFETY: the bytes were made above.
                        black_box(unsafe { Component::deserialize(&engine, &bytes) }?);
                    }
                    Ok(start.elapsed())
                }))
            }

            pub(super) fn command(wat: &str, directory: Option<&Path>, careful: Careful) -> Result<Side> {
                let engine = Engine::default();
                let module = Module::new(&engine, wat::parse_str(wat)?)?;
                let mut linker = Linker::<WasiP1Ctx>::new(&engine);
                add_to_linker_sync(&mut linker, |ctx| ctx)?;
                let pre = linker.instantiate_pre(&module)?;
                let directory = directory.map(Path::to_owned);
                Ok(Box::new(move |iterations| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        let stdout = MemoryOutputPipe::new(ROOM);
                        let mut builder = WasiCtxBuilder::new();
                        builder.arg("hello").stdout(stdout.clone());
                        if let Some(directory) = &directory {
                            if careful.0 && !directory.is_dir() {
                                return Err(format!("not a directory: {directory:?}").into());
                            }
                            builder.preopened_dir(directory, "/work", $($permissions),+)?;
                        }
                        let mut store = Store::new(&engine, builder.build_p1());
                        let instance = pre.instantiate(&mut store)?;
                        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
                        let code = match start.call(&mut store, ()) {
                            Ok(()) => 0,
                            Err(error) => error.downcast::<I32Exit>()?.0,
                        };
                        drop(store);
                        assert_eq!(black_box(code), 0);
                        assert_eq!(black_box(stdout.try_into_inner()).as_deref(), Some(HELLO));
                    }
                    Ok(start.elapsed())
                }))
            }
        }
    };
}

direct!(direct_24: v24, preview1, pipe, wasmtime_wasi::DirPerms::all(), wasmtime_wasi::FilePerms::all());
direct!(direct_48: v48, p1, p2::pipe, wasmtime_wasi::FsPerms::ReadWrite);

/// Something to measure, on both sides.
struct Measurement {
    what: What,
    ours: Side,
    direct: Side,
}

#[derive(serde::Deserialize, serde::Serialize)]
struct What {
    major: String,
    name: String,
    /// What the ratio shall not exceed, if it is a comparison of the same work.
    goal: Option<f64>,
}

/// How much is measured.
struct Effort {
    processes: usize,
    rounds: usize,
    /// How long one side of a round takes, about.
    sample: Duration,
}

/// What one process saw: medians over its rounds, times in seconds per iteration.
#[derive(serde::Deserialize, serde::Serialize)]
struct Seen {
    what: What,
    iterations: u32,
    ours: f64,
    direct: f64,
    ratio: f64,
}

fn measurements(directory: &Path) -> Result<Vec<Measurement>> {
    macro_rules! of_major {
        ($major:ident, $direct:ident) => {{
            let measurement = |name: &str, goal: Option<f64>, ours, direct| {
                let major = <$major as Wasmtime>::report().wasmtime.to_string();
                Measurement { what: What { major, name: name.to_owned(), goal }, ours, direct }
            };
            let command = |name, goal, wat, directory, careful| -> Result<Measurement> {
                let (ours, direct) =
                    (ours::command::<$major>(wat, directory)?, $direct::command(wat, directory, careful)?);
                Ok(measurement(name, goal, ours, direct))
            };
            [
                measurement("typed call", Some(1.02), ours::call::<$major>()?, $direct::call()?),
                measurement("WASI round trip", Some(1.02), ours::wasi::<$major>()?, $direct::wasi()?),
                measurement("instantiate", Some(1.05), ours::instantiate::<$major>()?, $direct::instantiate()?),
                measurement("load a component", Some(1.02), ours::load::<$major>()?, $direct::load()?),
                measurement(
                    "load a precompiled component",
                    Some(1.05),
                    ours::deserialize::<$major>()?,
                    $direct::deserialize()?,
                ),
                command("command", Some(1.05), RETURN, None, Careful(false))?,
                command("command with a directory", Some(1.05), RETURN, Some(directory), Careful(true))?,
                command("command with a directory, `proc_exit(0)`", Some(1.05), EXIT, Some(directory), Careful(true))?,
                command(
                    "command with a directory that only ours checks",
                    None,
                    RETURN,
                    Some(directory),
                    Careful(false),
                )?,
            ]
        }};
    }
    Ok(of_major!(V24, direct_24).into_iter().chain(of_major!(V48, direct_48)).collect())
}

impl Measurement {
    fn run(mut self, effort: &Effort) -> Result<Seen> {
        let iterations = self.calibrate(effort)?;
        let (mut ours, mut direct, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..effort.rounds {
            let (our, its);
            if round % 2 == 0 {
                our = (self.ours)(iterations)?.as_secs_f64();
                its = (self.direct)(iterations)?.as_secs_f64();
            } else {
                its = (self.direct)(iterations)?.as_secs_f64();
                our = (self.ours)(iterations)?.as_secs_f64();
            }
            ours.push(our / f64::from(iterations));
            direct.push(its / f64::from(iterations));
            ratios.push(our / its);
        }
        Ok(Seen { what: self.what, iterations, ours: median(ours), direct: median(direct), ratio: median(ratios) })
    }

    /// How many iterations take as long as a sample shall; both sides are warm after this.
    fn calibrate(&mut self, effort: &Effort) -> Result<u32> {
        let mut iterations = 1;
        loop {
            (self.ours)(iterations)?;
            let elapsed = (self.direct)(iterations)?;
            if elapsed * 2 >= effort.sample {
                let scale = effort.sample.as_secs_f64() / elapsed.as_secs_f64();
                return Ok((f64::from(iterations) * scale).ceil() as u32);
            }
            iterations *= 2;
        }
    }
}

/// The middle of unsorted values.
fn median(values: Vec<f64>) -> f64 {
    quantile(&sorted(values), 0.5)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Measures in this process, and prints a line of JSON each.
fn measure(only: &str, effort: &Effort) -> Result {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("overhead-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    for measurement in measurements(&directory)?.into_iter().filter(|measurement| measurement.what.name.contains(only))
    {
        println!("{}", serde_json::to_string(&measurement.run(effort)?)?);
    }
    std::fs::remove_dir(&directory)?;
    Ok(())
}

/// Measures in a process of its own, started as this one was.
fn measure_elsewhere() -> Result<Vec<Seen>> {
    let mut process = Command::new(std::env::current_exe()?);
    let output = process.args(std::env::args().skip(1)).arg(ONE_PROCESS).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("a process that measures ended with {}", output.status).into());
    }
    let lines = output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(serde_json::from_slice).collect::<std::result::Result<_, _>>()?)
}

const HEADER: &str = "\
| Wasmtime | What | Ours | Direct | Ratio, median | Lowest process | Highest process | Goal | Iterations per sample |
|---|---|--:|--:|--:|--:|--:|--:|--:|";

/// One measurement, as all processes saw it.
fn row(seen: &[&Seen]) -> String {
    let over = |value: fn(&Seen) -> f64| sorted(seen.iter().map(|seen| value(seen)).collect());
    let (ours, direct, ratios) = (over(|seen| seen.ours), over(|seen| seen.direct), over(|seen| seen.ratio));
    let What { major, name, goal } = &seen[0].what;
    let goal = goal.map_or_else(|| "none".to_owned(), |goal| format!("≤ {goal:.2}"));
    format!(
        "| {major} | {name} | {} | {} | **{:.3}** | {:.3} | {:.3} | {goal} | {} |",
        time(quantile(&ours, 0.5)),
        time(quantile(&direct, 0.5)),
        quantile(&ratios, 0.5),
        quantile(&ratios, 0.0),
        quantile(&ratios, 1.0),
        seen[0].iterations,
    )
}

fn time(seconds: f64) -> String {
    let nanoseconds = seconds * 1e9;
    if nanoseconds < 1e3 { format!("{nanoseconds:.2} ns") } else { format!("{:.2} µs", nanoseconds / 1e3) }
}

fn results(table: &str, effort: &Effort) -> Result<String> {
    let Effort { processes, rounds, sample } = effort;
    let sample = sample.as_millis();
    let circumstances = circumstances()?;
    Ok(format!(
        "# What the generic layer costs\n\n\
         Measured {circumstances}.\n\n\
         {table}\n\n\
         Each measurement runs once over `W: Wasmtime` and once against the major's own crates as its plain user would \
         write it, in the same process. There are {processes} processes with {rounds} rounds each; a round times a \
         sample of both sides, about {sample} ms each, in alternating order, and gives one ratio. A process counts with \
         its median, and the table shows the median of the processes between the lowest and the highest of them: where \
         memory lies differs from process to process and moves a ratio by a few hundredths either way. Times are \
         medians per iteration. Stores are new in every sample (typed call, WASI round trip: `fd_write` of {WRITTEN} \
         bytes into memory) or in every iteration (instantiate: a module without a memory; command: six bytes of \
         output). Before Wasmtime opens a directory, ours asks the system whether this user may list and enter it, and \
         the direct side whether it is one, as users are advised to (bytecodealliance/wasmtime#8552); where it asks \
         nothing, the difference is what that system call costs. To load a component is to compile it; ours also finds out which adapter is in it and what is wrong with \
         that; to load one that is precompiled, ours also checks a header and a checksum.\n\n\
         Reproduce it with `cargo bench --features cli,wasmtime-24,wasmtime-48 --bench overhead -- --write` on an \
         otherwise idle machine.\n"
    ))
}

/// Asks for the lines of JSON of a single process.
const ONE_PROCESS: &str = "--one-process";

fn main() -> Result {
    let flag = |flag: &str| std::env::args().any(|arg| arg == flag);
    let effort = if flag("--quick") {
        Effort { processes: 2, rounds: 5, sample: Duration::from_millis(1) }
    } else {
        Effort { processes: 21, rounds: 51, sample: Duration::from_millis(10) }
    };
    if flag(ONE_PROCESS) {
        let only = std::env::args().skip(1).find(|arg| !arg.starts_with("--")).unwrap_or_default();
        return measure(&only, &effort);
    }
    let mut seen = Vec::new();
    for process in 1..=effort.processes {
        eprintln!("process {process} of {}", effort.processes);
        seen.push(measure_elsewhere()?);
    }
    let rows = (0..seen[0].len()).map(|row| seen.iter().map(|process| &process[row]).collect::<Vec<_>>());
    let table = rows.fold(HEADER.to_owned(), |table, seen| table + "\n" + &row(&seen));
    println!("{table}");
    if flag("--write") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/RESULTS.md");
        std::fs::write(path, results(&table, &effort)?)?;
    }
    Ok(())
}
