//! `hostile`: compiles and starts generated and broken guests on all majors of this build, with fuel and a timeout.
//!
//! Whatever the guest is, it must end with a typed error or an outcome: no panic, no abort, no more time than it was given,
//! and no more memory. Guests are made in batches by child processes, so that one that ends its process is reported with
//! its number. The last line printed is JSON. With `--named` the guests are those of the suite, and each has its line.

mod guests;
mod named;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use compat_tests::{captured, enabled};
use serde_json::json;
use wasmtime_compat::{AnyWasmtime, ErrorKind, Outcome, RunConfig};

use self::guests::Source;

/// Compiles and starts generated and mutated guests on every major compiled in.
#[derive(Debug, Parser)]
struct Args {
    /// The number of the first guest
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The maximum number of guests
    #[arg(long, default_value_t = u64::MAX)]
    count: u64,
    /// For how long; what is begun is brought to its end
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Write the guest of `--seed` to this file instead
    #[arg(long)]
    write: Option<std::path::PathBuf>,
    /// Run the hostile guests of the suite instead, and print what each took
    #[arg(long, conflicts_with_all = ["count", "seconds", "write"])]
    named: bool,
    /// Makes this process one that a driver started
    #[arg(long, hide = true)]
    child: bool,
    /// The guest of a child with `--named`
    #[arg(long, hide = true, requires_all = ["child", "major"])]
    guest: Option<String>,
    /// The major that runs it
    #[arg(long, hide = true, requires = "guest")]
    major: Option<u64>,
}

/// Guests for one child.
const BATCH: u64 = 50;

/// Timeout of a guest, and the time it may take beyond that, compiling not included: builds without optimisation are
/// slow, and machines are busy.
const TIMEOUT: Duration = Duration::from_millis(500);
const SLACK: Duration = Duration::from_secs(10);

/// Bound on compiling one guest of a few kilobytes.
const COMPILING: Duration = Duration::from_secs(60);

/// A child that says nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(180);

const FUEL: u64 = 10_000_000;

/// Memory that a batch may take at most, in bytes: guests have the default limits, and no time to use all that these permit.
const MEMORY: u64 = 2 << 30;

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if let Some(path) = &args.write {
        let (kind, guest) = Source::new().guest(args.seed);
        let guest = guest.with_context(|| format!("no {} can be made of this number", kind.name()))?;
        std::fs::write(path, guest).with_context(|| format!("write {}", path.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let (Some(guest), Some(major)) = (&args.guest, args.major) {
        named::child(major, guest)?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.child {
        child(args.seed, args.count);
        return Ok(ExitCode::SUCCESS);
    }
    anyhow::ensure!(!enabled().is_empty(), "no major is compiled in");
    if args.named {
        let findings = named::run()?;
        return Ok(ended(&findings));
    }
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let (mut counts, mut findings, mut done) = (BTreeMap::new(), Vec::new(), 0);
    while done < args.count && (done == 0 || Instant::now() < end) {
        let batch = Batch { seed: args.seed.wrapping_add(done), count: BATCH.min(args.count - done) };
        let begun = batch.run(&mut counts, &mut findings)?;
        done += begun;
    }
    for (what, count) in &counts {
        println!("{count:8} {what}");
    }
    println!("{}", json!({ "guests": done, "seed": args.seed, "counts": counts, "findings": findings }));
    Ok(ended(&findings))
}

/// Prints what was found; success is to have found nothing.
fn ended(findings: &[String]) -> ExitCode {
    findings.iter().for_each(|finding| eprintln!("FOUND {finding}"));
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Batch {
    seed: u64,
    count: u64,
}

impl Batch {
    /// Has a child do it; returns how many guests were begun.
    fn run(&self, counts: &mut BTreeMap<String, u64>, findings: &mut Vec<String>) -> anyhow::Result<u64> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--child", "--seed", &self.seed.to_string(), "--count", &self.count.to_string()]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("start a child")?;
        let output = child.stdout.take().context("a child without output")?;
        let (lines, receiver) = channel();
        std::thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).all(|line| lines.send(line).is_ok());
        });
        let (mut begun, mut last) = (0, String::new());
        loop {
            match receiver.recv_timeout(SILENCE) {
                Ok(line) => match line.split_once(' ') {
                    Some(("guest", what)) => {
                        begun += u64::from(!what.contains(" on "));
                        last = what.to_owned();
                    }
                    Some(("count", what)) => *counts.entry(what.to_owned()).or_default() += 1,
                    Some(("found", what)) => findings.push(what.to_owned()),
                    _ => {}
                },
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    findings.push(format!("{last}: hangs"));
                    child.kill().context("end a child")?;
                    break;
                }
            }
        }
        let status = child.wait().context("wait for a child")?;
        if !status.success() && !findings.last().is_some_and(|found| found.ends_with(": hangs")) {
            findings.push(format!("{last}: the process ended with {status}"));
        }
        Ok(begun.max(1))
    }
}

