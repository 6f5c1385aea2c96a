//! `cargo xtask adapters`: owns the tables of published adapters, made from every version in the registry.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use semver::Version;
use wasmtime_compat_guest::report::Fingerprint;

use xtask::registry::Scratch;
use xtask::{lock, process};

use crate::{adapters_check, adapters_flaws, adapters_readapt};

/// The package that publishes the adapters.
const PACKAGE: &str = "wasi-preview1-component-adapter-provider";

/// Two programs that carry adapters from before the first published ones.
const LINKER: &str = "wasm-component-ld";
const CARGO_COMPONENT: &str = "cargo-component";

/// Sources that have no published adapter, ascending; each is that of an adapter that a program carries.
///
/// The commits are those of the tags of the first release named in `adapter`. That other releases have the same checks on
/// the same lines was read from `crates/wasi-preview1-component-adapter/src` at every tag from 13.0.0 to 22.0.1: patch
/// releases change nothing up to 17.0.3, 16 and 17 differ within lines only, and so do 18 and 19; up to 21.0.2 nothing
/// moves.
const SOURCES: [Source; 9] = [
    Source {
        carrier: (CARGO_COMPONENT, "0.2.0", "adapters/aec4b25"),
        commit: Some("aec4b25b8f62f409175a3cc6c4a4ed18b446d3ae"),
        adapter: (13, 0, 0),
        flavours: &[Flavour::Command, Flavour::Reactor],
        releases: &[(13, 0, 0), (13, 0, 1)],
    },
    Source {
        carrier: (CARGO_COMPONENT, "0.3.0", "adapters/2da78ca"),
        commit: Some("2da78ca5c4c1e5a8cbc88a8ad3accf24bb4e6cfb"),
        adapter: (14, 0, 0),
        flavours: &[Flavour::Command, Flavour::Reactor],
        releases: &[(14, 0, 0), (14, 0, 1), (14, 0, 2), (14, 0, 3), (14, 0, 4)],
    },
    Source {
        carrier: (CARGO_COMPONENT, "0.5.0", "adapters/6f0da84"),
        commit: Some("6f0da842311d6de7afbb2936db347b516a298517"),
        adapter: (15, 0, 0),
        flavours: &[Flavour::Command, Flavour::Reactor],
        releases: &[(15, 0, 0), (15, 0, 1)],
    },
    Source {
        carrier: (CARGO_COMPONENT, "0.6.0", "adapters/6613acd"),
        commit: Some("6613acd1e4817957a4a7745125ef063b43c273a7"),
        adapter: (16, 0, 0),
        flavours: &[Flavour::Command, Flavour::Reactor],
        releases: FROM_16_TO_17,
    },
    Source {
        // Two of the three do not name their commit.
        carrier: (CARGO_COMPONENT, "0.10.0", "adapters/ab5a448"),
        commit: None,
        adapter: (17, 0, 0),
        flavours: &Flavour::ALL,
        releases: FROM_16_TO_17,
    },
    Source {
        carrier: (LINKER, "0.5.3", "src"),
        commit: Some("601e229d7ad8d98ce388d7bd0535734d846fcba5"),
        adapter: (17, 0, 1),
        flavours: &Flavour::ALL,
        releases: FROM_16_TO_17,
    },
    Source {
        carrier: (CARGO_COMPONENT, "0.13.2", "adapters/040ec92"),
        commit: Some("040ec9209e096bb348077e364ed83cf1a54293fe"),
        adapter: (19, 0, 2),
        flavours: &Flavour::ALL,
        releases: &[
            (18, 0, 0),
            (18, 0, 1),
            (18, 0, 2),
            (18, 0, 3),
            (18, 0, 4),
            (19, 0, 0),
            (19, 0, 1),
            (19, 0, 2),
            (20, 0, 0),
            (20, 0, 1),
            (20, 0, 2),
            (21, 0, 0),
            (21, 0, 1),
            (21, 0, 2),
        ],
    },
    Source {
        carrier: (LINKER, "0.5.4", "src"),
        commit: Some("761f044efbb6d7465b88d723619168919b30ce0b"),
        adapter: (22, 0, 0),
        flavours: &Flavour::ALL,
        releases: &[(22, 0, 0), (22, 0, 1)],
    },
    // Of 2024-06-18, between two releases: each flaw of the table is as in 23.
    Source {
        carrier: (CARGO_COMPONENT, "0.14.0", "adapters/95fee6f"),
        commit: None,
        adapter: (23, 0, 0),
        flavours: &Flavour::ALL,
        releases: &[(22, 0, 1), (23, 0, 0)],
    },
];

