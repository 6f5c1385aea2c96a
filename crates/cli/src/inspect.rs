//! Owns the command `inspect`: what a guest is, which majors can host it, which adapters it carries, what is wrong
//! with them, and the world of a component.

use std::process::ExitCode;

use serde::Serialize;
use wasmtime_compat::report::{
    AdapterIdentity, AdapterIssue, AdapterReport, Evidence, GuestReport, GuestWarning, HostVerdict, IssueStatus,
    KnownIssue, StringBounds, Verdict,
};
use wasmtime_compat::wit::{Package, Wit};
use wasmtime_compat::{GuestError, GuestKind};

use crate::args::InspectArgs;
use crate::execute::without_panic_message;
use crate::failure::Failure;
use crate::guest_file::GuestFile;
use crate::json::{self, SCHEMA};
use crate::style::{self, Text, Tone};

#[derive(Serialize)]
struct Inspection {
    schema: u32,
    path: String,
    kind: &'static str,
    wasi: Vec<Wasi>,
    proposals: Vec<&'static str>,
    adapters: Vec<Adapter>,
    hosts: Vec<Host>,
    warnings: Vec<Warning>,
    /// The world of a component as WIT.
    wit: Option<String>,
    /// The reason why a component has no WIT.
    wit_error: Option<String>,
}

#[derive(Serialize)]
struct Warning {
    kind: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Host {
    major: u64,
    verdict: &'static str,
    reason: Option<String>,
}

#[derive(Serialize)]
struct Wasi {
    flavour: &'static str,
    version: Option<String>,
    names: Vec<String>,
}

/// What is known of an adapter.
#[derive(Serialize)]
pub(crate) struct Adapter {
    path: String,
    flavour: &'static str,
    identity: Identity,
    evidence: Vec<Reason>,
    rustc: Option<String>,
    wasi: Vec<String>,
    exports: Vec<String>,
    /// The longest strings that the adapter can take, in bytes.
    string_bounds: Option<Bounds>,
    issues: Vec<Issue>,
}

#[derive(Serialize)]
struct Bounds {
    argument: usize,
    variable: usize,
    preopen_name: usize,
    total: Option<usize>,
}

/// One key, which says what follows.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Identity {
    Exact(String),
    OneOf(Vec<String>),
    SourceClass { from: String, to: String },
    Unknown(bool),
}

