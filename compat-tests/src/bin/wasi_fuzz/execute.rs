//! Owns running one program on every major, and the search for the first result that differs between majors.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use wasmtime_compat::{AnyCommand, AnyWasmtime, ErrorKind, Outcome, RunConfig, by_major};

use crate::known;
use crate::program::{Arg, Program, Record, read_log, show};
use crate::surface::Surface;
use crate::world::{self, Time};

/// How long after its timeout a run may end.
const GRACE: Duration = Duration::from_secs(2);

/// The limits of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) timeout: Duration,
    /// Resident memory of the whole process at its peak, in bytes.
    pub(crate) memory: u64,
}

/// The guest of one flavour on the majors that are compared.
pub(crate) struct Machines {
    surface: Surface,
    majors: Vec<Machine>,
    bounds: Bounds,
}

struct Machine {
    major: u64,
    small: Box<dyn AnyCommand>,
    /// With 4 GiB of memory, where the programs need that.
    big: Option<Box<dyn AnyCommand>>,
}

/// A program on one major.
pub(crate) struct Run {
    pub(crate) major: u64,
    pub(crate) records: Vec<Record>,
    /// The outcome: the part that is compared, and the text.
    pub(crate) outcome: String,
    pub(crate) message: String,
    kind: Option<ErrorKind>,
    stdout: String,
    tree: Vec<String>,
    pub(crate) elapsed: Duration,
    pub(crate) peak: Option<u64>,
}

/// A defect of the runs of a program.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) what: FindingKind,
    /// The step at which the defect was observed, if it belongs to one.
    pub(crate) step: Option<usize>,
    /// The function called at that step, or the other subject of the comparison.
    pub(crate) subject: String,
    /// The call, with its arguments.
    pub(crate) call: String,
    /// The arguments that are constants.
    pub(crate) args: Vec<Option<u64>>,
    /// The result on each major.
    pub(crate) majors: BTreeMap<u64, String>,
}

/// A kind of finding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FindingKind {
    Differs,
    Panicked,
    Hung,
    Memory,
}

impl FindingKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Differs => "difference",
            Self::Panicked => "panic",
            Self::Hung => "hang",
            Self::Memory => "memory",
        }
    }
}

/// The configuration for compiling and loading. Its limits decide which code Wasmtime generates, so the configuration
/// has a timeout, as all runs have.
fn limits(timeout: Duration) -> RunConfig {
    RunConfig { timeout: Some(timeout), ..RunConfig::new() }
}

/// Compiles the guest for `major` into the folder `to`.
pub(crate) fn precompile(surface: &Surface, name: &str, major: u64, big: bool, to: &Path) -> Result<()> {
    for big in if big { &[false, true][..] } else { &[false] }.iter().copied() {
        let (_, wasm) = surface.guest(big)?;
        let code = find(major)?.precompile(&wasm, &limits(Duration::from_secs(1)))?;
        std::fs::write(to.join(file(name, major, big)), code)?;
    }
    Ok(())
}

fn find(major: u64) -> Result<&'static dyn AnyWasmtime> {
    by_major(major).with_context(|| format!("Wasmtime {major} is not compiled in"))
}

fn file(name: &str, major: u64, big: bool) -> String {
    format!("{name}-{major}{}.cwasm", if big { "-big" } else { "" })
}

impl Machines {
    /// Loads what [`precompile`] made; a big guest if there is one.
    pub(crate) fn load(surface: Surface, name: &str, majors: &[u64], from: &Path, bounds: Bounds) -> Result<Self> {
        let load = |major, big| {
            let code = std::fs::read(from.join(file(name, major, big)))?;
            // Written by this program's own parent.
            let trusted = compat_tests::trusted(&code)?;
            anyhow::Ok(find(major)?.load(&trusted, &limits(bounds.timeout))?)
        };
        let machine = |major: &u64| {
            let big = from.join(file(name, *major, true)).exists();
            let big = big.then(|| load(*major, true)).transpose()?;
            anyhow::Ok(Machine { major: *major, small: load(*major, false)?, big })
        };
        Ok(Self { majors: majors.iter().map(machine).collect::<Result<_>>()?, surface, bounds })
    }

    pub(crate) fn surface(&self) -> &Surface {
        &self.surface
    }

