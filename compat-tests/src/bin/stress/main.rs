//! `stress`: all majors of this build in one process, on many threads at once, every result checked.
//!
//! `cargo xtask stress` builds and runs it. The last line it prints is JSON.

mod load;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use serde_json::json;
use wasmtime_compat::{Visitor, Wasmtime, visit_enabled};

use self::load::{Load, Of, WORK, World};

/// Runs every major compiled in, interleaved on many threads, and checks every result.
#[derive(Debug, Parser)]
struct Args {
    /// How many threads
    #[arg(long, default_value_t = 8, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    threads: usize,
    /// For how long, after everything is compiled
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// How often each kind of work ran on each major, and what was not as it must be.
#[derive(Debug, Default)]
struct Tally {
    ran: BTreeMap<(&'static str, u64), u64>,
    wrong: Vec<String>,
}

struct Compile;

impl Visitor for Compile {
    type Output = anyhow::Result<Box<dyn Load>>;

    fn visit<W: Wasmtime>(&mut self) -> Self::Output {
        Ok(Box::new(Of::<W>::new()?))
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let start = Instant::now();
    let loads = visit_enabled(&mut Compile).into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    anyhow::ensure!(!loads.is_empty(), "no major is compiled in");
    let compiled = start.elapsed();
    let root = tempfile::tempdir()?;

    let start = Instant::now();
    let end = start + Duration::from_secs(args.seconds);
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for thread in 0..args.threads {
            let (loads, tally, root) = (&loads, &tally, root.path());
            scope.spawn(move || {
                let mine = work(thread, loads, root, end);
                let mut all = tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                mine.ran.into_iter().for_each(|(what, times)| *all.ran.entry(what).or_default() += times);
                all.wrong.extend(mine.wrong);
            });
        }
    });
    let elapsed = start.elapsed();
    Ok(report(&args, &loads, &tally.into_inner()?, compiled, elapsed)?)
}

/// Goes round the majors and the kinds of work until the time is up, each at least once; every thread in another
/// order, so that they meet in all combinations.
fn work(thread: usize, loads: &[Box<dyn Load>], root: &Path, end: Instant) -> Tally {
    let mut tally = Tally::default();
    let world = match World::new(root, thread) {
        Ok(world) => world,
        Err(error) => {
            tally.wrong.push(format!("thread {thread}: {error:#}"));
            return tally;
        }
    };
    let (majors, kinds) = (loads.len(), WORK.len());
    for turn in 0.. {
        if turn >= majors * kinds && Instant::now() >= end {
            break;
        }
        // The kind moves on by one more in each round over the majors: in `kinds` rounds all pairs have come.
        let load = &loads[(turn + thread) % majors];
        let kind = &WORK[(turn + turn / majors + thread) % kinds];
        *tally.ran.entry((kind.name, load.major())).or_default() += 1;
        if let Err(error) = (kind.run)(load.as_ref(), &world) {
            tally.wrong.push(format!("thread {thread}, Wasmtime {}, {}: {error:#}", load.major(), kind.name));
        }
    }
    tally
}

fn report(
    args: &Args,
    loads: &[Box<dyn Load>],
    tally: &Tally,
    compiled: Duration,
    elapsed: Duration,
) -> std::io::Result<ExitCode> {
    let mut by_kind = BTreeMap::<&str, u64>::new();
    let mut by_major = BTreeMap::<u64, u64>::new();
    for ((kind, major), times) in &tally.ran {
        *by_kind.entry(kind).or_default() += times;
        *by_major.entry(*major).or_default() += times;
    }
    for wrong in tally.wrong.iter().take(20) {
        eprintln!("wrong: {wrong}");
    }
    let ran: u64 = tally.ran.values().sum();
    println!("{} majors, {} threads, {:.1} s", loads.len(), args.threads, elapsed.as_secs_f64());
    for (kind, times) in &by_kind {
        println!("{times:>9}  {kind}");
    }
    println!("{ran:>9}  in all, {} wrong", tally.wrong.len());
    println!(
        "{}",
        json!({
            "schema": 1, "threads": args.threads, "seconds": elapsed.as_secs_f64(),
            "compile_seconds": compiled.as_secs_f64(), "ran": ran, "wrong": tally.wrong.len(),
            "by_kind": by_kind, "by_major": by_major, "peak_memory_bytes": peak_memory(),
            "binary_bytes": std::fs::metadata(std::env::current_exe()?)?.len(),
        })
    );
    Ok(if tally.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The most memory this process ever had resident, in bytes, where the system says so in `/proc`.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
