//! `cargo xtask api`: owns the table of the public API of every major, which `wasmtime-compat upgrade --sources` reads.
//!
//! The table is made from the sources of the published packages, as cargo has unpacked them. Of items that macros make it
//! has those in `made_by_macros` only, and it does not have implementations of traits.

mod export;
mod signature;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use semver::Version;
use serde::Deserialize;

use self::tree::Tree;
use crate::process;
use crate::versions::Versions;

/// Where the table is.
const PATH: &str = "crates/cli/src/upgrade/api.txt";

/// The packages whose API is in the table.
const PACKAGES: [&str; 2] = ["wasmtime", "wasmtime-wasi"];

/// Flags of `cargo xtask api`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Writes nothing; fails if the table is stale
    #[arg(long)]
    check: bool,
}

/// An item with one signature, from a major up to another.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Row {
    signature: String,
    first: u64,
    last: u64,
}

/// Reads the packages of every major, and writes the table.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let sources = sources(root)?;
    let mut table: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for major in &versions.majors {
        for package in PACKAGES {
            let place = sources.get(&(package.to_owned(), major.pin.clone()));
            let place = place.with_context(|| format!("cargo has no {package} {}", major.pin))?;
            let tree = Tree::read(place).with_context(|| format!("{package} {}", major.pin))?;
            let mut items = export::items(&tree, &package.replace('-', "_"));
            if package == "wasmtime" {
                items.extend(made_by_macros(major.major));
            }
            add(&mut table, major.major, items);
        }
    }
    let text = text(&table);
    let path = root.join(PATH);
    let stale = fs::read_to_string(&path).ok().as_deref() != Some(&text);
    println!("{} items with {} signatures", table.len(), table.values().map(Vec::len).sum::<usize>());
    if flags.check {
        return if stale { bail!("{PATH} is stale: run `cargo xtask api`") } else { Ok(()) };
    }
    if stale {
        fs::write(&path, text).with_context(|| format!("write {path:?}"))?;
        println!("{PATH}");
    }
    Ok(())
}

/// Items that macros make, and that many hosts use: up to 21 there is an asynchronous function for each number of
/// parameters.
fn made_by_macros(major: u64) -> impl Iterator<Item = (String, String)> {
    let numbers = (0..=16).filter(move |_| major < 22);
    numbers.flat_map(|number| {
        let of_linker = (format!("wasmtime::Linker::func_wrap{number}_async"), "fn(&mut self, &str, &str, F)");
        let of_func = (format!("wasmtime::Func::wrap{number}_async"), "fn(impl AsContextMut<Data = T>, F)");
        [of_linker, of_func].map(|(path, signature)| (path, format!("{signature} -> Result<&mut Self>")))
    })
}

/// The root files of the packages that are locked.
fn sources(root: &Path) -> Result<BTreeMap<(String, Version), PathBuf>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: Version,
        targets: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        kind: BTreeSet<String>,
        src_path: PathBuf,
    }
    let mut command = process::cargo(root);
    command.args(["metadata", "--format-version", "1", "--all-features", "--locked", "--quiet"]);
    let output = command.output().context("start cargo metadata")?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("read the packages of cargo metadata")?;
    let ours = metadata.packages.into_iter().filter(|package| PACKAGES.contains(&package.name.as_str()));
    let with_root = ours.filter_map(|package| {
        let library = package.targets.into_iter().find(|target| target.kind.contains("lib"))?;
        Some(((package.name, package.version), library.src_path))
    });
    Ok(with_root.collect())
}

/// Adds the items of a major, which is newer than those before.
fn add(table: &mut BTreeMap<String, Vec<Row>>, major: u64, items: BTreeMap<String, String>) {
    for (path, signature) in items {
        let rows = table.entry(path).or_default();
        match rows.last_mut() {
            Some(row) if row.last + 1 == major && row.signature == signature => row.last = major,
            _ => rows.push(Row { signature, first: major, last: major }),
        }
    }
}

/// The table as text: a line with the path of an owner, and below it a line for each signature of each item, with tabs
/// between the name, the first and the last major, and the signature.
fn text(table: &BTreeMap<String, Vec<Row>>) -> String {
    let mut by_owner: BTreeMap<&str, Vec<(&str, &Row)>> = BTreeMap::new();
    for (path, rows) in table {
        let (owner, name) = path.rsplit_once("::").unwrap_or(("", path));
        by_owner.entry(owner).or_default().extend(rows.iter().map(|row| (name, row)));
    }
    let mut text =
        String::from("# The public API of every major. Generated by `cargo xtask api` from the published packages.\n");
    for (owner, rows) in by_owner {
        let _ = writeln!(text, "{owner}");
        for (name, Row { signature, first, last }) in rows {
            let _ = writeln!(text, "\t{name}\t{first}\t{last}\t{signature}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    //! Items are found through modules and re-exports, and rows are joined.

    use super::*;

    /// The items of a crate with these files.
    fn items(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        let folder = std::env::temp_dir().join(format!("xtask-api-{}-{}", std::process::id(), files.len()));
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let tree = Tree::read(&folder.join("lib.rs")).unwrap();
        fs::remove_dir_all(folder).unwrap();
        export::items(&tree, "c")
    }

    #[test]
    fn items_are_found_where_users_find_them() {
        let found = items(&[
            (
                "lib.rs",
                "mod runtime; pub use runtime::*; pub mod component; use other::X; pub use other::Y; mod hidden { pub struct H; }",
            ),
            ("runtime.rs", "mod config; pub use self::config::{Config, Level as Opt}; #[cfg(test)] pub struct T;"),
            (
                "runtime/config.rs",
                "pub struct Config { pub a: u32, b: u32 } pub enum Level { None, Some(u8) } mod more;\n\
                 impl Config { pub fn new() -> Self {} fn own(&self) {} #[doc(hidden)] pub fn h(&self) {} }",
            ),
            ("runtime/config/more.rs", "use super::Config; impl Config { pub fn more(&self) -> bool {} }"),
            ("component/mod.rs", "pub use crate::Config; pub struct Func; impl Func { pub fn call(&self) {} }"),
        ]);
        let expected = [
            ("c::Config", "struct"),
            ("c::Config::a", "field u32"),
            ("c::Config::more", "fn(&self) -> bool"),
            ("c::Config::new", "fn() -> Self"),
            ("c::Opt", "enum"),
            ("c::Opt::None", "variant"),
            ("c::Opt::Some", "variant(u8)"),
            ("c::Y", "use other::Y"),
            ("c::component", "mod"),
            ("c::component::Config", "= c::Config"),
            ("c::component::Func", "struct"),
            ("c::component::Func::call", "fn(&self)"),
        ];
        assert_eq!(found.iter().map(|(path, it)| (path.as_str(), it.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn signatures_have_a_first_and_a_last_major() {
        let mut table = BTreeMap::new();
        for (major, signature) in [(18, Some("a")), (19, Some("a")), (20, Some("b")), (21, None), (22, Some("b"))] {
            add(&mut table, major, signature.map(|it| ("c::S::f".to_owned(), it.to_owned())).into_iter().collect());
        }
        let text = text(&table);
        assert!(text.ends_with("\nc::S\n\tf\t18\t19\ta\n\tf\t20\t20\tb\n\tf\t22\t22\tb\n"), "{text}");
    }
}
