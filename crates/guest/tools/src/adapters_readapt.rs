//! Owns `cargo xtask adapters --readapt`: guests with every published adapter are given the embedded one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{Parser, Payload, Validator};
use wasmtime_compat_guest::Error;
use wasmtime_compat_guest::readapt::{Readapted, Replacement, readapt};
use wasmtime_compat_guest::report::{AdapterIdentity, GuestReport, IssueStatus, adapter_issues};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::adapter_guests::{GUESTS, encode, module};
use crate::adapter_treatments::strip;
use crate::adapters::{Flavour, Published};

/// The flaw for which guests are given another adapter.
const FLAW: &str = "preopen-names";

/// A library with functions of its own, which imports an interface of its own.
const WORLD: &str = "package test:guest@1.0.0;
    interface store { record item { id: u32, name: string } put: func(item: item) -> result<u32, string>; }
    interface api { use store.{item}; find: func(id: u32) -> option<item>; }
    world library { import store; import log: func(text: string); export api; export ping: func() -> string; }";

const LIBRARY: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "test:guest/store@1.0.0" "put" (func (param i32 i32 i32 i32)))
    (import "$root" "log" (func (param i32 i32)))
    (memory (export "memory") 1)
    (func (export "test:guest/api@1.0.0#find") (param i32) (result i32) i32.const 0)
    (func (export "cabi_post_test:guest/api@1.0.0#find") (param i32))
    (func (export "ping") (result i32) i32.const 0)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
    (func (export "_start"))
    (func (export "_initialize")))"#;

/// What came of it.
#[derive(Debug, Default)]
struct Counts {
    repaired: usize,
    /// By the name of the reason.
    refused: BTreeMap<&'static str, usize>,
    wrong: usize,
}

/// Prints how many guests with `published` adapters are repaired; fails if one is not that should be, or the other way
/// round, or if one that is repaired is wrong.
pub(crate) fn run(published: &[Published]) -> Result<()> {
    let flaw = adapter_issues().iter().find(|issue| issue.id == FLAW).context("the flaw is in the table")?;
    let replacement = Replacement::embedded();
    let (mut flawed, mut others, mut stripped) = (Counts::default(), Counts::default(), Counts::default());
    let (mut composed, mut versions) = (Counts::default(), 0);
    let (mut slowest, mut total) = (Duration::ZERO, Duration::ZERO);
    for Published { flavour, version, wasm } in published {
        let affected = flaw.affects(version) && *flavour != Flavour::Proxy;
        versions += usize::from(affected && *flavour == Flavour::Command);
        // Of the others one guest is enough to see that they too can be replaced.
        let functions = if affected { &GUESTS[..] } else { &GUESTS[3..4] };
        let mut guests = Vec::new();
        for (functions, allocates) in functions {
            guests.push((format!("{functions:?}"), encode(&module(*flavour, functions, *allocates)?, wasm)?));
        }
        if affected {
            guests.push(("a library".to_owned(), library(wasm)?));
        }
        for (name, guest) in &guests {
            let what = format!("{version} {} with {name}", flavour.name());
            let counts = if affected { &mut flawed } else { &mut others };
            let started = Instant::now();
            let result = readapt(guest, &replacement);
            let elapsed = started.elapsed();
            (slowest, total) = (slowest.max(elapsed), total + elapsed);
            let present = !GuestReport::parse(guest).map_err(shown)?.adapters.is_empty();
            counts.add(&what, guest, result, if present { None } else { Some("no-adapter") });
            if affected && present {
                let result = readapt(&nest(guest), &replacement);
                composed.add(&format!("{what}, composed"), guest, result, Some("composed"));
                let bare = strip(guest)?;
                let known = GuestReport::parse(&bare).map_err(shown)?.adapters.pop().context("an adapter")?;
                let unknown = matches!(known.identity, AdapterIdentity::Unknown);
                let expected = match (unknown, known.flavour.name()) {
                    (true, _) => Some("unknown-adapter"),
                    (false, "other") => Some("replacement"),
                    _ => None,
                };
                stripped.add(&format!("{what}, stripped"), &bare, readapt(&bare, &replacement), expected);
            }
        }
    }
    println!("{versions} affected versions; the embedded adapter is {}", replacement.identity());
    let mut wrong = 0;
    for (name, counts) in [
        ("affected:", &flawed),
        ("affected, stripped:", &stripped),
        ("affected, composed:", &composed),
        ("not affected:", &others),
    ] {
        println!("{name:<20} {} repaired, refused {:?}, {} wrong", counts.repaired, counts.refused, counts.wrong);
        wrong += counts.wrong;
    }
    let done = flawed.repaired + others.repaired;
    println!("{:?} on average, {slowest:?} at most", total / u32::try_from(done.max(1))?);
    ensure!(wrong == 0, "{wrong} wrong");
    ensure!(flawed.repaired > 0, "nothing was repaired");
    Ok(())
}

