//! Owns the command line and the processes of the batches: starts them, watches them, and totals their reports.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use serde_json::{Value, json};

use crate::child;
use crate::execute::precompile;
use crate::known;
use crate::shrink::shrink;
use crate::surface::{Flavour, Surface};

/// Runs random sequences of WASI calls on several majors at once and checks that all do the same.
#[derive(Clone, Debug, Parser)]
pub(crate) struct Args {
    /// The first seed; every program has one of its own
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The maximum number of batches of programs; each batch has a process of its own
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true)]
    pub(crate) batches: u64,
    /// The number of programs in a batch
    #[arg(long, default_value_t = 8)]
    pub(crate) programs: u64,
    /// The approximate number of calls in a program
    #[arg(long, default_value_t = 150)]
    pub(crate) calls: usize,
    /// Majors to compare; all that are compiled in by default
    #[arg(long, value_delimiter = ',')]
    pub(crate) majors: Vec<u64>,
    /// Seconds after which no new batch starts
    #[arg(long, default_value_t = 15)]
    pub(crate) seconds: u64,
    /// Flavours of WASI; both by default
    #[arg(long, value_enum, value_delimiter = ',', default_value = "p1,p2")]
    pub(crate) flavour: Vec<Flavour>,
    /// The number of processes at once
    #[arg(long, default_value_t = 2)]
    pub(crate) jobs: usize,
    /// Leaves out sizes that no honest guest asks for
    #[arg(long)]
    pub(crate) tame: bool,
    /// Seconds that one program may take on one major
    #[arg(long, default_value_t = 5)]
    pub(crate) timeout: u64,
    /// Memory that one program may take on one major, with this process, in MiB
    #[arg(long, default_value_t = 512)]
    pub(crate) memory: u64,
    /// Runs the program of this seed only and prints every call; needs one flavour
    #[arg(long)]
    pub(crate) one: Option<u64>,
    /// Prints the guest as text and ends
    #[arg(long)]
    pub(crate) guest: bool,
    /// Reports failing programs without shortening them
    #[arg(long)]
    pub(crate) no_shrink: bool,
    /// The number of findings that are reported in full
    #[arg(long, default_value_t = 20)]
    pub(crate) findings: usize,
    /// The steps to keep, of `--one`
    #[arg(long, value_delimiter = ',', hide = true)]
    pub(crate) keep: Option<Vec<usize>>,
    /// Where the compiled guests are: this is the process of a batch
    #[arg(long, hide = true)]
    child: Option<PathBuf>,
}

/// The totals of all batches.
#[derive(Debug, Default)]
struct Totals {
    batches: u64,
    programs: u64,
    calls: BTreeMap<String, u64>,
    known: BTreeMap<String, u64>,
    outcomes: BTreeMap<String, u64>,
    timed_out: u64,
    /// Differences and hangs that did not repeat when the program ran again.
    unstable: u64,
    peak: u64,
    slowest: (f64, String),
    /// How often each kind was found.
    findings: BTreeMap<String, u64>,
}

/// The reason of a process that was killed because it printed nothing for too long.
const HANG: &str = "hang: killed";

/// The end of a batch's process.
enum Ended {
    Success,
    /// By a signal, a failure exit or a timeout, while this seed ran on this major.
    Failure {
        why: String,
        seed: u64,
        major: u64,
    },
}

