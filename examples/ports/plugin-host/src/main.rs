//! A host of plug-ins: bytes go in, bytes come out, and no plug-in can harm the host or another plug-in.

mod abi;
mod demo;
mod host;
mod manifest;
mod plugin;
mod runtime;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use wasmtime_compat::newest::{Error, ErrorKind, Trap};

use crate::host::{KeyTooLong, Kv};
use crate::manifest::Manifest;
use crate::plugin::{Plugin, Reported};
use crate::runtime::Runtime;

fn main() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("plugin-host-{}", std::process::id()));
    let result = run(&folder);
    let removed = fs::remove_dir_all(&folder).with_context(|| format!("remove {folder:?}"));
    result.and(removed)
}

fn run(folder: &Path) -> Result<()> {
    let manifests = demo::manifests(folder)?;
    let (compiled, kv) = (folder.join("compiled"), Kv::default());
    let slots = u32::try_from(manifests.len())?;

    println!("# First start");
    let runtime = Runtime::new(&compiled, &kv, slots)?;
    let mut plugins = load(&runtime, &manifests)?;
    match runtime.load(manifests[0].clone()) {
        Ok(_) => println!("one more plug-in"),
        Err(error) => println!("no more plug-ins: {}", explain(&error)),
    }
    for (name, function, input) in demo::CALLS {
        call(&mut plugins, name, function, input)?;
    }
    let live: i32 = plugins.iter_mut().filter_map(Plugin::live_allocations).sum();
    println!("allocations that plug-ins have not got back: {live}");
    drop((plugins, runtime));

    println!("# Second start");
    let runtime = Runtime::new(&compiled, &kv, slots)?;
    let mut plugins = load(&runtime, &manifests)?;
    plugins.retain(|plugin| plugin.name() == "visits");
    plugins.push(runtime.load(manifests[0].clone())?);
    call(&mut plugins, "visits", "count", "/index")?;
    call(&mut plugins, &manifests[0].name, "uppercase", "in a slot that was used before")
}

/// Loads all plug-ins.
fn load(runtime: &Runtime, manifests: &[Manifest]) -> Result<Vec<Plugin>> {
    let plugins = manifests.iter().map(|manifest| runtime.load(manifest.clone())).collect::<Result<Vec<_>>>()?;
    let (compiled, cached) = runtime.compiled_and_cached();
    println!("{} plug-ins: {compiled} compiled, {cached} from the cache", plugins.len());
    Ok(plugins)
}

/// Calls a plug-in and prints the result.
fn call(plugins: &mut [Plugin], name: &str, function: &str, input: &str) -> Result<()> {
    let plugin = plugins.iter_mut().find(|plugin| plugin.name() == name);
    let plugin = plugin.with_context(|| format!("there is no plug-in {name}"))?;
    println!("> {name}.{function}({input:?})");
    match plugin.call(function, input.as_bytes()) {
        Ok(output) => println!("< {:?}", String::from_utf8_lossy(&output)),
        Err(error) => println!("< failed: {}", explain(&error)),
    }
    for line in plugin.take_log() {
        println!("  {line}");
    }
    Ok(())
}

/// Why a plug-in failed, in words that are the same on every major.
fn explain(error: &anyhow::Error) -> String {
    if let Some(Reported(reason)) = error.downcast_ref() {
        return format!("the plug-in reports: {reason}");
    }
    let Some(error) = error.downcast_ref::<Error>() else {
        return error.to_string();
    };
    if let Some(too_long) = error.downcast_ref::<KeyTooLong>() {
        return format!("the host refused {too_long}");
    }
    match (error.kind(), error.trap()) {
        (ErrorKind::PoolExhausted, _) => "the pool has no free slot".to_owned(),
        (ErrorKind::Export, _) => "the plug-in has no such function".to_owned(),
        (ErrorKind::TimedOut, _) => "the time is up".to_owned(),
        (_, Some(Trap::OutOfFuel)) => "the fuel is used up".to_owned(),
        (_, Some(trap)) => format!("the plug-in trapped: {trap}"),
        (ErrorKind::Host, _) => format!("{error:#}"),
        (kind, _) => kind.to_string(),
    }
}
