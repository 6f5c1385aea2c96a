//! `cargo xtask hostile`: owns the table of hostile guests, with what becomes of each and what that takes on every major.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use crate::toolchain::Chosen;
use crate::versions::Versions;
use crate::{fuzz, process, test};

/// Where the table is.
const PAGE: &str = "docs/HOSTILE.md";

/// How many majors one program holds: more take the compiler more memory than small machines have.
const AT_ONCE: usize = 11;

/// Flags of `cargo xtask hostile`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Majors to run on: numbers, ranges (24..=36), groups (lts), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "border")]
    majors: String,
    /// Write the table to docs/HOSTILE.md instead of printing it
    #[arg(long)]
    write: bool,
}

/// What one guest did on one major.
#[derive(Debug, Deserialize)]
struct Run {
    major: u64,
    guest: String,
    outcome: String,
    expected: bool,
    compile_seconds: Option<f64>,
    run_seconds: Option<f64>,
    memory_bytes: Option<u64>,
}

/// Builds the program with some majors at a time, and runs every guest on each of them; fails if one ends as it should not, after
/// the table.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let chosen = Chosen::new(versions, &flags.majors)?.announce()?;
    let mut runs = Vec::new();
    for (toolchain, majors) in chosen.by_toolchain() {
        for majors in majors.chunks(AT_ONCE) {
            let binary = fuzz::build(root, toolchain, &test::features(majors), false, "hostile")?;
            let mut command = Command::new(binary);
            command.arg("--named").stdin(Stdio::null()).stderr(Stdio::inherit());
            process::announce(&command);
            let output = command.output().with_context(|| format!("start {}", process::show(&command)))?;
            for line in String::from_utf8_lossy(&output.stdout).lines() {
                runs.push(serde_json::from_str::<Run>(line).with_context(|| format!("read {line:?}"))?);
            }
        }
    }
    let page = page(&runs);
    if flags.write {
        let path = root.join(PAGE);
        fs::write(&path, page).with_context(|| format!("write {path:?}"))?;
    } else {
        print!("{page}");
    }
    let wrong = runs.iter().filter(|run| !run.expected).count();
    ensure!(wrong == 0, "{wrong} of {} runs ended as they should not", runs.len());
    Ok(())
}

fn page(runs: &[Run]) -> String {
    let majors: BTreeSet<_> = runs.iter().map(|run| run.major).collect();
    let listed: Vec<_> = majors.iter().map(u64::to_string).collect();
    let mut guests = Vec::<&str>::new();
    let mut of_guest = BTreeMap::<&str, Vec<&Run>>::new();
    for run in runs {
        if !of_guest.contains_key(run.guest.as_str()) {
            guests.push(&run.guest);
        }
        of_guest.entry(&run.guest).or_default().push(run);
    }
    let mut page = format!(
        "# Hostile guests\n\n\
         Written by `cargo xtask hostile --majors all --write`. Each guest of `compat-tests/src/hostile/` was compiled and run on \
         {} majors ({}), each time in a process of its own: {} runs, of which {} ended as expected and {} ended their process. Times \
         and memory are the median over the majors, with the highest value and its major; the builds are not optimised. Memory is \
         what the process had at most beyond what it had before it compiled the guest, the guest's own memory included.\n\n\
         | guest | what becomes of it | compile, s | run, s | memory, MiB |\n|---|---|--:|--:|--:|\n",
        majors.len(),
        listed.join(", "),
        runs.len(),
        runs.iter().filter(|run| run.expected).count(),
        runs.iter().filter(|run| run.memory_bytes.is_none()).count(),
    );
    for guest in guests {
        let runs = &of_guest[guest];
        let number = |of: fn(&Run) -> Option<f64>| numbers(runs.iter().filter_map(|run| Some((run.major, of(run)?))));
        let (compiled, ran) = (number(|run| run.compile_seconds), number(|run| run.run_seconds));
        #[expect(clippy::cast_precision_loss, reason = "no process has so much memory")]
        let memory = number(|run| Some(run.memory_bytes? as f64 / 1_048_576.0));
        let line = format!("| `{guest}` | {} | {compiled} | {ran} | {memory} |", outcomes(runs));
        writeln!(page, "{line}").expect("writing to a string does not fail");
    }
    page
}

/// How a guest ends: once, if that is the same on all majors, otherwise each ending with its majors.
fn outcomes(runs: &[&Run]) -> String {
    let mut majors = BTreeMap::<&str, Vec<String>>::new();
    for run in runs {
        majors.entry(&run.outcome).or_default().push(run.major.to_string());
    }
    match majors.len() {
        1 => runs[0].outcome.clone(),
        _ => majors
            .iter()
            .map(|(outcome, majors)| format!("{outcome} on {}", majors.join(", ")))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

/// The median, and the highest with its major, if that is another number as shown.
fn numbers(of: impl Iterator<Item = (u64, f64)>) -> String {
    let mut numbers: Vec<_> = of.collect();
    numbers.sort_by(|a, b| a.1.total_cmp(&b.1));
    let Some((major, highest)) = numbers.last() else { return String::new() };
    let (median, highest) = (shown(numbers[numbers.len() / 2].1), shown(*highest));
    if median == highest { median } else { format!("{median} ({highest} on {major})") }
}

fn shown(number: f64) -> String {
    if number < 10.0 { format!("{number:.2}") } else { format!("{number:.0}") }
}

#[cfg(test)]
mod tests {
    //! The table says what is the same once, and keeps what died.

    use super::*;

    fn run(major: u64, outcome: &str, seconds: Option<f64>) -> Run {
        Run {
            major,
            guest: "g".to_owned(),
            outcome: outcome.to_owned(),
            expected: seconds.is_some(),
            compile_seconds: seconds,
            run_seconds: seconds.map(|seconds| seconds * 2.0),
            memory_bytes: seconds.map(|_| 3 << 20),
        }
    }

    #[test]
    fn rows() {
        let same = [
            run(18, "exits with 48", Some(0.5)),
            run(19, "exits with 48", Some(0.25)),
            run(20, "exits with 48", Some(7.0)),
        ];
        let text = page(&same);
        assert!(text.contains("3 majors (18, 19, 20)") && text.contains("3 ended as expected and 0 ended"), "{text}");
        assert!(text.ends_with("| `g` | exits with 48 | 0.50 (7.00 on 20) | 1.00 (14 on 20) | 3.00 |\n"), "{text}");
        let died = [run(18, "exits with 0", Some(1.0)), run(19, "the process ended with signal: 6", None)];
        let text = page(&died);
        assert!(text.contains("1 ended as expected and 1 ended their process"), "{text}");
        assert!(text.contains("exits with 0 on 18; the process ended with signal: 6 on 19"), "{text}");
    }
}