pub(crate) fn main() -> Result<ExitCode> {
    let mut args = Args::parse();
    let enabled: Vec<_> = wasmtime_compat::enabled().iter().map(|wasmtime| wasmtime.major()).collect();
    if args.majors.is_empty() {
        args.majors = enabled;
    }
    args.majors.sort_unstable();
    ensure!(!args.majors.is_empty(), "no major is compiled in");
    if args.guest {
        for flavour in &args.flavour {
            println!("{}", Surface::new(*flavour)?.guest(false)?.0);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(artefacts) = args.child.clone() {
        let seeds: Vec<_> = (args.seed..args.seed.saturating_add(args.programs)).collect();
        child::run(&args, args.flavour[0], &artefacts, &seeds)?;
        return Ok(ExitCode::SUCCESS);
    }
    let start = Instant::now();
    let artefacts = tempfile::tempdir()?;
    compile(&args, artefacts.path())?;
    let compiled = start.elapsed();
    if let Some(seed) = args.one {
        args.seed = seed;
        args.programs = 1;
        args.batches = 1;
        ensure!(args.flavour.len() == 1, "--one needs --flavour p1 or --flavour p2");
    }
    let start = Instant::now();
    let totals = fuzz(&args, artefacts.path());
    Ok(report(&args, &totals, compiled, start.elapsed()))
}

fn compile(args: &Args, to: &Path) -> Result<()> {
    let surfaces =
        args.flavour.iter().map(|flavour| Ok((*flavour, Surface::new(*flavour)?))).collect::<Result<Vec<_>>>()?;
    std::thread::scope(|scope| {
        let each = |major: &u64| {
            let (major, surfaces) = (*major, &surfaces);
            let big = |flavour: Flavour| flavour == Flavour::P1 && !args.tame;
            let one = move |(flavour, surface): &(Flavour, Surface)| {
                precompile(surface, flavour.name(), major, big(*flavour), to)
            };
            scope.spawn(move || surfaces.iter().try_for_each(one))
        };
        let threads: Vec<_> = args.majors.iter().map(each).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("compiling the guest panicked")))
        })
    })
}

fn fuzz(args: &Args, artefacts: &Path) -> Totals {
    let totals = Mutex::new(Totals::default());
    let next = Mutex::new(0_u64);
    let end = Instant::now() + Duration::from_secs(args.seconds);
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let batch = {
                        let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
                        *next += 1;
                        *next - 1
                    };
                    if batch >= args.batches || (batch > 0 && Instant::now() >= end) {
                        return;
                    }
                    let flavours = args.flavour.len() as u64;
                    let flavour = args.flavour[usize::try_from(batch % flavours).unwrap_or(0)];
                    let first = args.seed.saturating_add(batch / flavours * args.programs);
                    run_batch(args, artefacts, flavour, first, &totals);
                }
            });
        }
    });
    totals.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a batch; if a program ends the process of the batch, the remaining programs run in a new process.
fn run_batch(args: &Args, artefacts: &Path, flavour: Flavour, first: u64, totals: &Mutex<Totals>) {
    let lock = || totals.lock().unwrap_or_else(PoisonError::into_inner);
    lock().batches += 1;
    let (mut seed, end) = (first, first.saturating_add(args.programs));
    while seed < end {
        let command = command(args, artefacts, flavour, seed, end - seed, None);
        match watch(args, command, |line| lock().add(args, flavour, line)) {
            Ok(Ended::Success) => return,
            Ok(Ended::Failure { why, seed: at, .. }) if why == HANG && !repeats(args, artefacts, flavour, at) => {
                lock().unstable += 1;
                seed = at + 1;
            }
            Ok(Ended::Failure { why, seed: at, major }) => {
                let finding = if args.no_shrink {
                    json!({ "what": why, "majors": { major.to_string(): why } })
                } else {
                    shorten(args, artefacts, flavour, at, major, &why)
                };
                lock().found(args, flavour, at, finding);
                seed = at + 1;
            }
            Err(error) => {
                lock().found(args, flavour, seed, json!({ "what": format!("{error:#}") }));
                return;
            }
        }
    }
}

fn command(
    args: &Args,
    artefacts: &Path,
    flavour: Flavour,
    seed: u64,
    programs: u64,
    keep: Option<&[usize]>,
) -> Command {
    let list = |numbers: &mut dyn Iterator<Item = String>| numbers.collect::<Vec<_>>().join(",");
    let mut command = Command::new(std::env::current_exe().unwrap_or_else(|_| "wasi_fuzz".into()));
    command.arg("--child").arg(artefacts).args(["--flavour", flavour.name()]);
    command.args(["--seed", &seed.to_string(), "--programs", &programs.to_string()]);
    command.args(["--calls", &args.calls.to_string(), "--timeout", &args.timeout.to_string()]);
    command.args(["--memory", &args.memory.to_string()]);
    command.args(["--majors", &list(&mut args.majors.iter().map(u64::to_string))]);
    if args.tame {
        command.arg("--tame");
    }
    if args.no_shrink || keep.is_some() {
        command.arg("--no-shrink");
    }
    if let Some(one) = args.one.filter(|_| keep.is_none()) {
        command.args(["--one", &one.to_string()]);
    }
    if let Some(keep) = keep.or(args.keep.as_deref()) {
        command.args(["--keep", &list(&mut keep.iter().map(usize::to_string))]);
    }
    command
}

