//! Owns questions to the package registry: which releases there are, what they say of themselves, and their source.
//!
//! Plain cargo asks, for a scratch package below the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use semver::Version;
use serde::Deserialize;

use crate::{lock, process};

/// A package of its own that depends on what is asked for, resolved.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    /// The text of its `Cargo.lock`.
    pub lock: String,
}

/// A release of Wasmtime.
#[derive(Debug, Eq, PartialEq)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// The lowest `rustc` it says it builds with.
    pub rust: Option<String>,
}

/// A package as cargo describes it.
#[derive(Debug, Deserialize)]
pub struct Package {
    name: String,
    /// Its version.
    pub version: Version,
    /// Its `Cargo.toml`, in the unpacked source.
    pub manifest_path: PathBuf,
    /// The lowest `rustc` it says it builds with.
    pub rust_version: Option<String>,
}

impl Scratch {
    /// Resolves `wasmtime` and `wasmtime-wasi` for each of `requirements`, such as `48` or `>=50`, to the newest
    /// release that fits. `root` is the workspace below whose target directory it is done.
    pub fn resolve(root: &Path, requirements: &[String]) -> Result<Self> {
        Self::new(&process::target_dir(root)?.join("xtask-scratch"), &wasmtimes(requirements))
    }

    /// Makes it anew in `folder` and resolves `dependencies`, lines of a `Cargo.toml`, to the newest releases that fit.
    pub fn new(folder: &Path, dependencies: &str) -> Result<Self> {
        let source = folder.join("src");
        fs::create_dir_all(&source).with_context(|| format!("make {source:?}"))?;
        for (path, text) in [("Cargo.toml", manifest(dependencies)), ("src/lib.rs", String::new())] {
            fs::write(folder.join(path), text).with_context(|| format!("write {path} in {folder:?}"))?;
        }
        let lock = folder.join("Cargo.lock");
        if lock.exists() {
            fs::remove_file(&lock).with_context(|| format!("remove {lock:?}"))?;
        }
        run_cargo(cargo(folder).args(["generate-lockfile", "--quiet"]))?;
        let lock = fs::read_to_string(&lock).with_context(|| format!("read {lock:?}"))?;
        Ok(Self { folder: folder.to_owned(), lock })
    }

    /// The newest version of major `major` that both packages have.
    pub fn newest(&self, major: u64) -> Result<Version> {
        let mut newest: Option<Version> = None;
        for name in lock::OURS {
            let version = lock::majors(&self.lock, name)?.remove(&major);
            let version = version.with_context(|| format!("the registry has no {name} {major}"))?;
            newest = Some(newest.map_or(version.clone(), |other| other.min(version)));
        }
        newest.with_context(|| format!("the registry has no release {major}"))
    }

    /// The newest major of `wasmtime` that was resolved.
    pub fn newest_major(&self) -> Result<u64> {
        let majors = lock::majors(&self.lock, "wasmtime")?;
        majors.into_keys().next_back().context("the registry has no wasmtime")
    }

    /// A release of `major` as `cargo info` describes it, if it does.
    pub fn info(&self, major: u64) -> Option<Release> {
        let output = run_cargo(cargo(&self.folder).args(["info", &format!("wasmtime@{major}"), "--quiet"])).ok()?;
        described(&String::from_utf8_lossy(&output))
    }

    /// What the resolved package `name` says of itself; its source is downloaded if need be.
    pub fn package(&self, name: &str) -> Result<Package> {
        let mut found = self.packages(name)?;
        match (found.pop(), found.pop()) {
            (Some(package), None) => Ok(package),
            (None, _) => bail!("{name} is not resolved"),
            (Some(_), Some(_)) => bail!("{name} is resolved more than once"),
        }
    }

    /// As [`Scratch::package`], of every version that is resolved.
    pub fn packages(&self, name: &str) -> Result<Vec<Package>> {
        #[derive(Deserialize)]
        struct Metadata {
            packages: Vec<Package>,
        }
        let output = run_cargo(cargo(&self.folder).args(["metadata", "--format-version", "1", "--locked", "--quiet"]))?;
        let metadata: Metadata = serde_json::from_slice(&output).context("read the answer of cargo metadata")?;
        Ok(metadata.packages.into_iter().filter(|package| package.name == name).collect())
    }

