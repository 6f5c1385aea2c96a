//! Owns `cargo xtask adapters --check`: guests encoded with every published adapter, and what is said of them.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use semver::Version;
use wasmparser::{Parser, Payload};
use wasmtime_compat::report::{AdapterIdentity, AdapterReport, GuestReport, IssueStatus};
use wit_component::ComponentEncoder;

use crate::adapters::{Flavour, Old, Published};

/// Every function of preview1 with its parameters: `i` is an i32, `l` an i64.
const PREVIEW1: [(&str, &str); 41] = [
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "ili"),
    ("fd_advise", "illi"),
    ("fd_allocate", "ill"),
    ("fd_close", "i"),
    ("fd_datasync", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
    ("fd_fdstat_set_rights", "ill"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "il"),
    ("fd_filestat_set_times", "illi"),
    ("fd_pread", "iiili"),
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_pwrite", "iiili"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiili"),
    ("fd_renumber", "ii"),
    ("fd_seek", "ilii"),
    ("fd_sync", "i"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiilli"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiillii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("proc_exit", "i"),
    ("random_get", "ii"),
    ("sched_yield", ""),
];

/// What the guests use: nothing, one thing, a greeting, files, everything; without and with an allocator.
const GUESTS: [(&[&str], bool); 6] = [
    (&[], false),
    (&["random_get"], false),
    (&["fd_write", "proc_exit"], true),
    (&["fd_prestat_get", "fd_prestat_dir_name", "path_open", "fd_read", "fd_readdir", "fd_close"], false),
    (&["args_get", "args_sizes_get", "fd_prestat_get", "fd_prestat_dir_name", "path_open", "fd_write"], true),
    (&["*"], true),
];

/// How many reports said what.
#[derive(Debug, Default)]
struct Tally {
    right: usize,
    wrong: usize,
    undecided: usize,
}

/// What is counted of one way to treat the components.
#[derive(Debug, Default)]
struct Counts {
    identity: Tally,
    names: Tally,
    /// In reports that say "one of", all together.
    candidates: usize,
    sets: usize,
    classes: usize,
}

/// Prints how many reports on guests with `published` adapters are right; fails if one is wrong.
pub(crate) fn run(published: &[Published], old_sources: &[Old]) -> Result<()> {
    let (mut plain, mut stripped, mut renamed) = (Counts::default(), Counts::default(), Counts::default());
    let mut edited = Counts::default();
    let (mut edits, mut believed, mut absent) = (0, 0, 0);
    let (mut slowest, mut total, mut reports) = (Duration::ZERO, Duration::ZERO, 0_u32);
    for Published { flavour, version, wasm } in published {
        for (functions, allocates) in GUESTS {
            let what = || format!("{version} {} with {functions:?}", flavour.name());
            let component = encode(*flavour, wasm, functions, allocates).with_context(what)?;
            let started = Instant::now();
            let Some(adapter) = only(&component).with_context(what)? else {
                absent += 1;
                continue;
            };
            let elapsed = started.elapsed();
            (slowest, total, reports) = (slowest.max(elapsed), total + elapsed, reports + 1);
            plain.add("plain", &what(), version, *flavour, &adapter);
            let bare = only(&strip(&component)?)?.with_context(what)?;
            stripped.add("stripped", &what(), version, *flavour, &bare);
            let own = only(&rename(&component))?.with_context(what)?;
            renamed.add("renamed", &what(), version, *flavour, &own);
            for forged in forge(&component)? {
                // What cannot be read any more says nothing either way.
                if let Ok(Some(adapter)) = only(&forged) {
                    edits += 1;
                    edited.add("edited", &what(), version, *flavour, &adapter);
                    if matches!(adapter.identity, AdapterIdentity::Exact(_)) {
                        believed += 1;
                        println!("believed though edited: {}", what());
                    }
                }
            }
        }
    }
    println!("{reports} components with an adapter, {absent} whose adapter vanished because it is unused");
    println!("as encoded:      {plain}");
    println!("names stripped:  {stripped}");
    println!("names of others: {renamed}");
    println!("one byte edited: {edits} components, {believed} taken for a published build");
    println!("                 {edited}");
    println!("time per report: {:?} on average, {slowest:?} at most", total / reports.max(1));
    let exact_though_renamed = renamed.identity.right;
    let wrong = [&plain, &stripped, &renamed, &edited]
        .iter()
        .map(|counts| counts.identity.wrong + counts.names.wrong)
        .sum::<usize>();
    if wrong + believed + exact_though_renamed > 0 {
        bail!("{wrong} wrong, {believed} forgeries believed, {exact_though_renamed} exact though renamed");
    }
    Ok(())
}

