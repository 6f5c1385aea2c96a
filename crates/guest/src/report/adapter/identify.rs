//! Owns which build an adapter is: its fingerprint looked up in the tables of published builds.

use semver::Version;

use super::data::{BUILDS, CODE, LINES, OLD_LINES, SETS, TOKENS};
use super::{AdapterFlavour, AdapterIdentity, Build, Evidence, Fingerprint};

/// Fewer source lines than this say nothing: a set with no element is a subset of every set.
pub(super) const FEWEST_LINES: usize = 8;

/// Code with fewer instructions than this may well be alike in adapters of different origin.
const FEWEST_INSTRUCTIONS: usize = 100;

/// Releases of Wasmtime whose adapter was not published as a package. Their source is like that of their neighbours,
/// so what is said of a range of releases must hold of them.
const UNPUBLISHED: [Version; 10] = [
    Version::new(23, 0, 0),
    Version::new(23, 0, 3),
    Version::new(24, 0, 2),
    Version::new(25, 0, 2),
    Version::new(25, 0, 3),
    Version::new(26, 0, 0),
    Version::new(26, 0, 1),
    Version::new(34, 0, 0),
    Version::new(35, 0, 0),
    Version::new(47, 0, 0),
];

/// What came of looking a fingerprint up.
pub(super) struct Found {
    pub(super) identity: AdapterIdentity,
    pub(super) evidence: Vec<Evidence>,
    /// The builds it can be, or is like.
    pub(super) candidates: Vec<Build>,
}

/// Looks a fingerprint up: symbols first, then code, then source lines. A weaker tier never overrules a stronger one;
/// and WASI versions, which many releases share, are not asked.
pub(super) fn identify(fingerprint: &Fingerprint) -> Found {
    let mut evidence = Vec::new();
    let named = named(fingerprint, &mut evidence);
    let (known, alike) = same_code(&fingerprint.code);
    evidence.push(Evidence::Code { known, functions: fingerprint.code.len(), releases: alike.len() });
    if let Some(index) = named {
        if alike.contains(&index) {
            let build = BUILDS[index];
            return Found { identity: AdapterIdentity::Exact(build.version()), evidence, candidates: vec![build] };
        }
        evidence.push(Evidence::Contradiction);
    }
    // Symbols that no release has, or that the code belies: not one of the published builds.
    let stripped = named.is_none() && !fingerprint.names.symbols;
    if !alike.is_empty() && fingerprint.instructions >= FEWEST_INSTRUCTIONS {
        let candidates: Vec<Build> = alike.into_iter().map(|index| BUILDS[index]).collect();
        let versions = versions(&candidates);
        let identity = if stripped { AdapterIdentity::OneOf(versions) } else { class(&versions) };
        return Found { identity, evidence, candidates };
    }
    let mut candidates = same_lines(&fingerprint.lines);
    candidates.retain(|build| fits(fingerprint, build.0));
    evidence.push(Evidence::Lines { lines: fingerprint.lines.len(), releases: candidates.len() });
    Found { identity: class(&versions(&candidates)), evidence, candidates }
}

/// The build whose token the symbols carry.
fn named(fingerprint: &Fingerprint, evidence: &mut Vec<Evidence>) -> Option<usize> {
    let find = |token: &u64| TOKENS.binary_search_by_key(token, |(token, _)| *token).ok();
    match fingerprint.names.tokens.as_slice() {
        [token] => {
            if let Some(at) = find(token) {
                let index = usize::from(TOKENS[at].1);
                evidence.push(Evidence::Symbols(BUILDS[index].version()));
                return Some(index);
            }
            evidence.push(Evidence::UnknownSymbols);
        }
        [_, ..] => evidence.push(Evidence::Contradiction),
        [] => {}
    }
    None
}

/// How many of these functions are known, and the builds that have all of them.
fn same_code(code: &[u64]) -> (usize, Vec<usize>) {
    let mut counts = vec![0_usize; BUILDS.len()];
    let mut known = 0;
    for digest in code {
        if let Ok(at) = CODE.binary_search_by_key(digest, |(digest, _)| *digest) {
            known += 1;
            members(CODE[at].1).for_each(|build| counts[build] += 1);
        }
    }
    let whole = |build: &usize| !code.is_empty() && counts[*build] == code.len();
    (known, (0..BUILDS.len()).filter(whole).collect())
}

/// The builds, of old releases also unpublished ones, whose source has all of these lines; none if there are too few to tell.
fn same_lines(lines: &[u16]) -> Vec<Build> {
    if lines.len() < FEWEST_LINES {
        return Vec::new();
    }
    let holds = |all: &[u16]| lines.iter().all(|line| all.binary_search(line).is_ok());
    let published = LINES.iter().filter(|(all, _)| holds(all)).flat_map(|(_, set)| members(*set));
    let old = OLD_LINES.iter().filter(|(all, ..)| holds(all)).flat_map(|(_, flavour, releases)| {
        releases.iter().map(|(major, minor, patch)| Build(*flavour, *major, *minor, *patch))
    });
    old.chain(published.map(|index| BUILDS[index])).collect()
}

