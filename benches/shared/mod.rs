//! Owns what benches share: the processes that measure, the order of values, and when and on what a measurement was made.

use std::error::Error;
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;

/// `Ok` unless something in the machine or in Wasmtime failed.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The value at or just above this part of sorted values.
pub(crate) fn quantile<T: Copy>(sorted: &[T], part: f64) -> T {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

/// Day, processor and compiler, as in "measured …".
pub(crate) fn circumstances() -> Result<String> {
    let cpus = std::fs::read_to_string("/proc/cpuinfo")?;
    let cpu = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cpu = cpu.map_or("an unknown processor", |(_, cpu)| cpu);
    Ok(format!("{} on {cpu} with {}", output("date", &["-u", "+%F"])?, output("rustc", &["--version"])?))
}

fn output(program: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(program).args(args).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The middle of unsorted values.
pub(crate) fn median(values: Vec<f64>) -> f64 {
    quantile(&sorted(values), 0.5)
}

/// The values in ascending order.
pub(crate) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The argument of a process that measures once and prints a line of JSON for each row.
pub(crate) const ONE_PROCESS: &str = "--one-process";

/// Measures in a process of its own, started as this one was.
pub(crate) fn measure_elsewhere<R: DeserializeOwned>() -> Result<Vec<R>> {
    let mut process = Command::new(std::env::current_exe()?);
    let output = process.args(std::env::args().skip(1)).arg(ONE_PROCESS).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("a process that measures ended with {}", output.status).into());
    }
    let lines = output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(serde_json::from_slice).collect::<std::result::Result<_, _>>()?)
}
