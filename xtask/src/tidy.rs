//! `cargo xtask tidy`: owns the rules of this repository that no compiler checks. It is also a test.

mod advisories;
mod imports;
mod texts;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use semver::Version;

use crate::advisories::{Table, described, today};
use crate::versions::Versions;
use crate::{codegen, lock};

/// Folders whose Rust files are checked; one that is not there has none.
const SOURCES: [&str; 7] = ["src", "tests", "xtask/src", "compat-tests", "benches", "crates", "examples"];

/// Where the seams are.
const SEAMS: &str = "src/majors/seams";

/// How many lines a seam file may have.
const SEAM_LINES: usize = 109;

/// A rule that is broken, where, and what to do about it.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Problem {
    path: String,
    line: usize,
    text: String,
}

impl Problem {
    fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}

/// Prints every problem; fails if there is one.
pub(crate) fn run(root: &Path, versions: &Versions) -> Result<()> {
    let problems = check(root, versions)?;
    // It grows old without anybody's doing, which is not a problem of the repository.
    println!("{}", described(&Table::load(root)?, today()));
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        1 => bail!("tidy found 1 problem"),
        n => bail!("tidy found {n} problems"),
    }
}

/// Everything that is not as it should be below `root`.
pub(crate) fn check(root: &Path, versions: &Versions) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for path in codegen::stale(root, versions)? {
        problems.push(Problem::new(&path, 1, "differs from what versions.toml says: run `cargo xtask codegen`"));
    }
    for folder in SOURCES {
        for path in rust_files(root, folder)? {
            let text = read(root, &path)?;
            problems.extend(module_doc(&path, &text));
            problems.extend(cfg_on_major(&path, &text));
            problems.extend(unfinished(&path, &text));
            problems.extend(texts::lists_of_majors(&path, &text, versions));
        }
    }
    for path in texts::pages(root)? {
        let text = read(root, &path)?;
        problems.extend(texts::lists_of_majors(&path, &text, versions));
        problems.extend(texts::relative_links(&path, &text));
    }
    problems.extend(imports::check(root)?);
    problems.extend(advisories::check(root)?);
    problems.extend(seams(root, versions)?);
    problems.extend(lock(&read(root, "Cargo.lock")?, versions)?);
    Ok(problems)
}

/// Every file says what it owns. A file that is included cannot have such a comment, and one that only includes another
/// needs none.
fn module_doc(path: &str, text: &str) -> Option<Problem> {
    let is_included = path.starts_with("compat-tests/ui/shared/") || text.starts_with("include!(");
    (!text.starts_with("//!") && !is_included)
        .then(|| Problem::new(path, 1, "does not start with `//!`: say in one line what this file owns"))
}

/// A major is named by a `cfg` in generated files only.
fn cfg_on_major(path: &str, text: &str) -> Vec<Problem> {
    if codegen::MOUNTS.contains(&path) {
        return Vec::new();
    }
    code_lines(text)
        .filter(|(_, line)| names_feature_of_major(line))
        .map(|(number, _)| {
            let text = format!(
                "a `cfg` on one major belongs into the generated {} only: move what differs into a file in {SEAMS}, \
                 and its arm into versions.toml",
                codegen::MOUNTS[0]
            );
            Problem::new(path, number, text)
        })
        .collect()
}