/// The members of a set of builds.
fn members(set: u16) -> impl Iterator<Item = usize> {
    let ranges = SETS.get(usize::from(set)).copied().unwrap_or_default();
    ranges.iter().flat_map(|(first, last)| usize::from(*first)..=usize::from(*last))
}

/// Their versions, ascending, each once.
fn versions(builds: &[Build]) -> Vec<Version> {
    let mut versions: Vec<Version> = builds.iter().map(|build| build.version()).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn class(versions: &[Version]) -> AdapterIdentity {
    match versions {
        [] => AdapterIdentity::Unknown,
        [from, .., to] => AdapterIdentity::SourceClass { from: from.clone(), to: to.clone() },
        [only] => AdapterIdentity::SourceClass { from: only.clone(), to: only.clone() },
    }
}

/// The versions that what is said of the flaws must hold of.
pub(super) fn basis(identity: &AdapterIdentity, candidates: &[Build]) -> Vec<Version> {
    let mut versions = versions(candidates);
    if let AdapterIdentity::SourceClass { from, to } = identity {
        versions.extend(UNPUBLISHED.into_iter().filter(|version| from <= version && version <= to));
    }
    versions
}

/// What it is, if all that it can be is the same; otherwise by what it imports and exports.
pub(super) fn flavour(fingerprint: &Fingerprint, candidates: &[Build]) -> AdapterFlavour {
    if let [first, rest @ ..] = candidates
        && rest.iter().all(|build| build.0 == first.0)
    {
        return first.0;
    }
    match (is_command(fingerprint), has_files(fingerprint)) {
        (true, _) => AdapterFlavour::Command,
        (false, true) => AdapterFlavour::Reactor,
        // Proxies have no files; what else has none cannot be told.
        (false, false) => AdapterFlavour::Other,
    }
}

/// Whether what it imports and exports allows this flavour.
fn fits(fingerprint: &Fingerprint, flavour: AdapterFlavour) -> bool {
    match flavour {
        AdapterFlavour::Command => is_command(fingerprint),
        AdapterFlavour::Reactor => !is_command(fingerprint),
        _ => !is_command(fingerprint) && !has_files(fingerprint),
    }
}

fn is_command(fingerprint: &Fingerprint) -> bool {
    fingerprint.exports.iter().any(|name| is_run(name))
}

/// Whether an export is the function that runs a program. Up to 13 the interface has no version.
fn is_run(export: &str) -> bool {
    export == "wasi:cli/run#run" || export.starts_with("wasi:cli/run@")
}

fn has_files(fingerprint: &Fingerprint) -> bool {
    fingerprint.wasi.iter().any(|name| name.starts_with("wasi:filesystem/"))
}

#[cfg(test)]
mod tests {
    //! The tables are in order, and nothing is concluded from nothing.

    use super::*;

    #[test]
    fn the_tables_can_be_searched() {
        assert!(TOKENS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(CODE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(LINES.iter().all(|(lines, _)| lines.windows(2).all(|pair| pair[0] < pair[1])));
        assert!(TOKENS.iter().all(|(_, build)| usize::from(*build) < BUILDS.len()));
        assert!(CODE.iter().all(|(_, set)| usize::from(*set) < SETS.len()));
        assert!(
            SETS.iter()
                .flat_map(|set| set.iter())
                .all(|(first, last)| first <= last && usize::from(*last) < BUILDS.len())
        );
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(identify(&Fingerprint::default()).identity, AdapterIdentity::Unknown);
    }

    #[test]
    fn sources_without_published_builds_are_told_apart() {
        let class = |lines: &[u16]| {
            let fingerprint = Fingerprint { lines: lines.to_vec(), ..Fingerprint::default() };
            identify(&fingerprint).identity.to_string()
        };
        for (lines, flavour, releases) in OLD_LINES {
            assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "{flavour:?}");
            let version = |(major, minor, patch): (u16, u16, u16)| format!("{major}.{minor}.{patch}");
            let expected = (version(releases[0]), version(releases[releases.len() - 1]));
            // What this proves of commands is told apart by exports, which there are none of here.
            if flavour == AdapterFlavour::Reactor {
                assert_eq!(class(lines), format!("unpublished build, source like {} to {}", expected.0, expected.1));
            }
        }
        // The same in 16 and 21, so nothing between is ruled out.
        assert_eq!(class(&[184, 214, 252, 256, 269, 276, 279, 290]), "unpublished build, source like 16.0.0 to 21.0.2");
        assert_eq!(class(&[184, 214, 252, 256, 269, 276, 279]), "unknown");
    }
}
