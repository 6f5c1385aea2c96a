//! What the bounds before WASI calls cost: the same guests with them and with [`RunConfig::raw_wasi`], on every major compiled in.
//!
//! `cargo bench --features wasmtime-19,wasmtime-33,wasmtime-48 --bench bounds` prints the table, `-- --write` writes it.

#[path = "../shared/mod.rs"]
mod shared;

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use shared::{ONE_PROCESS, Result, circumstances, measure_elsewhere, median, quantile, sorted};
use wasmtime_compat::wasi::{Preopen, Stdin, Stdout};
use wasmtime_compat::{AnyCommand, AnyWasmtime, Outcome, RunConfig, enabled};

/// Processes, each with so many rounds; a round times one run with each setting, in alternating order.
const PROCESSES: usize = 11;
const ROUNDS: usize = 15;

/// A sample takes about so long.
const SAMPLE: Duration = Duration::from_millis(10);

/// A name, and a call that leaves an errno; `$file` is open for reading and writing.
const ROWS: &[(&str, &str)] = &[
    ("`random_get` of 8 bytes", "(call $random_get (i32.const 1024) (i32.const 8))"),
    ("`fd_write` of 4 bytes, dropped", "(call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 512))"),
    (
        "`fd_write` of 4 bytes to a file",
        "(call $fd_write (global.get $file) (i32.const 0) (i32.const 1) (i32.const 512))",
    ),
    (
        "`fd_pread` of 4 bytes of a file",
        "(call $fd_pread (global.get $file) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 512))",
    ),
    (
        "`fd_pread` of 64 KiB of a file",
        "(call $fd_pread (global.get $file) (i32.const 16) (i32.const 1) (i64.const 0) (i32.const 512))",
    ),
    (
        "`path_filestat_get`",
        "(call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 1024))",
    ),
    ("`path_open` and `fd_close`", "(i32.or (call $open (i64.const 2)) (call $fd_close (i32.load (i32.const 520))))"),
    (
        "`poll_oneoff` of a clock that is due",
        "(call $poll_oneoff (i32.const 256) (i32.const 1024) (i32.const 1) (i32.const 512))",
    ),
];

/// Calls of one row, so many in a run.
fn guest(call: &str, count: u32) -> Result<Vec<u8>> {
    Ok(wat::parse_str(format!(
        r#"(module
            (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
            (import "wasi_snapshot_preview1" "path_open"
                (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "path_filestat_get"
                (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 3)
            (global $file (mut i32) (i32.const 0))
            (data (i32.const 0) "\00\08\00\00\04\00\00\00")
            (data (i32.const 16) "\00\00\01\00\00\00\01\00")
            (data (i32.const 64) "f")
            ;; A subscription to the monotonic clock.
            (data (i32.const 272) "\01")
            (func $open (param $rights i64) (result i32)
                (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0)
                    (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 520)))
            (func (export "_start") (local $left i32)
                (if (call $open (i64.const 0x42)) (then unreachable))
                (global.set $file (i32.load (i32.const 520)))
                (local.set $left (i32.const {count}))
                (loop $again
                    (if {call} (then unreachable))
                    (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))"#
    ))?)
}

/// One row in one process.
#[derive(Deserialize, Serialize)]
struct Measured {
    major: u64,
    name: String,
    /// Seconds of one call without the bounds.
    raw: f64,
    /// With to without: the median of the rounds.
    ratio: f64,
}

fn seconds(command: &dyn AnyCommand, config: &RunConfig) -> Result<f64> {
    let started = Instant::now();
    let done = command.run(config)?;
    let elapsed = started.elapsed().as_secs_f64();
    if matches!(done.outcome, Outcome::Exited(0)) { Ok(elapsed) } else { Err(done.outcome.to_string().into()) }
}

fn measure(wasmtime: &dyn AnyWasmtime, name: &str, call: &str, config: &RunConfig) -> Result<Measured> {
    let raw_config = RunConfig { raw_wasi: true, ..config.clone() };
    let prepare = |count| -> Result<_> {
        let wasm = guest(call, count)?;
        Ok((wasmtime.compile(&wasm, config)?, wasmtime.compile(&wasm, &raw_config)?))
    };
    // As many calls as a sample takes.
    let (_, raw) = prepare(1000)?;
    let of_thousand = seconds(&*raw, &raw_config)?.max(1e-6);
    let count = (SAMPLE.as_secs_f64() / of_thousand * 1000.0).clamp(100.0, 1e7) as u32;
    let (bounded, raw) = prepare(count)?;
    let (mut ratios, mut times) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (with, without) = if round % 2 == 0 {
            let with = seconds(&*bounded, config)?;
            (with, seconds(&*raw, &raw_config)?)
        } else {
            let without = seconds(&*raw, &raw_config)?;
            (seconds(&*bounded, config)?, without)
        };
        ratios.push(with / without);
        times.push(without / f64::from(count));
    }
    Ok(Measured { major: wasmtime.major(), name: name.to_owned(), raw: median(times), ratio: median(ratios) })
}

fn one_process() -> Result {
    let root = tempfile::tempdir()?;
    std::fs::write(root.path().join("f"), vec![0; 64 << 10])?;
    let mut config = RunConfig::new();
    config.wasi.preopens.push(Preopen::new(root.path(), "/d"));
    config.wasi.stdin(Stdin::bytes([])).stdout(Stdout::Null);
    for wasmtime in enabled() {
        for (name, call) in ROWS {
            println!("{}", serde_json::to_string(&measure(*wasmtime, name, call, &config)?)?);
        }
    }
    Ok(())
}

fn main() -> Result {
    if std::env::args().any(|argument| argument == ONE_PROCESS) {
        return one_process();
    }
    let seen = (0..PROCESSES).map(|_| measure_elsewhere::<Measured>()).collect::<Result<Vec<_>>>()?;
    let mut page = format!(
        "# What the bounds before WASI calls cost\n\nMeasured {}, in {PROCESSES} processes with {ROUNDS} rounds each: the same \
         guest with the bounds and with `RunConfig::raw_wasi`.\n\n\
         | Wasmtime | Call | Without, about | Ratio, median | Lowest process | Highest process |\n|---|---|--:|--:|--:|--:|\n",
        circumstances()?
    );
    for row in 0..seen[0].len() {
        let Measured { major, name, .. } = &seen[0][row];
        let ratios = sorted(seen.iter().map(|process| process[row].ratio).collect());
        let raw = median(seen.iter().map(|process| process[row].raw).collect());
        page += &format!(
            "| {major} | {name} | {:.0} ns | **{:.2}** | {:.2} | {:.2} |\n",
            raw * 1e9,
            quantile(&ratios, 0.5),
            quantile(&ratios, 0.0),
            quantile(&ratios, 1.0)
        );
    }
    print!("{page}");
    if std::env::args().any(|argument| argument == "--write") {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/BOUNDS.md"), page)?;
    }
    Ok(())
}
