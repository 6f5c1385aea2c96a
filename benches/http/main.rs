//! Measures what the generic layer costs an HTTP server: requests to a guest through `ProxyPre`, and through the bindings of the major,
//! behind the same hyper, as ratios of throughput and of latency. On 24, 36 and 48, those that are compiled in.
//!
//! `cargo bench --features wasmtime-24-http,wasmtime-36-http,wasmtime-48-http --bench http -- [--quick] [--write]`: `--quick` only shows
//! that it works, `--write` also writes `benches/HTTP.md`.
//!
//! As `overhead` does, this program runs itself several times (with `--one-process`), and takes the middle of what those measure.

mod clients;
mod servers;
#[path = "../shared/mod.rs"]
mod shared;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use wasmtime_compat::if_major;

use self::clients::{Clients, Sample};
use self::shared::{ONE_PROCESS, Result, circumstances, measure_elsewhere, median, quantile, sorted};

/// Numbers of open connections.
const CONNECTIONS: [usize; 3] = [1, 64, 512];

/// The lowest ratio of the throughput, and the highest ratio of the 99th percentile of the latency, that meet the goals.
const THROUGHPUT_GOAL: f64 = 0.98;
const LATENCY_GOAL: f64 = 1.05;

/// The number and the length of measurements.
struct Effort {
    processes: usize,
    rounds: usize,
    /// About the duration of one side of a round.
    sample: Duration,
}

/// One guest behind two servers.
struct Pair {
    major: u64,
    ours: SocketAddr,
    direct: SocketAddr,
}

/// The results of one process: medians over its rounds.
#[derive(serde::Deserialize, serde::Serialize)]
struct ProcessResult {
    major: u64,
    connections: usize,
    /// Requests in a second, on the direct side.
    throughput: f64,
    throughput_ratio: f64,
    /// Seconds, on the direct side.
    latency: f64,
    latency_ratio: f64,
}

/// The servers of every major that is compiled in.
fn pairs() -> Result<Vec<Pair>> {
    #[allow(unused_mut, reason = "without one of the three majors there is none")]
    let mut pairs = Vec::new();
    if_major!(24 => {
        let (ours, direct) = (servers::ours::<wasmtime_compat::V24>()?, servers::direct_24::serve_direct()?);
        pairs.push(Pair { major: 24, ours, direct });
    });
    if_major!(36 => {
        let (ours, direct) = (servers::ours::<wasmtime_compat::V36>()?, servers::direct_36::serve_direct()?);
        pairs.push(Pair { major: 36, ours, direct });
    });
    if_major!(48 => {
        let (ours, direct) = (servers::ours::<wasmtime_compat::V48>()?, servers::direct_48::serve_direct()?);
        pairs.push(Pair { major: 48, ours, direct });
    });
    Ok(pairs)
}

fn measure(pair: &Pair, connections: usize, effort: &Effort) -> Result<ProcessResult> {
    let (ours, direct) = (Clients::new(pair.ours, connections)?, Clients::new(pair.direct, connections)?);
    let requests = calibrate(&ours, &direct, effort)?;
    let (mut throughputs, mut throughput_ratios) = (Vec::new(), Vec::new());
    let (mut latencies, mut latency_ratios) = (Vec::new(), Vec::new());
    for round in 0..effort.rounds {
        let (our, its): (Sample, Sample);
        if round % 2 == 0 {
            our = ours.send(requests)?;
            its = direct.send(requests)?;
        } else {
            its = direct.send(requests)?;
            our = ours.send(requests)?;
        }
        throughputs.push(its.throughput());
        throughput_ratios.push(our.throughput() / its.throughput());
        latencies.push(its.latency());
        latency_ratios.push(our.latency() / its.latency());
    }
    Ok(ProcessResult {
        major: pair.major,
        connections,
        throughput: median(throughputs),
        throughput_ratio: median(throughput_ratios),
        latency: median(latencies),
        latency_ratio: median(latency_ratios),
    })
}

/// How many requests of each connection take as long as a sample shall; both sides are warm after this.
fn calibrate(ours: &Clients, direct: &Clients, effort: &Effort) -> Result<usize> {
    let mut requests = 1;
    loop {
        ours.send(requests)?;
        let elapsed = direct.send(requests)?.elapsed;
        if elapsed * 2 >= effort.sample {
            let scale = effort.sample.as_secs_f64() / elapsed.as_secs_f64();
            return Ok((requests as f64 * scale).ceil() as usize);
        }
        requests *= 2;
    }
}

const HEADER: &str = "\
| Wasmtime | Connections | Direct, requests/s | Throughput, ratio | Lowest | Highest | Goal | Direct, p99 | p99, ratio | Lowest | Highest | Goal |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

/// A number of connections on a major, as all processes saw it.
fn row(seen: &[&ProcessResult]) -> String {
    let over = |value: fn(&ProcessResult) -> f64| sorted(seen.iter().map(|seen| value(seen)).collect());
    let ratios = |sorted: &[f64]| {
        let [low, middle, high] = [0.0, 0.5, 1.0].map(|part| quantile(sorted, part));
        format!("**{middle:.2}** | {low:.2} | {high:.2}")
    };
    format!(
        "| {} | {} | {:.0} | {} | ≥ {THROUGHPUT_GOAL:.2} | {:.1} ms | {} | ≤ {LATENCY_GOAL:.2} |",
        seen[0].major,
        seen[0].connections,
        quantile(&over(|seen| seen.throughput), 0.5),
        ratios(&over(|seen| seen.throughput_ratio)),
        quantile(&over(|seen| seen.latency), 0.5) * 1e3,
        ratios(&over(|seen| seen.latency_ratio)),
    )
}

fn results(table: &str, effort: &Effort) -> Result<String> {
    let Effort { processes, rounds, sample } = effort;
    let sample = sample.as_millis();
    let circumstances = circumstances()?;
    Ok(format!(
        "# What the generic layer costs an HTTP server\n\n\
         Measured {circumstances}.\n\n\
         {table}\n\n\
         A guest responds with the path of each request. It is behind two servers in one process, both hyper over TCP with the same \
         settings: one uses `http::ProxyPre`, the other the major's own bindings as its documentation shows them. Each connection sends \
         one request after the other. There are {processes} processes with {rounds} rounds each; a round takes a sample of both servers, \
         about {sample} ms each, in alternating order, and gives one ratio of the requests in a second and one of the 99th percentiles \
         of the time until the end of the response. A process counts with its medians, and the table shows the median of the processes \
         between the lowest and the highest of them. Clients and servers share the processors.\n\n\
         Reproduce it with `cargo bench --features wasmtime-24-http,wasmtime-36-http,wasmtime-48-http --bench http -- --write` on an \
         otherwise idle machine.\n"
    ))
}

fn main() -> Result {
    let flag = |flag: &str| std::env::args().any(|arg| arg == flag);
    if flag("--list") {
        // A test runner looks for tests.
        return Ok(());
    }
    let effort = if flag("--quick") {
        Effort { processes: 1, rounds: 3, sample: Duration::from_millis(50) }
    } else {
        Effort { processes: 11, rounds: 15, sample: Duration::from_millis(300) }
    };
    if flag(ONE_PROCESS) {
        for pair in &pairs()? {
            for connections in CONNECTIONS {
                println!("{}", serde_json::to_string(&measure(pair, connections, &effort)?)?);
            }
        }
        return Ok(());
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
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/HTTP.md");
        std::fs::write(path, results(&table, &effort)?)?;
    }
    Ok(())
}
