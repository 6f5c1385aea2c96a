//! Counts instructions instead of time, with Valgrind: one call does the same each time, so one number is enough.

use std::process::{Command, Stdio};

use crate::measure::Row;
use crate::shared::Result;

/// The side of a row that a process repeats.
const SIDE: &str = "--side=";

/// The number of repetitions of a process.
const ITERATIONS: &str = "--iterations=";

/// Two numbers of repetitions: what they differ by is due to the repetitions alone.
const FEW: u64 = 1000;
const MANY: u64 = 3000;

/// Prints, for every row, the number of instructions of one iteration on both sides.
pub(crate) fn count(rows: Vec<Row<'_>>) -> Result {
    println!("| Wasmtime | What | Direct, instructions | Ours, instructions |\n|---|---|--:|--:|");
    for row in rows {
        let [direct, ours] = ["direct", "ours"].map(|side| per_iteration(&row.label(), side));
        println!("| {} | {} | {:.1} | {:.1} |", row.subject.major, row.subject.name, direct?, ours?);
    }
    Ok(())
}

/// Repeats one side of the row, if this process was started for that.
pub(crate) fn repeat(rows: Vec<Row<'_>>) -> Result<bool> {
    let argument = |name: &str| std::env::args().find_map(|argument| Some(argument.strip_prefix(name)?.to_owned()));
    let (Some(side), Some(iterations)) = (argument(SIDE), argument(ITERATIONS)) else { return Ok(false) };
    let row = rows.into_iter().next().ok_or("no row has this name")?;
    let mut side = if side == "ours" { (row.ours)()? } else { (row.direct)()? };
    side(iterations.parse()?)?;
    Ok(true)
}

fn per_iteration(label: &str, side: &str) -> Result<f64> {
    let [few, many] = [FEW, MANY].map(|iterations| counted(label, side, iterations));
    Ok((many? - few?) as f64 / (MANY - FEW) as f64)
}

/// The instructions of a process that repeats one side of a row.
fn counted(label: &str, side: &str, iterations: u64) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([label, &format!("{SIDE}{side}"), &format!("{ITERATIONS}{iterations}")])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("start valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("valgrind ended with {}: {text}", output.status).into())
}
