//! Owns the command line: the flags, and what each command does with a [`Project`].

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};

use crate::cache;
use crate::compare;
use crate::event::{Consumer as _, Event};
use crate::exit::{self, Exit, Stop};
use crate::export::{self, Files};
use crate::list::{self, Format};
use crate::model::{Report, Verdict};
use crate::project::{Plan, Project};
use crate::run::{self, Options};
use crate::select::{self, Partition};
use crate::show::{self, Progress};
use crate::suite::TestOptions;

/// Runs one test suite once per Wasmtime major and reports the grid of cases and majors.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, after_help = exit::HELP)]
pub struct MatrixArgs {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

/// What can be done beside running.
#[derive(Debug, Subcommand)]
enum Command {
    /// List the majors, their exact versions and toolchains
    List(ListArgs),
    /// Merge reports; for a major in several reports the last one counts
    Merge(MergeArgs),
    /// Show what changes between two majors
    Diff(DiffArgs),
    /// Find the first major where a case changed
    #[command(after_help = exit::HELP)]
    Bisect(BisectArgs),
}

/// Which columns.
#[derive(Args, Debug)]
#[command(next_help_heading = "Selection")]
struct SelectArgs {
    /// Majors: numbers, ranges (36..=48), groups (lts, latest, …), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "all")]
    majors: String,
    /// Majors to leave out, in the same form
    #[arg(long, value_name = "LIST", default_value = "", hide_default_value = true)]
    exclude: String,
    /// Run only the M-th of N shares of the majors, to spread them over machines
    #[arg(long, value_name = "M/N")]
    partition: Option<Partition>,
}

/// How commands are run.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Running")]
struct HowArgs {
    /// Stop a major that takes longer than this, building included: 500s, 90m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// Test threads; majors are always built one after another
    #[arg(long, short, value_name = "N")]
    jobs: Option<u32>,
    /// Do not use the network
    #[arg(long)]
    offline: bool,
    /// Also run majors that passed with the same sources, lock file, command and toolchain
    #[arg(long)]
    fresh: bool,
}

#[derive(Args, Debug)]
struct RunArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// Only cases with FILTER in their name
    #[arg(long, value_name = "FILTER", help_heading = "Selection")]
    cases: Option<String>,
    #[command(flatten)]
    how: HowArgs,
    /// Stop at the first case that fails, and after the first major that fails
    #[arg(long)]
    fail_fast: bool,
    /// For majors that failed with the same sources, run only the cases that failed
    #[arg(long, value_name = "WHAT", conflicts_with = "fresh")]
    rerun: Option<Rerun>,
    /// Print the commands instead of running them
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    files: Files,
}

/// What is run again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Rerun {
    /// The cases that failed
    Failed,
}

#[derive(Args, Debug)]
struct ListArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// The form of the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Args, Debug)]
struct MergeArgs {
    /// Reports in JSON
    #[arg(required = true, value_name = "FILE")]
    reports: Vec<PathBuf>,
    #[command(flatten)]
    files: Files,
}

#[derive(Args, Debug)]
struct DiffArgs {
    /// The first major of the comparison
    from_major: u64,
    /// The second major of the comparison
    to_major: u64,
    /// The report to read, in JSON; the default is that of the last run
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct BisectArgs {
    /// The case; the last part of its name is enough if it is unambiguous
    case: String,
    /// The report to read, in JSON; without a report the fewest possible majors are run
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    how: HowArgs,
}

/// Does what the command line says. The project is asked for only when it is needed.
pub fn main(args: &MatrixArgs, project: impl FnOnce() -> Result<Project>) -> ExitCode {
    run(args, project).into()
}

/// As [`main`], for programs that look at how it went.
pub fn run(args: &MatrixArgs, project: impl FnOnce() -> Result<Project>) -> Exit {
    dispatch(args, project).unwrap_or_else(|error| {
        show::say(&format!("error: {error:#}"));
        exit::of_error(&error)
    })
}

fn dispatch(args: &MatrixArgs, project: impl FnOnce() -> Result<Project>) -> Result<Exit> {
    match &args.command {
        None => matrix(&args.run, &project()?),
        Some(Command::List(args)) => {
            let project = project()?;
            let plans = args.select.plans(&project)?;
            print(&list::list(&plans.iter().collect::<Vec<_>>(), args.format)?)?;
            Ok(Exit::Good)
        }
        Some(Command::Merge(args)) => {
            args.files.check()?;
            let reports = args.reports.iter().map(|path| export::read(path)).collect::<Result<Vec<_>>>()?;
            finish(&compare::merge(reports), &args.files)
        }
        Some(Command::Diff(args)) => {
            let report = match &args.from {
                Some(path) => export::read(path)?,
                None => last(&project()?)?,
            };
            let diff = compare::diff(&report, args.from_major, args.to_major)?;
            print(&if args.json { serde_json::to_string_pretty(&diff)? + "\n" } else { diff.show() })?;
            Ok(Exit::Good)
        }
        Some(Command::Bisect(args)) => match &args.from {
            Some(path) => bisect_report(&export::read(path)?, &args.case),
            None => bisect_by_running(&project()?, args),
        },
    }
}

impl MatrixArgs {
    /// Whether the network must not be used.
    pub fn offline(&self) -> bool {
        match &self.command {
            None => self.run.how.offline,
            Some(Command::Bisect(args)) => args.how.offline,
            Some(Command::List(_) | Command::Merge(_) | Command::Diff(_)) => false,
        }
    }
}

impl SelectArgs {
    /// The columns selected, oldest first.
    fn plans(&self, project: &Project) -> Result<Vec<Plan>> {
        let known = project.majors();
        let mut majors = select::select(&self.majors, &known, &project.groups)?;
        let out = select::select(&self.exclude, &known, &project.groups)?;
        majors.retain(|major| !out.contains(major));
        let plans = project.columns.iter().filter(|plan| majors.contains(&plan.column.major));
        let share = |position: usize| self.partition.is_none_or(|partition| partition.has(position));
        let plans: Vec<Plan> =
            plans.enumerate().filter(|(position, _)| share(*position)).map(|(_, plan)| plan.clone()).collect();
        if plans.is_empty() {
            return Err(Stop::nothing("no major is selected"));
        }
        Ok(plans)
    }
}

impl HowArgs {
    fn options(&self, cases: Option<&str>) -> Options {
        Options {
            test_options: TestOptions {
                cases: cases.map(str::to_owned),
                jobs: self.jobs,
                offline: self.offline,
                ..TestOptions::default()
            },
            timeout: self.timeout,
            fresh: self.fresh,
            rerun_failed: false,
        }
    }
}

/// Reads a time as flags give it: `500ms`, `10s`, `2m`, `1h`; without a unit it is seconds.
///
/// # Errors
/// What is wrong with it, for the user; also of a time so long that no clock could say when it is over.
pub fn duration(text: &str) -> Result<Duration, String> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("the unit is not one of ms, s, m, h".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| "expected a number and a unit, as in 500ms, 10s, 2m".to_owned())?;
    let duration = Duration::try_from_secs_f64(number * seconds).ok();
    // A deadline that the clock cannot express must not reach the arithmetic on it.
    let usable = duration.filter(|duration| Instant::now().checked_add(duration.saturating_mul(2)).is_some());
    usable.ok_or_else(|| "the duration is too long".to_owned())
}