/// Whether `line` has `feature = "wasmtime-` and a digit, however it is spaced.
fn names_feature_of_major(line: &str) -> bool {
    let dense: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    dense.split("feature=\"wasmtime-").skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Nothing is left unfinished in the crate.
fn unfinished(path: &str, text: &str) -> Vec<Problem> {
    if !path.starts_with("src/") {
        return Vec::new();
    }
    let macros = ["todo!", "unimplemented!", "dbg!"];
    code_lines(text)
        .flat_map(|(number, line)| {
            macros.into_iter().filter(move |name| line.contains(&format!("{name}("))).map(move |name| (number, name))
        })
        .map(|(number, name)| Problem::new(path, number, format!("`{name}` must not stay in the crate: remove it")))
        .collect()
}

/// Every arm in versions.toml has its file, every file its arm, and all are short.
fn seams(root: &Path, versions: &Versions) -> Result<Vec<Problem>> {
    let mut files = Vec::new();
    let folder = root.join(SEAMS);
    for room in fs::read_dir(&folder).with_context(|| format!("list {folder:?}"))? {
        let room = room.with_context(|| format!("list {folder:?}"))?;
        for entry in fs::read_dir(room.path()).with_context(|| format!("list {:?}", room.path()))? {
            let entry = entry.with_context(|| format!("list {:?}", room.path()))?;
            let name = format!("{}/{}", room.file_name().to_string_lossy(), entry.file_name().to_string_lossy());
            let lines = read(root, &format!("{SEAMS}/{name}"))?.lines().count();
            files.push((name, lines));
        }
    }
    files.sort_unstable();
    Ok(seam_files(&files, &read(root, "versions.toml")?, versions))
}

/// The same, given the names and lengths of the files.
fn seam_files(files: &[(String, usize)], toml: &str, versions: &Versions) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut missing: BTreeSet<(&str, String)> = versions
        .axes
        .iter()
        .flat_map(|(axis, arms)| arms.iter().map(move |arm| (axis.as_str(), format!("{axis}_{}.rs", arm.form()))))
        .collect();
    for (name, lines) in files {
        let path = format!("{SEAMS}/{name}");
        let before = missing.len();
        missing.retain(|(_, file)| file != name);
        if missing.len() == before {
            let text = "belongs to no arm: list it under [axes] in versions.toml, or delete it";
            problems.push(Problem::new(&path, 1, text));
        }
        if *lines > SEAM_LINES {
            let text = format!(
                "{lines} lines are too many for a seam (at most {SEAM_LINES}): move what does not differ into src/majors/common"
            );
            problems.push(Problem::new(&path, SEAM_LINES + 1, text));
        }
    }
    for (axis, file) in missing {
        let text = format!("axis {axis:?} has an arm without its file: write {SEAMS}/{file}, or take the arm out");
        problems.push(Problem::new("versions.toml", line_of_key(toml, axis.rsplit('/').next().unwrap_or(axis)), text));
    }
    problems
}

/// The line with `key = …`, or the first.
fn line_of_key(toml: &str, key: &str) -> usize {
    let is_key = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
    toml.lines().position(is_key).map_or(1, |index| index + 1)
}

/// Of Wasmtime, `Cargo.lock` holds the pins and nothing else.
pub(crate) fn lock(text: &str, versions: &Versions) -> Result<Vec<Problem>> {
    let packages = lock::packages(text)?;
    let mut problems = Vec::new();
    for name in lock::OURS {
        let mut missing: Vec<&Version> = versions.majors.iter().map(|major| &major.pin).collect();
        for package in packages.iter().filter(|package| package.name == name) {
            let found = package.version.get_ref();
            let before = missing.len();
            missing.retain(|pin| *pin != found);
            if missing.len() < before {
                continue;
            }
            let line = text[..package.version.span().start].lines().count();
            let pin = versions.majors.iter().map(|major| &major.pin).find(|pin| pin.major == found.major);
            problems.push(Problem::new(
                "Cargo.lock",
                line,
                match pin {
                    Some(pin) => format!(
                        "{name} {found} is not the pin: run `cargo update -p {name}@{found} --precise {pin}`, or change \
                         the pin in versions.toml"
                    ),
                    None => format!("{name} {found} is of no major in versions.toml: find with `cargo tree` what wants it"),
                },
            ));
        }
        for pin in missing {
            let text = format!(
                "{name} {pin}, a pin in versions.toml, is not locked: run `cargo xtask codegen`, then \
                 `cargo update -p {name}@{} --precise {pin}`",
                pin.major
            );
            problems.push(Problem::new("Cargo.lock", 1, text));
        }
    }
    Ok(problems)
}

