//! `cargo xtask new-major`: owns taking up a new Wasmtime major, as far as a program can do that.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;
use semver::Version;

use crate::registry::{self, Scratch};
use crate::suite::{self, Verdict};
use crate::toolchain::Chosen;
use crate::versions::{Versions, lts};
use crate::{codegen, edit, process};

/// Flags of `cargo xtask new-major`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// The major to add
    #[arg(value_name = "N")]
    major: u64,
    /// Stops when versions.toml, Cargo.lock and what is generated are written
    #[arg(long)]
    no_build: bool,
}

/// What an entry in versions.toml says, besides what follows from the number.
#[derive(Debug)]
struct Entry {
    pin: Version,
    rust: String,
    p2: Version,
    p3: Option<Version>,
}

/// Adds the major, with the newest arms there are, builds the suite with it and runs it; fails if that does, and then
/// says which axes have drifted.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let major = flags.major;
    if let Some(known) = versions.majors.iter().find(|known| known.major == major) {
        bail!(
            "major {major} is already in versions.toml, pinned at {}: `cargo xtask pins` looks for patches",
            known.pin
        );
    }
    let entry = Entry::look_up(root, major)?;
    let path = root.join("versions.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("read {path:?}"))?;
    let text = edit::insert(&text, major, &entry.text())?;
    let versions = Versions::parse(&text).with_context(|| format!("with major {major}"))?;
    fs::write(&path, text).with_context(|| format!("write {path:?}"))?;
    println!("versions.toml");
    for path in codegen::write(root, &versions)? {
        println!("{path}");
    }
    // Locks what is new and touches nothing else. A fresh entry is locked at the newest patch, which is the pin.
    process::run(process::cargo(root).args(["update", "--workspace", "--quiet"]))
        .context("lock it (if it lacks a cargo feature, its [[recipe]] in versions.toml needs an `until`)")?;
    println!("Cargo.lock");
    for hint in hints(major) {
        eprintln!("hint: {hint}");
    }
    if flags.no_build {
        return Ok(());
    }
    build(root, &versions, major)
}

/// Builds the suite with `major` alone and runs it.
fn build(root: &Path, versions: &Versions, major: u64) -> Result<()> {
    let chosen = Chosen::new(versions, &major.to_string())?.announce()?;
    let nextest = process::has_nextest(root);
    for runnable in &chosen.runnable {
        match suite::run(&mut suite::command(root, &runnable.toolchain, nextest, major))? {
            Verdict::Passed => println!("the suite passes on Wasmtime {major}"),
            Verdict::Failed => {
                bail!("the suite does not pass on Wasmtime {major}: see CONTRIBUTING.md on known differences")
            }
            Verdict::NotBuilt(drift) => {
                println!("{}", drift.table());
                for axis in drift.axes() {
                    let file = format!("src/majors/seams/{axis}_{major}.rs");
                    eprintln!("hint: add {major} to the axis {axis} in versions.toml, and write {file}");
                }
                bail!("Wasmtime {major} does not build");
            }
        }
    }
    Ok(())
}

impl Entry {
    /// Asks the registry for the newest release of `major`.
    fn look_up(root: &Path, major: u64) -> Result<Self> {
        let scratch =
            Scratch::resolve(root, &[major.to_string()]).with_context(|| format!("look Wasmtime {major} up"))?;
        let pin = scratch.newest(major)?;
        let wasi = scratch.package("wasmtime-wasi")?;
        let rust = scratch.package("wasmtime")?.rust_version.context("wasmtime states no rust-version")?;
        let source = wasi.manifest_path.parent().context("wasmtime-wasi has no folder")?;
        let p2 = wasi_cli(source, &["src/p2/wit", "wit"], 2)?;
        let p2 = p2.with_context(|| format!("no `package wasi:cli@0.2` in the WIT files below {source:?}"))?;
        // A release candidate is not hosted.
        let p3 = wasi_cli(source, &["src/p3/wit"], 3)?.filter(|p3| p3.pre.is_empty());
        Ok(Self { pin, rust: registry::minor(&rust)?, p2, p3 })
    }

    /// The lines in versions.toml.
    fn text(&self) -> String {
        let major = self.pin.major;
        let (released, end_of_life) = dates(major);
        let p3 = self.p3.as_ref().map(|p3| format!("p3 = \"{p3}\"\n")).unwrap_or_default();
        format!(
            "[[major]]\nmajor = {major}\npin = \"{}\"\nrequires = \"{major}.0.0\"\nrust = \"{}\"\n\
             released = \"{released}\"\nend_of_life = \"{end_of_life}\"\np2 = \"{}\"\n{p3}",
            self.pin, self.rust, self.p2
        )
    }
}

