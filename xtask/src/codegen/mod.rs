//! Owns what is generated from `versions.toml`, and where it is written. Each text has a file of its own.

mod bounds;
mod features;
mod groups;
mod mounts;
mod readme;
mod releases;
mod splice;
mod table;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;

use self::splice::splice;
use crate::versions::Versions;

/// The generated files that mount something once per major: the only ones with a `cfg` on a major.
pub(crate) const MOUNTS: [&str; 2] = ["src/majors/table.rs", "compat-tests/tests/conformance/majors.rs"];

/// Flags of `cargo xtask codegen`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Writes nothing; fails if something is stale
    #[arg(long)]
    check: bool,
}

/// Writes what differs and prints the paths, or with `--check` only says what would be written.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let paths = if flags.check { stale(root, versions)? } else { write(root, versions)? };
    for path in &paths {
        println!("{path}");
    }
    if flags.check && !paths.is_empty() {
        bail!("{} generated texts are stale: run `cargo xtask codegen`", paths.len());
    }
    Ok(())
}

/// Writes every generated text that differs from what is there; returns the paths it changed.
pub(crate) fn write(root: &Path, versions: &Versions) -> Result<Vec<&'static str>> {
    let mut changed = Vec::new();
    for (path, text) in render(root, versions)? {
        let full = root.join(path);
        if fs::read_to_string(&full).ok().as_deref() != Some(&text) {
            fs::write(&full, text).with_context(|| format!("write {full:?}"))?;
            changed.push(path);
        }
    }
    Ok(changed)
}

/// The paths whose generated text is not what `versions.toml` says.
pub(crate) fn stale(root: &Path, versions: &Versions) -> Result<Vec<&'static str>> {
    let rendered = render(root, versions)?;
    Ok(rendered
        .into_iter()
        .filter(|(path, text)| fs::read_to_string(root.join(path)).ok().as_deref() != Some(text))
        .map(|(path, _)| path)
        .collect())
}

fn render(root: &Path, versions: &Versions) -> Result<Vec<(&'static str, String)>> {
    let mut files = vec![
        (MOUNTS[0], table::table(versions, &readme::majors_of_examples(root)?)),
        (MOUNTS[1], mounts::mounts(versions, &mounts::case_files(root)?)),
        ("crates/guest/src/report/releases.rs", releases::releases(versions)),
        ("crates/matrix/src/groups.rs", groups::groups(versions)),
    ];
    for (path, sections) in [
        (
            "Cargo.toml",
            vec![("features", features::features(versions)), ("dependencies", features::dependencies(versions))],
        ),
        ("compat-tests/Cargo.toml", vec![("features", features::forwarded(versions))]),
        ("crates/cli/Cargo.toml", vec![("features", features::forwarded(versions))]),
        ("docs/BOUNDS.md", vec![("majors", bounds::majors(versions))]),
        ("README.md", vec![("majors", readme::majors_table(versions))]),
    ] {
        let full = root.join(path);
        let mut text = fs::read_to_string(&full).with_context(|| format!("read {full:?}"))?;
        for (name, section) in sections {
            text = splice(&text, name, &section).with_context(|| format!("in {path}"))?;
        }
        files.push((path, text));
    }
    Ok(files)
}

/// The crates of Wasmtime that `major` is made of; all have its version.
fn packages(versions: &Versions, major: u64) -> impl Iterator<Item = &'static str> {
    ["wasmtime", "wasmtime-wasi", "wasmtime-wasi-io", "wiggle"]
        .into_iter()
        .filter(move |package| versions.needs(package, major))
}

#[cfg(test)]
mod tests {
    //! Every mount is generated, and nothing is stale after a write.

    use super::*;

    #[test]
    fn mounts_are_generated() {
        let root = crate::root().unwrap();
        let versions = Versions::load(root).unwrap();
        let paths: Vec<&str> = render(root, &versions).unwrap().into_iter().map(|(path, _)| path).collect();
        assert!(MOUNTS.iter().all(|mount| paths.contains(mount)), "{paths:?}");
    }
}
