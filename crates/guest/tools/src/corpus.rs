//! `cargo xtask corpus`: owns making the fuzz corpus small again: the guests that show something no smaller one shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use wasmparser::{Parser, Payload};
use wasmtime_compat_guest::report::GuestReport;

/// The corpus.
const FOLDER: &str = "crates/guest/fuzz/corpus/guest_report";

/// Flags of `cargo xtask corpus`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// How many guests are kept at most
    #[arg(long, value_name = "N", default_value_t = 300)]
    most: usize,
    /// Says what would be removed, and removes nothing
    #[arg(long)]
    dry_run: bool,
}

/// Keeps the guests that show most, and removes the others.
///
/// What a guest shows: the parts and instructions it has, what its report says of it, how each host is judged, and with
/// which error reading it ends; numbers and names in texts do not count. The guests are taken in order of what they show
/// that no guest taken before does, of two that show as much the shorter, until nothing new is left.
pub(crate) fn run(root: &Path, flags: &Flags) -> Result<()> {
    let folder = root.join(FOLDER);
    let mut guests: BTreeMap<PathBuf, (usize, BTreeSet<String>)> = BTreeMap::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("list {folder:?}"))? {
        let path = entry.with_context(|| format!("list {folder:?}"))?.path();
        let wasm = fs::read(&path).with_context(|| format!("read {path:?}"))?;
        guests.insert(path, (wasm.len(), shown(&wasm)));
    }
    ensure!(!guests.is_empty(), "there is no guest in {folder:?}");
    let all: BTreeSet<&String> = guests.values().flat_map(|(_, shown)| shown).collect();
    let (all, total) = (all.len(), guests.len());
    let mut rest: Vec<(&PathBuf, usize, BTreeSet<&String>)> =
        guests.iter().map(|(path, (length, shown))| (path, *length, shown.iter().collect())).collect();
    let mut kept: BTreeSet<&PathBuf> = BTreeSet::new();
    let mut seen = 0;
    while kept.len() < flags.most {
        // What was shown before is not new any more, and a guest with nothing new is out.
        rest.retain(|(_, _, news)| !news.is_empty());
        let Some(best) = (0..rest.len()).max_by_key(|at| (rest[*at].2.len(), usize::MAX - rest[*at].1)) else { break };
        let (path, _, news) = rest.swap_remove(best);
        kept.insert(path);
        seen += news.len();
        rest.iter_mut().for_each(|(_, _, others)| others.retain(|what| !news.contains(what)));
    }
    println!("{} of {total} guests show {seen} of {all} things", kept.len());
    for path in guests.keys().filter(|path| !kept.contains(path)) {
        if flags.dry_run {
            println!("{}", path.display());
        } else {
            fs::remove_file(path).with_context(|| format!("remove {path:?}"))?;
        }
    }
    Ok(())
}

/// Everything that a guest shows.
fn shown(wasm: &[u8]) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    parts(wasm, &mut shown);
    match GuestReport::parse(wasm) {
        Err(error) => {
            shown.insert(format!("{:?}: {}", error.kind(), plain(error.message())));
        }
        Ok(report) => {
            shown.insert(format!("{:?}", report.kind));
            shown.extend(report.wasi.iter().map(|import| format!("wasi {}", import.flavour.name())));
            shown.extend(report.proposals.iter().map(|proposal| format!("proposal {}", proposal.name())));
            shown.extend(report.warnings.iter().map(|warning| format!("warning {}", warning.name())));
            shown.extend(report.invalid.iter().map(|why| format!("invalid {}", plain(why))));
            for adapter in &report.adapters {
                shown.insert(format!("adapter {} {}", adapter.flavour.name(), plain(&adapter.identity.to_string())));
                shown.extend(adapter.issues.iter().map(|issue| format!("{} {:?}", issue.issue.id, issue.status)));
                shown.extend(adapter.evidence.iter().map(|evidence| plain(&evidence.to_string())));
            }
            for host in report.hosts() {
                shown.extend(host.reasons.iter().map(|reason| format!("reason {}", plain(&reason.to_string()))));
            }
        }
    }
    shown
}

/// The parts of a guest with the number of components around each, and its instructions, as far as it can be read.
fn parts(wasm: &[u8], shown: &mut BTreeSet<String>) {
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = match payload {
            Ok(payload) => payload,
            Err(error) => {
                shown.insert(format!("parser {}", plain(error.message())));
                return;
            }
        };
        shown.insert(format!("part {} in {}", name(&payload), depth.min(3)));
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CodeSectionEntry(body) => {
                let Ok(mut operators) = body.get_operators_reader() else { continue };
                while let Ok(operator) = operators.read() {
                    shown.insert(format!("instruction {}", name(&operator)));
                }
            }
            Payload::ComponentTypeSection(types) => {
                shown.extend(types.into_iter().flatten().map(|ty| format!("type {}", name(&ty))));
            }
            Payload::ComponentCanonicalSection(functions) => {
                shown.extend(functions.into_iter().flatten().map(|function| format!("canon {}", name(&function))));
            }
            Payload::ComponentAliasSection(aliases) => {
                shown.extend(aliases.into_iter().flatten().map(|alias| format!("alias {}", name(&alias))));
            }
            Payload::ComponentInstanceSection(instances) => {
                shown.extend(instances.into_iter().flatten().map(|instance| format!("instance {}", name(&instance))));
            }
            _ => {}
        }
    }
}

/// The first word of what is written for programmers: the name of the variant.
fn name(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.chars().take_while(|c| c.is_alphanumeric()).collect()
}

/// The first words of a text, without its numbers and without what stands in it between quotes.
fn plain(text: &str) -> String {
    let unquoted: String = text.split(['`', '"']).step_by(2).collect();
    let plain: String = unquoted.chars().filter(|c| !c.is_ascii_digit()).collect();
    plain.split_whitespace().take(7).collect::<Vec<_>>().join(" ")
}
