//! Owns what is read from a `Cargo.lock`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use semver::Version;
use serde::Deserialize;
use toml::Spanned;

/// The two packages of Wasmtime this crate depends on, once per major.
pub const OURS: [&str; 2] = ["wasmtime", "wasmtime-wasi"];

/// A locked package.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, and where in the text that stands.
    pub version: Spanned<Version>,
}

/// Every package in the text of a `Cargo.lock`.
pub fn packages(text: &str) -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Lock {
        #[serde(default)]
        package: Vec<Package>,
    }
    let lock: Lock = toml::from_str(text).context("parse Cargo.lock")?;
    Ok(lock.package)
}

/// The newest locked version of the package `name` in each of its majors.
pub fn majors(text: &str, name: &str) -> Result<BTreeMap<u64, Version>> {
    let mut majors = BTreeMap::new();
    for package in packages(text)?.into_iter().filter(|package| package.name == name) {
        let version = package.version.into_inner();
        let newest = majors.entry(version.major).or_insert_with(|| version.clone());
        if *newest < version {
            *newest = version;
        }
    }
    Ok(majors)
}

#[cfg(test)]
mod tests {
    //! What is locked is found by name and major.

    use super::*;

    #[test]
    fn the_newest_of_each_major() {
        let package = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let text = [
            package("wasmtime", "18.0.4"),
            package("wasmtime", "48.0.7"),
            package("wasmtime", "48.0.10"),
            package("wasmtime", "48.0.9"),
            package("wasmtime-wasi", "50.0.1"),
        ]
        .concat();
        let found: Vec<String> = majors(&text, "wasmtime").unwrap().values().map(Version::to_string).collect();
        assert_eq!(found, ["18.0.4", "48.0.10"]);
        assert!(majors("version = 4\n", "wasmtime").unwrap().is_empty());
        assert!(majors("package = 1", "wasmtime").is_err());
    }
}
