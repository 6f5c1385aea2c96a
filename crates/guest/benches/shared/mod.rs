//! Owns what every measurement states of itself: when and on what it was made.

use std::error::Error;

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
    let output = std::process::Command::new(program).args(args).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