    /// Runs `program` on every major, each in new directories below `root`; `before` is called with each.
    pub(crate) fn run(&self, program: &Program, root: &Path, mut before: impl FnMut(u64)) -> Result<Vec<Run>> {
        let stdin = program.stdin().context("fit the program into the guest's memory")?;
        let time = Time::now();
        self.majors
            .iter()
            .map(|machine| {
                before(machine.major);
                let directory = tempfile::tempdir_in(root)?;
                world::create(directory.path())?;
                let config = world::config(directory.path(), stdin.clone(), self.bounds.timeout);
                forget_peak();
                let command = machine.big.as_ref().filter(|_| program.big).unwrap_or(&machine.small);
                let done = command.run(&config).with_context(|| format!("start the guest on {}", machine.major))?;
                let peak = peak();
                let (outcome, message, kind) = match &done.outcome {
                    Outcome::Exited(code) => (format!("exited {code}"), String::new(), None),
                    Outcome::Trapped { trap, .. } => (format!("trapped: {trap}"), String::new(), None),
                    Outcome::TimedOut => ("timed out".to_owned(), String::new(), None),
                    Outcome::Failed(error) => {
                        (format!("failed: {:?}", error.kind()), error.to_string(), Some(error.kind()))
                    }
                    _ => ("unknown".to_owned(), String::new(), None),
                };
                Ok(Run {
                    major: machine.major,
                    records: read_log(program, &done.stderr.bytes),
                    outcome,
                    message,
                    kind,
                    stdout: format!("{} bytes {:016x}", done.stdout.total, crate::rng::fnv(&done.stdout.bytes)),
                    tree: world::tree(directory.path(), &time)?,
                    elapsed: done.elapsed,
                    peak,
                })
            })
            .collect()
    }

