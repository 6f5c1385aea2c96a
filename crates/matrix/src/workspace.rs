//! Owns what cargo reports about a workspace: its packages, their features, and what results depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::cache;
use crate::exit::Stop;
use crate::selection::Selection;

/// How many names a message lists before it counts the others.
const NAMES: usize = 40;

/// What to do about missing features.
const HINT: &str = "hint: --features-prefix PREFIX and --feature NAME=MAJOR accept features with other names";

/// How features that stand for majors are recognised.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming<'a> {
    /// In front of the major's number.
    pub(crate) prefix: &'a str,
    /// Features with another name, as `FEATURE` or `PACKAGE/FEATURE`, and their majors.
    pub(crate) named: &'a [(String, u64)],
}

/// The output of `cargo metadata`, as far as the matrix needs it.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    workspace_root: PathBuf,
    pub(crate) target_directory: PathBuf,
}

/// A package in the output of `cargo metadata`.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    version: String,
    source: Option<String>,
    pub(crate) manifest_path: PathBuf,
    features: BTreeMap<String, Vec<String>>,
}

impl Workspace {
    /// Asks cargo, in `folder`, for the workspace of the manifest at `manifest` or else of the folder.
    pub(crate) fn query(folder: &Path, manifest: Option<&Path>, flags: &[&str]) -> Result<Self> {
        let mut command = Command::new("cargo");
        command.args(["metadata", "--format-version", "1"]).args(flags).current_dir(folder).stderr(Stdio::piped());
        if let Some(manifest) = manifest {
            command.arg("--manifest-path").arg(manifest);
        }
        let output = command.output().context("start cargo metadata")?;
        ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
        serde_json::from_slice(&output.stdout).context("read the output of cargo metadata")
    }

    /// The members of the workspace.
    pub(crate) fn members(&self) -> Vec<&Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id)).collect()
    }

    /// Whether the root of the workspace is a package, too.
    pub(crate) fn has_root_package(&self) -> bool {
        self.members().iter().any(|package| package.folder() == Some(&self.workspace_root))
    }

    /// The member whose folder contains `folder`.
    pub(crate) fn current(&self, folder: &Path) -> Option<&Package> {
        let members = self.members().into_iter();
        let around = members.filter(|package| package.folder().is_some_and(|own| folder.starts_with(own)));
        around.max_by_key(|package| package.manifest_path.as_os_str().len())
    }

    /// The package whose features stand for majors: the one called `name`; or, where that is unambiguous, one that the
    /// command selects, that of `folder`, or the only one with such features.
    pub(crate) fn package(
        &self,
        folder: &Path,
        name: Option<&str>,
        selection: &Selection,
        naming: &Naming<'_>,
    ) -> Result<&Package> {
        if let Some(name) = name {
            return self.member(name);
        }
        let members = self.members();
        let here = self.current(folder);
        let selected: Vec<&Package> = members.iter().filter(|package| selection.has(&package.name)).copied().collect();
        let candidates: Vec<Vec<&Package>> = if selection.is_explicit() {
            vec![selected, here.into_iter().collect(), members]
        } else {
            vec![here.map_or(members, |package| vec![package])]
        };
        for group in &candidates {
            let found: Vec<&&Package> = group.iter().filter(|package| !package.majors(naming).is_empty()).collect();
            if let [only] = found[..] {
                return Ok(only);
            }
        }
        // What is missing is best explained with the package that the user means.
        match candidates.iter().find_map(|group| if let [only] = group[..] { Some(only) } else { None }) {
            Some(only) => Ok(only),
            None => Err(self.unclear(naming)),
        }
    }

    /// The error if no package stands out.
    fn unclear(&self, naming: &Naming<'_>) -> anyhow::Error {
        let with = self.with_majors(naming);
        if !with.is_empty() {
            let message = "several packages of the workspace have features for majors";
            return Stop::usage(format!("{message}{with}\nhint: choose one of them with --package NAME"));
        }
        let mut message = format!("no package of the workspace has a feature {}", naming.shown());
        for package in self.members() {
            let _ = write!(message, "\n  {}: {}", package.name, package.listed_features());
        }
        Stop::usage(format!("{message}\n{HINT}"))
    }

    /// The error if `package` has no feature for a major.
    pub(crate) fn without_majors(&self, package: &Package, naming: &Naming<'_>) -> anyhow::Error {
        let (name, features) = (&package.name, package.listed_features());
        let mut message = format!("package {name} has no feature {}; its features: {features}", naming.shown());
        let with = self.with_majors(naming);
        if !with.is_empty() {
            let _ = write!(message, "\npackages of the workspace that have one{with}");
        }
        let choice = if with.is_empty() { "" } else { "\nhint: --package NAME chooses another package" };
        Stop::usage(format!("{message}{choice}\n{HINT}"))
    }

    /// The packages with features for majors, each on a line.
    fn with_majors(&self, naming: &Naming<'_>) -> String {
        let mut out = String::new();
        for package in self.members() {
            let majors = package.majors(naming);
            if !majors.is_empty() {
                let _ = write!(out, "\n  {}: {}", package.name, listed(majors.values().map(String::as_str)));
            }
        }
        if out.is_empty() { out } else { format!(":{out}") }
    }

    /// The majors of `package`, oldest first, and the feature that stands for each.
    ///
    /// # Errors
    /// If a feature that the user names does not exist, or two of them stand for one major.
    pub(crate) fn majors(&self, package: &Package, naming: &Naming<'_>) -> Result<BTreeMap<u64, String>> {
        let mut majors = package.majors(naming);
        let mut named: BTreeMap<u64, &str> = BTreeMap::new();
        for (feature, major) in naming.named {
            let (owner, plain) = match feature.split_once('/') {
                Some((owner, plain)) => (self.member(owner)?, plain),
                None => (package, feature.as_str()),
            };
            if !owner.features.contains_key(plain) {
                let (name, features) = (&owner.name, owner.listed_features());
                let message = format!("package {name} has no feature {plain:?}; its features: {features}");
                return Err(Stop::usage(message));
            }
            if let Some(other) = named.insert(*major, feature) {
                return Err(Stop::usage(format!("both {other:?} and {feature:?} are given for major {major}")));
            }
            majors.insert(*major, feature.clone());
        }
        Ok(majors)
    }

    fn member(&self, name: &str) -> Result<&Package> {
        let members = self.members();
        let found = members.iter().find(|package| package.name == name).copied();
        found.ok_or_else(|| {
            let names = listed(members.iter().map(|package| package.name.as_str()));
            Stop::usage(format!("the workspace has no package {name:?}; its packages: {names}"))
        })
    }

    /// The name by which cargo finds a member, also where a dependency has the same name.
    pub(crate) fn spec(&self, package: &Package) -> String {
        let alike = self.packages.iter().filter(|other| other.name == package.name).count();
        if alike > 1 { format!("{}@{}", package.name, package.version) } else { package.name.clone() }
    }

    /// The Wasmtime of this major in the lock file.
    pub(crate) fn pin(&self, major: u64) -> Option<String> {
        let start = format!("{major}.");
        let mut found = self.packages.iter().filter(|package| package.name == "wasmtime");
        found.find(|package| package.version.starts_with(&start)).map(|package| package.version.clone())
    }

    /// The hash of the lock file and of every package that is a folder.
    pub(crate) fn sources(&self) -> Result<String> {
        let folders = self.packages.iter().filter(|package| package.source.is_none());
        let folders = folders.filter_map(|package| Some(package.folder()?.to_string_lossy().into_owned()));
        let mut paths: BTreeSet<String> = folders.collect();
        let lock = self.workspace_root.join("Cargo.lock");
        if lock.is_file() {
            paths.insert(lock.to_string_lossy().into_owned());
        }
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        cache::fingerprint(&self.workspace_root, &paths)
    }
}