/// Runs `command` and hands each line it prints to `line`.
fn watch(args: &Args, mut command: Command, mut line: impl FnMut(&Value)) -> Result<Ended> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("start the process of a batch")?;
    let (sender, lines) = channel();
    let stdout = child.stdout.take().context("open standard output")?;
    let mut stderr = child.stderr.take().context("open standard error")?;
    std::thread::spawn(move || {
        let lines = BufReader::new(stdout).lines().map_while(std::io::Result::ok);
        lines.filter_map(|line| serde_json::from_str::<Value>(&line).ok()).try_for_each(|line| sender.send(line))
    });
    let verbose = args.one.is_some();
    let errors = std::thread::spawn(move || {
        let mut kept = VecDeque::new();
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stderr.read(&mut buffer) {
            if verbose {
                eprint!("{}", String::from_utf8_lossy(&buffer[..read]));
            }
            kept.extend(&buffer[..read]);
            kept.drain(..kept.len().saturating_sub(2000));
        }
        String::from_utf8_lossy(kept.make_contiguous()).into_owned()
    });
    // The process prints a line before each run of a program on a major.
    let silence = Duration::from_secs(args.timeout * 2 + 10);
    let (mut at, mut silent) = ((0, 0), false);
    loop {
        match lines.recv_timeout(silence) {
            Ok(value) => {
                if let (Some(seed), Some(major)) = (value["at"].as_u64(), value["major"].as_u64()) {
                    at = (seed, major);
                }
                line(&value);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                silent = true;
                kill(&mut child);
                break;
            }
        }
    }
    let status = child.wait()?;
    let errors = errors.join().unwrap_or_default();
    if status.success() && !silent {
        return Ok(Ended::Success);
    }
    let last = errors.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let why = if silent { HANG.to_owned() } else { format!("{status}: {last}") };
    Ok(Ended::Failure { why, seed: at.0, major: at.1 })
}

/// Whether the program of `seed` fails when it runs again: a machine under load can stop any process for a while.
fn repeats(args: &Args, artefacts: &Path, flavour: Flavour, seed: u64) -> bool {
    let only = Args { no_shrink: true, ..args.clone() };
    let command = command(&only, artefacts, flavour, seed, 1, None);
    matches!(watch(&only, command, |_| ()), Ok(Ended::Failure { .. }))
}

fn kill(child: &mut Child) {
    // It has ended by itself otherwise.
    let _ = child.kill();
}

/// Finds few steps of the program of `seed` that still end the process.
fn shorten(args: &Args, artefacts: &Path, flavour: Flavour, seed: u64, major: u64, why: &str) -> Value {
    let only = Args { majors: vec![major], no_shrink: true, ..args.clone() };
    let ends = |keep: &[usize]| {
        let command = command(&only, artefacts, flavour, seed, 1, Some(keep));
        matches!(watch(&only, command, |_| ()), Ok(Ended::Failure { .. }))
    };
    let program = Surface::new(flavour).map(|surface| {
        let program = surface.program(seed, args.calls, args.tame);
        let tries = if why.starts_with("hang") { 12 } else { 60 };
        let kept = shrink((0..program.steps.len()).collect(), tries, ends);
        let shown = |step: &usize| crate::program::show(&surface.funcs, &program.steps[*step]);
        kept.iter().map(shown).collect::<Vec<_>>()
    });
    let program = program.unwrap_or_default();
    let last = program.last().cloned().unwrap_or_default();
    let subject = last.split('(').next().unwrap_or_default();
    json!({
        "what": if why.starts_with("hang") { "hang" } else { "abort" }, "subject": subject, "call": last,
        "majors": { major.to_string(): why }, "program": program,
    })
}

