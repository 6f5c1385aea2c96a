//! Owns what changes for one guest: whether it starts, what it can see, and its adapters.

use std::path::Path;

use serde::Serialize;
use wasmtime_compat::report::{AdapterReport, GuestReport, HostVerdict, KnownIssue, Verdict};
use wasmtime_compat::{Guest, RunConfig, by_major, known_differences};

use super::args::UpgradeArgs;
use crate::compare::Compared;
use crate::execute::Work;
use crate::failure::Failure;
use crate::guest_file::GuestFile;
use crate::inspect::ranges;
use crate::json::Outcome;
use crate::pick::Exact;
use crate::style::visible;

/// What is known of one guest.
#[derive(Debug, Serialize)]
pub(super) struct GuestPage {
    pub(super) path: String,
    pub(super) kind: &'static str,
    pub(super) from: Start,
    pub(super) to: Start,
    /// The majors between the two, both included, on which it starts.
    pub(super) starts_on: Vec<u64>,
    /// The known differences that begin or end and that its imports can show, by their names.
    pub(super) differences: Vec<&'static str>,
    pub(super) adapters: Vec<Adapter>,
    /// What to do, in sentences; nothing if nothing is to be done.
    pub(super) advice: Vec<String>,
    /// The runs on both majors, if it was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tried: Option<Compared>,
    /// The majors between the two, in words.
    #[serde(skip)]
    pub(super) starts_on_text: String,
}

/// Whether a guest starts on a release.
#[derive(Debug, Serialize)]
pub(super) struct Start {
    pub(super) starts: bool,
    /// Why it does not.
    pub(super) reason: Option<String>,
}

/// An adapter in a guest.
#[derive(Debug, Serialize)]
pub(super) struct Adapter {
    pub(super) path: String,
    pub(super) flavour: &'static str,
    pub(super) identity: String,
    /// The flaws that the guest reaches. No host mends them.
    pub(super) flaws: Vec<Flaw>,
}

/// A flaw of an adapter.
#[derive(Debug, Serialize)]
pub(super) struct Flaw {
    pub(super) id: &'static str,
    pub(super) what: &'static str,
    pub(super) fixed: Option<&'static str>,
    pub(super) url: &'static str,
}

impl GuestPage {
    /// Reads a guest, and with `--try` runs it on both majors.
    pub(super) fn new(path: &Path, from: &Exact, to: &Exact, args: &UpgradeArgs) -> Result<Self, Failure> {
        let file = GuestFile::read(path, args.execution.limit.guest_limit)?;
        let report = GuestReport::observe(&file.wasm).map_err(|error| Failure::library(&error.into()))?;
        let guest = Guest::parse(&file.wasm).map_err(|error| Failure::library(&error.into()))?;
        let config = args.execution.wasi.config(file.name.clone(), &args.execution.args, true);
        let tried = if args.try_runs { Some(run(&file, &config, from, to, args)?) } else { None };
        let hosts = report.hosts();
        let (first, last) = (from.release.major.min(to.release.major), from.release.major.max(to.release.major));
        let between: Vec<&HostVerdict> = hosts.iter().filter(|host| (first..=last).contains(&host.major)).collect();
        let all: Vec<u64> = between.iter().map(|host| host.major).collect();
        let runs = between.iter().filter(|host| host.verdict == Verdict::Runs);
        let starts_on: Vec<u64> = runs.map(|host| host.major).collect();
        let changed = known_differences()
            .iter()
            .filter(|known| known.applies_to(&from.version) != known.applies_to(&to.version))
            .filter(|known| known.can_show(&guest, &config));
        let mut page = Self {
            path: file.json.path,
            kind: report.kind.name(),
            from: Start::on(from, &hosts),
            to: Start::on(to, &hosts),
            starts_on_text: ranges(&starts_on, &all),
            starts_on,
            differences: changed.map(|known| known.id).collect(),
            adapters: report.adapters.iter().map(Adapter::from).collect(),
            advice: Vec::new(),
            tried,
        };
        page.advice = page.advise();
        Ok(page)
    }