    /// The first defect of these runs of `program`.
    /// `tolerated` is called with the id of each known difference that does not affect the results of later calls.
    pub(crate) fn judge(
        &self,
        program: &Program,
        runs: &[Run],
        time: &Time,
        tolerated: impl FnMut(&'static str),
    ) -> Option<Finding> {
        self.broken(program, runs).or_else(|| self.differs(program, runs, time, tolerated))
    }

    fn broken(&self, program: &Program, runs: &[Run]) -> Option<Finding> {
        let what = |run: &Run| {
            if run.kind == Some(ErrorKind::HostPanic) {
                Some(FindingKind::Panicked)
            } else if run.elapsed > self.bounds.timeout + GRACE {
                Some(FindingKind::Hung)
            } else if run.peak.is_some_and(|peak| peak > self.bounds.memory) {
                Some(FindingKind::Memory)
            } else {
                None
            }
        };
        let (run, kind) = runs.iter().find_map(|run| Some((run, what(run)?)))?;
        // The log has the last call that returned; the run ended in the call after that.
        let step = run.records.last().map_or(0, |record| record.step + 1);
        let majors = runs.iter().filter(|run| what(run) == Some(kind));
        let majors = majors.map(|run| (run.major, run.end())).collect();
        Some(self.finding(program, kind, Some(step.min(program.steps.len().saturating_sub(1))), majors))
    }

    fn differs(
        &self,
        program: &Program,
        runs: &[Run],
        time: &Time,
        mut tolerated: impl FnMut(&'static str),
    ) -> Option<Finding> {
        let same = |values: &BTreeMap<u64, String>| values.values().all(|value| Some(value) == values.values().next());
        let longest = runs.iter().map(|run| run.records.len()).max()?;
        for at in 0..longest {
            let shown = |run: &Run| match run.records.get(at) {
                None => format!("ended: {}", run.outcome),
                Some(Record { called: None, .. }) => "left out".to_owned(),
                Some(Record { step, called: Some(called) }) => {
                    self.surface.describe(&program.steps[*step], called, time)
                }
            };
            let majors: BTreeMap<_, _> = runs.iter().map(|run| (run.major, shown(run))).collect();
            if !same(&majors) {
                // Now with the texts of errors, which are not compared.
                let majors = runs.iter().map(|run| match run.records.get(at) {
                    None => (run.major, run.end()),
                    Some(_) => (run.major, shown(run)),
                });
                let step = runs.iter().find_map(|run| run.records.get(at)).map(|record| record.step);
                let finding = self.finding(program, FindingKind::Differs, step, majors.collect());
                match known::find(&finding) {
                    Some(known) if known.harmless && runs.iter().all(|run| run.records.len() > at) => {
                        tolerated(known.id);
                    }
                    _ => return Some(finding),
                }
            }
        }
        let all = |of: &dyn Fn(&Run) -> String| runs.iter().map(|run| (run.major, of(run))).collect::<BTreeMap<_, _>>();
        let outcomes = all(&|run| run.outcome.clone());
        if !same(&outcomes) {
            let step = runs.iter().find_map(|run| run.records.last()).map(|record| record.step + 1);
            let step = step.filter(|step| *step < program.steps.len());
            return Some(self.finding(program, FindingKind::Differs, step, all(&Run::end)));
        }
        let other = |subject: &str, majors| Finding {
            what: FindingKind::Differs,
            step: None,
            subject: subject.to_owned(),
            call: String::new(),
            args: Vec::new(),
            majors,
        };
        let stdout = all(&|run| run.stdout.clone());
        if !same(&stdout) {
            return Some(other("standard output", stdout));
        }
        let reference = &runs.last()?.tree;
        let lines = |run: &Run| {
            let only = |these: &[String], those: &[String]| {
                these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>().join("; ")
            };
            let (mine, newest) = (only(&run.tree, reference), only(reference, &run.tree));
            if mine.is_empty() && newest.is_empty() { String::new() } else { format!("{mine} instead of {newest}") }
        };
        let trees = all(&lines);
        (!same(&trees)).then(|| other("directories", trees))
    }

    fn finding(
        &self,
        program: &Program,
        what: FindingKind,
        step: Option<usize>,
        majors: BTreeMap<u64, String>,
    ) -> Finding {
        let at = step.and_then(|step| program.steps.get(step));
        Finding {
            what,
            step,
            subject: at.map_or("outcome", |step| &self.surface.funcs[step.func].name).to_owned(),
            args: at.map(|step| step.args.iter().map(Arg::constant).collect()).unwrap_or_default(),
            call: at.map(|step| show(&self.surface.funcs, step)).unwrap_or_default(),
            majors,
        }
    }

    /// Runs `program` and judges the runs. When a known difference appears at a step, that step is removed and the
    /// program runs again; `seen` is called with the id of each known difference. Returns the last runs, and the first
    /// defect that is not a known difference.
    pub(crate) fn examine(
        &self,
        program: &mut Program,
        root: &Path,
        mut before: impl FnMut(u64),
        mut seen: impl FnMut(&'static str, &[Run]),
    ) -> Result<(Vec<Run>, Option<Finding>)> {
        ensure!(!program.steps.is_empty(), "the program is empty");
        let time = Time::now();
        loop {
            let runs = self.run(program, root, &mut before)?;
            let finding = self.judge(program, &runs, &time, |id| seen(id, &[]));
            let Some(finding) = finding else { return Ok((runs, None)) };
            match (known::find(&finding), finding.step) {
                (Some(known), Some(step)) if program.steps.len() > 1 => {
                    seen(known.id, &runs);
                    program.steps.remove(step);
                }
                (Some(known), _) => {
                    seen(known.id, &runs);
                    return Ok((runs, None));
                }
                (None, _) => return Ok((runs, Some(finding))),
            }
        }
    }
}

impl Finding {
    /// The same for findings that differ in arguments only.
    pub(crate) fn class(&self) -> u64 {
        crate::rng::fnv(format!("{:?} {} {:?}", self.what, self.subject, self.majors).as_bytes())
    }
}

impl Run {
    fn end(&self) -> String {
        if self.message.is_empty() {
            format!("ended: {}", self.outcome)
        } else {
            format!("ended: {} ({})", self.outcome, self.message.lines().next().unwrap_or_default())
        }
    }

    /// How many calls returned.
    pub(crate) fn calls(&self) -> u64 {
        self.records.iter().filter(|record| record.called.is_some()).count() as u64
    }
}

/// Has Linux count the peak of resident memory anew.
fn forget_peak() {
    // Where that is not possible, the peak is that of the whole batch.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory this process had resident since [`forget_peak`], in bytes, where the system says so.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
