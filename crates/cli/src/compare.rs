//! Owns the command `compare`: one guest, or a call of one of its functions, on several majors, side by side.

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use wasmtime_compat::{AnyWasmtime, RunConfig};

use crate::args::{CompareArgs, ExecutionArgs};
use crate::differ;
use crate::execute::{Work, execute};
use crate::failure::{Failure, USAGE};
use crate::guest_file::GuestFile;
use crate::isolate::{self, Limits};
use crate::json::{self, Differing, Known, Outcome, Run, SCHEMA};
use crate::style::{self, Text, Tone};
use crate::{demo, pick};

/// Runs of one guest, and whether they agree.
#[derive(Debug, Serialize)]
pub(crate) struct Compared {
    pub(crate) schema: u32,
    pub(crate) agree: bool,
    pub(crate) runs: Vec<Run>,
    pub(crate) differences: Vec<Differing>,
    pub(crate) known_differences: Vec<Known>,
}

impl Compared {
    /// Compares runs of this guest with this configuration.
    pub(crate) fn new(runs: Vec<Run>, guest: &GuestFile, config: &RunConfig) -> Self {
        let differences = differ::differences(&runs);
        let agree = differences.is_empty();
        let known_differences = if agree { Vec::new() } else { differ::known(&runs, &guest.wasm, config) };
        Self { schema: SCHEMA, agree, runs, differences, known_differences }
    }

    /// Runs this guest on each major with its output captured, and compares the runs.
    pub(crate) fn run(
        majors: &[&'static dyn AnyWasmtime],
        guest: &GuestFile,
        config: &RunConfig,
        execution: &ExecutionArgs,
        work: &Work,
    ) -> Result<Self, Failure> {
        let runs = if execution.isolation.is_on(true) {
            let (run, captured) = (execution.wasi.timeout, Some(execution.wasi.capture_limit));
            let limits = Limits { compile: execution.compile.isolated(), run, captured };
            let runs = majors.iter().map(|wasmtime| isolate::execute(*wasmtime, guest, &limits));
            runs.collect::<Result<_, _>>().map_err(|error| Failure::no_process(USAGE, &error))?
        } else {
            let limit = execution.compile.compile_timeout;
            majors.iter().map(|wasmtime| execute(*wasmtime, guest, config, work, true, limit)).collect()
        };
        Ok(Self::new(runs, guest, config))
    }

    /// The verdict in words, with the differences, if there are any.
    pub(crate) fn conclusion(&self) -> String {
        if !self.started() {
            return self.refusal();
        }
        let cut = differ::cut(&self.runs);
        match (self.agree, self.runs.len()) {
            (true, 1) => style::paint(Tone::Good, "only one major ran, so there is nothing to compare") + "\n",
            (true, count) if !cut.is_empty() => {
                let title = style::paint(Tone::Warning, &format!("all {count} majors agree on what was compared"));
                format!("{title}\n{cut}")
            }
            (true, count) => style::paint(Tone::Good, &format!("all {count} majors agree")) + "\n",
            (false, count) => {
                let title = style::paint(Tone::Bad, &format!("the {count} majors disagree"));
                format!("{title}\n{cut}\n{}", self.described())
            }
        }
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match (self.started(), self.agree) {
            (false, _) => USAGE,
            (true, true) => 0,
            (true, false) => 1,
        })
    }

    /// Whether there is anything to compare.
    pub(crate) fn started(&self) -> bool {
        self.runs.iter().any(|run| run.outcome != Outcome::Refused)
    }

    /// The verdict if there is not.
    fn refusal(&self) -> String {
        let title = match self.runs.len() {
            1 => "the guest was not started".to_owned(),
            count => format!("none of the {count} majors started the guest"),
        };
        if self.agree {
            style::paint(Tone::Warning, &title) + "\n"
        } else {
            let title = style::paint(Tone::Bad, &format!("{title}, for different reasons"));
            format!("{title}\n\n{}", self.described())
        }
    }

    /// What differs, and which known differences can explain that.
    fn described(&self) -> String {
        differ::describe(&self.runs, &self.differences) + &differ::describe_known(&self.known_differences)
    }

    /// The errors of the runs, each once, with their majors; empty if there are none.
    pub(crate) fn errors(&self) -> String {
        let mut errors: Vec<(String, Vec<u64>)> = Vec::new();
        for run in &self.runs {
            let Some(error) = run.shown_error() else { continue };
            match errors.iter_mut().find(|(known, _)| *known == error) {
                Some((_, majors)) => majors.push(run.major),
                None => errors.push((error, vec![run.major])),
            }
        }
        let show = |(error, majors)| format!("Wasmtime {}: {error}\n", pick::words(majors));
        let shown: String = errors.into_iter().map(show).collect();
        if shown.is_empty() { shown } else { shown + "\n" }
    }