    /// Whether the imports of the guest can show a difference.
    pub(super) fn can_show(&self, difference: &str) -> bool {
        self.differences.contains(&difference)
    }

    /// Whether the second release is worse for the guest: it no longer starts, or runs differently.
    pub(super) fn is_worse(&self) -> bool {
        let differs = self.tried.as_ref().is_some_and(|tried| !tried.agree);
        self.from.starts && !self.to.starts || differs
    }

    fn advise(&self) -> Vec<String> {
        let mut advice = Vec::new();
        if self.from.starts && !self.to.starts {
            advice.push("the guest does not start after the move: see the reason".to_owned());
        }
        let fixable = self.adapters.iter().flat_map(|adapter| &adapter.flaws).filter(|flaw| flaw.fixed.is_some());
        let fixable: Vec<&str> = fixable.map(|flaw| flaw.id).collect();
        if !fixable.is_empty() {
            advice.push(format!(
                "replace the adapter (`wasmtime-compat readapt`), which has {}: another host does not help",
                fixable.join(", ")
            ));
        }
        if let Some(tried) = &self.tried {
            if tried.runs.iter().all(|run| run.outcome == Outcome::Refused) {
                advice.push("the guest was not started by `--try`: see the runs".to_owned());
            } else if !tried.agree {
                advice.push("the runs differ: see the runs".to_owned());
            }
        } else if !self.differences.is_empty() && self.from.starts && self.to.starts {
            advice.push("run the guest on both releases (`--try`): known differences can show".to_owned());
        }
        advice
    }
}

/// Runs a guest on the majors of both releases, which must be in this binary.
fn run(
    guest: &GuestFile,
    config: &RunConfig,
    from: &Exact,
    to: &Exact,
    args: &UpgradeArgs,
) -> Result<Compared, Failure> {
    let mut majors = Vec::new();
    for exact in [from, to] {
        let major = exact.release.major;
        let wasmtime = by_major(major).ok_or_else(|| {
            Failure::usage(format!("--try needs Wasmtime {major}, which is not in this binary")).with_hint(format!(
                "build `wasmtime-compat-cli` with the cargo feature `wasmtime-{major}`, or leave --try out"
            ))
        })?;
        let here = wasmtime.report().wasmtime;
        if here != exact.version {
            return Err(Failure::usage(format!("--try needs Wasmtime {}, and this binary has {here}", exact.version))
                .with_hint(format!("`{major}` means the release in this binary")));
        }
        majors.push(wasmtime);
    }
    Compared::run(&majors, guest, config, &args.execution, &Work::COMMAND)
}

impl Start {
    fn on(exact: &Exact, hosts: &[HostVerdict]) -> Self {
        let host = hosts.iter().find(|host| host.major == exact.release.major);
        Self {
            starts: host.is_some_and(|host| host.verdict == Verdict::Runs),
            reason: host.and_then(HostVerdict::explanation),
        }
    }

    /// In words; text of the guest in it is escaped.
    pub(super) fn text(&self) -> String {
        match &self.reason {
            None => "starts".to_owned(),
            Some(reason) => format!("does not start: {}", visible(reason)),
        }
    }
}

impl From<&AdapterReport> for Adapter {
    fn from(adapter: &AdapterReport) -> Self {
        Self {
            path: adapter.path.clone(),
            flavour: adapter.flavour.name(),
            identity: adapter.identity.to_string(),
            flaws: adapter.affected().map(Flaw::from).collect(),
        }
    }
}

impl From<&'static KnownIssue> for Flaw {
    fn from(issue: &'static KnownIssue) -> Self {
        Self { id: issue.id, what: issue.what, fixed: issue.fixed, url: issue.link }
    }
}