impl Package {
    /// The folder with its manifest.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.manifest_path.parent()
    }

    /// The majors that features of this package stand for.
    fn majors(&self, naming: &Naming<'_>) -> BTreeMap<u64, String> {
        let mut majors = numbered(self.features.keys().map(String::as_str), naming.prefix);
        for (feature, major) in naming.named {
            let plain = match feature.split_once('/') {
                Some((owner, plain)) if owner == self.name => plain,
                Some(_) => continue,
                None => feature,
            };
            if self.features.contains_key(plain) {
                majors.insert(*major, feature.clone());
            }
        }
        majors
    }

    /// Whether the default features of this package turn on one of `features` of the package `owner`.
    pub(crate) fn defaults_to(&self, owner: &Package, features: &[&str]) -> bool {
        let (mut seen, mut left) = (BTreeSet::new(), vec!["default"]);
        while let Some(feature) = left.pop() {
            if !seen.insert(feature) {
                continue;
            }
            let found = match feature.split_once('/') {
                Some((package, plain)) => package.trim_end_matches('?') == owner.name && features.contains(&plain),
                None => self.name == owner.name && features.contains(&feature),
            };
            if found {
                return true;
            }
            left.extend(self.features.get(feature).into_iter().flatten().map(String::as_str));
        }
        false
    }

    fn listed_features(&self) -> String {
        if self.features.is_empty() { "none".to_owned() } else { listed(self.features.keys().map(String::as_str)) }
    }
}

impl Naming<'_> {
    /// The kind of feature that is looked for, behind "feature".
    fn shown(&self) -> String {
        format!("named {:?} and a number", self.prefix)
    }
}

/// The features that are `prefix` and a number, by number.
fn numbered<'a>(features: impl Iterator<Item = &'a str>, prefix: &str) -> BTreeMap<u64, String> {
    features.filter_map(|name| Some((name.strip_prefix(prefix)?.parse().ok()?, name.to_owned()))).collect()
}

/// Names for a message.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown = names.get(..NAMES).unwrap_or(&names).join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    //! Features are found by prefix and number, and behind default features.

    use super::*;

    #[test]
    fn features_are_prefix_and_number() {
        let features = ["default", "wasmtime-24", "wasmtime-x", "wasmtime-", "wasmtime-100", "wt48"];
        let found = |prefix| numbered(features.into_iter(), prefix).into_iter().collect::<Vec<_>>();
        assert_eq!(found("wasmtime-"), [(24, "wasmtime-24".to_owned()), (100, "wasmtime-100".to_owned())]);
        assert_eq!(found("wt"), [(48, "wt48".to_owned())]);
        assert!(found("v").is_empty());
    }

    #[test]
    fn default_features_are_followed() {
        let package = |name: &str, features: &[(&str, &[&str])]| Package {
            id: name.into(),
            name: name.into(),
            version: "0.1.0".into(),
            source: None,
            manifest_path: "Cargo.toml".into(),
            features: features
                .iter()
                .map(|(name, on)| ((*name).into(), on.iter().map(|on| (*on).into()).collect()))
                .collect(),
        };
        let host =
            package("host", &[("default", &["new"]), ("new", &["wt48", "default"]), ("wt48", &[]), ("wt24", &[])]);
        let user = package("user", &[("default", &["host?/wt24"]), ("wt48", &[])]);
        assert!(host.defaults_to(&host, &["wt24", "wt48"]) && !host.defaults_to(&host, &["wt24"]));
        assert!(user.defaults_to(&host, &["wt24", "wt48"]) && !user.defaults_to(&host, &["wt48"]));
    }
}
