//! Owns the process of a batch, which prints a line of JSON before and after each run that could end the process.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use crate::driver::Args;
use crate::execute::{Bounds, Finding, FindingKind, Machines, Run};
use crate::program::{Program, show};
use crate::shrink::shrink;
use crate::surface::{Flavour, Surface};
use crate::world::Time;

/// Limits of making a program shorter: the number of runs, and their time.
const TRIES: usize = 300;
const SHORTENING: Duration = Duration::from_secs(30);

/// Runs the programs of these seeds.
pub(crate) fn run(args: &Args, flavour: Flavour, artefacts: &Path, seeds: &[u64]) -> Result<()> {
    let surface = Surface::new(flavour)?;
    let machines = Machines::load(surface, flavour.name(), &args.majors, artefacts, args.bounds())?;
    for seed in seeds {
        let root = tempfile::tempdir()?;
        one(args, &machines, *seed, root.path(), artefacts)?;
    }
    Ok(())
}

fn one(args: &Args, machines: &Machines, seed: u64, root: &Path, artefacts: &Path) -> Result<()> {
    let start = Instant::now();
    let mut program = machines.surface().program(seed, args.calls, args.tame);
    if let Some(keep) = &args.keep {
        program.steps = keep.iter().filter_map(|step| program.steps.get(*step).cloned()).collect();
    }
    let mut calls = BTreeMap::<u64, u64>::new();
    let mut known = BTreeMap::<&str, u64>::new();
    let mut count = |runs: &[Run]| runs.iter().for_each(|run| *calls.entry(run.major).or_default() += run.calls());
    let before = |major| say(&json!({ "at": seed, "major": major }));
    let (runs, finding) = machines.examine(&mut program, root, before, |id, runs| {
        count(runs);
        *known.entry(id).or_default() += 1;
    })?;
    count(&runs);
    // What depends on time, or on the load of the machine, does not repeat when the same program runs again.
    let stable = |finding: &Finding| {
        let runs = machines.run(&program, root, |major| say(&json!({ "at": seed, "major": major })));
        let again = runs.ok().and_then(|runs| machines.judge(&program, &runs, &Time::now(), |_| ()));
        again.is_some_and(|again| again.subject == finding.subject)
    };
    let (finding, unstable) = match finding {
        Some(finding) if matches!(finding.what, FindingKind::Differs | FindingKind::Hung) && !stable(&finding) => {
            (None, 1)
        }
        finding => (finding, 0),
    };
    let seconds = start.elapsed().as_secs_f64();
    let peak = runs.iter().filter_map(|run| run.peak).max();
    let outcomes: BTreeMap<_, _> = runs.iter().map(|run| (run.major, &run.outcome)).collect();
    let timed_out = outcomes.values().any(|outcome| *outcome == "timed out");
    let steps = program.steps.len();
    let finding = finding.map(|finding| {
        // Only the first finding of each class is shortened.
        let mark = artefacts.join(format!("found-{:016x}", finding.class()));
        let first = std::fs::File::create_new(mark).is_ok();
        let program = if args.no_shrink || !first { program } else { shorter(machines, &program, &finding, root) };
        describe(machines, &program, &finding, root)
    });
    say(&json!({
        "done": seed, "calls": calls, "steps": steps, "known": known, "seconds": seconds, "peak": peak,
        "timed_out": timed_out, "unstable": unstable, "outcomes": outcomes, "finding": finding,
    }));
    if args.one.is_some() {
        listing(machines, args, seed);
    }
    Ok(())
}

/// Prints the result of every call of the program of `seed` on each major.
fn listing(machines: &Machines, args: &Args, seed: u64) {
    let program = machines.surface().program(seed, args.calls, args.tame);
    let (Ok(root), time) = (tempfile::tempdir(), Time::now()) else { return };
    let Ok(runs) = machines.run(&program, root.path(), |_| ()) else { return };
    for (at, step) in program.steps.iter().enumerate() {
        eprintln!("{at:>4} {}", show(&machines.surface().funcs, step));
        for run in &runs {
            let shown = match run.records.get(at) {
                None => continue,
                Some(record) => record
                    .called
                    .as_ref()
                    .map_or_else(|| "left out".to_owned(), |called| machines.surface().describe(step, called, &time)),
            };
            eprintln!("     {}: {shown}", run.major);
        }
    }
    for run in &runs {
        eprintln!("{}: {} calls, {} {}", run.major, run.calls(), run.outcome, run.message);
    }
}

fn shorter(machines: &Machines, program: &Program, finding: &Finding, root: &Path) -> Program {
    let with = |steps: &[usize]| {
        let steps = steps.iter().filter_map(|step| program.steps.get(*step).cloned()).collect();
        Program { steps, ..program.clone() }
    };
    let start = Instant::now();
    let kept = shrink((0..program.steps.len()).collect(), TRIES, |steps| {
        if start.elapsed() > SHORTENING {
            return false;
        }
        // The parent kills a process that prints nothing for too long, so each run begins with a line.
        let (program, time) = (with(steps), Time::now());
        let runs = machines.run(&program, root, |major| say(&json!({ "shortening": steps.len(), "major": major })));
        let found = runs.ok().and_then(|runs| machines.judge(&program, &runs, &time, |_| ()));
        found.is_some_and(|found| {
            found.what == finding.what && found.subject == finding.subject && found.majors == finding.majors
        })
    });
    with(&kept)
}

/// The finding as JSON, with the calls that lead to it.
fn describe(machines: &Machines, program: &Program, finding: &Finding, root: &Path) -> Value {
    let time = Time::now();
    let again = machines.run(program, root, |_| ()).ok().and_then(|runs| machines.judge(program, &runs, &time, |_| ()));
    let again = again.filter(|again| again.what == finding.what);
    let steps: Vec<_> = program.steps.iter().map(|step| show(&machines.surface().funcs, step)).collect();
    let shown = again.as_ref().unwrap_or(finding);
    json!({
        "what": shown.what.name(), "step": shown.step, "subject": shown.subject, "call": shown.call,
        "majors": shown.majors, "program": steps, "again": again.is_some(), "big": program.big,
    })
}

/// Prints one line for the parent at once: this process may not live to print another.
pub(crate) fn say(line: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

impl Args {
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds { timeout: Duration::from_secs(self.timeout), memory: self.memory << 20 }
    }
}