/// Does a batch. Each line begins with what it is, and is written before what it is about.
fn child(seed: u64, count: u64) {
    let source = Source::new();
    let before = peak_memory();
    for seed in (0..count).map(|at| seed.wrapping_add(at)) {
        say("guest", &format!("--seed {seed}"));
        let (kind, guest) = source.guest(seed);
        let what = format!("{} of --seed {seed}", kind.name());
        let Some(guest) = guest else {
            say("count", &format!("{}: not made", kind.name()));
            continue;
        };
        for wasmtime in enabled() {
            let major = wasmtime.major();
            let on = format!("{what} on {major}");
            say("guest", &on);
            let result = catch_unwind(AssertUnwindSafe(|| attempt(*wasmtime, &guest)));
            match result {
                Ok(Ok(outcome)) => say("count", &format!("{} on {major}: {outcome}", kind.name())),
                Ok(Err(finding)) => say("found", &format!("{on}: {finding}")),
                Err(_) => say("found", &format!("{on}: panics")),
            }
            if let (Some(before), Some(now)) = (before, peak_memory())
                && now.saturating_sub(before) > MEMORY
            {
                say("found", &format!("{on}: takes {} MB of memory", now.saturating_sub(before) >> 20));
                // The peak does not become less.
                return;
            }
        }
    }
}

/// Compiles a guest and starts it; says how that ended, or what is wrong with it.
fn attempt(wasmtime: &dyn AnyWasmtime, guest: &[u8]) -> Result<String, String> {
    let config = RunConfig { wasi: captured(), fuel: Some(FUEL), timeout: Some(TIMEOUT), ..RunConfig::new() };
    let started = Instant::now();
    let command = match wasmtime.compile(guest, &config) {
        // Nothing to start: refused by its names, so not compiled yet.
        Err(error) if error.kind() == ErrorKind::Export => wasmtime.precompile(guest, &config).and_then(|_| Err(error)),
        result => result,
    };
    let compiled = started.elapsed();
    if compiled > COMPILING {
        return Err(format!("takes {compiled:?} to compile"));
    }
    let command = match command {
        Ok(command) => command,
        Err(error) if [ErrorKind::HostPanic, ErrorKind::Other].contains(&error.kind()) => {
            return Err(format!("is refused with {error:?}"));
        }
        Err(error) => return Ok(format!("refused, {:?}", error.kind())),
    };
    let started = Instant::now();
    let done = command.run(&config);
    let elapsed = started.elapsed();
    if elapsed > TIMEOUT + SLACK {
        return Err(format!("takes {elapsed:?} to run"));
    }
    match done.map(|done| done.outcome) {
        Ok(Outcome::Exited(_)) => Ok("exited".to_owned()),
        Ok(Outcome::Trapped { .. }) => Ok("trapped".to_owned()),
        Ok(Outcome::TimedOut) => Ok("timed out".to_owned()),
        Ok(Outcome::Failed(error)) => Err(format!("fails, which blames the host: {error:?}")),
        Ok(outcome) => Err(format!("ends with {outcome:?}")),
        Err(error) => Ok(format!("not started, {:?}", error.kind())),
    }
}

fn say(what: &str, text: &str) {
    let mut out = std::io::stdout().lock();
    // A driver that has gone away needs nothing more.
    if writeln!(out, "{what} {}", text.replace('\n', " ")).and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}

/// The most memory this process ever had, in bytes, where the system says it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}
