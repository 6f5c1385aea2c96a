//! Measures what the generic layer costs over calling a major directly, on 24 and 48, as ratios.
//!
//! `cargo bench --features wasmtime-24,wasmtime-48 --bench overhead -- [WHAT] [--quick] [--write]`: `WHAT` picks
//! the measurements whose name contains it, `--quick` only shows that it works, `--write` also writes
//! `benches/RESULTS.md`.
//!
//! Where memory lies is decided anew in every process and moves a ratio by a few hundredths either way. So this program
//! runs itself several times (with `--one-process`), and what counts is the middle of what those say.

#[path = "../shared/mod.rs"]
mod shared;
mod sides;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use wasmtime_compat::{CoreWasmtime, V24, V48};

use self::shared::{Result, circumstances, quantile};
use self::sides::{Careful, EXIT, RETURN, Side, WRITTEN, direct_24, direct_48, ours};

/// Something to measure, on both sides.
struct Measurement {
    what: Subject,
    ours: Side,
    direct: Side,
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Subject {
    major: String,
    name: String,
    /// What the ratio shall not exceed.
    goal: f64,
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
struct ProcessResult {
    what: Subject,
    iterations: u32,
    ours: f64,
    direct: f64,
    ratio: f64,
}

fn measurements(directory: &Path) -> Result<Vec<Measurement>> {
    macro_rules! of_major {
        ($major:ident, $direct:ident) => {{
            let measurement = |name: &str, goal, ours, direct| {
                let major = <$major as CoreWasmtime>::report().wasmtime.major.to_string();
                Measurement { what: Subject { major, name: name.to_owned(), goal }, ours, direct }
            };
            let command = |name, wat, directory, careful| -> Result<Measurement> {
                let (ours, direct) =
                    (ours::command::<$major>(wat, directory)?, $direct::command(wat, directory, careful)?);
                Ok(measurement(name, 1.05, ours, direct))
            };
            [
                measurement("typed call", 1.02, ours::call::<$major>()?, $direct::call()?),
                measurement("WASI round trip", 1.02, ours::wasi::<$major>()?, $direct::wasi()?),
                measurement("instantiate", 1.05, ours::instantiate::<$major>()?, $direct::instantiate()?),
                measurement("load a component", 1.02, ours::load::<$major>()?, $direct::load()?),
                measurement(
                    "load a precompiled component",
                    1.05,
                    ours::deserialize::<$major>()?,
                    $direct::deserialize()?,
                ),
                command("command", RETURN, None, Careful(false))?,
                command("command with a directory", RETURN, Some(directory), Careful(false))?,
                command("command with a directory, `proc_exit(0)`", EXIT, Some(directory), Careful(false))?,
                command("command with a directory that both check", RETURN, Some(directory), Careful(true))?,
                command(
                    "command with a directory that both check, `proc_exit(0)`",
                    EXIT,
                    Some(directory),
                    Careful(true),
                )?,
            ]
        }};
    }
    Ok(of_major!(V24, direct_24).into_iter().chain(of_major!(V48, direct_48)).collect())
}

impl Measurement {
    fn run(mut self, effort: &Effort) -> Result<ProcessResult> {
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
        Ok(ProcessResult {
            what: self.what,
            iterations,
            ours: median(ours),
            direct: median(direct),
            ratio: median(ratios),
        })
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
fn measure_elsewhere() -> Result<Vec<ProcessResult>> {
    let mut process = Command::new(std::env::current_exe()?);
    let output = process.args(std::env::args().skip(1)).arg(ONE_PROCESS).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("a process that measures ended with {}", output.status).into());
    }
    let lines = output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(serde_json::from_slice).collect::<std::result::Result<_, _>>()?)
}

const HEADER: &str = "\
| Wasmtime | What | Direct, about | Ratio, median | Lowest process | Highest process | Goal |
|---|---|--:|--:|--:|--:|--:|";

/// One measurement, as all processes saw it.
fn row(seen: &[&ProcessResult]) -> String {
    let over = |value: fn(&ProcessResult) -> f64| sorted(seen.iter().map(|seen| value(seen)).collect());
    let (direct, ratios) = (over(|seen| seen.direct), over(|seen| seen.ratio));
    let Subject { major, name, goal } = &seen[0].what;
    format!(
        "| {major} | {name} | {} | **{:.2}** | {:.2} | {:.2} | ≤ {goal:.2} |",
        time(quantile(&direct, 0.5)),
        quantile(&ratios, 0.5),
        quantile(&ratios, 0.0),
        quantile(&ratios, 1.0),
    )
}

/// A time to two digits.
fn time(seconds: f64) -> String {
    let (number, unit) = match seconds * 1e9 {
        nanoseconds if nanoseconds < 1e3 => (nanoseconds, "ns"),
        nanoseconds if nanoseconds < 1e6 => (nanoseconds / 1e3, "µs"),
        nanoseconds => (nanoseconds / 1e6, "ms"),
    };
    let step = 10_f64.powf(number.log10().floor() - 1.0);
    let decimals = usize::from(step < 1.0) + usize::from(step < 0.1);
    format!("{:.decimals$} {unit}", (number / step).round() * step)
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
         medians per iteration, to two digits, so that this page changes only when something did. Stores are new in every sample (typed call, WASI round trip: `fd_write` of {WRITTEN} \
         bytes into memory) or in every iteration (instantiate: a module without a memory; command: six bytes of \
         output). Before Wasmtime opens a directory, ours asks the system whether this user may list and enter it; \
         in the rows where both check, the direct side asks whether it is one, as users are advised to \
         (bytecodealliance/wasmtime#8552). The other rows hold the cost of that one system call too. To load a component is to compile it; ours also finds out which adapter is in it and what is wrong with \
         that; to load one that is precompiled, ours also checks a header and a checksum.\n\n\
         Reproduce it with `cargo bench --features wasmtime-24,wasmtime-48 --bench overhead -- --write` on an \
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