    /// Downloads and unpacks the source of one release of a package, also of a program, without its dependencies.
    pub fn unpack(&self, name: &str, version: &str) -> Result<()> {
        run_cargo(cargo(&self.folder).args(["info", &format!("{name}@{version}"), "--quiet"]))?;
        Ok(())
    }
}

/// Reads the lines `version: 50.0.1 (latest 51.0.0)` and `rust-version: 1.97.0` among others.
fn described(text: &str) -> Option<Release> {
    let value =
        |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')?.split_whitespace().next());
    // Where none is stated `cargo info` says `unknown`.
    let rust = value("rust-version").filter(|rust| rust.starts_with(|c: char| c.is_ascii_digit()));
    Some(Release { version: value("version")?.parse().ok()?, rust: rust.map(str::to_owned) })
}

/// `1.97` of `1.97.0`, as versions.toml has it.
pub fn minor(rust_version: &str) -> Result<String> {
    let mut parts = rust_version.split('.');
    match (parts.next(), parts.next()) {
        (Some(major), Some(minor)) => Ok(format!("{major}.{minor}")),
        _ => bail!("rust-version {rust_version:?} is not like \"1.97.0\""),
    }
}

fn manifest(dependencies: &str) -> String {
    format!(
        "# Written by `cargo xtask`, to ask which releases there are.\n[package]\nname = \"xtask-scratch\"\n\
         version = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n[workspace]\nresolver = \"2\"\n\n[dependencies]\n\
         {dependencies}"
    )
}

/// Lines of a `Cargo.toml`.
fn wasmtimes(requirements: &[String]) -> String {
    let mut text = String::new();
    for (index, requirement) in requirements.iter().enumerate() {
        for name in lock::OURS {
            text += &format!(
                "{name}_{index} = {{ package = \"{name}\", version = \"{requirement}\", default-features = false }}\n"
            );
        }
    }
    text
}

/// `cargo` for a scratch package.
fn cargo(folder: &Path) -> Command {
    let mut command = process::cargo(folder);
    // The newest release is wanted, not the newest that the active rustc builds.
    command.env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "allow");
    command
}

/// Runs `command`; returns its standard output.
fn run_cargo(command: &mut Command) -> Result<Vec<u8>> {
    let shown = process::show(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("start {shown}"))?;
    ensure!(
        output.status.success(),
        "{shown} ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    //! The scratch package is valid, and answers are read right.

    use super::*;

    #[test]
    fn the_scratch_manifest_parses() {
        let text = manifest(&wasmtimes(&["18".to_owned(), ">=50".to_owned()]));
        let table: toml::Table = toml::from_str(&text).unwrap();
        let dependencies = table["dependencies"].as_table().unwrap();
        assert_eq!(dependencies.len(), 4);
        assert_eq!(dependencies["wasmtime-wasi_1"]["version"].as_str(), Some(">=50"));
        assert!(table.contains_key("workspace"), "it must not join the workspace above it");
    }

    #[test]
    fn the_newest_release_is_one_that_both_packages_have() {
        let package = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let lock = package("wasmtime", "48.0.9") + &package("wasmtime-wasi", "48.0.8") + &package("wasmtime", "50.0.0");
        let scratch = Scratch { folder: PathBuf::new(), lock };
        assert_eq!(scratch.newest(48).unwrap(), Version::new(48, 0, 8));
        assert_eq!(scratch.newest_major().unwrap(), 50);
        assert!(scratch.newest(50).unwrap_err().to_string().contains("no wasmtime-wasi 50"));
    }

    #[test]
    fn what_cargo_info_says() {
        let text = "wasmtime\nA runtime\nversion: 48.0.8 (latest 50.0.1)\nlicense: x\nrust-version: 1.95.0\n";
        let release = |version, rust: Option<&str>| Release { version, rust: rust.map(str::to_owned) };
        assert_eq!(described(text), Some(release(Version::new(48, 0, 8), Some("1.95.0"))));
        let unknown = described("version: 1.0.0\nrust-version: unknown\n");
        assert_eq!(unknown, Some(release(Version::new(1, 0, 0), None)));
        assert_eq!(described("rust-version: 1.95.0\n"), None);
    }

    #[test]
    fn rust_versions_are_cut_to_the_minor() {
        assert_eq!(minor("1.97.0").unwrap(), "1.97");
        assert_eq!(minor("1.97").unwrap(), "1.97");
        assert!(minor("1").is_err());
    }
}
