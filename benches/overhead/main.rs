//! Measures what the generic layer costs over calling a major directly, on 24, 36 and 48, as ratios.
//!
//! `cargo bench --features wasmtime-24,wasmtime-36,wasmtime-48,derive --bench overhead -- [WHAT] [--quick]
//! [--processes=N] [--write]`: `WHAT` picks the rows whose major and name contain it, such as `"48 typed call"`; `--quick`
//! only shows that it works; `--write` also writes `benches/RESULTS.md`.
//!
//! Where memory lies is decided anew in every process and moves a ratio by a few hundredths either way. So this program
//! runs itself several times (with `--one-process`), and what counts is the middle of what those say.

mod direct;
mod guests;
mod measure;
mod ours;
mod results;
mod rows;
#[path = "../shared/mod.rs"]
mod shared;

use std::path::Path;
use std::time::Duration;

use self::measure::Effort;
use self::shared::{ONE_PROCESS, Result, measure_elsewhere};

fn main() -> Result {
    let flag = |flag: &str| std::env::args().any(|arg| arg == flag);
    let mut effort = if flag("--quick") {
        Effort { processes: 2, rounds: 5, sample: Duration::from_millis(1) }
    } else {
        Effort { processes: 11, rounds: 31, sample: Duration::from_millis(8) }
    };
    if let Some(processes) = std::env::args().find_map(|arg| Some(arg.strip_prefix("--processes=")?.parse())) {
        effort.processes = processes?;
    }
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    if flag(ONE_PROCESS) {
        return measure(only.as_deref().unwrap_or_default(), &effort);
    }
    if flag("--write") && only.is_some() {
        return Err("`--write` needs all rows".into());
    }
    let mut seen = Vec::new();
    for process in 1..=effort.processes.max(1) {
        eprintln!("process {process} of {}", effort.processes);
        seen.push(measure_elsewhere()?);
    }
    let table = results::table("Direct", &seen);
    println!("{table}");
    if flag("--write") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/RESULTS.md");
        std::fs::write(path, results::page(&table, &effort)?)?;
    }
    Ok(())
}

/// Measures in this process, and prints a line of JSON for each row.
fn measure(only: &str, effort: &Effort) -> Result {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("overhead-{}", std::process::id()));
    let work = directory.join("work");
    std::fs::create_dir_all(&work)?;
    for row in rows::rows(&directory, &work).into_iter().filter(|row| row.label().contains(only)) {
        println!("{}", serde_json::to_string(&row.run(effort)?)?);
    }
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}
