//! Owns reading databases of advisories: a checkout of the RustSec database, or a table with tabs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::table::{Advisory, day};

/// The packages whose versions are those of Wasmtime, by their folders in the database.
const PACKAGES: [&str; 8] = [
    "wasmtime",
    "wasmtime-environ",
    "wasmtime-internal-jit-debug",
    "wasmtime-jit-debug",
    "wasmtime-runtime",
    "wasmtime-wasi",
    "wasmtime-wasi-http",
    "wiggle",
];

/// The facts of a database. Of an advisory that is new, `what` is empty.
#[derive(Debug)]
pub(super) struct Source {
    /// The day of the database, if it has one.
    pub(super) taken: Option<String>,
    /// The advisories, with the titles of the database.
    pub(super) advisories: Vec<(Advisory, String)>,
}

impl Source {
    /// Reads a folder or a file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        if path.is_dir() { folder(path) } else { tabs(&text(path)?) }
    }
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {path:?}"))
}

/// A checkout of the database: `crates/PACKAGE/ID.md`.
fn folder(path: &Path) -> Result<Source> {
    let packages = path.join("crates");
    ensure!(packages.is_dir(), "{path:?} has no folder `crates`: it is not a checkout of the RustSec database");
    let mut advisories = Vec::new();
    for package in PACKAGES.map(|package| packages.join(package)) {
        if !package.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&package).with_context(|| format!("list {package:?}"))? {
            let file = entry.with_context(|| format!("list {package:?}"))?.path();
            if file.extension().is_some_and(|extension| extension == "md") {
                advisories.extend(page(&text(&file)?).with_context(|| format!("in {file:?}"))?);
            }
        }
    }
    ensure!(!advisories.is_empty(), "{path:?} has no advisory of Wasmtime");
    Ok(Source { taken: None, advisories })
}

/// One page: a block of TOML, then a title. `None` if the advisory was withdrawn, or is not about a fault.
fn page(text: &str) -> Result<Option<(Advisory, String)>> {
    let (front, rest) = text
        .strip_prefix("```toml\n")
        .and_then(|text| text.split_once("\n```"))
        .context("the page does not begin with a block of TOML")?;
    let page: Page = toml::from_str(front).context("parse the block of TOML")?;
    if page.advisory.withdrawn.is_some() || page.advisory.informational.as_deref().is_some_and(|kind| kind != "unsound")
    {
        return Ok(None);
    }
    let title = rest.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default().to_owned();
    let platform = page.affected.platform();
    let Facts { id, mut aliases, package, date, cvss, .. } = page.advisory;
    aliases.sort_unstable();
    let Ranges { patched, unaffected } = page.versions;
    let advisory =
        Advisory { id, aliases, package, published: date, cvss, patched, unaffected, platform, ..Advisory::default() };
    Ok(Some((advisory, title)))
}

#[derive(Deserialize)]
struct Page {
    advisory: Facts,
    #[serde(default)]
    affected: Affected,
    versions: Ranges,
}

#[derive(Deserialize)]
struct Facts {
    id: String,
    package: String,
    date: String,
    cvss: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    withdrawn: Option<String>,
    informational: Option<String>,
}

#[derive(Default, Deserialize)]
struct Affected {
    #[serde(default)]
    arch: Vec<String>,
    #[serde(default)]
    os: Vec<String>,
}

#[derive(Deserialize)]
struct Ranges {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

impl Affected {
    /// The only platform, if there is one and this project has a name for it.
    fn platform(&self) -> Option<String> {
        let name = match (self.arch.as_slice(), self.os.as_slice()) {
            ([arch], []) if arch == "x86_64" => "x86-64",
            ([arch], []) if arch == "aarch64" => "aarch64",
            ([], [os]) if os == "windows" => "windows",
            _ => return None,
        };
        Some(name.to_owned())
    }
}

/// A table with tabs: identifier, aliases, package, day, vector, patched, unaffected, platform, title, what it needs. Its
/// first line may have the day of the database.
fn tabs(text: &str) -> Result<Source> {
    let head = text.lines().next().filter(|line| line.starts_with('#')).unwrap_or_default();
    let mut words = head.split(|letter: char| !letter.is_ascii_digit() && letter != '-');
    let taken = words.rfind(|word| day(word).is_some()).map(str::to_owned);
    let mut advisories = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        advisories.push(row(line).with_context(|| format!("line {number}"))?);
    }
    Ok(Source { taken, advisories })
}

