//! Owns the table of majors in the README, and which majors its examples need.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::advisories::Table;
use crate::versions::Versions;

/// One line per major.
pub(super) fn majors_table(versions: &Versions, table: &Table) -> String {
    let mut out = String::from(
        "| feature | pinned | generation | WASI | rust-version | support | advisories |\n|---|---|---|---|---|---|---|\n",
    );
    for major in &versions.majors {
        writeln!(
            out,
            "| `wasmtime-{}` | {} | {} | {} | {} | {}until {} | {} |",
            major.major,
            major.pin,
            versions.generation(major.major),
            [Some(&major.p2), major.p3.as_ref()]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", "),
            major.rust,
            if major.lts() { "LTS, " } else { "" },
            major.end_of_life,
            table.count(&major.pin)
        )
        .expect("write to a string");
    }
    out
}

/// The majors that Wasmtime supports on the day on which the newest one was released, for SECURITY.md.
pub(super) fn supported_table(versions: &Versions, table: &Table) -> String {
    let Some(today) = versions.majors.last().map(|newest| &newest.released) else { return String::new() };
    let mut out = format!("| supported on {today} | until | advisories of the pinned release |\n|---|---|---|\n");
    for major in versions.majors.iter().filter(|major| major.end_of_life >= *today) {
        let lts = if major.lts() { " (LTS)" } else { "" };
        writeln!(out, "| {}{lts} | {} | {} |", major.major, major.end_of_life, table.count(&major.pin))
            .expect("write to a string");
    }
    let rest = versions.majors.iter().filter(|major| major.end_of_life < *today).count();
    writeln!(out, "\nThe other {rest} of the {} supported majors get no fixes any more.", versions.majors.len())
        .expect("write to a string");
    out
}

/// The majors that the Rust examples of the README name, as `V24` does.
pub(super) fn majors_of_examples(root: &Path) -> Result<Vec<u64>> {
    let readme = fs::read_to_string(root.join("README.md")).context("read README.md")?;
    let examples = readme.split("```rust\n").skip(1).filter_map(|text| text.split("```").next());
    let words = examples.flat_map(|example| example.split(|c: char| !c.is_ascii_alphanumeric()));
    let majors: BTreeSet<u64> = words.filter_map(|word| word.strip_prefix('V')?.parse().ok()).collect();
    Ok(majors.into_iter().collect())
}
