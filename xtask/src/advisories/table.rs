//! Owns `advisories.toml`: its shape, its rules, and how it is written.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use cvss::{Cvss, Severity};
use semver::{Version, VersionReq};
use serde::Deserialize;

use crate::versions::Versions;

/// Where the table is.
pub(crate) const PATH: &str = "advisories.toml";

/// Platforms that an advisory can be restricted to: names of `Platform` in the guest crate.
const PLATFORMS: [&str; 3] = ["aarch64", "windows", "x86-64"];

/// What a host or guest can be asked to use: names of `Ability` in the guest crate.
const ABILITIES: [&str; 18] = [
    "async",
    "components",
    "host-threads",
    "http",
    "interruption",
    "linker-clone",
    "pooling",
    "preview1",
    "profiling",
    "read-only-preopens",
    "references",
    "several-engines",
    "shared-memory",
    "simd",
    "tables",
    "tail-calls",
    "wasi",
    "winch",
];

/// The whole of `advisories.toml`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// The day on which the database was read, ISO 8601.
    pub(crate) taken: String,
    /// The advisories, by their identifiers.
    #[serde(default, rename = "advisory")]
    pub(crate) advisories: Vec<Advisory>,
}

/// One advisory.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advisory {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    pub(crate) package: String,
    pub(crate) published: String,
    pub(crate) cvss: Option<String>,
    pub(crate) patched: Vec<String>,
    #[serde(default)]
    pub(crate) unaffected: Vec<String>,
    /// The effect, in words of this project. Empty until they are written.
    pub(crate) what: String,
    pub(crate) platform: Option<String>,
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    pub(crate) unreachable: Option<Unreachable>,
}

/// Why hosts that use this crate do not reach the fault.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unreachable {
    pub(crate) why: String,
    pub(crate) unless: Option<String>,
    /// Functions with a test, as `PATH::NAME`.
    #[serde(default)]
    pub(crate) tests: Vec<String>,
    /// A package that `Cargo.lock` must not have.
    pub(crate) absent: Option<String>,
}

impl Table {
    /// Reads and checks the table below `root`.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let path = root.join(PATH);
        Self::parse(&fs::read_to_string(&path).with_context(|| format!("read {path:?}"))?)
    }

    /// Reads and checks the text of a table.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let table: Self = toml::from_str(text).context("parse advisories.toml")?;
        ensure!(day(&table.taken).is_some(), "advisories.toml: taken = {:?} is not a day", table.taken);
        ensure!(
            table.advisories.is_sorted_by(|one, next| one.id < next.id),
            "advisories.toml: the advisories are not ordered by their identifiers"
        );
        for advisory in &table.advisories {
            advisory.check().with_context(|| format!("{} in advisories.toml", advisory.id))?;
        }
        Ok(table)
    }

    /// How many advisories concern this release.
    pub(crate) fn count(&self, version: &Version) -> usize {
        self.advisories.iter().filter(|advisory| advisory.affects(version)).count()
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{HEAD}taken = {}\n", quoted(&self.taken));
        for advisory in &self.advisories {
            text += &advisory.text();
        }
        text
    }
}

impl Advisory {
    fn check(&self) -> Result<()> {
        for range in self.patched.iter().chain(&self.unaffected) {
            VersionReq::parse(range).with_context(|| format!("read the versions {range:?}"))?;
        }
        ensure!(day(&self.published).is_some(), "{:?} is not a day", self.published);
        self.severity()?;
        let platform = self.platform.as_deref();
        ensure!(
            platform.is_none_or(|name| PLATFORMS.contains(&name)),
            "the platform {platform:?} is not one of {PLATFORMS:?}"
        );
        for need in &self.needs {
            ensure!(ABILITIES.contains(&need.as_str()), "what is needed, {need:?}, is not one of {ABILITIES:?}");
        }
        if let Some(reason) = &self.unreachable {
            ensure!(
                !reason.tests.is_empty() || reason.absent.is_some(),
                "`unreachable` needs `tests` or `absent`: what is not shown is not so"
            );
        }
        Ok(())
    }

    /// Whether a release has the fault.
    pub(crate) fn affects(&self, version: &Version) -> bool {
        let fits = |range: &String| VersionReq::parse(range).is_ok_and(|range| range.matches(version));
        !self.patched.iter().chain(&self.unaffected).any(fits)
    }

    /// Whether a release of a supported major has the fault, from the first one to the pin.
    pub(crate) fn concerns(&self, versions: &Versions) -> bool {
        versions.majors.iter().any(|major| {
            (0..=major.pin.patch).any(|patch| self.affects(&Version::new(major.major, major.pin.minor, patch)))
        })
    }

