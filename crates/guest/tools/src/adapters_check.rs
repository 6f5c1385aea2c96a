//! Owns `cargo xtask adapters --check`: guests encoded with every published adapter, and what is said of them.

use std::fmt;
use std::fs;
use std::ops::AddAssign;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use semver::Version;
use wasmtime_compat_guest::report::{
    AdapterIdentity, AdapterReport, Evidence, GuestReport, IssueStatus, adapter_issues,
};

use crate::adapter_guests::{GUESTS, OLD, OldEncoder, encode, module};
use crate::adapter_treatments::{forge, impersonate, optimise as optimised, optimiser, rename, strip};
use crate::adapters::{Flavour, Old, Published};

/// Why older wit-components refuse some adapters: those have their WASI in two versions.
const NEEDS_NEWER: &str = "adapter module requires an import interface named";

/// The flaws that show when an adapter is run, and the function each needs.
const OBSERVED: [(&str, &str); 2] = [("preopen-names", "fd_prestat_dir_name"), ("readdir-endless", "fd_readdir")];

/// A way to make or change components.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Treatment {
    Plain,
    Stripped,
    /// Encoded by wit-component 0.N.
    Old(u32),
    OldStripped(u32),
    Optimised,
    Renamed,
    /// With the symbols of a release on the other side of the flaw.
    Impostor,
    Edited,
}

impl Treatment {
    fn all() -> Vec<Self> {
        let old = OLD.into_iter().flat_map(|version| [Self::Old(version), Self::OldStripped(version)]);
        [Self::Plain, Self::Stripped]
            .into_iter()
            .chain(old)
            .chain([Self::Optimised, Self::Renamed, Self::Impostor, Self::Edited])
            .collect()
    }

    fn name(self) -> String {
        match self {
            Self::Plain => "as encoded".to_owned(),
            Self::Stripped => "names stripped".to_owned(),
            Self::Old(version) => format!("wit-component 0.{version}"),
            Self::OldStripped(version) => format!("wit-component 0.{version}, names stripped"),
            Self::Optimised => "wasm-opt -O3".to_owned(),
            Self::Renamed => "symbols renamed".to_owned(),
            Self::Impostor => "symbols of another release".to_owned(),
            Self::Edited => "one byte edited".to_owned(),
        }
    }

    /// Whether symbols and code are as they were published.
    fn leaves_it_genuine(self) -> bool {
        !matches!(self, Self::Optimised | Self::Renamed | Self::Impostor | Self::Edited)
    }
}

/// An adapter to check, and which releases it may be said to be of.
struct Subject<'a> {
    flavour: Flavour,
    /// One if it is published, or all with its source; the flaws are those of the first.
    versions: Vec<Version>,
    wasm: &'a [u8],
}

impl Subject<'_> {
    fn affected(&self) -> bool {
        let names = adapter_issues().iter().find(|issue| issue.id == "preopen-names");
        names.is_some_and(|issue| issue.affects(&self.versions[0]))
    }
}

/// What is found out about some adapters.
#[derive(Default)]
struct Found {
    counts: Vec<Counts>,
    absent: usize,
    total: Duration,
    slowest: Duration,
}

