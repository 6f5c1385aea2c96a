//! Owns the table of the results, and the page around it.

use crate::guests::WRITTEN;
use crate::measure::{Effort, ProcessResult, Subject};
use crate::shared::{Result, circumstances, quantile, sorted};

/// How to measure everything.
const COMMAND: &str = "cargo bench --features wasmtime-24,wasmtime-36,wasmtime-48,derive --bench overhead -- --write";

/// The table of what all processes measured; `other` is the side that ours is compared with.
pub(crate) fn table(other: &str, seen: &[Vec<ProcessResult>]) -> String {
    let header = format!(
        "| Wasmtime | What | {other}, about | Ratio, median | Lowest process | Highest process | Goal |\n\
         |---|---|--:|--:|--:|--:|--:|"
    );
    let rows = (0..seen[0].len()).map(|row| seen.iter().map(|process| &process[row]).collect::<Vec<_>>());
    rows.fold(header, |table, seen| table + "\n" + &row(&seen))
}

/// One row, as all processes measured it. A ratio beyond its goal is marked.
fn row(seen: &[&ProcessResult]) -> String {
    let over = |value: fn(&ProcessResult) -> f64| sorted(seen.iter().map(|seen| value(seen)).collect());
    let (direct, ratios) = (over(|seen| seen.direct), over(|seen| seen.ratio));
    let Subject { major, name, goal } = &seen[0].subject;
    let ratio = quantile(&ratios, 0.5);
    let missed = if (ratio * 100.0).round() > (goal * 100.0).round() { " (missed)" } else { "" };
    format!(
        "| {major} | {name} | {} | **{ratio:.2}** | {:.2} | {:.2} | ≤ {goal:.2}{missed} |",
        time(quantile(&direct, 0.5)),
        quantile(&ratios, 0.0),
        quantile(&ratios, 1.0),
    )
}

/// A time to two digits.
fn time(seconds: f64) -> String {
    let (number, unit) = match seconds * 1e9 {
        nanoseconds if nanoseconds < 1e3 => (nanoseconds, "ns"),
        nanoseconds if nanoseconds < 1e6 => (nanoseconds / 1e3, "µs"),
        nanoseconds => (nanoseconds / 1e6, "ms"),
    };
    let step = 10_f64.powf(number.log10().floor() - 1.0);
    let decimals = usize::from(step < 1.0) + usize::from(step < 0.1);
    format!("{:.decimals$} {unit}", (number / step).round() * step)
}

/// The page `benches/RESULTS.md`.
pub(crate) fn page(table: &str, effort: &Effort) -> Result<String> {
    let Effort { processes, rounds, sample } = effort;
    let sample = sample.as_millis();
    let circumstances = circumstances()?;
    Ok(format!(
        "# What the generic layer costs\n\n\
         Measured {circumstances}.\n\n\
         {table}\n\n\
         Each measurement runs once over `W: Wasmtime` and once against the major's own crates as its plain user would \
         write it, in the same process. There are {processes} processes with {rounds} rounds each; a round times a \
         sample of both sides, about {sample} ms each, in alternating order, and gives one ratio. A process counts with \
         its median, and the table shows the median of the processes between the lowest and the highest of them: where \
         memory lies differs from process to process and moves a ratio by a few hundredths either way. Times are \
         medians per iteration, to two digits, so that this page changes only when something did.\n\n\
         What is compared:\n\n\
         * Calls, host functions, memories and globals: the store is new in every sample, and only the calls are timed. A \
         host function is called by a loop in the guest; the one that calls its caller looks up the function by its name \
         each time. The tuple form is compared with a closure that gets the caller, since the majors have no tuple form for \
         synchronous functions. A global is read and set as a `Val`.\n\
         * Async: the futures are polled without a runtime, and never wait.\n\
         * Limiter: `memory.grow` by a page in a loop of the guest, which a `ResourceLimiter` of the host's denies or \
         accepts. Epoch callback: each turn of a loop in the guest calls a host function that increments the epoch, and \
         then reaches its deadline. WASI round trip: `fd_write` of {WRITTEN} bytes into memory; stream write: the same to \
         a stream of the host's own.\n\
         * Instantiate: from an `InstancePre` into a new store, without a memory, or with a memory, data, a table and an \
         import.\n\
         * Load a module from a file: `Module::deserialize_file`; ours also reads a header and checks it. From the cache: \
         ours is `Module::new` on an engine with a `Cache` that has the module, which finds the entry by a digest of the guest, \
         compares the guest, and checks a checksum; the direct side is `Module::deserialize_file` of a file whose name is \
         known, because Wasmtime's own cache is a cargo feature that this crate leaves off.\n\
         * To load a component is to compile it; ours also finds out which adapter is in it and what is wrong with that; to \
         load one that is precompiled, ours also checks a header and a checksum.\n\
         * Component calls: the guest returns the value that it got, so that a value crosses in both directions; the records \
         have three fields and the derives of this crate or of the major. Up to 41 the direct side also calls \
         `post_return`, as Wasmtime asks for.\n\
         * Command: six bytes of output, with everything new in every iteration. Before Wasmtime opens a directory, ours \
         asks the system whether this user may list and enter it; in the rows where both check, the direct side asks \
         whether it is one, as users are advised to (bytecodealliance/wasmtime#8552). The other rows hold the cost of that \
         one system call too.\n\n\
         Reproduce it with `{COMMAND}` on an otherwise idle machine.\n"
    ))
}
