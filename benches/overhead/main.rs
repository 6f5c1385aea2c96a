//! Measures what the generic layer costs over calling a major directly, on 24, 36 and 48, as ratios.
//!
//! `cargo bench --features wasmtime-24,wasmtime-36,wasmtime-48,derive --bench overhead -- [WHAT] [--quick]
//! [--processes=N] [--write]`: `WHAT` picks the rows whose major and name contain it, such as `"48 typed call"`; `--quick`
//! only shows that it works; `--write` also writes `benches/RESULTS.md`; `--instructions` counts instructions instead, with
//! Valgrind, of the rows that `WHAT` picks, or of the typed call.
//!
//! Where memory lies is decided anew in every process and moves a ratio by a few hundredths either way. So this program
//! runs itself several times (with `--one-process`), and what counts is the middle of what those say.

mod direct;
mod guests;
mod instructions;
mod measure;
mod ours;
mod results;
mod rows;
#[path = "../shared/mod.rs"]
mod shared;

use std::path::Path;
use std::time::Duration;

use self::measure::{Effort, Row};
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
    if with_rows(only.as_deref().unwrap_or_default(), instructions::repeat)? {
        return Ok(());
    }
    if flag(ONE_PROCESS) {
        return measure(only.as_deref().unwrap_or_default(), &effort);
    }
    if flag("--instructions") {
        return with_rows(only.as_deref().unwrap_or(" typed call"), instructions::count);
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
    with_rows(only, |rows| {
        for row in rows {
            println!("{}", serde_json::to_string(&row.run(effort)?)?);
        }
        Ok(())
    })
}

/// Gives a function the rows whose label contains a text, in directories of this process.
fn with_rows<T>(only: &str, work: impl FnOnce(Vec<Row<'_>>) -> Result<T>) -> Result<T> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("overhead-{}", std::process::id()));
    let empty = directory.join("work");
    std::fs::create_dir_all(&empty)?;
    let rows = rows::rows(&directory, &empty).into_iter().filter(|row| row.label().contains(only)).collect();
    let done = work(rows)?;
    std::fs::remove_dir_all(&directory)?;
    Ok(done)
}