/// Prints how many reports on guests with these adapters are right; fails if one is wrong.
pub(crate) fn run(root: &Path, scratch: &Path, published: &[Published], old_sources: &[Old]) -> Result<()> {
    let encoder = OldEncoder::build(root, scratch)?;
    let optimiser = optimiser();
    match &optimiser {
        Some(version) => println!("optimiser: {version}"),
        None => println!("not run: wasm-opt -O3, which needs Binaryen's wasm-opt"),
    }
    // Of one that is affected, for those that are not; and the other way round.
    let disguise = |version| {
        let of = |adapter: &&Published| adapter.version == version && adapter.flavour == Flavour::Command;
        published.iter().find(of).map(|adapter| adapter.wasm.as_slice()).context("an adapter to be taken for")
    };
    let disguises = [disguise(Version::new(24, 0, 13))?, disguise(Version::new(29, 0, 1))?];
    let published = published.iter().map(|Published { flavour, version, wasm }| Subject {
        flavour: *flavour,
        versions: vec![version.clone()],
        wasm,
    });
    let old = old_sources.iter().map(|old| Subject {
        flavour: old.flavour,
        versions: old.releases().collect(),
        wasm: &old.wasm,
    });
    println!(
        "| treatment | reports | refused | exact | one of (candidates) | source class | unknown | wrong \
         | #10058 right | undecided | wrong |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    let published = measure(&published.collect::<Vec<_>>(), &disguises, &encoder, optimiser.is_some(), scratch)?;
    table("", &published);
    let old = measure(&old.collect::<Vec<_>>(), &disguises, &encoder, optimiser.is_some(), scratch)?;
    table("before 23: ", &old);
    println!();
    println!(
        "| run, treatment | {} | on average | at most |",
        OBSERVED.map(|(id, _)| format!("{id} agrees | disagrees | undecided | not asked")).join(" | ")
    );
    println!("|---|{}", "--:|".repeat(4 * OBSERVED.len() + 2));
    behaviours("", &published);
    behaviours("before 23: ", &old);
    let reports = published.counts[0].reports;
    println!("{} components whose adapter vanished because it is unused", published.absent + old.absent);
    println!(
        "time per report: {:?} on average, {:?} at most",
        published.total / u32::try_from(reports.max(1))?,
        published.slowest
    );
    let counts = || published.counts.iter().chain(&old.counts);
    let wrong: usize = counts().map(|counts| counts.identity.wrong + counts.names.wrong).sum();
    let believed: usize = counts().map(|counts| counts.believed).sum();
    // Whatever encoded it: with its names, a published build is told exactly.
    let inexact: usize = Treatment::all()
        .into_iter()
        .zip(&published.counts)
        .filter(|(treatment, _)| matches!(treatment, Treatment::Plain | Treatment::Old(_)))
        .map(|(_, counts)| counts.reports - counts.identity.right)
        .sum();
    // The byte that is edited may be one that matters: then it is right to disagree with the source.
    let unexpected: usize = [&published, &old]
        .into_iter()
        .flat_map(|found| Treatment::all().into_iter().zip(&found.counts))
        .filter(|(treatment, _)| *treatment != Treatment::Edited)
        .map(|(_, counts)| counts.ran.unexpected())
        .sum();
    ensure!(
        wrong + believed + inexact + unexpected == 0,
        "{wrong} wrong, {believed} believed though changed, {inexact} published builds not told exactly, \
         {unexpected} that did not do what their source says"
    );
    Ok(())
}

fn table(of: &str, found: &Found) {
    for (treatment, counts) in Treatment::all().into_iter().zip(&found.counts) {
        println!("| {of}{} | {counts} |", treatment.name());
    }
}

fn behaviours(of: &str, found: &Found) {
    for (treatment, counts) in Treatment::all().into_iter().zip(&found.counts) {
        println!("| {of}{} | {} |", treatment.name(), counts.ran);
    }
}

/// Measures on as many threads as there are processors.
fn measure(
    subjects: &[Subject<'_>],
    disguises: &[&[u8]; 2],
    encoder: &Path,
    optimise: bool,
    scratch: &Path,
) -> Result<Found> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let parts: Vec<Result<Found>> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|index| {
                let scratch = scratch.join(format!("check-{index}"));
                let mine = subjects.iter().skip(index).step_by(threads);
                scope.spawn(move || part(mine, disguises, encoder, optimise, &scratch))
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or_else(|_| bail!("a thread panicked"))).collect()
    });
    let mut found = Found { counts: Treatment::all().iter().map(|_| Counts::default()).collect(), ..Found::default() };
    for part in parts {
        let part = part?;
        found.counts.iter_mut().zip(part.counts).for_each(|(all, part)| *all += part);
        found.absent += part.absent;
        found.total += part.total;
        found.slowest = found.slowest.max(part.slowest);
    }
    Ok(found)
}

