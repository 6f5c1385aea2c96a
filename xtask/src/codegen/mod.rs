//! Owns what is generated from `versions.toml`, and where it is written. Each text has a file of its own.

mod advisories;
mod aliases;
mod bounds;
mod features;
mod groups;
mod knobs;
mod knobs_page;
mod mounts;
mod proposals;
mod readme;
mod releases;
mod splice;
mod switchboard;
mod switches;
mod table;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;

use self::splice::splice;
use crate::advisories::Table;
use crate::ports;
use crate::versions::Versions;

/// The generated files that mount something once per major: the only ones with a `cfg` on a major.
pub(crate) const MOUNTS: [&str; 6] = [
    "src/majors/table.rs",
    "compat-tests/core/tests/majors.rs",
    "src/majors/switchboard.rs",
    mounts::PROGRAMS[0].path,
    mounts::PROGRAMS[1].path,
    mounts::PROGRAMS[2].path,
];

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

/// Writes every generated text that differs from what is there, and removes generated files that are no longer needed;
/// returns the paths it changed.
pub(crate) fn write(root: &Path, versions: &Versions) -> Result<Vec<String>> {
    let mut changed = Vec::new();
    let rendered = render(root, versions)?;
    for path in unneeded(root, &rendered)? {
        fs::remove_file(root.join(&path)).with_context(|| format!("remove {path:?}"))?;
        changed.push(path);
    }
    for (path, text) in rendered {
        let full = root.join(&path);
        if fs::read_to_string(&full).ok().as_deref() != Some(&text) {
            if let Some(folder) = full.parent() {
                fs::create_dir_all(folder).with_context(|| format!("create {folder:?}"))?;
            }
            fs::write(&full, text).with_context(|| format!("write {full:?}"))?;
            changed.push(path);
        }
    }
    Ok(changed)
}

/// The paths whose generated text is not what `versions.toml` says.
pub(crate) fn stale(root: &Path, versions: &Versions) -> Result<Vec<String>> {
    let rendered = render(root, versions)?;
    let unneeded = unneeded(root, &rendered)?;
    let differing = rendered
        .into_iter()
        .filter(|(path, text)| fs::read_to_string(root.join(path)).ok().as_deref() != Some(text))
        .map(|(path, _)| path);
    Ok(unneeded.into_iter().chain(differing).collect())
}

/// Files in a generated folder that are not among those rendered.
fn unneeded(root: &Path, rendered: &[(String, String)]) -> Result<Vec<String>> {
    let needed: BTreeSet<&str> = rendered.iter().map(|(path, _)| path.as_str()).collect();
    let folder = root.join(switches::FOLDER);
    let mut unneeded = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(&folder).with_context(|| format!("list {folder:?}"))? {
            let entry = entry.with_context(|| format!("list {folder:?}"))?;
            unneeded.push(format!("{}/{}", switches::FOLDER, entry.file_name().to_string_lossy()));
        }
    }
    unneeded.retain(|path| !needed.contains(path.as_str()));
    unneeded.sort_unstable();
    Ok(unneeded)
}

fn render(root: &Path, versions: &Versions) -> Result<Vec<(String, String)>> {
    let cases = mounts::case_files(root)?;
    let table = Table::load(root)?;
    let mut files = vec![
        (MOUNTS[0].to_owned(), table::table(versions, &readme::majors_of_examples(root)?)),
        (MOUNTS[1].to_owned(), mounts::core_mounts(versions, &cases)),
        (MOUNTS[2].to_owned(), switchboard::switchboard(versions)),
        (aliases::PATH.to_owned(), aliases::aliases(root)?),
        (advisories::PATH.to_owned(), advisories::advisories(&table)?),
        ("crates/guest/src/report/releases.rs".to_owned(), releases::releases(versions)),
        ("crates/guest/src/report/proposals/table.rs".to_owned(), proposals::proposals(versions)),
        ("crates/matrix/src/groups.rs".to_owned(), groups::groups(versions)),
        ("src/engine/knobs.rs".to_owned(), knobs::knobs(versions)),
        ("compat-tests/src/knobs.rs".to_owned(), knobs::suite(versions)),
        ("docs/KNOBS.md".to_owned(), knobs_page::page(versions)),
    ];
    files.extend(
        mounts::PROGRAMS.iter().map(|program| (program.path.to_owned(), mounts::mounts(versions, &cases, program))),
    );
    files.extend(switches::switches(versions));
    for (path, sections) in [
        (
            "Cargo.toml",
            vec![("features", features::features(versions)), ("dependencies", features::dependencies(versions))],
        ),
        ("compat-tests/Cargo.toml", vec![("features", features::forwarded(versions))]),
        ("compat-tests/core/Cargo.toml", vec![("features", features::steps(versions))]),
        ("crates/cli/Cargo.toml", vec![("features", features::forwarded(versions))]),
        ("docs/BOUNDS.md", vec![("majors", bounds::majors(versions))]),
        ("README.md", vec![("majors", readme::majors_table(versions, &table))]),
        ("SECURITY.md", vec![("support", readme::supported_table(versions, &table))]),
    ] {
        let full = root.join(path);
        let mut text = fs::read_to_string(&full).with_context(|| format!("read {full:?}"))?;
        for (name, section) in sections {
            text = splice(&text, name, &section).with_context(|| format!("in {path}"))?;
        }
        files.push((path.to_owned(), text));
    }
    for name in ports::names(root)? {
        let path = format!("{}/{name}/Cargo.toml", ports::FOLDER);
        let text = fs::read_to_string(root.join(&path)).with_context(|| format!("read {path:?}"))?;
        let text = splice(&text, "features", &features::of_a_port(versions)).with_context(|| format!("in {path}"))?;
        files.push((path, text));
    }
    Ok(files)
}

/// The crates of Wasmtime that `major` is made of; all have its version.
fn packages(versions: &Versions, major: u64) -> impl Iterator<Item = &'static str> {
    ["wasmtime", "wasmtime-environ", "wasmtime-wasi", "wasmtime-wasi-http", "wasmtime-wasi-io", "wiggle"]
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
        let paths: Vec<String> = render(root, &versions).unwrap().into_iter().map(|(path, _)| path).collect();
        assert!(MOUNTS.iter().all(|mount| paths.iter().any(|path| path == mount)), "{paths:?}");
    }
}