    /// Prints the hints of the errors, each once.
    pub(crate) fn hint(&self) {
        let mut hints: Vec<&str> = Vec::new();
        for hint in self.runs.iter().filter_map(|run| run.error_hint.as_deref()).flat_map(str::lines) {
            if !hints.contains(&hint) {
                hints.push(hint);
            }
        }
        hints.into_iter().for_each(style::hint);
    }
}

pub(crate) fn command(args: &CompareArgs, json: bool) -> Result<ExitCode, Failure> {
    // A comparison's exit code 1 means "they differ", so a run's 126 has no place here.
    let majors = pick::several(&args.wasmtime).map_err(|failure| Failure { code: USAGE, ..failure })?;
    match &args.guest {
        Some(guest) => compare(&majors, guest, args, json),
        None => demo::command(&majors, args, json),
    }
}

fn compare(
    majors: &[&'static dyn AnyWasmtime],
    path: &Path,
    args: &CompareArgs,
    json: bool,
) -> Result<ExitCode, Failure> {
    let guest = GuestFile::read(path, args.execution.limit.guest_limit)?;
    let work = args.work();
    let arguments = if matches!(work, Work::Command { .. }) { args.execution.args.as_slice() } else { &[] };
    let config = args.execution.wasi.config(guest.name.clone(), arguments, true);
    let compared = Compared::run(majors, &guest, &config, &args.execution, &work)?;
    if json {
        json::print(&compared)?;
    } else {
        let what = match &args.call {
            Some(export) => format!("{} of {}", style::visible(export), style::visible(&guest.json.path)),
            None => style::visible(&guest.json.path),
        };
        let title = format!("{what} on {}", span(majors));
        let (title, table) = (style::paint(Tone::Title, &title), table(&compared.runs));
        style::print(&format!("{title}\n\n{table}\n{}{}", compared.errors(), compared.conclusion()))?;
        compared.hint();
    }
    Ok(compared.exit_code())
}

/// The majors in words: how many, from which to which.
pub(crate) fn span(majors: &[&dyn AnyWasmtime]) -> String {
    match majors {
        [only] => format!("Wasmtime {}", only.major()),
        [first, .., last] => format!("{} Wasmtime majors, {} to {}", majors.len(), first.major(), last.major()),
        [] => "no Wasmtime".to_owned(),
    }
}

/// The runs side by side.
pub(crate) fn table(runs: &[Run]) -> String {
    let called = runs.iter().any(|run| run.results.is_some());
    let code = if called { "results" } else { "code" };
    let header = ["major", "wasmtime", "verdict", code, "trap", "stdout", "stderr", "time"];
    style::table(&header, runs.iter().map(|run| row(run, called)).collect())
}

/// Characters of results in a table.
const WIDEST: usize = 40;

/// A run; if functions were `called`, with results instead of an exit code.
fn row(run: &Run, called: bool) -> Vec<Text> {
    let plain = |text: &str| (Tone::Plain, text.to_owned());
    let started = run.outcome != Outcome::Refused;
    let digest = |digest: &str| {
        let text = if started && !run.output_lost { digest.get(..12).unwrap_or(digest) } else { "-" };
        (Tone::Dim, text.to_owned())
    };
    let tone = match (run.outcome, run.code) {
        (Outcome::Exited, Some(0)) | (Outcome::Returned, _) => Tone::Good,
        (Outcome::Exited, _) => Tone::Warning,
        _ => Tone::Bad,
    };
    let results = |results: &[String]| style::visible(&style::shortened(&differ::results(results), WIDEST));
    let code = if called { run.results.as_deref().map(results) } else { run.code.map(|code| code.to_string()) };
    vec![
        (Tone::Title, run.major.to_string()),
        plain(&run.wasmtime),
        (tone, verdict(run)),
        plain(code.as_deref().unwrap_or("-")),
        plain(run.trap.as_deref().unwrap_or("-")),
        digest(&run.stdout_sha256),
        digest(&run.stderr_sha256),
        (Tone::Dim, if started { format!("{:.1} ms", run.seconds * 1000.0) } else { "-".to_owned() }),
    ]
}

/// How a run ended; of a crash, by which signal too.
fn verdict(run: &Run) -> String {
    match &run.signal {
        Some(signal) => format!("{} ({})", run.outcome.name(), signal.shown()),
        None => run.outcome.name().to_owned(),
    }
}