fn part<'a>(
    subjects: impl Iterator<Item = &'a Subject<'a>>,
    disguises: &[&[u8]; 2],
    encoder: &Path,
    optimise: bool,
    scratch: &Path,
) -> Result<Found> {
    fs::create_dir_all(scratch).with_context(|| format!("make {scratch:?}"))?;
    let mut encoder = OldEncoder::start(encoder)?;
    let treatments = Treatment::all();
    let mut found = Found { counts: treatments.iter().map(|_| Counts::default()).collect(), ..Found::default() };
    for subject in subjects {
        for (functions, allocates) in GUESTS {
            let what = format!("{} {} with {functions:?}", subject.versions[0], subject.flavour.name());
            let context = || what.clone();
            let module = module(subject.flavour, functions, allocates).with_context(context)?;
            let component = encode(&module, subject.wasm).with_context(context)?;
            let started = Instant::now();
            let Some(adapter) = only(&component).with_context(context)? else {
                found.absent += 1;
                continue;
            };
            let elapsed = started.elapsed();
            (found.slowest, found.total) = (found.slowest.max(elapsed), found.total + elapsed);
            let index: usize = adapter.path.parse().context("where the adapter is")?;
            // What the last older wit-component has made.
            let mut last = Err(String::new());
            for (treatment, counts) in treatments.iter().zip(&mut found.counts) {
                let treated = match treatment {
                    Treatment::Plain => vec![component.clone()],
                    Treatment::Stripped => vec![strip(&component)?],
                    Treatment::Old(version) => {
                        last = encoder.encode(*version, &module, subject.wasm)?;
                        if let Err(reason) = &last
                            && !reason.contains(NEEDS_NEWER)
                        {
                            bail!("{what}, {}: {reason}", treatment.name());
                        }
                        counts.refused += usize::from(last.is_err());
                        last.clone().into_iter().collect()
                    }
                    Treatment::OldStripped(_) => last.iter().map(|old| strip(old)).collect::<Result<_>>()?,
                    Treatment::Optimised if !optimise => Vec::new(),
                    Treatment::Optimised => vec![optimised(&component, index, scratch).with_context(context)?],
                    Treatment::Renamed => vec![rename(&component)],
                    Treatment::Impostor => impersonate(&component, disguises[usize::from(subject.affected())]),
                    Treatment::Edited => forge(&component)?,
                };
                for component in treated {
                    match only(&component) {
                        Ok(Some(adapter)) => {
                            counts.add(*treatment, &what, subject, &adapter);
                            let unexpected = counts.ran.add(subject, &component)?;
                            if *treatment != Treatment::Edited {
                                unexpected.iter().for_each(|unexpected| {
                                    println!("unexpected, {}: {what}: {unexpected}", treatment.name())
                                });
                            }
                        }
                        // What cannot be read any more says nothing either way.
                        _ if *treatment == Treatment::Edited => {}
                        Ok(None) => bail!("{what}, {}: no adapter found", treatment.name()),
                        Err(error) => return Err(error.context(format!("{what}, {}", treatment.name()))),
                    }
                }
            }
        }
    }
    Ok(found)
}

/// How many reports said what.
#[derive(Debug, Default)]
struct Tally {
    right: usize,
    wrong: usize,
    undecided: usize,
}

/// What is counted of one way to treat the components.
#[derive(Debug, Default)]
struct Counts {
    reports: usize,
    /// Could not be made.
    refused: usize,
    identity: Tally,
    names: Tally,
    /// In reports that say "one of", all together.
    candidates: usize,
    sets: usize,
    classes: usize,
    /// Exact though it is not the published build any more.
    believed: usize,
    ran: BehaviourCounts,
}

/// What adapters did when they were run, against what the source of their release says.
#[derive(Debug, Default)]
struct Behaviour {
    agree: usize,
    disagree: usize,
    undecided: usize,
    /// The guest does not use the function, or the adapter has no files.
    not_asked: usize,
}

/// What is counted of running adapters, for each flaw of [`OBSERVED`].
#[derive(Debug, Default)]
struct BehaviourCounts {
    flaws: [Behaviour; OBSERVED.len()],
    reports: u32,
    total: Duration,
    slowest: Duration,
}

impl BehaviourCounts {
    /// Runs the adapter of `component`; returns the unexpected results.
    fn add(&mut self, subject: &Subject<'_>, component: &[u8]) -> Result<Vec<String>> {
        let Subject { flavour, versions, .. } = subject;
        let started = Instant::now();
        let report = GuestReport::observe(component).map_err(|error| anyhow::anyhow!("{error}"))?;
        let elapsed = started.elapsed();
        self.reports += 1;
        (self.total, self.slowest) = (self.total + elapsed, self.slowest.max(elapsed));
        let adapter = report.adapters.first().context("no adapter")?;
        let mut unexpected = Vec::new();
        for ((id, export), tally) in OBSERVED.iter().zip(&mut self.flaws) {
            let row = adapter.issues.iter().find(|row| row.issue.id == *id).context("no such flaw")?;
            let has_files = *flavour != Flavour::Proxy;
            let expected = row.issue.affects(&versions[0]) && has_files;
            let seen = adapter.evidence.iter().find(|evidence| match evidence {
                Evidence::Observed { issue, .. } | Evidence::Inconclusive { issue, .. } => issue == id,
                _ => false,
            });
            let asked = has_files && adapter.exports.iter().any(|name| name == export);
            match seen {
                None if !asked => tally.not_asked += 1,
                Some(Evidence::Observed { flawed, .. }) if *flawed == expected => tally.agree += 1,
                Some(Evidence::Observed { flawed, .. }) => {
                    tally.disagree += 1;
                    unexpected.push(format!("{id} seen as {flawed}"));
                }
                other => {
                    tally.undecided += 1;
                    unexpected.push(format!("{id} undecided, {other:?}"));
                }
            }
        }
        Ok(unexpected)
    }