/// What is left to a person.
fn hints(major: u64) -> Vec<String> {
    let mut hints = vec!["the dates follow from the number: compare them with the release".to_owned()];
    if lts(major) {
        hints.push(format!("{major} is a long-term support release: add it to `lts` under [groups] in versions.toml"));
    }
    hints
}

/// Release day and end of life, ISO 8601: a major comes on the 20th of every month, and has two months of support or,
/// if it is an LTS release, two years (Wasmtime's `docs/stability-release.md`).
fn dates(major: u64) -> (String, String) {
    // 20 came out in April 2024.
    let month = 2024 * 12 + 3 + major - 20;
    let day = |month: u64| format!("{}-{:02}-20", month / 12, month % 12 + 1);
    (day(month), day(month + if lts(major) { 24 } else { 2 }))
}

/// The version 0.`minor` of `wasi:cli` that the source of wasmtime-wasi in `folder` hosts, by the WIT files below `places`.
fn wasi_cli(folder: &Path, places: &[&str], minor: u64) -> Result<Option<Version>> {
    let mut found = None;
    for below in places {
        for text in wit_files(&folder.join(below))? {
            found = found.max(cli_version(&text, minor));
        }
    }
    Ok(found)
}

/// Reads the version in `package wasi:cli@0.2.12;`, if it is 0.`minor`.
fn cli_version(text: &str, minor: u64) -> Option<Version> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("package wasi:cli@")?.split([';', ' ', '{']).next()?.parse().ok())
        .find(|version: &Version| (version.major, version.minor) == (0, minor))
}

/// The texts of the WIT files below `folder`; none if it is not there.
fn wit_files(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    if !folder.is_dir() {
        return Ok(texts);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("list {folder:?}"))? {
        let path = entry.with_context(|| format!("list {folder:?}"))?.path();
        if path.is_dir() {
            texts.extend(wit_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "wit") {
            texts.push(fs::read_to_string(&path).with_context(|| format!("read {path:?}"))?);
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    //! An entry is what a person would have written.

    use super::*;
    use crate::versions::Major;

    #[test]
    fn dates_follow_from_the_number() {
        let versions = Versions::load(crate::root().unwrap()).unwrap();
        for known in &versions.majors {
            assert_eq!(dates(known.major), (known.released.clone(), known.end_of_life.clone()), "{}", known.major);
        }
        assert_eq!(dates(51), ("2026-11-20".to_owned(), "2027-01-20".to_owned()));
        assert_eq!(dates(60), ("2027-08-20".to_owned(), "2029-08-20".to_owned()));
    }

    #[test]
    fn the_entry_of_a_known_major_is_the_one_in_the_file() {
        let root = crate::root().unwrap();
        let versions = Versions::load(root).unwrap();
        let text = fs::read_to_string(root.join("versions.toml")).unwrap();
        let usual = |known: &&Major| known.cap_std.is_none() && known.requires == Version::new(known.major, 0, 0);
        for known in versions.majors.iter().filter(usual) {
            let entry = Entry {
                pin: known.pin.clone(),
                rust: known.rust.clone(),
                p2: known.p2.parse().unwrap(),
                p3: known.p3.as_ref().map(|p3| p3.parse().unwrap()),
            };
            assert!(text.contains(&entry.text()), "{}", entry.text());
        }
    }

    #[test]
    fn versions_of_wasi_cli() {
        let version = |text: &str| cli_version(text, 2).map(|version| version.to_string());
        assert_eq!(version("package wasi:cli@0.2.12;\n").as_deref(), Some("0.2.12"));
        assert_eq!(version("// a\npackage wasi:io@0.2.6 {\n}\npackage wasi:cli@0.2.6 {\n").as_deref(), Some("0.2.6"));
        assert_eq!(version("package wasi:cli@0.3.0;\n"), None);
        assert_eq!(version("package wasi:clis@0.2.0;\n"), None);
        assert_eq!(cli_version("package wasi:cli@0.3.0;\n", 3), Some(Version::new(0, 3, 0)));
    }

    #[test]
    fn hints_for_lts_releases() {
        assert_eq!(hints(51).len(), 1);
        assert!(hints(60)[1].starts_with("60 is a long-term support release"));
    }
}