impl Totals {
    fn add(&mut self, args: &Args, flavour: Flavour, line: &Value) {
        let Some(seed) = line["done"].as_u64() else { return };
        self.programs += 1;
        let numbers = |value: &Value| {
            let object = value.as_object().cloned().unwrap_or_default();
            object.into_iter().map(|(key, value)| (key, value.as_u64().unwrap_or(0))).collect::<Vec<_>>()
        };
        numbers(&line["calls"]).into_iter().for_each(|(major, calls)| *self.calls.entry(major).or_default() += calls);
        numbers(&line["known"]).into_iter().for_each(|(id, times)| *self.known.entry(id).or_default() += times);
        if let Some(outcome) = line["outcomes"].as_object().and_then(|outcomes| outcomes.values().next_back()) {
            *self.outcomes.entry(outcome.as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        self.unstable += line["unstable"].as_u64().unwrap_or(0);
        self.timed_out += u64::from(line["timed_out"] == true);
        self.peak = self.peak.max(line["peak"].as_u64().unwrap_or(0));
        let seconds = line["seconds"].as_f64().unwrap_or(0.0);
        if seconds > self.slowest.0 {
            self.slowest = (seconds, format!("--flavour {} --one {seed}", flavour.name()));
        }
        if !line["finding"].is_null() {
            self.found(args, flavour, seed, line["finding"].clone());
        }
    }

    fn found(&mut self, args: &Args, flavour: Flavour, seed: u64, finding: Value) {
        let kind = kind(&finding);
        if self.findings.len() < args.findings && !self.findings.contains_key(&kind) {
            show(args, flavour, seed, &finding);
        }
        *self.findings.entry(kind).or_default() += 1;
    }
}

fn show(args: &Args, flavour: Flavour, seed: u64, finding: &Value) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    eprintln!("{}: {} {}", text(&finding["what"]), text(&finding["subject"]), text(&finding["call"]));
    for (major, did) in finding["majors"].as_object().into_iter().flatten() {
        eprintln!("    {major}: {}", text(did));
    }
    if finding["again"] == false {
        eprintln!("    (not so when it ran again)");
    }
    let program = finding["program"].as_array().map_or(&[][..], Vec::as_slice);
    for step in &program[program.len().saturating_sub(40)..] {
        eprintln!("      {}", text(step));
    }
    let tame = if args.tame { " --tame" } else { "" };
    eprintln!("    again: wasi_fuzz --flavour {} --one {seed} --calls {}{tame}", flavour.name(), args.calls);
}

/// The kind of a finding: what, of which function, and what each major did.
fn kind(finding: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (what, subject) = (text(&finding["what"]), text(&finding["subject"]));
    if subject == "directories" {
        return format!("{what}: {subject}");
    }
    let majors = finding["majors"].as_object().into_iter().flatten();
    let majors: Vec<_> = majors.map(|(major, did)| format!("{major} {}", text(did))).collect();
    format!("{what}: {subject}: {}", majors.join("; "))
}

fn report(args: &Args, totals: &Totals, compiled: Duration, elapsed: Duration) -> ExitCode {
    let calls: u64 = totals.calls.values().sum();
    println!(
        "{} programs in {} batches, {calls} calls, {:.1} s, {:.0} calls a second",
        totals.programs,
        totals.batches,
        elapsed.as_secs_f64(),
        calls as f64 / elapsed.as_secs_f64().max(0.001),
    );
    for (major, calls) in &totals.calls {
        println!("{calls:>9}  calls on {major}");
    }
    for (outcome, times) in &totals.outcomes {
        println!("{times:>9}  {outcome}");
    }
    for (known, times) in &totals.known {
        let reason = known::named(known).map_or("", |known| known.reason);
        println!("{times:>9}  known: {known}: {reason}");
    }
    for (kind, times) in &totals.findings {
        println!("{times:>9}  FOUND: {kind}");
    }
    if totals.unstable > 0 {
        println!("{:>9}  findings that did not repeat", totals.unstable);
    }
    println!("peak memory {} MiB, slowest program {:.1} s ({})", totals.peak >> 20, totals.slowest.0, totals.slowest.1);
    println!(
        "{}",
        json!({
            "schema": 1, "majors": args.majors, "programs": totals.programs, "batches": totals.batches,
            "calls": totals.calls, "known": totals.known, "found": totals.findings, "peak_memory_bytes": totals.peak,
            "seconds": elapsed.as_secs_f64(), "compile_seconds": compiled.as_secs_f64(),
            "slowest_seconds": totals.slowest.0, "timed_out": totals.timed_out, "unstable": totals.unstable,
        })
    );
    if totals.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
