//! Measures how long the guest report takes, on a small component and on the files it is given.
//!
//! `cargo bench -p wasmtime-compat-guest --bench inspect -- [--quick] [--write] [FILE …]`: `--quick` only shows that it works, `--write` also
//! writes `benches/INSPECT.md`.

mod shared;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use wasmtime_compat_guest::report::GuestReport;
use wit_component::ComponentEncoder;

use self::shared::{Result, circumstances, quantile};

/// What the report may take for a guest of 20 kB or less, and for each megabyte of a large one, whose code is not
/// validated. In between, what is validated decides.
const SMALL: Duration = Duration::from_millis(1);
const PER_MEGABYTE: Duration = Duration::from_micros(5500);

const HEADER: &str = "\
| Guest | Bytes | Adapters | Median | 5th percentile | 95th percentile | Goal |
|---|--:|---|--:|--:|--:|--:|";

/// A command that looks at its preopens and writes.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 8)))
        (drop (call $name (i32.const 3) (i32.const 0) (i32.const 0)))))"#;

fn small() -> Result<Vec<u8>> {
    let adapter = adapter_48::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
    let module = wat::parse_str(GUEST)?;
    Ok(ComponentEncoder::default().module(&module)?.adapter("wasi_snapshot_preview1", adapter)?.encode()?)
}

fn row(name: &str, wasm: &[u8], rounds: usize) -> Result<String> {
    let report = GuestReport::parse(wasm)?;
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        black_box(GuestReport::parse(black_box(wasm))?.hosts());
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let adapters: Vec<String> = report.adapters.iter().map(|adapter| adapter.identity.to_string()).collect();
    let megabytes = u32::try_from(wasm.len() / 1_000_000)?;
    let goal = match wasm.len() {
        ..=20_000 => format!("≤ {SMALL:.0?}"),
        10_000_000.. => format!("≤ {:.0?}", PER_MEGABYTE * megabytes),
        _ => "none".to_owned(),
    };
    Ok(format!(
        "| {name} | {} | {} | **{:.2?}** | {:.2?} | {:.2?} | {goal} |",
        wasm.len(),
        adapters.join("; "),
        quantile(&times, 0.5),
        quantile(&times, 0.05),
        quantile(&times, 0.95),
    ))
}

fn results(table: &str, rounds: usize) -> Result<String> {
    Ok(format!(
        "# What the guest report costs\n\nMeasured {}, {rounds} rounds each.\n\n{table}\n\n\
         A round is one `GuestReport::parse` of bytes that are in memory, and `hosts` of it. Where the components come \
         from is in `crates/guest/tools/src/components.rs`.\n\nReproduce it with `cargo bench -p wasmtime-compat-guest --bench inspect -- --write FILE …`.\n",
        circumstances()?,
    ))
}

fn main() -> Result {
    let flag = |flag: &str| std::env::args().any(|arg| arg == flag);
    let rounds = if flag("--quick") { 5 } else { 301 };
    println!("{HEADER}");
    let mut table = HEADER.to_owned();
    let mut add = |name: &str, wasm: &[u8]| -> Result {
        let row = row(name, wasm, rounds)?;
        println!("{row}");
        table = format!("{table}\n{row}");
        Ok(())
    };
    add("command of the tests", &small()?)?;
    for file in std::env::args().skip(1).filter(|arg| !arg.starts_with("--")) {
        let name = Path::new(&file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        add(&name, &std::fs::read(&file)?)?;
    }
    if flag("--write") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/INSPECT.md");
        std::fs::write(path, results(&table, rounds)?)?;
    }
    Ok(())
}