/// The lines of `text` that are not wholly a comment, with their numbers.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The Rust files below `root/folder`, relative to `root`, with `/`, sorted.
fn rust_files(root: &Path, folder: &str) -> Result<Vec<String>> {
    let full = root.join(folder);
    let mut files = Vec::new();
    if !full.is_dir() {
        return Ok(files);
    }
    for entry in fs::read_dir(&full).with_context(|| format!("list {full:?}"))? {
        let entry = entry.with_context(|| format!("list {full:?}"))?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().with_context(|| format!("look at {path}"))?.is_dir() {
            files.extend(rust_files(root, &path)?);
        } else if path.ends_with(".rs") {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn read(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("read {path}"))
}

#[cfg(test)]
mod tests {
    //! This repository is tidy, and each rule catches what breaks it.

    use super::*;

    fn lines(problems: &[Problem]) -> Vec<usize> {
        problems.iter().map(|problem| problem.line).collect()
    }

    #[test]
    fn this_repository_is_tidy() {
        let root = crate::root().unwrap();
        let problems = check(root, &Versions::load(root).unwrap()).unwrap();
        let list: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert!(list.is_empty(), "not tidy:\n{}", list.join("\n"));
    }

    #[test]
    fn the_walk_finds_this_file() {
        let files = rust_files(crate::root().unwrap(), "xtask/src").unwrap();
        assert!(files.contains(&"xtask/src/tidy.rs".to_owned()), "{files:?}");
    }

    #[test]
    fn files_start_with_what_they_own() {
        assert_eq!(module_doc("src/a.rs", "//! Owns a.\n"), None);
        let problem = module_doc("src/a.rs", "// Owns a.\n//! Owns a.\n").unwrap();
        assert!(problem.to_string().starts_with("src/a.rs:1: does not start with"), "{problem}");
    }

    #[test]
    fn only_generated_files_have_a_cfg_on_a_major() {
        // Put together, so that this file does not break the rule itself.
        let one = format!("feature = \"wasmtime-{}\"", 24);
        let text = format!("fn a() {{}}\n#[cfg({one})]\n// {one}\n    any({}),\n", one.replace(' ', ""));
        assert_eq!(lines(&cfg_on_major("src/a.rs", &text)), [2, 4]);
        assert_eq!(lines(&cfg_on_major("compat-tests/tests/cases/a.rs", &text)), [2, 4]);
        for generated in codegen::MOUNTS {
            assert!(cfg_on_major(generated, &text).is_empty());
        }
        assert!(cfg_on_major("src/a.rs", "#[cfg(feature = \"wasmtime-x\")]\n#[cfg(feature = \"cli\")]").is_empty());
    }

    #[test]
    fn nothing_is_unfinished_in_the_crate() {
        let text = format!("fn a() {{\n    {0}!()\n}}\n// {0}!()\nfn b() {{ {1}!(1) }}\n", "todo", "dbg");
        assert_eq!(lines(&unfinished("src/a.rs", &text)), [2, 5]);
        assert!(unfinished("compat-tests/src/lib.rs", &text).is_empty());
    }

    #[test]
    fn seams_and_arms_belong_together() {
        let versions = Versions::sample();
        let toml = "[axes.wasi]\nviewer = [1]\nview = [18, 36]\n";
        let file = |name: &str, lines| (name.to_owned(), lines);
        assert!(
            seam_files(&[file("wasi/view_18.rs", SEAM_LINES), file("wasi/view_36.rs", 9)], toml, &versions).is_empty()
        );

        let problems =
            seam_files(&[file("wasi/view_18.rs", SEAM_LINES + 1), file("wasi/view_20.rs", 9)], toml, &versions);
        let list: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(list.len(), 3, "{list:?}");
        assert!(list[0].starts_with("src/majors/seams/wasi/view_18.rs:110: 110 lines are too many"), "{list:?}");
        assert!(list[1].starts_with("src/majors/seams/wasi/view_20.rs:1: belongs to no arm"), "{list:?}");
        assert!(
            list[2].starts_with("versions.toml:3: axis \"wasi/view\"") && list[2].contains("view_36.rs"),
            "{list:?}"
        );
    }

    #[test]
    fn the_lock_holds_exactly_the_pins() {
        let versions = Versions::sample();
        let package =
            |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
        let mut text = String::from("version = 4\n\n");
        for pin in ["18.0.4", "20.0.2", "36.0.20", "48.0.8"] {
            text += &package("wasmtime", pin);
            text += &package("wasmtime-wasi", pin);
        }
        text += &package("wasmtime-environ", "48.0.7");
        assert_eq!(lock(&text, &versions).unwrap(), []);

        let text = text.replacen("36.0.20", "36.0.19", 1) + &package("wasmtime", "17.0.0");
        let list: Vec<String> = lock(&text, &versions).unwrap().iter().map(Problem::to_string).collect();
        assert_eq!(list.len(), 3, "{list:?}");
        let line = text.lines().position(|line| line.contains("36.0.19")).unwrap() + 1;
        assert!(list[0].starts_with(&format!("Cargo.lock:{line}: wasmtime 36.0.19 is not the pin")), "{list:?}");
        assert!(list[0].contains("`cargo update -p wasmtime@36.0.19 --precise 36.0.20`"), "{list:?}");
        assert!(list[1].contains("wasmtime 17.0.0 is of no major"), "{list:?}");
        assert!(list[2].contains("wasmtime 36.0.20, a pin in versions.toml, is not locked"), "{list:?}");
    }
}
