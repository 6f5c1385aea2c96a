//! `stress_http`: one server of the command line for each major, many connections, guests that fail in every way, and clients that go
//! away; every response checked, and memory and file descriptors measured.
//!
//! `cargo xtask stress --http` builds and runs it. For each major it prints a line of JSON.

mod client;
mod server;
mod work;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use serde_json::json;

use self::client::Client;
use self::server::{Server, Usage};
use self::work::{Kind, request};

/// Sends requests of all kinds to a server over many connections, and checks every response.
#[derive(Debug, Parser)]
struct Args {
    /// The command line, whose `serve` is the server
    #[arg(long, value_name = "PROGRAM")]
    serve: PathBuf,
    /// The majors to serve on, one after the other
    #[arg(long, value_name = "LIST", value_delimiter = ',', required = true)]
    majors: Vec<u64>,
    /// How many requests for each major
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    requests: u64,
    /// How many connections at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    connections: usize,
    /// Serve on all majors at the same time
    #[arg(long)]
    together: bool,
}

/// The time of a guest: `--timeout` of the server.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The most that a response may take whose guest does not loop.
const LATEST: Duration = Duration::from_secs(3);
/// The most by which the memory of the server may grow between the warm-up and the end. An allocator returns memory of its threads late.
const GROWTH: u64 = 32 << 20;

/// What has become of the requests.
#[derive(Debug, Default)]
struct Tally {
    sent: BTreeMap<&'static str, u64>,
    wrong: Vec<String>,
    /// The longest that a guest that does not loop took.
    slowest: Duration,
    /// When the last guest responded that went on.
    went_on: Option<Instant>,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let stress = |major| -> Result<usize> {
        let wrong = stress(&args, major)?;
        wrong.iter().take(20).for_each(|wrong| eprintln!("wrong: Wasmtime {major}: {wrong}"));
        Ok(wrong.len())
    };
    let wrong: Vec<Result<usize>> = if args.together {
        thread::scope(|scope| {
            let threads: Vec<_> = args.majors.iter().map(|&major| scope.spawn(move || stress(major))).collect();
            let panicked = |_| Err(anyhow::anyhow!("the stress panicked"));
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
        })
    } else {
        args.majors.iter().copied().map(stress).collect()
    };
    let wrong: usize = wrong.into_iter().sum::<Result<usize>>()?;
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Stresses the server of a major; returns what was not as it must be.
fn stress(args: &Args, major: u64) -> Result<Vec<String>> {
    let server = Server::new(&args.serve, major, TIMEOUT)?;
    let start = Instant::now();
    let mut tally = Tally::default();
    let warm_up = args.requests / 5;
    send(&server, args.connections, 0..warm_up, &mut tally);
    let warm = at_rest(&server, &tally);
    send(&server, args.connections, warm_up..args.requests, &mut tally);
    let elapsed = start.elapsed();
    let end = at_rest(&server, &tally);
    let mut wrong = std::mem::take(&mut tally.wrong);

    if let (Some(warm), Some(end)) = (warm, end) {
        if end.files > warm.files {
            wrong.push(format!("{} files are open instead of {}", end.files, warm.files));
        }
        if end.memory > warm.memory + GROWTH {
            wrong.push(format!("{} bytes are resident instead of {}", end.memory, warm.memory));
        }
    }
    if tally.slowest > LATEST {
        wrong.push(format!("a guest that does not loop responded after {:?}", tally.slowest));
    }
    wrong.extend(server.end(args.requests)?);
    println!(
        "{}",
        json!({
            "schema": 1, "major": major, "requests": args.requests, "connections": args.connections,
            "seconds": elapsed.as_secs_f64(), "slowest_seconds": tally.slowest.as_secs_f64(), "wrong": wrong.len(),
            "memory_bytes": { "warm": warm.map(|usage| usage.memory), "end": end.map(|usage| usage.memory) },
            "files": { "warm": warm.map(|usage| usage.files), "end": end.map(|usage| usage.files) },
            "by_kind": tally.sent,
        })
    );
    Ok(wrong)
}

/// What the server uses when no request is running, and guests that go on have had their time.
fn at_rest(server: &Server, tally: &Tally) -> Option<Usage> {
    let since = tally.went_on.map_or(TIMEOUT, |last| last.elapsed());
    thread::sleep(TIMEOUT.saturating_sub(since) + Duration::from_millis(500));
    server.usage()
}

/// Sends the requests with these numbers over the connections.
fn send(server: &Server, connections: usize, numbers: std::ops::Range<u64>, tally: &mut Tally) {
    let address = server.address;
    let next = AtomicU64::new(numbers.start);
    let all = Mutex::new(tally);
    thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut client = Client::new(address);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end {
                        break;
                    }
                    let kind = Kind::of(number);
                    let start = Instant::now();
                    let result = one(&mut client, kind, number);
                    let took = start.elapsed();
                    let mut tally = all.lock().unwrap_or_else(PoisonError::into_inner);
                    *tally.sent.entry(kind.name()).or_default() += 1;
                    match kind {
                        Kind::Loop => {}
                        Kind::GoOn => tally.went_on = Some(Instant::now()),
                        _ => tally.slowest = tally.slowest.max(took),
                    }
                    if let Err(error) = result {
                        tally.wrong.push(format!("request {number}, {}: {error:#}", kind.name()));
                    }
                }
            });
        }
    });
}

/// Sends one request, and checks its response.
fn one(client: &mut Client, kind: Kind, number: u64) -> Result<()> {
    let request = request(kind, number);
    if let Some(part) = request.goes_away_after {
        return client.go_away(&request, part);
    }
    let response = client.send(&request)?;
    ensure!(response.status == request.status, "the status is {}", response.status);
    ensure!(response.is_cut == request.is_cut, "the response is {}", if response.is_cut { "cut" } else { "whole" });
    if let Some(expected) = &request.expected {
        ensure!(
            response.body == *expected,
            "the body has {} bytes, or others, instead of {}",
            response.body.len(),
            expected.len()
        );
    }
    Ok(())
}
