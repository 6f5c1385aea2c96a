//! `cargo xtask pins`: owns the question whether the pins are locked, and whether they are still the newest.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;
use semver::Version;

use crate::registry::{Release, Scratch};
use crate::versions::Versions;
use crate::{codegen, edit, lock, process, tidy};

/// Flags of `cargo xtask pins`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Compares Cargo.lock with versions.toml only, and does not ask the registry
    #[arg(long)]
    offline: bool,
    /// Writes newer patches into versions.toml, Cargo.lock and what is generated
    #[arg(long, conflicts_with = "offline")]
    update: bool,
}

/// What the registry has that versions.toml has not.
#[derive(Debug, Default, Eq, PartialEq)]
struct NewReleases {
    /// Pin and newest patch of the majors where they differ, oldest first.
    patches: Vec<(Version, Version)>,
    /// Newer majors, oldest first, and what is known of them.
    majors: Vec<(u64, Option<Release>)>,
}

/// Says what is newer than the pins, and with `--update` takes the patches; fails if `Cargo.lock` does not hold
/// exactly the pins (or the registry cannot be asked), and not for news.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    // First, so that it is also said when the registry does not answer.
    let checked = if flags.update { Ok(()) } else { print_lock_result(root, versions) };
    if !flags.offline {
        let new_releases = query_registry(root, versions)?;
        for line in new_releases.lines() {
            println!("{line}");
        }
        if flags.update {
            let pins: Vec<Version> = new_releases.patches.into_iter().map(|(_, newest)| newest).collect();
            let versions = set(root, &pins)?;
            return print_lock_result(root, &versions);
        }
    }
    checked
}

/// Prints what in `Cargo.lock` is not as `versions.toml` says; fails if something is.
pub(crate) fn locked(root: &Path, versions: &Versions) -> Result<()> {
    let problems = tidy::lock(&read_lock(root)?, versions)?;
    for problem in &problems {
        println!("{problem}");
    }
    if !problems.is_empty() {
        bail!("Cargo.lock does not hold the pins of versions.toml");
    }
    Ok(())
}

fn print_lock_result(root: &Path, versions: &Versions) -> Result<()> {
    locked(root, versions)?;
    println!("Cargo.lock holds the {} pins of versions.toml", versions.majors.len());
    Ok(())
}

fn query_registry(root: &Path, versions: &Versions) -> Result<NewReleases> {
    let last = versions.numbers().last().context("no majors")?;
    let mut requirements: Vec<String> = versions.numbers().map(|number| number.to_string()).collect();
    requirements.push(format!(">={last}"));
    let scratch = Scratch::resolve(root, &requirements).context("query the registry (`--offline` does not)")?;
    let mut new_releases = NewReleases::default();
    for major in &versions.majors {
        let newest = scratch.newest(major.major)?;
        if newest != major.pin {
            new_releases.patches.push((major.pin.clone(), newest));
        }
    }
    new_releases.majors = (last + 1..=scratch.newest_major()?).map(|major| (major, scratch.info(major))).collect();
    Ok(new_releases)
}

impl NewReleases {
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (pin, newest) in &self.patches {
            lines.push(if pin < newest {
                format!("Wasmtime {}: {newest} is newer than the pin {pin}", pin.major)
            } else {
                format!("Wasmtime {}: the pin {pin} is withdrawn, the newest is {newest}", pin.major)
            });
        }
        for (major, release) in &self.majors {
            let release = match release {
                Some(Release { version, rust: Some(rust) }) => format!("{version}, needs rustc {rust}"),
                Some(Release { version, rust: None }) => version.to_string(),
                None => "out".to_owned(),
            };
            lines.push(format!(
                "Wasmtime {major}: {release}; not in versions.toml: run `cargo xtask new-major {major}`"
            ));
        }
        if lines.is_empty() {
            lines.push("every pin is the newest patch, and there is no newer major".to_owned());
        }
        lines
    }
}

/// Writes `pins` into versions.toml below `root`, and what follows from it; returns the new versions.toml.
pub(crate) fn set(root: &Path, pins: &[Version]) -> Result<Versions> {
    let path = root.join("versions.toml");
    let mut text = fs::read_to_string(&path).with_context(|| format!("read {path:?}"))?;
    for pin in pins {
        text = edit::set_pin(&text, pin)?;
    }
    let versions = Versions::parse(&text)?;
    fs::write(&path, text).with_context(|| format!("write {path:?}"))?;
    codegen::write(root, &versions)?;
    for (specs, pin) in stale(&read_lock(root)?, &versions)? {
        // All in one: each asks for at least its own version of the other.
        process::run(
            process::cargo(root).args(["update", "--quiet"]).args(&specs).args(["--precise", &pin.to_string()]),
        )
        .with_context(|| format!("lock Wasmtime {pin}"))?;
    }
    Ok(versions)
}

/// Package specs of one major that are not locked at its pin, and the pin.
fn stale(text: &str, versions: &Versions) -> Result<Vec<(Vec<String>, Version)>> {
    let mut stale = Vec::new();
    for major in &versions.majors {
        let mut specs = Vec::new();
        for name in lock::OURS {
            if let Some(version) = lock::majors(text, name)?.get(&major.major).filter(|version| **version != major.pin)
            {
                specs.push(format!("{name}@{version}"));
            }
        }
        if !specs.is_empty() {
            stale.push((specs, major.pin.clone()));
        }
    }
    Ok(stale)
}

fn read_lock(root: &Path) -> Result<String> {
    fs::read_to_string(root.join("Cargo.lock")).context("read Cargo.lock")
}

#[cfg(test)]
mod tests {
    //! What is newer is said with what to do, and what is locked wrongly is found.

    use super::*;

    #[test]
    fn new_releases() {
        assert_eq!(NewReleases::default().lines(), ["every pin is the newest patch, and there is no newer major"]);
        let (old, new) = (Version::new(48, 0, 8), Version::new(48, 0, 9));
        let new_releases = NewReleases {
            patches: vec![(old.clone(), new.clone()), (new, old)],
            majors: vec![
                (51, Some(Release { version: Version::new(51, 0, 0), rust: Some("1.98.0".into()) })),
                (52, None),
            ],
        };
        assert_eq!(
            new_releases.lines(),
            [
                "Wasmtime 48: 48.0.9 is newer than the pin 48.0.8",
                "Wasmtime 48: the pin 48.0.9 is withdrawn, the newest is 48.0.8",
                "Wasmtime 51: 51.0.0, needs rustc 1.98.0; not in versions.toml: run `cargo xtask new-major 51`",
                "Wasmtime 52: out; not in versions.toml: run `cargo xtask new-major 52`",
            ]
        );
    }

    #[test]
    fn what_is_locked_elsewhere_is_found() {
        let package = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let text = package("wasmtime", "18.0.3")
            + &package("wasmtime-wasi", "18.0.3")
            + &package("wasmtime", "48.0.8")
            + &package("wasmtime-wasi", "48.0.7");
        let found = stale(&text, &Versions::sample()).unwrap();
        let specs = |specs: &[&str]| specs.iter().map(|&spec| spec.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            found,
            [
                (specs(&["wasmtime@18.0.3", "wasmtime-wasi@18.0.3"]), Version::new(18, 0, 4)),
                (specs(&["wasmtime-wasi@48.0.7"]), Version::new(48, 0, 8)),
            ]
        );
    }
}