#[derive(Serialize)]
struct Reason {
    kind: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Issue {
    id: &'static str,
    status: &'static str,
    what: &'static str,
    fixed: Option<&'static str>,
    url: &'static str,
}

pub(crate) fn command(args: &InspectArgs, json: bool) -> Result<ExitCode, Failure> {
    let file = GuestFile::read(&args.guest, args.limit.guest_limit)?;
    if args.wit && !json {
        let wit = without_panic_message(|| Wit::read(&file.wasm));
        let wit = wit.map_err(|error| Failure::library(&error.into()))?;
        style::print(&style::lines(&wit.to_string()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = GuestReport::observe(&file.wasm).map_err(|error| Failure::library(&error.into()))?;
    let is_component = report.kind == GuestKind::Component;
    let wit = is_component.then(|| without_panic_message(|| Wit::read(&file.wasm)));
    if json {
        json::print(&Inspection::new(&report, wit, file.json.path))?;
    } else {
        style::print(&(show(&report) + &wit.map_or_else(String::new, |wit| world(&wit))))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The world of a component, without the interfaces of WASI: these have hundreds of lines, which are the same for all guests.
fn world(wit: &Result<Wit, GuestError>) -> String {
    let wit = match wit {
        Ok(wit) => wit,
        Err(error) => {
            return format!("\n{} {}\n", style::paint(Tone::Warning, "no WIT:"), style::visible(error.message()));
        }
    };
    let mut text = format!("\n{}\n{}", style::paint(Tone::Title, "world"), style::lines(&wit.main));
    let is_wasi = |package: &&Package| package.name.starts_with("wasi:");
    for package in wit.packages.iter().filter(|package| !is_wasi(package)) {
        text += &format!("\n{}", style::lines(&package.text));
    }
    let names: Vec<&str> = wit.packages.iter().filter(is_wasi).map(|package| package.name.as_str()).collect();
    if !names.is_empty() {
        let line = format!("\n--wit also shows what it uses of {}\n", style::visible(&names.join(", ")));
        text += &style::paint(Tone::Dim, &line);
    }
    text
}

/// What matters first: which flaws are within reach, and who can host it. Then what the guest is; then what is known of each adapter.
fn show(report: &GuestReport) -> String {
    let mut text = verdict(report) + &hosts(&report.hosts());
    for warning in &report.warnings {
        text += &format!("{} {warning}\n", style::paint(Tone::Warning, "warning:"));
    }
    text += &format!("\n{}{}\n", report.kind.name(), wasi(report));
    if !report.proposals.is_empty() {
        let names: Vec<&str> = report.proposals.iter().map(|proposal| proposal.name()).collect();
        text += &style::paint(Tone::Dim, &format!("uses {}\n", names.join(", ")));
    }
    for adapter in &report.adapters {
        text += &format!("\n{}\n", style::paint(Tone::Title, &title(adapter)));
        for evidence in &adapter.evidence {
            text += &format!("  {}\n", style::visible(&evidence.to_string()));
        }
        let rows: Vec<Vec<Text>> = adapter.issues.iter().filter(|issue| is_relevant(issue)).map(row).collect();
        if !rows.is_empty() {
            text += &format!("\n{}", style::table(&["status", "flaw", "effect", "fixed in", "more"], rows));
        }
        let others = adapter.issues.iter().filter(|issue| !is_relevant(issue)).count();
        text +=
            &style::paint(Tone::Dim, &format!("  not affected by {others} of {} known flaws\n", adapter.issues.len()));
    }
    text
}

/// One line for each flaw that the guest can reach, or one that says that there is none, or that it is not known. What
/// every adapter has comes last: another adapter does not help.
fn verdict(report: &GuestReport) -> String {
    let lines = |chosen: fn(&KnownIssue) -> bool, tone: Tone, label: &str| {
        let mut text = String::new();
        for adapter in &report.adapters {
            for issue in adapter.affected().filter(|issue| chosen(issue)) {
                let line = format!("{} has the flaw {}: {}", title(adapter), issue.id, issue.what);
                text += &format!("{} {line}\n", style::paint(tone, label));
            }
        }
        text
    };
    let mut text = lines(|issue| issue.fixed.is_some(), Tone::Bad, "affected:");
    if !text.is_empty() {
        text += "fix: encode the component again with a newer adapter, as `wasmtime-compat readapt` does; another host \
             does not help\n";
    }
    let of_all = lines(|issue| issue.fixed.is_none(), Tone::Warning, "limited:");
    if text.is_empty() {
        text += &unaffected(report, !of_all.is_empty());
    }
    text += &of_all;
    for bounds in report.adapters.iter().filter_map(AdapterReport::string_bounds).filter(|_| !of_all.is_empty()) {
        text += &format!(
            "every published adapter has this flaw; the limits of this one: {} bytes for an argument, {} for a \
             variable, {} for the name of a preopen\n",
            bounds.argument, bounds.variable, bounds.preopen_name
        );
    }
    text
}

/// What is said if no flaw is within reach, or none but those that every adapter has.
fn unaffected(report: &GuestReport, limited: bool) -> String {
    let open = |issue: &AdapterIssue| issue.status == IssueStatus::Unknown;
    if report.adapters.is_empty() {
        "the guest contains no adapter for wasi_snapshot_preview1\n".to_owned()
    } else if report.adapters.iter().any(|adapter| adapter.issues.iter().any(open)) {
        let label = style::paint(Tone::Warning, "unknown:");
        format!("{label} which known flaws an adapter in the guest has cannot be determined\n")
    } else {
        let label = style::paint(Tone::Good, "good:");
        let but = if limited { ", apart from the one that every adapter has" } else { "" };
        format!("{label} the guest reaches no known flaw of its adapter{but}\n")
    }
}

/// One line for each outcome: the majors on which it runs, and those on which it fails for the same reasons.
fn hosts(hosts: &[HostVerdict]) -> String {
    let mut outcomes: Vec<(Verdict, Option<String>, Vec<u64>)> = Vec::new();
    for host in hosts {
        let why = host.explanation();
        match outcomes.iter_mut().find(|(verdict, known, _)| *verdict == host.verdict && *known == why) {
            Some((.., majors)) => majors.push(host.major),
            None => outcomes.push((host.verdict, why, vec![host.major])),
        }
    }
    outcomes.sort_by_key(|(verdict, ..)| *verdict == Verdict::Fails);
    let all: Vec<u64> = hosts.iter().map(|host| host.major).collect();
    let line = |(verdict, why, majors): (Verdict, Option<String>, Vec<u64>)| {
        let tone = if verdict == Verdict::Runs { Tone::Good } else { Tone::Bad };
        let why = why.map(|why| format!(": {}", style::visible(&why))).unwrap_or_default();
        format!("{} on {}{why}\n", style::paint(tone, verdict.name()), ranges(&majors, &all))
    };
    outcomes.into_iter().map(line).collect()
}

/// `majors`, some of `all`, with those that follow each other folded.
pub(crate) fn ranges(majors: &[u64], all: &[u64]) -> String {
    let runs = all.split(|major| !majors.contains(major)).filter_map(|run| match run {
        [] => None,
        [one] => Some(one.to_string()),
        [first, .., last] => Some(format!("{first}–{last}")),
    });
    runs.collect::<Vec<_>>().join(", ")
}

/// The adapter in one line. Where it is comes from the parser, the rest from tables: only `rustc` is the guest's word.
fn title(adapter: &AdapterReport) -> String {
    let place = if adapter.path.is_empty() { String::new() } else { format!(" {}", adapter.path) };
    let rustc = adapter.rustc.as_ref().map(|rustc| format!(" (rustc {})", style::visible(rustc)));
    format!("adapter{place}: {} {}{}", adapter.flavour.name(), adapter.identity, rustc.unwrap_or_default())
}

fn wasi(report: &GuestReport) -> String {
    let versions = report.wasi.iter().map(|wasi| match &wasi.version {
        Some(version) => format!("WASI {version}"),
        None => format!("WASI {}", wasi.flavour.name()),
    });
    let versions: Vec<String> = versions.collect();
    if versions.is_empty() { ", imports no WASI".to_owned() } else { format!(", imports {}", versions.join(", ")) }
}

fn is_relevant(issue: &AdapterIssue) -> bool {
    issue.status != IssueStatus::NotAffected
}

fn row(issue: &AdapterIssue) -> Vec<Text> {
    let tone = match issue.status {
        IssueStatus::Affected => Tone::Bad,
        IssueStatus::Unknown => Tone::Warning,
        _ => Tone::Dim,
    };
    let plain = |text: &str| (Tone::Plain, text.to_owned());
    let issue_data = issue.issue;
    vec![
        (tone, issue.status.name().to_owned()),
        plain(issue_data.id),
        plain(issue_data.what),
        plain(issue_data.fixed.unwrap_or("none")),
        (Tone::Dim, issue_data.link.to_owned()),
    ]
}

impl Inspection {
    fn new(report: &GuestReport, wit: Option<Result<Wit, GuestError>>, path: String) -> Self {
        let (wit, wit_error) = match wit {
            Some(Ok(wit)) => (Some(wit.to_string()), None),
            Some(Err(error)) => (None, Some(error.message().to_owned())),
            None => (None, None),
        };
        let wasi = report.wasi.iter().map(|wasi| Wasi {
            flavour: wasi.flavour.name(),
            version: wasi.version.as_ref().map(ToString::to_string),
            names: wasi.names.clone(),
        });
        let hosts = report.hosts();
        let warning = |warning: &GuestWarning| Warning { kind: warning.name(), text: warning.to_string() };
        let host =
            |host: &HostVerdict| Host { major: host.major, verdict: host.verdict.name(), reason: host.explanation() };
        Self {
            schema: SCHEMA,
            path,
            kind: report.kind.name(),
            wasi: wasi.collect(),
            proposals: report.proposals.iter().map(|proposal| proposal.name()).collect(),
            adapters: report.adapters.iter().map(Adapter::from).collect(),
            hosts: hosts.iter().map(host).collect(),
            warnings: report.warnings.iter().map(warning).collect(),
            wit,
            wit_error,
        }
    }
}

impl From<&AdapterReport> for Adapter {
    fn from(adapter: &AdapterReport) -> Self {
        Self {
            path: adapter.path.clone(),
            flavour: adapter.flavour.name(),
            identity: Identity::from(&adapter.identity),
            evidence: adapter.evidence.iter().map(Reason::from).collect(),
            rustc: adapter.rustc.clone(),
            wasi: adapter.wasi.clone(),
            exports: adapter.exports.clone(),
            string_bounds: adapter.string_bounds().map(Bounds::from),
            issues: adapter.issues.iter().map(Issue::from).collect(),
        }
    }
}

impl From<StringBounds> for Bounds {
    fn from(bounds: StringBounds) -> Self {
        let StringBounds { argument, variable, preopen_name, total, .. } = bounds;
        Self { argument, variable, preopen_name, total }
    }
}

impl From<&AdapterIdentity> for Identity {
    fn from(identity: &AdapterIdentity) -> Self {
        match identity {
            AdapterIdentity::Exact(version) => Self::Exact(version.to_string()),
            AdapterIdentity::OneOf(versions) => Self::OneOf(versions.iter().map(ToString::to_string).collect()),
            AdapterIdentity::SourceClass { from, to } => {
                Self::SourceClass { from: from.to_string(), to: to.to_string() }
            }
            _ => Self::Unknown(true),
        }
    }
}

impl From<&Evidence> for Reason {
    fn from(evidence: &Evidence) -> Self {
        let kind = match evidence {
            Evidence::Symbols(_) | Evidence::UnknownSymbols => "symbols",
            Evidence::Code { .. } => "code",
            Evidence::Lines { .. } => "lines",
            Evidence::Observed { .. } | Evidence::Inconclusive { .. } => "behaviour",
            _ => "contradiction",
        };
        Self { kind, text: evidence.to_string() }
    }
}

impl From<&AdapterIssue> for Issue {
    fn from(issue: &AdapterIssue) -> Self {
        let known = issue.issue;
        Self { id: known.id, status: issue.status.name(), what: known.what, fixed: known.fixed, url: known.link }
    }
}
