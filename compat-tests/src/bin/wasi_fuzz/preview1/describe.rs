//! Owns the part of a preview1 call's result that is compared between majors.

use std::fmt::Write as _;

use compat_tests::signatures::ERRNOS;

use super::FUNCTIONS;
use crate::program::{Called, Step, hex};
use crate::world::Time;

/// The part of a call's result that must be the same on all majors.
pub(crate) fn describe(step: &Step, called: &Called, time: &Time) -> String {
    let name = FUNCTIONS[step.func].0;
    let errno = usize::try_from(called.result & 0xFFFF).unwrap_or(usize::MAX);
    let mut out = ERRNOS.get(errno).map_or_else(|| format!("errno {errno}"), |name| (*name).to_owned());
    let dumps = &called.dumps;
    match (name, errno) {
        ("clock_time_get" | "clock_res_get" | "random_get", 0) => {}
        ("fd_filestat_get" | "path_filestat_get", 0) => out += &filestat(&dumps[0], time),
        ("fd_readdir", 0) => out += &entries(dumps),
        ("poll_oneoff", 0) => out += &events(dumps),
        _ => dumps.iter().for_each(|dump| write!(out, " {}", hex(dump)).expect("write to a string")),
    }
    out
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// Numbers of devices and inodes differ between runs, the size of a directory between file systems.
fn filestat(bytes: &[u8], time: &Time) -> String {
    if bytes.iter().all(|byte| *byte == crate::program::FILLER) {
        return " untouched".to_owned();
    }
    let kind = bytes[16];
    let directory = kind == 3;
    format!(
        " dev{} ino{} type={kind} nlink={} size={} atim={} mtim={} ctim={}",
        if u64_at(bytes, 0) == 0 { "=0" } else { "" },
        if u64_at(bytes, 8) == 0 { "=0" } else { "" },
        u64_at(bytes, 24),
        if directory { 0 } else { u64_at(bytes, 32) },
        time.show(u64_at(bytes, 40)),
        time.show(u64_at(bytes, 48)),
        time.show(u64_at(bytes, 56)),
    )
}

/// The names in any order; that of the last one, which may not fit, is left out.
fn entries(dumps: &[Vec<u8>]) -> String {
    let [.., used] = dumps else { return String::new() };
    let used = u32_at(used, 0);
    let buffer = if dumps.len() > 1 { dumps[0].as_slice() } else { &[] };
    let full = usize::try_from(used).unwrap_or(usize::MAX) >= buffer.len();
    let mut names = Vec::new();
    let mut at = 0;
    let end = usize::try_from(used).unwrap_or(usize::MAX).min(buffer.len());
    while at + 24 <= end {
        let len = usize::try_from(u32_at(buffer, at + 16)).unwrap_or(usize::MAX);
        let Some(name) = buffer[..end].get(at + 24..(at + 24).saturating_add(len)) else { break };
        names.push(format!("{}:{}", String::from_utf8_lossy(name), buffer[at + 20]));
        at += 24 + len;
    }
    names.sort();
    if full { format!(" full, {used} bytes") } else { format!(" {used} bytes {}", names.join(" ")) }
}

fn events(dumps: &[Vec<u8>]) -> String {
    let [events, count] = dumps else { return String::new() };
    let count = u32_at(count, 0);
    // Which of several are ready depends on time.
    if events.len() > 32 {
        return if count == 0 { " no events".to_owned() } else { String::new() };
    }
    let shown: Vec<_> = (0..usize::try_from(count).unwrap_or(0).min(1))
        .filter_map(|at| events.get(at * 32..at * 32 + 32))
        .map(|event| {
            let (error, kind) = (u16::from_le_bytes([event[8], event[9]]), event[10]);
            let ready = if kind == 0 { String::new() } else { format!(" {} {}", u64_at(event, 16), event[24]) };
            format!("{:x}:{error}:{kind}{ready}", u64_at(event, 0))
        })
        .collect();
    format!(" events {}", shown.join(", "))
}
