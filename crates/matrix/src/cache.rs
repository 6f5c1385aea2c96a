//! Owns what is remembered of columns that have run: one file per column, written at once or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::model::{ColumnReport, SCHEMA};
use crate::suite::Invocation;

/// Environment variables that change what cargo builds, beside those that start with `CARGO_PROFILE_`.
const ENVIRONMENT: [&str; 5] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_INCREMENTAL", "RUSTC_BOOTSTRAP"];

/// How the names of sources end that count before git tracks them; logs and reports lie about, too.
const SOURCES: [&str; 6] = [".rs", ".toml", ".lock", ".wat", ".wasm", ".wit"];

/// The folder with the files.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
}

/// What a file holds.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Entry {
    schema: u32,
    /// What the result depends on, hashed.
    pub key: String,
    /// The result.
    pub column: ColumnReport,
}

impl Cache {
    /// The files in `folder`, which is made when something is written.
    pub(crate) fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The file of a column, and of the part of its cases that was chosen.
    fn path(&self, major: u64, cases: Option<&str>) -> PathBuf {
        let part = cases.map(|cases| format!("-{}", &sha256(cases.as_bytes())[..8])).unwrap_or_default();
        self.folder.join(format!("{major}{part}.json"))
    }

    /// What is remembered of a column. A file that cannot be read is as good as none.
    pub(crate) fn read(&self, major: u64, cases: Option<&str>) -> Option<Entry> {
        let text = fs::read_to_string(self.path(major, cases)).ok()?;
        let entry: Entry = serde_json::from_str(&text).ok()?;
        (entry.schema == SCHEMA && entry.column.column.major == major).then_some(entry)
    }

    /// Remembers a column.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn write(&self, key: &str, cases: Option<&str>, column: &ColumnReport) -> Result<()> {
        let entry = Entry { schema: SCHEMA, key: key.to_owned(), column: column.clone() };
        write(&self.path(column.column.major, cases), &serde_json::to_vec_pretty(&entry)?)
    }
}

/// Writes a file so that a reader, also after a kill at any point, sees all of it or the one before.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let context = || format!("write {}", path.display());
    fs::create_dir_all(folder).with_context(context)?;
    let mut file = NamedTempFile::new_in(folder).with_context(context)?;
    file.write_all(bytes).with_context(context)?;
    file.as_file().sync_all().with_context(context)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644)).with_context(context)?;
    }
    file.persist(path).with_context(context)?;
    Ok(())
}

/// The hash of the files at `paths`, by name and content; a folder is what git tracks in it and the sources that it does
/// not track yet, and all that is in it if git knows nothing of it.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn fingerprint(root: &Path, paths: &[&str]) -> Result<String> {
    let mut files = BTreeMap::new();
    for path in paths {
        let full = root.join(path);
        let list = if full.is_dir() { listed(root, path)? } else { vec![(*path).to_owned()] };
        for file in list {
            match fs::read(root.join(&file)) {
                Ok(bytes) => files.insert(file, sha256(&bytes)),
                // Tracked, and deleted.
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(error).with_context(|| format!("read {file}")),
            };
        }
    }
    Ok(sha256(&serde_json::to_vec(&files)?))
}

/// The files in a folder.
fn listed(root: &Path, folder: &str) -> Result<Vec<String>> {
    let full = root.join(folder);
    let source = |name: &String| SOURCES.iter().any(|end| name.ends_with(end));
    let mut names = git(&full, &["--cached"]).unwrap_or_default();
    let others = git(&full, &["--others", "--exclude-standard"]).unwrap_or_default();
    names.extend(others.into_iter().filter(source));
    if names.is_empty() {
        // Git does not know the folder, or was told to ignore it.
        let mut files = Vec::new();
        walk(root, folder, &mut files)?;
        return Ok(files);
    }
    Ok(names.into_iter().map(|name| format!("{folder}/{name}")).collect())
}

/// What `git ls-files` lists in a folder; none if git does not know the folder.
fn git(folder: &Path, flags: &[&str]) -> Option<Vec<String>> {
    let output = Command::new("git").args(["ls-files", "-z"]).args(flags).current_dir(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.split_terminator('\0').map(str::to_owned).collect())
}

fn walk(root: &Path, folder: &str, files: &mut Vec<String>) -> Result<()> {
    let context = || format!("list {folder}");
    for entry in fs::read_dir(root.join(folder)).with_context(context)? {
        let entry = entry.with_context(context)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if !entry.file_type().with_context(context)?.is_dir() {
            files.push(path);
        } else if name != "target" && !name.starts_with('.') {
            walk(root, &path, files)?;
        }
    }
    Ok(())
}

/// What a column's result depends on: the sources, the command and its folder, the toolchain, the environment.
pub(crate) fn key(fingerprint: &str, toolchain: Option<&str>, run: &Invocation) -> String {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(|(name, _)| name.starts_with("CARGO_PROFILE_") || ENVIRONMENT.contains(&name.as_str()))
        .collect();
    let parts = (fingerprint, toolchain, &run.program, &run.dir, &run.args, &run.env, environment);
    sha256(serde_json::to_string(&parts).unwrap_or_default().as_bytes())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    //! A change of any input changes the key, and a truncated file is not used.

    use super::*;

    #[test]
    fn the_fingerprint_follows_names_and_contents() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("src")).unwrap();
        fs::write(root.join("src/a.rs"), "a").unwrap();
        fs::write(root.join("Cargo.lock"), "lock").unwrap();
        let hash = || fingerprint(root, &["src", "Cargo.lock"]).unwrap();
        let first = hash();
        assert_eq!(first, hash());
        fs::write(root.join("src/a.rs"), "b").unwrap();
        let second = hash();
        fs::write(root.join("src/b.rs"), "").unwrap();
        let third = hash();
        fs::write(root.join("Cargo.lock"), "other").unwrap();
        assert_eq!([first, second, third, hash()].iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    }

    #[test]
    fn the_key_follows_command_folder_and_toolchain() {
        let one = Invocation { args: vec!["a".into()], ..Invocation::default() };
        let two = Invocation { args: vec!["b".into()], ..Invocation::default() };
        let elsewhere = Invocation { dir: "b".into(), ..one.clone() };
        let other = Invocation { program: "cargo".into(), ..one.clone() };
        let keys = [
            key("f", None, &one),
            key("g", None, &one),
            key("f", Some("1.97"), &one),
            key("f", None, &two),
            key("f", None, &elsewhere),
            key("f", None, &other),
        ];
        assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), keys.len());
    }

    #[test]
    fn what_git_ignores_counts_if_it_is_all_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let status = Command::new("git").args(["init", "--quiet"]).current_dir(root).status().unwrap();
        assert!(status.success());
        fs::write(root.join(".gitignore"), "/scratch\n").unwrap();
        fs::create_dir(root.join("scratch")).unwrap();
        let hash = |text: &str| {
            fs::write(root.join("scratch/lib.rs"), text).unwrap();
            fingerprint(root, &["scratch"]).unwrap()
        };
        assert_ne!(hash("a"), hash("b"));
    }

    #[test]
    fn half_a_file_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        assert!(cache.read(18, None).is_none());
        fs::write(cache.path(18, None), "{\"schema\": 1, \"key\"").unwrap();
        assert!(cache.read(18, None).is_none());
        assert_ne!(cache.path(18, None), cache.path(18, Some("x")));
    }
}