const FROM_16_TO_17: &[(u64, u64, u64)] = &[(16, 0, 0), (17, 0, 0), (17, 0, 1), (17, 0, 2), (17, 0, 3)];

/// What is written.
const TABLES: &str = "crates/guest/src/report/adapter/data.rs";

/// Flags of `cargo xtask adapters`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Writes nothing; encodes guests with every published adapter and says how many reports are right
    #[arg(long)]
    check: bool,
    /// Writes nothing; gives guests with every published adapter the embedded one, and says how many are repaired
    #[arg(long)]
    readapt: bool,
    /// Writes nothing; runs guests with every command adapter in Wasmtime (needs python3), and compares with the table of
    /// flaws
    #[arg(long)]
    flaws: bool,
}

/// For which kind of guest an adapter is, in the order of the tables.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Flavour {
    Command,
    Proxy,
    Reactor,
}

/// The source of releases without published adapters.
struct Source {
    /// The name and version of a program that carries adapters of this source, and the folder in its package.
    carrier: (&'static str, &'static str, &'static str),
    /// The commit that the adapters name.
    commit: Option<&'static str>,
    /// The release whose flaws the adapters have.
    adapter: (u64, u64, u64),
    flavours: &'static [Flavour],
    /// The releases with this source, ascending.
    releases: &'static [(u64, u64, u64)],
}

/// An adapter of such a source.
#[derive(Debug)]
pub(crate) struct Old {
    pub(crate) flavour: Flavour,
    pub(crate) wasm: Vec<u8>,
    adapter: (u64, u64, u64),
    lines: Vec<u16>,
    releases: &'static [(u64, u64, u64)],
}

impl Old {
    /// The release whose flaws it has, then the releases that it may be taken for.
    pub(crate) fn releases(&self) -> impl Iterator<Item = Version> {
        let releases = self.releases.iter().filter(|release| **release != self.adapter);
        std::iter::once(&self.adapter).chain(releases).map(|(major, minor, patch)| Version::new(*major, *minor, *patch))
    }
}

/// A published adapter.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) flavour: Flavour,
    pub(crate) version: Version,
    pub(crate) wasm: Vec<u8>,
}

impl Flavour {
    pub(crate) const ALL: [Self; 3] = [Self::Command, Self::Proxy, Self::Reactor];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Proxy => "proxy",
            Self::Reactor => "reactor",
        }
    }
}

/// Writes the tables, or with `--check`, `--flaws` and `--readapt` measures what rests on them.
pub(crate) fn run(root: &Path, flags: &Flags) -> Result<()> {
    let scratch = process::target_dir(root)?.join("xtask-adapters");
    let versions = versions(&scratch)?;
    let published = fetch(&scratch, &versions)?;
    println!("{} adapters of {} versions", published.len(), versions.len());
    let old_sources = old_sources(&scratch)?;
    if flags.check {
        return adapters_check::run(root, &scratch, &published, &old_sources);
    }
    if flags.flaws {
        return adapters_flaws::run(root, &scratch, &published, &old_sources);
    }
    if flags.readapt {
        return adapters_readapt::run(&published);
    }
    let path = root.join(TABLES);
    let old = fs::read_to_string(&path).unwrap_or_default();
    let new = tables(&published, &old_sources)?;
    for version in &versions {
        if !old.contains(&row(Flavour::Command, version)) {
            println!("new: {version}");
        }
    }
    match new == old {
        true => println!("{TABLES} is up to date"),
        false => {
            fs::write(&path, new).with_context(|| format!("write {path:?}"))?;
            println!("{TABLES}");
        }
    }
    Ok(())
}

/// Every published version, ascending: each is the newest that is older than the one before.
fn versions(scratch: &Path) -> Result<Vec<Version>> {
    let mut versions: Vec<Version> = Vec::new();
    loop {
        let requirement = versions.last().map_or("*".to_owned(), |version| format!("<{version}"));
        let found = Scratch::new(&scratch.join("versions"), &dependency("adapter", &requirement)).and_then(|package| {
            let newest = lock::majors(&package.lock, PACKAGE)?.into_values().next_back();
            newest.context("the lock file has no adapter")
        });
        match found {
            Ok(found) => versions.push(found),
            // Also what is said when the registry cannot be reached; then there was no answer to the first question.
            Err(error) if versions.is_empty() => return Err(error.context("query the registry")),
            Err(error) if format!("{error:#}").contains("failed to select a version") => break,
            Err(error) => return Err(error.context("query the registry")),
        }
    }
    versions.sort_unstable();
    Ok(versions)
}