fn row(line: &str) -> Result<(Advisory, String)> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [id, aliases, package, published, cvss, patched, unaffected, platform, title, ..] = cells.as_slice() else {
        bail!("{} cells are too few: 9 are expected", cells.len());
    };
    let given = |cell: &str| (cell != "-" && cell != "any").then(|| cell.to_owned());
    let ranges = |cell: &str| match cell {
        "-" => Vec::new(),
        _ => cell.split("||").map(|range| range.trim().to_owned()).collect(),
    };
    let mut aliases: Vec<String> = aliases.split(',').map(str::to_owned).collect();
    aliases.sort_unstable();
    let advisory = Advisory {
        id: (*id).to_owned(),
        aliases,
        package: (*package).to_owned(),
        published: (*published).to_owned(),
        cvss: given(cvss),
        patched: ranges(patched),
        unaffected: ranges(unaffected),
        platform: given(platform),
        ..Advisory::default()
    };
    Ok((advisory, (*title).to_owned()))
}

#[cfg(test)]
mod tests {
    //! Both kinds of databases are read.

    use super::*;

    const PAGE: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2030-0001\"\npackage = \"wasmtime\"\ndate = \"2030-01-02\"\n\
        url = \"https://example.com\"\ncategories = [\"denial-of-service\"]\naliases = [\"GHSA-b\", \"CVE-a\"]\n\n\
        [affected]\narch = [\"aarch64\"]\n\n[versions]\npatched = [\">= 50.0.2\"]\nunaffected = [\"< 40.0.0\"]\n```\n\n\
        # Panic somewhere\n\nText.\n";

    #[test]
    fn a_page_of_the_database() {
        let (advisory, title) = page(PAGE).unwrap().unwrap();
        assert_eq!((advisory.id.as_str(), title.as_str()), ("RUSTSEC-2030-0001", "Panic somewhere"));
        assert_eq!(
            (advisory.aliases, advisory.platform.as_deref()),
            (vec!["CVE-a".into(), "GHSA-b".into()], Some("aarch64"))
        );
        assert_eq!(
            (advisory.patched, advisory.unaffected),
            (vec![">= 50.0.2".to_owned()], vec!["< 40.0.0".to_owned()])
        );
        assert_eq!((advisory.what.as_str(), advisory.cvss), ("", None));
        let withdrawn = PAGE.replace("url =", "withdrawn = \"2030-02-01\"\nurl =");
        assert!(page(&withdrawn).unwrap().is_none());
        assert!(page("# No block\n").is_err());
    }

    #[test]
    fn a_table_with_tabs() {
        let text = "# state of the database: 2030-02-03\n\nRUSTSEC-2030-0001\tGHSA-b,CVE-a\twasmtime\t2030-01-02\t-\t\
                    >= 36.0.9, < 37.0.0 || >= 50.0.2\t-\tany\tpanic\tsimd\n";
        let source = tabs(text).unwrap();
        assert_eq!(source.taken.as_deref(), Some("2030-02-03"));
        let (advisory, title) = &source.advisories[0];
        assert_eq!((advisory.patched.len(), advisory.unaffected.len(), title.as_str()), (2, 0, "panic"));
        assert_eq!((&advisory.platform, &advisory.cvss), (&None, &None));
        assert!(tabs("RUSTSEC-2030-0001\tx\n").is_err());
    }
}