impl Counts {
    /// Counts a result that should be a refusal for the reason `expected`, or a repair without one.
    fn add(
        &mut self,
        what: &str,
        guest: &[u8],
        result: wasmtime_compat_guest::Result<Readapted>,
        expected: Option<&'static str>,
    ) {
        let verdict = match (result, expected) {
            (Ok(done), None) => repaired(guest, &done).map(|()| self.repaired += 1),
            (Ok(_), Some(expected)) => Err(anyhow::anyhow!("repaired instead of refused: {expected}")),
            (Err(error), expected) => match error.refusal() {
                Some(refusal) if Some(refusal.name()) == expected => {
                    *self.refused.entry(refusal.name()).or_default() += 1;
                    Ok(())
                }
                _ => Err(shown(error)),
            },
        };
        if let Err(error) = verdict {
            self.wrong += 1;
            println!("wrong: {what}: {error:#}");
        }
    }
}

/// Checks a repaired guest without asking the code that repaired it.
fn repaired(guest: &[u8], done: &Readapted) -> Result<()> {
    Validator::new().validate_all(&done.wasm).context("validate")?;
    let report = GuestReport::parse(&done.wasm).map_err(shown)?;
    let [adapter] = report.adapters.as_slice() else { bail!("{} adapters", report.adapters.len()) };
    ensure!(adapter.identity == *Replacement::embedded().identity(), "the adapter is {}", adapter.identity);
    ensure!(adapter.affected().all(|issue| issue.fixed.is_none()), "the adapter has flaws that are fixed");
    let flaw = adapter.issues.iter().find(|issue| issue.issue.id == FLAW).context("the flaw")?;
    ensure!(matches!(flaw.status, IssueStatus::NotAffected), "{FLAW}: {}", flaw.status.name());
    ensure!(main_module(guest)? == main_module(&done.wasm)?, "the main module is another");
    ensure!(own(guest)? == own(&done.wasm)?, "the imports and exports of its own are others");
    Ok(())
}

/// The first core module.
fn main_module(component: &[u8]) -> Result<&[u8]> {
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::ModuleSection { unchecked_range, .. } = payload? {
            let range = usize::try_from(unchecked_range.start)?..usize::try_from(unchecked_range.end)?;
            return component.get(range).context("a module that is cut off");
        }
    }
    bail!("no module")
}

/// What it imports and exports, but for WASI, as text.
fn own(component: &[u8]) -> Result<String> {
    let DecodedWasm::Component(mut resolve, id) = wit_component::decode(component)? else { bail!("no component") };
    let names = |resolve: &Resolve| {
        let world = &resolve.worlds[id];
        let of_wasi = |key: &&wit_parser::WorldKey| resolve.name_world_key(key).starts_with("wasi:");
        world.imports.keys().chain(world.exports.keys()).filter(of_wasi).cloned().collect::<Vec<_>>()
    };
    let of_wasi = names(&resolve);
    let world = &mut resolve.worlds[id];
    world.imports.retain(|key, _| !of_wasi.contains(key));
    world.exports.retain(|key, _| !of_wasi.contains(key));
    let package = resolve.worlds[id].package.context("a package")?;
    let others = resolve.packages.iter().filter(|(_, package)| package.name.namespace == "test");
    let others: Vec<_> = others.map(|(id, _)| id).collect();
    let mut printer = wit_component::WitPrinter::default();
    printer.print(&resolve, package, &others)?;
    Ok(printer.output.to_string())
}

fn library(adapter: &[u8]) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("library.wit", WORLD)?;
    let world = resolve.select_world(&[package], None)?;
    let mut module = wat::parse_str(LIBRARY)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default().module(&module)?.adapter("wasi_snapshot_preview1", adapter)?.encode()
}

/// A component around a component.
fn nest(component: &[u8]) -> Vec<u8> {
    let mut out = b"\0asm\x0d\0\x01\0\x04".to_vec();
    let mut size = component.len();
    while size >= 0x80 {
        out.push((size & 0x7f) as u8 | 0x80);
        size >>= 7;
    }
    out.push(size as u8);
    out.extend(component);
    out
}

fn shown(error: Error) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}