    /// The severity by the vector; `None` without one.
    pub(crate) fn severity(&self) -> Result<Option<&'static str>> {
        let Some(vector) = &self.cvss else { return Ok(None) };
        let cvss: Cvss = vector.parse().with_context(|| format!("read the vector {vector:?}"))?;
        Ok(Some(match cvss.severity() {
            Severity::None | Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }))
    }

    fn text(&self) -> String {
        let mut text = format!("\n[[advisory]]\nid = {}\n", quoted(&self.id));
        text += &format!("aliases = {}\n", list(&self.aliases));
        text += &format!("package = {}\npublished = {}\n", quoted(&self.package), quoted(&self.published));
        text += &optional("cvss", self.cvss.as_deref());
        text += &format!("patched = {}\n", list(&self.patched));
        if !self.unaffected.is_empty() {
            text += &format!("unaffected = {}\n", list(&self.unaffected));
        }
        text += &format!("what = {}\n", quoted(&self.what));
        text += &optional("platform", self.platform.as_deref());
        if !self.needs.is_empty() {
            text += &format!("needs = {}\n", list(&self.needs));
        }
        if let Some(reason) = &self.unreachable {
            text += &format!("\n[advisory.unreachable]\nwhy = {}\n", quoted(&reason.why));
            text += &optional("unless", reason.unless.as_deref());
            if !reason.tests.is_empty() {
                text += &format!("tests = {}\n", list(&reason.tests));
            }
            text += &optional("absent", reason.absent.as_deref());
        }
        text
    }
}

/// The beginning of the file.
const HEAD: &str = "\
# The published security advisories that concern the supported majors of Wasmtime. The facts (versions, dates, CVSS vectors)
# are those of the RustSec database; the words are this project's. `cargo xtask advisories SOURCE` takes the facts of a newer
# database in and writes this file again, so comments elsewhere are lost; `cargo xtask codegen` makes the tables from it.
#
# `what` is the effect in a sentence. `platform` and `needs` say where it matters: one platform only, and all of these abilities.
# `unreachable` is there only where this crate's recipe or checks keep hosts from it, as the tests show, or `absent`, a package
# that Cargo.lock must not have; `unless` has what takes that away.

# The day on which the database was read.
";

fn optional(key: &str, value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| format!("{key} = {}\n", quoted(value)))
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("[{}]", values.join(", "))
}

/// A string as TOML has it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The number of a day, counted from 1970-01-01, if the text is one: `2026-08-21`.
pub(crate) fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok().filter(|_| part.len() == 4 || part.len() == 2));
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || text.len() != 10 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March, so that the day that leap years add is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    //! The file is read and written without a loss, and what makes no sense is refused.

    use super::*;

    #[test]
    fn the_file_is_as_it_would_be_written() {
        let root = crate::root().unwrap();
        let text = fs::read_to_string(root.join(PATH)).unwrap();
        assert_eq!(Table::parse(&text).unwrap().text(), text);
    }

    #[test]
    fn every_advisory_concerns_a_major_and_every_major_has_its_count() {
        let root = crate::root().unwrap();
        let (table, versions) = (Table::load(root).unwrap(), Versions::load(root).unwrap());
        assert!(table.advisories.iter().all(|advisory| advisory.concerns(&versions)));
        let counts: Vec<usize> = versions.majors.iter().map(|major| table.count(&major.pin)).collect();
        assert_eq!(counts.len(), versions.majors.len());
        assert!(counts.contains(&0) && counts.iter().any(|count| *count > 20), "{counts:?}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let text = |more: &str| {
            format!(
                "taken = \"2026-08-21\"\n[[advisory]]\nid = \"A\"\npackage = \"wasmtime\"\npublished = \"2026-01-02\"\n\
                 patched = [\">= 1.0.0\"]\nwhat = \"x\"\n{more}"
            )
        };
        assert!(Table::parse(&text("")).is_ok());
        for more in [
            "platform = \"amiga\"",
            "needs = [\"luck\"]",
            "cvss = \"CVSS:3.1/AV:X\"",
            "unaffected = [\"old\"]",
            "[advisory.unreachable]\nwhy = \"x\"",
        ] {
            assert!(Table::parse(&text(more)).is_err(), "{more}");
        }
        assert!(Table::parse("taken = \"August\"").is_err());
    }

    #[test]
    fn days_and_severities() {
        assert_eq!((day("1970-01-01"), day("2026-08-21")), (Some(0), Some(20_686)));
        assert_eq!((day("2024-03-01").unwrap() - day("2024-02-28").unwrap(), day("2026-13-01")), (2, None));
        let severity = |vector: &str| {
            let advisory = Advisory { cvss: Some(vector.to_owned()), ..Advisory::default() };
            advisory.severity().unwrap().unwrap()
        };
        assert_eq!(severity("CVSS:4.0/AV:N/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"), "critical");
        assert_eq!(severity("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:L"), "low");
        assert_eq!(Advisory::default().severity().unwrap(), None);
    }
}
