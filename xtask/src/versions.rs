//! Owns `versions.toml`: its shape, its rules, and what follows from them for one major.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use semver::Version;
use serde::Deserialize;

/// The whole of `versions.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Versions {
    /// Named sets of majors that are written by hand.
    pub(crate) groups: BTreeMap<String, Vec<u64>>,
    /// Axis name to the first major of each of its arms.
    pub(crate) axes: BTreeMap<String, Vec<u64>>,
    /// Package name to the cargo features it gets.
    pub(crate) recipe: BTreeMap<String, Vec<Recipe>>,
    /// Capability (a cargo feature of ours) to the first major that has it.
    pub(crate) capabilities: BTreeMap<String, u64>,
    /// The majors, oldest first.
    #[serde(rename = "major")]
    pub(crate) majors: Vec<Major>,
}

/// Cargo features of a dependency, for a range of majors.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    since: u64,
    until: Option<u64>,
    features: Vec<String>,
}

/// One Wasmtime major.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Major {
    /// The major version number.
    pub(crate) major: u64,
    /// The version in `Cargo.lock`.
    pub(crate) pin: Version,
    /// The lowest version accepted.
    pub(crate) requires: Version,
    /// Wasmtime's own `rust-version`.
    pub(crate) rust: String,
    /// Release day, ISO 8601.
    pub(crate) released: String,
    /// Last day of support, ISO 8601.
    pub(crate) end_of_life: String,
    /// WASI 0.2 version hosted.
    pub(crate) p2: String,
    /// The cap-std major whose `Dir` this major's builder takes.
    pub(crate) cap_std: Option<u64>,
}

impl Versions {
    /// Reads and checks `versions.toml` below `root`.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let path = root.join("versions.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("read {path:?}"))?;
        let versions: Self = toml::from_str(&text).with_context(|| format!("parse {path:?}"))?;
        versions.check().with_context(|| format!("{path:?} is inconsistent"))?;
        Ok(versions)
    }

    /// The numbers of all majors, oldest first.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.majors.iter().map(|major| major.major)
    }

    /// All groups: those in the file and the derived ones.
    pub(crate) fn groups(&self) -> BTreeMap<String, Vec<u64>> {
        let mut groups = self.groups.clone();
        groups.insert("border".into(), self.numbers().collect());
        groups.insert("earliest".into(), self.numbers().take(1).collect());
        groups.insert("latest".into(), self.numbers().last().into_iter().collect());
        groups
    }

    /// Cargo features of `package` for `major`, sorted.
    pub(crate) fn features(&self, package: &str, major: u64) -> Vec<&str> {
        let mut features: Vec<&str> = self.recipe[package]
            .iter()
            .filter(|recipe| recipe.since <= major && recipe.until.is_none_or(|until| major <= until))
            .flat_map(|recipe| recipe.features.iter().map(String::as_str))
            .collect();
        features.sort_unstable();
        features
    }

    /// The arm of `axis` that serves `major`.
    pub(crate) fn arm(&self, axis: &str, major: u64) -> u64 {
        let arms = &self.axes[axis];
        arms.iter().copied().filter(|&first| first <= major).max().unwrap_or(arms[0])
    }

    /// Majors named by `list`: numbers, `a..=b` ranges, group names, `all`; sorted and without repeats.
    pub(crate) fn select(&self, list: &str) -> Result<Vec<u64>> {
        let groups = self.groups();
        let mut chosen = Vec::new();
        for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let known: Vec<u64> = self.numbers().collect();
            if word == "all" {
                chosen.extend(known);
            } else if let Some(group) = groups.get(word) {
                chosen.extend(group);
            } else if let Some((first, last)) = word.split_once("..=") {
                let (first, last): (u64, u64) = (first.parse()?, last.parse()?);
                chosen.extend(known.into_iter().filter(|n| (first..=last).contains(n)));
            } else {
                let number: u64 = word.parse().with_context(|| {
                    let names: Vec<_> = groups.keys().map(String::as_str).collect();
                    format!("{word:?} is neither a major nor one of all, {}", names.join(", "))
                })?;
                ensure!(known.contains(&number), "major {number} is not in versions.toml");
                chosen.push(number);
            }
        }
        chosen.sort_unstable();
        chosen.dedup();
        ensure!(!chosen.is_empty(), "{list:?} selects no major");
        Ok(chosen)
    }

    fn check(&self) -> Result<()> {
        ensure!(!self.majors.is_empty(), "no majors");
        ensure!(
            self.majors.windows(2).all(|pair| pair[0].major < pair[1].major),
            "majors must be in order"
        );
        for major in &self.majors {
            let number = major.major;
            ensure!(major.pin.major == number, "pin {} of major {number}", major.pin);
            ensure!(
                major.requires.major == number && major.requires <= major.pin,
                "requires {} of major {number} with pin {}",
                major.requires,
                major.pin
            );
        }
        let oldest = self.majors[0].major;
        for (axis, arms) in &self.axes {
            ensure!(arms.first().is_some_and(|&first| first <= oldest), "axis {axis} has no arm for {oldest}");
            ensure!(arms.windows(2).all(|pair| pair[0] < pair[1]), "arms of axis {axis} must be in order");
        }
        for (group, members) in &self.groups {
            for member in members {
                ensure!(self.numbers().any(|n| n == *member), "group {group} names unknown major {member}");
            }
        }
        Ok(())
    }
}

impl Major {
    /// Which of the three API generations this major belongs to.
    pub(crate) fn generation(&self) -> Generation {
        match self.major {
            ..20 => Generation::Pre20,
            20..29 => Generation::Since20,
            29.. => Generation::Since29,
        }
    }

    /// Every twelfth major is a long-term support release.
    pub(crate) fn lts(&self) -> bool {
        self.major.is_multiple_of(12)
    }
}

/// The three API generations of Wasmtime's embedding API.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Generation {
    Pre20,
    Since20,
    Since29,
}

impl Generation {
    /// The name used in features and JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pre20 => "pre-20",
            Self::Since20 => "since-20",
            Self::Since29 => "since-29",
        }
    }
}
