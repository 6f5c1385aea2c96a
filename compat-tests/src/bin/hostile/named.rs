//! The hostile guests that have a name, each compiled and run on each major in a process of its own, with what it took.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use compat_tests::hostile::{self, Hostile, Origin, ended, peak};
use compat_tests::{enabled, hostile_http};
use serde_json::{Value, json};
use wasmtime_compat::{AnyWasmtime, Outcome, RunConfig};

/// Runs all of them on every major compiled in, two at a time, and prints a line of JSON for each, after a line with the limits;
/// returns each unexpected outcome.
pub(crate) fn run() -> anyhow::Result<Vec<String>> {
    let guests = hostile::all();
    let http: Vec<_> = hostile_http::all().into_iter().map(|guest| guest.name).collect();
    println!("{}", json!({ "limits": hostile::limits(), "http_guests": http }));
    let runs: Vec<_> =
        enabled().iter().flat_map(|wasmtime| guests.iter().map(|guest| (wasmtime.major(), guest))).collect();
    let mut findings = Vec::new();
    for pair in runs.chunks(2) {
        let done = std::thread::scope(|scope| {
            let started: Vec<_> = pair.iter().map(|run| scope.spawn(|| in_a_process(run.0, run.1.name))).collect();
            started.into_iter().map(|run| run.join().expect("no thread panics")).collect::<Vec<_>>()
        });
        for (line, (major, guest)) in done.into_iter().zip(pair) {
            let mut line = line?;
            if let Origin::Reported(input) = guest.origin {
                line["origin"] = input.into();
            }
            if line["expected"] != true {
                findings.push(format!("{} on {major}: {}", guest.name, line["outcome"]));
            }
            println!("{line}");
        }
    }
    Ok(findings)
}

/// The time after which a process is ended: longer than the timeout of a guest.
const LIMIT: Duration = Duration::from_secs(180);

/// Has a process of its own run a guest; if the process dies or does not end, that is the outcome.
fn in_a_process(major: u64, guest: &str) -> anyhow::Result<Value> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--named", "--child", "--major", &major.to_string(), "--guest", guest]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("start a child")?;
    let mut output = child.stdout.take().context("a child without output")?;
    // The guest may have the standard output of its process, and fill the pipe.
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        output.read_to_end(&mut bytes).map(|_| bytes)
    });
    let started = Instant::now();
    while child.try_wait()?.is_none() && started.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_millis(5));
    }
    let hangs = child.try_wait()?.is_none();
    if hangs {
        child.kill().context("end a child")?;
    }
    let status = child.wait().context("wait for a child")?;
    let output = reader.join().expect("no thread panics").context("read the output of a child")?;
    if status.success() {
        let line = output.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        return serde_json::from_slice(line).context("read the line of a child");
    }
    let outcome = if hangs { "still ran".to_owned() } else { format!("the process ended with {status}") };
    Ok(json!({ "major": major, "guest": guest, "outcome": outcome, "expected": false }))
}

/// Runs the guest of this name and prints how it ended, for how long each part took, and how much memory the process had at
/// most beyond what it had before.
pub(crate) fn child(major: u64, name: &str) -> anyhow::Result<()> {
    let guest = hostile::all().into_iter().find(|guest| guest.name == name).context("no guest has this name")?;
    let wasmtime = enabled().iter().find(|wasmtime| wasmtime.major() == major).context("no such major")?;
    let wasm = guest.wasm();
    let root = hostile::directory()?;
    let config = guest.config(root.path());
    peak();
    // Now the peak is what the process has.
    let before = peak();
    let (outcome, expected, [compiled, ran]) = attempt(*wasmtime, &guest, &wasm, &config);
    let memory = peak().saturating_sub(before);
    // The line is on its own, whatever the guest wrote.
    println!(
        "\n{}",
        json!({
            "major": major, "guest": name, "outcome": outcome, "expected": expected,
            "compile_seconds": compiled.as_secs_f64(), "run_seconds": ran.as_secs_f64(), "memory_bytes": memory,
        })
    );
    Ok(())
}

/// The outcome of the guest, whether it is the expected one, and the times of compiling and running.
fn attempt(
    wasmtime: &dyn AnyWasmtime,
    guest: &Hostile,
    wasm: &[u8],
    config: &RunConfig,
) -> (String, bool, [Duration; 2]) {
    let started = Instant::now();
    let command = wasmtime.compile(wasm, config);
    let compiled = started.elapsed();
    let started = Instant::now();
    let done = command.and_then(|command| command.run(config));
    let ran = started.elapsed();
    let expected = ended(guest.ending, done.as_ref().ok().map(|done| &done.outcome));
    let outcome = match done {
        Ok(done) => match done.outcome {
            Outcome::Exited(code) => format!("exits with {code}"),
            Outcome::Trapped { trap, .. } => format!("trapped: {trap}"),
            outcome => outcome.to_string(),
        },
        Err(error) => format!("refused: {}", error.kind().name()),
    };
    (outcome, expected, [compiled, ran])
}