/// Downloads the adapters of all versions: cargo unpacks one version per major at a time.
fn fetch(scratch: &Path, versions: &[Version]) -> Result<Vec<Published>> {
    let mut rounds: Vec<Vec<&Version>> = Vec::new();
    let mut of_major: BTreeMap<u64, usize> = BTreeMap::new();
    for version in versions {
        let round = of_major.entry(version.major).or_default();
        if rounds.len() == *round {
            rounds.push(Vec::new());
        }
        rounds[*round].push(version);
        *round += 1;
    }
    let mut published = Vec::new();
    for (index, round) in rounds.iter().enumerate() {
        let wanted: String = round
            .iter()
            .map(|version| dependency(&format!("adapter-{}", version.major), &format!("={version}")))
            .collect();
        let package = Scratch::new(&scratch.join(format!("round-{index}")), &wanted)?;
        for (version, folder) in folders(&package)? {
            for flavour in Flavour::ALL {
                let path = folder.join(format!("artefacts/wasi_snapshot_preview1.{}.wasm", flavour.name()));
                let wasm = fs::read(&path).with_context(|| format!("read {path:?}"))?;
                published.push(Published { flavour, version: version.clone(), wasm });
            }
        }
    }
    ensure!(published.len() == versions.len() * Flavour::ALL.len(), "some versions could not be fetched");
    published.sort_by(|a, b| (a.flavour, &a.version).cmp(&(b.flavour, &b.version)));
    Ok(published)
}

/// The adapters that old programs carry.
fn old_sources(scratch: &Path) -> Result<Vec<Old>> {
    let mut old = Vec::new();
    for Source { carrier: (name, version, place), commit, adapter, flavours, releases } in SOURCES {
        let folder = unpack(&scratch.join("carriers"), name, version)?;
        for flavour in flavours {
            let path = folder.join(place).join(format!("wasi_snapshot_preview1.{}.wasm", flavour.name()));
            let wasm = fs::read(&path).with_context(|| format!("read {path:?}"))?;
            ensure!(
                commit.is_none_or(|commit| wasm.windows(commit.len()).any(|bytes| bytes == commit.as_bytes())),
                "{path:?} does not name the commit {commit:?}"
            );
            let print = Fingerprint::of(&wasm).with_context(|| format!("{path:?} does not look like an adapter"))?;
            old.push(Old { flavour: *flavour, wasm, adapter, lines: print.lines, releases });
        }
    }
    Ok(old)
}

/// Fetches the source of a package that is a program only, without its dependencies, from a scratch package in `folder`;
/// returns the folder where cargo unpacks the source, which cargo does not report: beside that of the adapters.
pub(crate) fn unpack(folder: &Path, name: &str, version: &str) -> Result<PathBuf> {
    let package = Scratch::new(folder, &dependency("adapter", "*"))?;
    package.unpack(name, version)?;
    let (_, library) = folders(&package)?.pop().context("the adapters are not there")?;
    let source = library.with_file_name(format!("{name}-{version}"));
    ensure!(source.is_dir(), "cargo has not unpacked {name} {version} beside {library:?}");
    Ok(source)
}

/// The line of a `Cargo.toml` that asks for adapters and calls them `name`.
fn dependency(name: &str, requirement: &str) -> String {
    format!("{name} = {{ package = \"{PACKAGE}\", version = \"{requirement}\" }}\n")
}

/// The versions of the adapters that are resolved, and where their source is unpacked.
fn folders(package: &Scratch) -> Result<Vec<(Version, PathBuf)>> {
    let adapters = package.packages(PACKAGE)?.into_iter();
    adapters
        .map(|package| Ok((package.version, package.manifest_path.parent().context("a folder")?.to_owned())))
        .collect()
}

fn row(flavour: Flavour, version: &Version) -> String {
    let Version { major, minor, patch, .. } = version;
    format!("Build(AdapterFlavour::{flavour:?}, {major}, {minor}, {patch}),")
}

/// Sets of builds, each stored once.
#[derive(Default)]
struct Sets {
    index: BTreeMap<BTreeSet<u16>, usize>,
    rows: String,
}

impl Sets {
    fn add(&mut self, set: BTreeSet<u16>) -> Result<usize> {
        let next = self.index.len();
        if let Some(known) = self.index.get(&set) {
            return Ok(*known);
        }
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for member in &set {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == *member => *last = *member,
                _ => ranges.push((*member, *member)),
            }
        }
        let ranges: Vec<String> = ranges.iter().map(|(first, last)| format!("({first}, {last})")).collect();
        writeln!(self.rows, "    &[{}],", ranges.join(", "))?;
        self.index.insert(set, next);
        Ok(next)
    }
}

