//! Owns the probe: whether a guest sees each preopened directory under its name, and can open it.
//!
//! The check of preopens ([`Preopens::check`](crate::wasi::Preopens::check)) reports what the host can use. What the
//! guest sees may differ, because its adapter stands in between: with the adapters of Wasmtime 23.0.0 to 29.0.0, and
//! all of 24.0.x, the names of all preopens but the first and the last are wrong. The probe detects that by running the
//! adapter.

mod report;
mod response;

use std::path::Path;

use wasmtime_compat_guest::probe::internal::FIRST_FD;
pub use wasmtime_compat_guest::probe::{ProbeGuest, ProbeMethod, ProbeTarget, Unprobeable};

pub use self::report::{Errno, Opened, PreopenProbe, ProbeReport, ProbedName};
use crate::any::AnyWasmtime;
use crate::command::Outcome;
use crate::command::RunConfig;
use crate::error::Result;
use crate::wasi::{PreopenReport, PreopenStatus, Stdin, Stdout, Verdict};

/// The number of bytes captured of a probe's standard output, for each preopen, and of its standard error.
const CAPTURED: usize = 1 << 17;

/// The number of directory entries that are searched for a file.
const ENTRIES: usize = 1000;

/// Probes the preopens of `config` on a major: reports what a guest sees of them. The probe does not use the guest's
/// streams; its arguments, environment and limits are those of `config`. The only code of the guest's own that runs is
/// its adapter.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::probe::{ProbeGuest, probe};
/// use wasmtime_compat::wasi::Preopen;
/// use wasmtime_compat::{RunConfig, enabled};
///
/// let mut config = RunConfig::new();
/// config.wasi.preopen(Preopen::new("src", "/src"));
/// for wasmtime in enabled() {
///     let report = probe(*wasmtime, &ProbeGuest::built_in(), &config)?;
///     assert!(report.ok(), "{report:?}");
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
///
/// # Errors
/// As [`AnyWasmtime::compile`] and [`AnyCommand::run`](crate::AnyCommand::run): the probe could not be started, for
/// example because of the preopens, or because the guest imports what this major does not serve.
pub fn probe(wasmtime: &dyn AnyWasmtime, guest: &ProbeGuest<'_>, config: &RunConfig) -> Result<ProbeReport> {
    let preopens = config.wasi.check_all()?;
    let mut probed: Vec<PreopenProbe> =
        (FIRST_FD..).zip(granted(&preopens)).map(|(fd, status)| unprobed(guest, fd, status)).collect();
    let targets: Vec<ProbeTarget> = probed
        .iter()
        .map(|preopen| {
            let target = ProbeTarget::new(&*preopen.status.guest);
            match &preopen.file {
                Some((file, _)) => target.with_file(file),
                None => target,
            }
        })
        .collect();
    let mut report = ProbeReport {
        major: wasmtime.major(),
        method: guest.method(),
        adapter: guest.adapter().cloned(),
        probed: Vec::new(),
        extra_preopens: false,
        preopens,
        cut_short: None,
        stderr: String::new(),
    };
    let config = probe_config(config, targets.len());
    for (at, command) in guest.commands(&targets).iter().enumerate() {
        let completed = wasmtime.compile(command, &config)?.run(&config)?;
        let response = response::read(guest, at, &completed, &mut probed);
        report.extra_preopens |= response.extra_preopens;
        if report.stderr.is_empty() {
            report.stderr = completed.stderr.text().into_owned();
        }
        let ended = !guest.writes() || matches!(completed.outcome, Outcome::Exited(0));
        if !(response.complete && ended) && report.cut_short.is_none() {
            report.cut_short = Some(completed.outcome);
            if guest.writes() {
                break;
            }
        }
    }
    report.probed = probed;
    Ok(report)
}

/// The configuration of a probe.
fn probe_config(config: &RunConfig, preopens: usize) -> RunConfig {
    let mut config = config.clone();
    let output = CAPTURED.saturating_mul(preopens.saturating_add(1));
    config.wasi.stdin(Stdin::Null).stdout(Stdout::capture(output)).stderr(Stdout::capture(CAPTURED));
    // The probe is there to report wrong names.
    config.wasi.allow_broken_adapter(true);
    config
}

/// The preopens that a guest gets.
fn granted(preopens: &PreopenReport) -> impl Iterator<Item = &PreopenStatus> {
    preopens.entries().iter().filter(|status| matches!(status.verdict, Verdict::Ok | Verdict::Created))
}

/// The report of a preopen before the probe.
fn unprobed(guest: &ProbeGuest<'_>, fd: u32, status: &PreopenStatus) -> PreopenProbe {
    let (name, opened) = response::initial(guest);
    let file = readable_file(&status.absolute).map(|file| (file, opened));
    PreopenProbe { status: status.clone(), fd, name, directory: opened, file }
}

/// The first file by name, among the first entries of a directory, that this process can read.
fn readable_file(directory: &Path) -> Option<String> {
    let entries = std::fs::read_dir(directory).ok()?.take(ENTRIES).flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names.into_iter().find(|name| std::fs::File::open(directory.join(name)).is_ok())
}