    fn unexpected(&self) -> usize {
        self.flaws.iter().map(|flaw| flaw.disagree + flaw.undecided).sum()
    }
}

impl AddAssign for BehaviourCounts {
    fn add_assign(&mut self, other: Self) {
        for (mine, others) in self.flaws.iter_mut().zip(other.flaws) {
            mine.agree += others.agree;
            mine.disagree += others.disagree;
            mine.undecided += others.undecided;
            mine.not_asked += others.not_asked;
        }
        self.reports += other.reports;
        self.total += other.total;
        self.slowest = self.slowest.max(other.slowest);
    }
}

impl fmt::Display for BehaviourCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Behaviour { agree, disagree, undecided, not_asked } in &self.flaws {
            write!(f, "{agree} | {disagree} | {undecided} | {not_asked} | ")?;
        }
        write!(f, "{:.2?} | {:.2?}", self.total / self.reports.max(1), self.slowest)
    }
}

impl Counts {
    /// Right is the exact version, if it is still the published build; undecided is whatever includes it.
    fn add(&mut self, treatment: Treatment, what: &str, subject: &Subject<'_>, adapter: &AdapterReport) {
        let Subject { flavour, versions, .. } = subject;
        let truth = &versions[0];
        self.reports += 1;
        let includes = match &adapter.identity {
            AdapterIdentity::Exact(version) => version == truth && versions.len() == 1,
            AdapterIdentity::OneOf(versions) => {
                self.sets += 1;
                self.candidates += versions.len();
                versions.contains(truth)
            }
            AdapterIdentity::SourceClass { from, to } => {
                self.classes += 1;
                versions.iter().all(|truth| from <= truth && truth <= to)
            }
            _ => true,
        };
        let exact = matches!(&adapter.identity, AdapterIdentity::Exact(_));
        let flavour_fits = [flavour.name(), "other"].contains(&adapter.flavour.name());
        if exact && !treatment.leaves_it_genuine() {
            self.believed += 1;
            println!("believed though {}: {what}", treatment.name());
        }
        let Tally { right, wrong, undecided } = &mut self.identity;
        match (includes && flavour_fits, exact) {
            (true, true) => *right += 1,
            (true, false) => *undecided += 1,
            (false, _) => {
                *wrong += 1;
                println!("wrong, {}: {what}: {} {}", treatment.name(), adapter.flavour.name(), adapter.identity);
            }
        }
        let Some(issue) = adapter.issues.iter().find(|issue| issue.issue.id == "preopen-names") else { return };
        let bad = issue.issue.affects(truth) && *flavour != Flavour::Proxy;
        let used = adapter.exports.iter().any(|name| name == "fd_prestat_dir_name");
        let Tally { right, wrong, undecided } = &mut self.names;
        match issue.status {
            IssueStatus::Affected if bad && used => *right += 1,
            IssueStatus::NotAffected if !bad => *right += 1,
            IssueStatus::Unreachable if !used => *right += 1,
            IssueStatus::Unknown => *undecided += 1,
            status => {
                *wrong += 1;
                println!("wrong, {}: {what}: #10058 {}", treatment.name(), status.name());
            }
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.reports += other.reports;
        self.refused += other.refused;
        for (mine, others) in [(&mut self.identity, other.identity), (&mut self.names, other.names)] {
            mine.right += others.right;
            mine.wrong += others.wrong;
            mine.undecided += others.undecided;
        }
        self.candidates += other.candidates;
        self.sets += other.sets;
        self.classes += other.classes;
        self.believed += other.believed;
        self.ran += other.ran;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reports, refused, identity, names, candidates, sets, classes, .. } = self;
        let unknown = identity.undecided.saturating_sub(sets + classes);
        write!(f, "{reports} | {refused} | {} | {sets} ({candidates}) | {classes} | {unknown} | ", identity.right)?;
        write!(f, "{} | {} | {} | {}", identity.wrong, names.right, names.undecided, names.wrong)
    }
}

/// The adapter in a component that has at most one.
fn only(component: &[u8]) -> Result<Option<AdapterReport>> {
    let mut adapters = GuestReport::parse(component).map_err(|error| anyhow::anyhow!("{error}"))?.adapters;
    let adapter = adapters.pop();
    if !adapters.is_empty() {
        bail!("{} adapters instead of one", adapters.len() + 1);
    }
    Ok(adapter)
}
