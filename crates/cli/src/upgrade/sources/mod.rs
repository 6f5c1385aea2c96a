//! Owns what the Rust sources of a host use of Wasmtime's API that changes between two majors. Sources are parsed, not
//! compiled: what macros make is not seen, and types follow from imports, signatures and annotations only.

mod api;
mod names;
mod scan;

use std::fs;
use std::io;
use std::path::Path;
use std::thread;

use serde::Serialize;

use self::api::{Api, Fate};
use self::scan::Scanned;
use crate::failure::Failure;
use crate::style::{Spinner, visible};

/// What was found in the sources of a host.
#[derive(Debug, Default, Serialize)]
pub(super) struct SourcesPage {
    pub(super) folder: String,
    /// Rust files that were read.
    pub(super) files: usize,
    /// Those that use Wasmtime's crates.
    pub(super) using: usize,
    pub(super) findings: Vec<Finding>,
    /// Calls of methods that may have changed, on values whose type is not known.
    pub(super) unknown_receivers: usize,
    /// Macros in the files that use Wasmtime whose arguments were not read.
    pub(super) macros: usize,
    /// The error type of both majors, if it is another one: it is used wherever an error is converted, often without its
    /// name.
    pub(super) error_type: Option<(String, String)>,
    /// Imports of everything in a module.
    pub(super) globs: usize,
    /// Files that could not be read or parsed, and why.
    pub(super) unreadable: Vec<Unreadable>,
}

/// A use of something that changes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) file: String,
    pub(super) line: usize,
    /// The path of the item.
    pub(super) item: String,
    #[serde(flatten)]
    pub(super) change: Change,
    /// Whether the item is certain; otherwise every type of Wasmtime with a method of this name changes it.
    pub(super) resolved: bool,
}

/// What becomes of an item.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub(super) enum Change {
    /// It has another signature.
    Changed { old: String, new: String },
    /// Only the bounds of its type parameters are others, which concerns generic code.
    Bounds { old: String, new: String },
    /// It is not under this path; items of its name are under these.
    Removed { old: String, elsewhere: Vec<String> },
    /// A trait that the source implements, or a match over all variants, needs it now.
    Required { new: String },
}

/// A file that says nothing.
#[derive(Debug, Serialize)]
pub(super) struct Unreadable {
    pub(super) file: String,
    pub(super) reason: String,
}

/// The largest source file that is read.
const LARGEST: u64 = 8 << 20;
/// The most files that are read.
const MOST_FILES: usize = 20_000;
/// The stack for parsing: expressions nest.
const STACK: usize = 256 << 20;

impl Change {
    fn of(fate: Fate) -> Option<Self> {
        match fate {
            Fate::Same => None,
            // Bounds of a type are noticed where they are not met, if at all.
            Fate::Changed { old, new } if is_type(&old) && parameters(&old) == parameters(&new) => None,
            Fate::Changed { old, new } if without_bounds(&old) == without_bounds(&new) => {
                Some(Self::Bounds { old, new })
            }
            Fate::Changed { old, new } => Some(Self::Changed { old, new }),
            Fate::Removed { old, elsewhere } => Some(Self::Removed { old, elsewhere }),
        }
    }
}

impl SourcesPage {
    /// Reads the Rust files below a folder.
    pub(super) fn new(folder: &Path, from: u64, to: u64) -> Result<Self, Failure> {
        let cannot = |error: &io::Error| {
            Failure::usage(format!("cannot read the sources in {}: {error}", visible(&folder.display().to_string())))
        };
        let _spinner = Spinner::new(format!("reading {}", visible(&folder.display().to_string())));
        let mut files = Vec::new();
        rust_files(folder, &mut files).map_err(|error| cannot(&error))?;
        files.sort();
        let owned = folder.to_owned();
        let thread = thread::Builder::new().name("sources".to_owned()).stack_size(STACK);
        let reading = thread.spawn(move || Self::read(&owned, &files, from, to)).map_err(|error| cannot(&error))?;
        reading.join().map_err(|_| Failure::usage("reading the sources failed"))
    }