fn matrix(args: &RunArgs, project: &Project) -> Result<Exit> {
    args.files.check()?;
    let plans = args.select.plans(project)?;
    let mut options = args.how.options(args.cases.as_deref());
    options.test_options.fail_fast = args.fail_fast;
    options.rerun_failed = args.rerun == Some(Rerun::Failed);
    if args.dry_run {
        for line in run::commands(project, &plans, &options)? {
            print(&(line + "\n"))?;
        }
        return Ok(Exit::Good);
    }
    let report = run_with_progress(project, &plans, &options)?;
    cache::write(&last_path(project), export::json(&report)?.as_bytes())?;
    finish(&report, &args.files)
}

/// Runs, shows progress, and gives the report.
fn run_with_progress(project: &Project, plans: &[Plan], options: &Options) -> Result<Report> {
    let mut report = Report::new();
    let mut progress = Progress::new();
    run::run(project, plans, options, |event: &Event| {
        report.event(event);
        progress.event(event);
    })?;
    Ok(report)
}

/// Shows and writes a report, and finds its exit code.
fn finish(report: &Report, files: &Files) -> Result<Exit> {
    files.write(report)?;
    print(&show::summary(report, show::colour()))?;
    Ok(exit::of_report(report))
}

fn last_path(project: &Project) -> PathBuf {
    project.state.join("last.json")
}

fn last(project: &Project) -> Result<Report> {
    let path = last_path(project);
    if !path.exists() {
        return Err(Stop::usage("nothing has run yet: run the matrix first, or name a report with --from"));
    }
    export::read(&path)
}

fn bisect_report(report: &Report, case: &str) -> Result<Exit> {
    let case = compare::case_named(report, case)?;
    let changes = compare::changes(report, &case);
    if changes.is_empty() {
        let verdict = report.columns.iter().find_map(|column| column.case(&case)).map(|case| case.verdict.describe());
        print(&format!("{case} is the same on every major that ran: {}\n", verdict.unwrap_or_default()))?;
    }
    for change in changes {
        print(&change.show(&case))?;
    }
    Ok(Exit::Good)
}

fn bisect_by_running(project: &Project, args: &BisectArgs) -> Result<Exit> {
    let mut plans = args.select.plans(project)?;
    plans.retain(|plan| plan.not_run.is_none());
    let majors: Vec<u64> = plans.iter().map(|plan| plan.column.major).collect();
    let options = args.how.options(Some(&args.case));
    let mut name = args.case.clone();
    let mut seen = false;
    let change = compare::bisect(&majors, |major| {
        let plan: Vec<Plan> = plans.iter().filter(|plan| plan.column.major == major).cloned().collect();
        let report = run_with_progress(project, &plan, &options)?;
        let Some(column) = report.column(major) else {
            return Err(Stop::nothing(format!("Wasmtime {major} has no column")));
        };
        let mut verdict = &column.end.verdict;
        if !column.cases.is_empty() {
            name = compare::case_named(&report, &args.case)?;
            verdict = column.verdict_of(&name).unwrap_or(verdict);
            seen = true;
        }
        show::say(&format!("Wasmtime {major}, {name}: {}", verdict.describe()));
        // Where a case broke is sought, not how its machine did.
        match verdict {
            Verdict::InfraError { reason } => Err(anyhow::anyhow!("Wasmtime {major}: {reason}")),
            verdict => Ok(verdict.clone()),
        }
    })?;
    match change {
        Some(change) => print(&change.show(&name))?,
        None if !seen => return Err(Stop::nothing(format!("no case {name:?} has run"))),
        None => print(&format!("{name} is the same on the first and the last major\n"))?,
    }
    Ok(Exit::Good)
}

/// Prints data. A reader that has gone away is not an error.
fn print(text: &str) -> Result<()> {
    use std::io::Write as _;
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("write to standard output"),
        _ => Ok(()),
    }
}