/// The generated file.
fn tables(published: &[Published], old_sources: &[Old]) -> Result<String> {
    let mut builds = String::new();
    let mut tokens: BTreeMap<u64, u16> = BTreeMap::new();
    let mut code: BTreeMap<u64, BTreeSet<u16>> = BTreeMap::new();
    let mut lines: BTreeMap<Vec<u16>, BTreeSet<u16>> = BTreeMap::new();
    for (index, Published { flavour, version, wasm }) in published.iter().enumerate() {
        let index = u16::try_from(index)?;
        let what = format!("{version} {}", flavour.name());
        let print = Fingerprint::of(wasm).with_context(|| format!("{what} does not look like an adapter"))?;
        let [token] = print.names.tokens[..] else {
            bail!("{what} has {} tokens instead of one", print.names.tokens.len());
        };
        if tokens.insert(token, index).is_some() {
            bail!("{what} has the token of another build");
        }
        writeln!(builds, "    {}", row(*flavour, version))?;
        for digest in print.code {
            code.entry(digest).or_default().insert(index);
        }
        lines.entry(print.lines).or_default().insert(index);
    }
    let mut sets = Sets::default();
    let mut text = String::from(
        "//! Owns the tables of published adapters. Written by `cargo xtask adapters`; do not edit.\n\n\
         use super::{AdapterFlavour, Build, OldLines};\n",
    );
    let table = |text: &mut String, doc: &str, name: &str, ty: &str, count: usize, rows: &str| {
        writeln!(text, "\n/// {doc}\npub(super) static {name}: [{ty}; {count}] = [\n{rows}];")
    };
    let mut token_rows = String::new();
    for (token, build) in &tokens {
        writeln!(token_rows, "    (0x{token:016x}, {build}),")?;
    }
    let mut code_rows = String::new();
    let digests = code.len();
    for (digest, set) in code {
        writeln!(code_rows, "    (0x{digest:016x}, {}),", sets.add(set)?)?;
    }
    let mut line_rows = String::new();
    let classes = lines.len();
    for (lines, set) in lines {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        writeln!(line_rows, "    (&[{}], {}),", lines.join(", "), sets.add(set)?)?;
    }
    table(&mut text, "Every published build.", "BUILDS", "Build", published.len(), &builds)?;
    table(
        &mut text,
        "The token in symbol names, and its build; ascending.",
        "TOKENS",
        "(u64, u16)",
        tokens.len(),
        &token_rows,
    )?;
    table(
        &mut text,
        "The digest of a function, and the set of builds that have it; ascending.",
        "CODE",
        "(u64, u16)",
        digests,
        &code_rows,
    )?;
    table(
        &mut text,
        "All source lines that are compiled in, and the set of builds with just these.",
        "LINES",
        "(&[u16], u16)",
        classes,
        &line_rows,
    )?;
    table(
        &mut text,
        "Sets of builds, as ranges with both ends.",
        "SETS",
        "&[(u16, u16)]",
        sets.index.len(),
        &sets.rows,
    )?;
    let mut old_rows: Vec<String> = Vec::new();
    for Old { flavour, lines, releases, .. } in old_sources {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let row = format!("    (&[{}], AdapterFlavour::{flavour:?}, &{releases:?}),\n", lines.join(", "));
        // Several releases of one source are at hand.
        if !old_rows.contains(&row) {
            old_rows.push(row);
        }
    }
    table(
        &mut text,
        "Likewise of sources without published builds: their lines, flavour, and releases.",
        "OLD_LINES",
        "OldLines",
        old_rows.len(),
        &old_rows.concat(),
    )?;
    println!(
        "{} tokens, {digests} functions, {classes} sets of lines, {} sets of builds",
        tokens.len(),
        sets.index.len()
    );
    Ok(text)
}

#[cfg(test)]
mod tests {
    //! Sets are written as ranges, each once.

    use super::*;

    #[test]
    fn sets_are_stored_once() {
        let mut sets = Sets::default();
        assert_eq!(sets.add([1, 2, 3, 7].into()).unwrap(), 0);
        assert_eq!(sets.add([5].into()).unwrap(), 1);
        assert_eq!(sets.add([1, 2, 3, 7].into()).unwrap(), 0);
        assert_eq!(sets.rows, "    &[(1, 3), (7, 7)],\n    &[(5, 5)],\n");
    }
}