    fn read(folder: &Path, files: &[std::path::PathBuf], from: u64, to: u64) -> Self {
        let (from, to) = (Api::of(from), Api::of(to));
        let error =
            |api: &Api| api.signature("wasmtime::Error").unwrap_or_default().trim_start_matches("use ").to_owned();
        let (old, new) = (error(&from), error(&to));
        let error_type = (old != new).then_some((old, new));
        let mut page = Self { error_type, folder: folder.display().to_string(), ..Self::default() };
        for file in files {
            let shown = file.strip_prefix(folder).unwrap_or(file).display().to_string();
            page.files += 1;
            let scanned = fs::read_to_string(file)
                .map_err(|error| error.to_string())
                .and_then(|text| scan::scan(&text, &shown, &from, &to).map_err(|error| error.to_string()));
            match scanned {
                Ok(scanned) => page.add(scanned),
                Err(reason) => page.unreadable.push(Unreadable { file: shown, reason }),
            }
        }
        page
    }

    fn add(&mut self, scanned: Scanned) {
        if scanned.uses_wasmtime {
            self.using += 1;
            self.findings.extend(scanned.findings);
            self.unknown_receivers += scanned.unknown_receivers;
            self.macros += scanned.macros;
            self.globs += scanned.globs;
        }
    }
}

/// Whether a signature is that of a type.
fn is_type(signature: &str) -> bool {
    ["struct", "enum"].iter().any(|kind| signature.starts_with(kind))
}

/// A signature without what only restricts its type parameters.
fn without_bounds(signature: &str) -> String {
    let signature = signature.split(" where ").next().unwrap_or(signature);
    let mut out = String::new();
    // Parameters of functions and data of stores are between angle brackets behind these.
    let mut rest = signature;
    while let Some((start, place)) = ["fn<", "AsContextMut<", "AsContext<", "trait:"]
        .iter()
        .filter_map(|start| rest.find(start).map(|place| (*start, place)))
        .min_by_key(|(_, place)| *place)
    {
        let (before, after) = rest.split_at(place + start.len() - 1);
        out += before;
        rest = if start == "trait:" { "" } else { after_brackets(after) };
    }
    out += rest;
    [" + Send", " + Sync", " + 'static", ": Send"].iter().fold(out, |text, bound| text.replace(bound, ""))
}

/// What follows the angle brackets with which a text begins.
fn after_brackets(text: &str) -> &str {
    let (mut depth, mut last) = (0_usize, ' ');
    for (place, letter) in text.char_indices() {
        match letter {
            '<' => depth += 1,
            '>' if last != '-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(place + 1..).unwrap_or_default();
        }
        last = letter;
    }
    ""
}

/// How many parameters the signature of a type has.
fn parameters(signature: &str) -> usize {
    let (mut depth, mut count) = (0_usize, 0);
    for letter in signature.chars() {
        match letter {
            '<' | '(' => {
                count += usize::from(depth == 0);
                depth += 1;
            }
            '>' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => count += 1,
            _ => {}
        }
    }
    count
}

/// The Rust files below a folder, without those that are built, hidden or linked to.
fn rust_files(folder: &Path, out: &mut Vec<std::path::PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind, name) = (entry.path(), entry.file_type()?, entry.file_name());
        if out.len() >= MOST_FILES {
            break;
        }
        if kind.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            rust_files(&path, out)?;
        } else if kind.is_file()
            && path.extension().is_some_and(|extension| extension == "rs")
            && entry.metadata()?.len() <= LARGEST
        {
            out.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    //! Signatures that differ in bounds only are told from others.

    use super::*;

    #[test]
    fn bounds_are_left_out() {
        for (one, other) in [
            ("fn<'a, T: 'a>(&self, impl Into<C<'a, T>>)", "fn<'a, T: 'static>(&self, impl Into<C<'a, T>>)"),
            (
                "fn(&self, impl AsContextMut<Data = T>) -> R",
                "fn(&self, impl AsContextMut<Data: Send>) -> R where T: 'static",
            ),
            ("trait", "trait: Send"),
        ] {
            assert_eq!(without_bounds(one), without_bounds(other));
        }
        assert_ne!(without_bounds("fn(&self, u8)"), without_bounds("fn(&self, u16)"));
        assert_eq!((parameters("struct<'a, T: Into<(u8, u8)>>"), parameters("struct")), (2, 0));
    }
}