impl Counts {
    /// Right is the exact version; undecided is whatever includes it.
    fn add(&mut self, treatment: &str, what: &str, truth: &Version, flavour: Flavour, adapter: &AdapterReport) {
        let includes = match &adapter.identity {
            AdapterIdentity::Exact(version) => version == truth,
            AdapterIdentity::OneOf(versions) => {
                self.sets += 1;
                self.candidates += versions.len();
                versions.contains(truth)
            }
            AdapterIdentity::SourceClass { from, to } => {
                self.classes += 1;
                from <= truth && truth <= to
            }
            _ => true,
        };
        let exact = matches!(&adapter.identity, AdapterIdentity::Exact(_));
        let flavour_fits = [flavour.name(), "other"].contains(&adapter.flavour.name());
        let Tally { right, wrong, undecided } = &mut self.identity;
        match (includes && flavour_fits, exact) {
            (true, true) => *right += 1,
            (true, false) => *undecided += 1,
            (false, _) => {
                *wrong += 1;
                println!("wrong, {treatment}: {what}: {} {}", adapter.flavour.name(), adapter.identity);
            }
        }
        let Some(issue) = adapter.issues.iter().find(|issue| issue.issue.id == "preopen-names") else { return };
        let bad = issue.issue.affects(truth) && flavour != Flavour::Proxy;
        let used = adapter.exports.iter().any(|name| name == "fd_prestat_dir_name");
        let Tally { right, wrong, undecided } = &mut self.names;
        match issue.status {
            IssueStatus::Affected if bad && used => *right += 1,
            IssueStatus::NotAffected if !bad => *right += 1,
            IssueStatus::Unreachable if !used => *right += 1,
            IssueStatus::Unknown => *undecided += 1,
            status => {
                *wrong += 1;
                println!("wrong, {treatment}: {what}: #10058 {}", status.name());
            }
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { identity, names, candidates, sets, classes } = self;
        write!(f, "exact {}, one of a set {sets} ({candidates} candidates in all), ", identity.right)?;
        let unknown = identity.undecided.saturating_sub(sets + classes);
        write!(f, "source class {classes}, unknown {unknown}, wrong {}; ", identity.wrong)?;
        write!(f, "#10058 right {}, wrong {}, undecided {}", names.right, names.wrong, names.undecided)
    }
}

/// The adapter in a component that has at most one.
fn only(component: &[u8]) -> Result<Option<AdapterReport>> {
    let mut adapters = GuestReport::parse(component).map_err(|error| anyhow::anyhow!("{error}"))?.adapters;
    let adapter = adapters.pop();
    if !adapters.is_empty() {
        bail!("{} adapters instead of one", adapters.len() + 1);
    }
    Ok(adapter)
}

/// Makes a component of a guest that uses these functions.
fn encode(flavour: Flavour, adapter: &[u8], functions: &[&str], allocates: bool) -> Result<Vec<u8>> {
    let mut imports = String::new();
    let mut calls = String::new();
    for (name, params) in PREVIEW1.iter().filter(|(name, _)| functions == ["*"] || functions.contains(name)) {
        let types: Vec<&str> = params.chars().map(|param| if param == 'i' { "i32" } else { "i64" }).collect();
        let constants: String = types.iter().map(|ty| format!("({ty}.const 0)")).collect();
        let (result, after) = if *name == "proc_exit" { ("", "") } else { ("(result i32)", "drop") };
        imports += &format!(
            "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {}) {result}))\n",
            types.join(" ")
        );
        calls += &format!("{constants} call ${name} {after}\n");
    }
    let realloc = "(func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) i32.const 0)";
    let realloc = if allocates { realloc } else { "" };
    let start = if flavour == Flavour::Command { "_start" } else { "_initialize" };
    let text =
        format!("(module {imports} (memory (export \"memory\") 1) {realloc} (func (export \"{start}\") {calls}))");
    let module = wat::parse_str(text)?;
    ComponentEncoder::default().module(&module)?.adapter("wasi_snapshot_preview1", adapter)?.encode()
}

/// The binary without any custom section, also in what is inside.
fn strip(wasm: &[u8]) -> Result<Vec<u8>> {
    let (header, mut rest) = wasm.split_at_checked(8).context("a header")?;
    let mut out = header.to_vec();
    let is_component = header[6] == 1;
    while let Some((id, after)) = rest.split_first() {
        let (size, used) = leb(after).context("a size")?;
        let contents = after.get(used..used + size).context("contents")?;
        rest = &after[used + size..];
        let contents = match id {
            0 => continue,
            1 | 4 if is_component => strip(contents)?,
            _ => contents.to_vec(),
        };
        out.push(*id);
        let mut size = contents.len();
        while size >= 0x80 {
            out.push((size & 0x7f) as u8 | 0x80);
            size >>= 7;
        }
        out.push(size as u8);
        out.extend(contents);
    }
    Ok(out)
}

fn leb(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// The binary as if somebody had built it: other hashes in the symbol names.
fn rename(wasm: &[u8]) -> Vec<u8> {
    const MARKS: [&[u8]; 2] = [b"macros11assert_fail17h", b"_22wasi_snapshot_preview1"];
    let mut out = wasm.to_vec();
    for at in 0..wasm.len() {
        if wasm[at..].starts_with(MARKS[0]) {
            let hash = at + MARKS[0].len();
            out[hash..hash + 8].copy_from_slice(b"0123abcd");
        } else if wasm[at..].starts_with(MARKS[1]) && at > 3 {
            out[at - 3..at].copy_from_slice(b"AbC");
        }
    }
    out
}

/// Copies with one instruction of the adapter's own code changed: a constant that is passed on.
fn forge(component: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut forged = Vec::new();
    let mut core = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } => core.clear(),
            Payload::CodeSectionEntry(body) => core.push(body.clone()),
            Payload::CustomSection(section) if section.name() == "name" => {
                let ours = section.data().windows(22).any(|name| name == b"wasi_snapshot_preview1");
                // The last functions may be ones that wit-component has put in; the first may be, too.
                let bodies = if ours && core.len() > 4 { &core[1..core.len() - 3] } else { &[] };
                for body in bodies.iter().step_by(bodies.len().div_ceil(3).max(1)) {
                    let mut reader = body.get_operators_reader()?;
                    while !reader.eof() {
                        let at = usize::try_from(reader.original_position())?;
                        if let wasmparser::Operator::I32Const { .. } = reader.read()? {
                            let mut copy = component.to_vec();
                            copy[at + 1] ^= 1;
                            forged.push(copy);
                            break;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(forged)
}
