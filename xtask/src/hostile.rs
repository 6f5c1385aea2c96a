//! `cargo xtask hostile`: owns the table of hostile guests, with the outcome of each and its cost on every major.

mod elsewhere;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use self::elsewhere::{Elsewhere, HTTP, INPUTS};
use crate::toolchain::Chosen;
use crate::versions::Versions;
use crate::{fuzz, process, test};

/// Where the table is.
const PAGE: &str = "docs/HOSTILE.md";

/// The most majors in one build of the program: for more, the compiler needs more memory than small machines have.
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

/// A line that the program prints.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Run(Run),
    Setup(Setup),
}

/// The limits of all runs, and the names of the `wasi:http` guests, which the program does not run.
#[derive(Clone, Debug, Default, Deserialize)]
struct Setup {
    limits: Vec<(String, String)>,
    http_guests: Vec<String>,
}

/// What one guest did on one major.
#[derive(Debug, Deserialize)]
struct Run {
    major: u64,
    guest: String,
    /// The name of the reported input; absent if this repository made the guest.
    origin: Option<String>,
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
    let (mut runs, mut setup) = (Vec::new(), Setup::default());
    for (toolchain, majors) in chosen.by_toolchain() {
        for majors in majors.chunks(AT_ONCE) {
            let binary = fuzz::build(root, toolchain, &test::features(majors), false, "hostile")?;
            let mut command = Command::new(binary);
            command.arg("--named").stdin(Stdio::null()).stderr(Stdio::inherit());
            process::announce(&command);
            let output = command.output().with_context(|| format!("start {}", process::show(&command)))?;
            for line in String::from_utf8_lossy(&output.stdout).lines() {
                match serde_json::from_str(line).with_context(|| format!("read {line:?}"))? {
                    Line::Run(run) => runs.push(run),
                    Line::Setup(read) => setup = read,
                }
            }
        }
    }
    let page = page(&setup, &runs);
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

fn page(setup: &Setup, runs: &[Run]) -> String {
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
    let (reported, siblings): (Vec<_>, Vec<_>) =
        guests.into_iter().map(|guest| &of_guest[guest]).partition(|runs| runs[0].origin.is_some());
    let mut page = format!(
        "# Hostile guests\n\n\
         Written by `cargo xtask hostile --majors all --write`. Each guest of `compat-tests/src/hostile/` was compiled and run on \
         {} majors ({}), each time in a process of its own: {} runs, of which {} ended as expected and {} ended their process. Times \
         and memory are the median over the majors, with the highest value and its major; the builds are not optimised. Memory is \
         what the process had at most beyond what it had before it compiled the guest, the guest's own memory included.\n\n\
         `exits with 0` means that the guest got an error, or less than it requested, and went on to its end; 48 is the errno \
         `nomem`. `trapped` and `timed out` blame the guest, as `refused` does before it is started. An outcome that blames the \
         host is expected of no guest.\n",
        majors.len(),
        listed.join(", "),
        runs.len(),
        runs.iter().filter(|run| run.expected).count(),
        runs.iter().filter(|run| run.memory_bytes.is_none()).count(),
    );
    page.push_str("\n## Limits of these runs\n\n| limit | value |\n|---|---|\n");
    for (limit, value) in &setup.limits {
        line(&mut page, &format!("| {limit} | {value} |"));
    }
    line(
        &mut page,
        &format!(
            "\n## Reported inputs\n\n\
             {} guests are inputs of reports on earlier versions of this crate, several of which ended the process, ran far beyond \
             the timeout, or took gigabytes. The first column has the name of the input, or of the group of inputs, in the report.\n\n\
             | input | guest | outcome | compile, s | run, s | memory, MiB |\n|---|---|---|--:|--:|--:|",
            reported.len()
        ),
    );
    for runs in &reported {
        let origin = runs[0].origin.as_deref().unwrap_or_default();
        line(&mut page, &format!("| {origin} | {}", row(runs)));
    }
    line(
        &mut page,
        &format!(
            "\n## Siblings\n\n\
             {} guests were found in this repository, as variations of the reported inputs.\n\n\
             | guest | outcome | compile, s | run, s | memory, MiB |\n|---|---|--:|--:|--:|",
            siblings.len()
        ),
    );
    for runs in &siblings {
        line(&mut page, &format!("| {}", row(runs)));
    }
    let names: Vec<_> = setup.http_guests.iter().map(|name| format!("`{name}`")).collect();
    let Elsewhere { file, test, .. } = HTTP;
    line(
        &mut page,
        &format!(
            "\n{} more siblings request too much of `wasi:http`: {}. The test `{test}` of `{file}` asserts the outcome and the memory \
             of each on every major.",
            names.len(),
            names.join(", ")
        ),
    );
    page.push_str(
        "\n## Inputs that other tests cover\n\n\
         These inputs are files, command lines and guests that are read and not run.\n\n\
         | input | test | file |\n|---|---|---|\n",
    );
    for Elsewhere { input, file, test } in INPUTS {
        line(&mut page, &format!("| {input} | `{test}` | `{file}` |"));
    }
    page
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("writing to a string does not fail");
}

/// The columns of a guest, from its name on.
fn row(runs: &[&Run]) -> String {
    let number = |of: fn(&Run) -> Option<f64>| numbers(runs.iter().filter_map(|run| Some((run.major, of(run)?))));
    let (compiled, ran) = (number(|run| run.compile_seconds), number(|run| run.run_seconds));
    #[expect(clippy::cast_precision_loss, reason = "no process has so much memory")]
    let memory = number(|run| Some(run.memory_bytes? as f64 / 1_048_576.0));
    format!("`{}` | {} | {compiled} | {ran} | {memory} |", runs[0].guest, outcomes(runs))
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
    //! An outcome that is the same everywhere is shown once, a process that died is kept, and origins have sections.

    use super::*;

    fn run(major: u64, outcome: &str, seconds: Option<f64>) -> Run {
        Run {
            major,
            guest: "g".to_owned(),
            origin: None,
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
        let text = page(&Setup::default(), &same);
        assert!(text.contains("3 majors (18, 19, 20)") && text.contains("3 ended as expected and 0 ended"), "{text}");
        assert!(text.contains("\n| `g` | exits with 48 | 0.50 (7.00 on 20) | 1.00 (14 on 20) | 3.00 |\n"), "{text}");
        assert!(text.contains("0 guests are inputs of reports") && text.contains("1 guests were found"), "{text}");
        let died = [run(18, "exits with 0", Some(1.0)), run(19, "the process ended with signal: 6", None)];
        let text = page(&Setup::default(), &died);
        assert!(text.contains("1 ended as expected and 1 ended their process"), "{text}");
        assert!(text.contains("exits with 0 on 18; the process ended with signal: 6 on 19"), "{text}");
    }

    #[test]
    fn sections() {
        let reported = Run { origin: Some("p1".to_owned()), guest: "r".to_owned(), ..run(18, "timed out", Some(1.0)) };
        let setup = Setup {
            limits: vec![("timeout".to_owned(), "60 s".to_owned())],
            http_guests: vec!["fields".to_owned(), "bodies".to_owned()],
        };
        let text = page(&setup, &[run(18, "exits with 0", Some(1.0)), reported]);
        assert!(text.contains("\n| timeout | 60 s |\n"), "{text}");
        assert!(text.contains("\n| p1 | `r` | timed out | 1.00 | 2.00 | 3.00 |\n"), "{text}");
        assert!(text.contains("\n2 more siblings request too much of `wasi:http`: `fields`, `bodies`. "), "{text}");
        assert!(text.find("`r`") < text.find("## Siblings") && text.find("## Siblings") < text.find("`g`"), "{text}");
    }
}
