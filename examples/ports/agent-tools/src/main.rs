//! An agent whose tools are components, each call of which has its own instance, limits and capabilities.

mod bindings;
mod guests;
mod hook;
mod limiter;
mod network;
mod runtime;
mod session;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::{JoinHandle, spawn_blocking};
use wasmtime_compat::{Newest, Wasmtime};

use crate::hook::Hook;
use crate::network::{Capabilities, Secret};
use crate::runtime::{Limits, Output, Runtime, Tool};

fn main() -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build()?.block_on(run::<Newest>())
}

async fn run<W: Wasmtime>() -> Result<()> {
    let runtime = Runtime::<W>::new()?;
    let weather = runtime.load(&guests::weather()?)?;
    let reader = runtime.load(&guests::reader()?)?;
    let rogue = runtime.load(&guests::rogue()?)?;
    for tool in [&weather, &reader, &rogue] {
        println!("tool {}: {}", tool.description.name, tool.description.about);
    }
    let hook = runtime.load_hook(&guests::hook()?)?;

    let key = Secret { name: "weather-key", value: "key-1234", host: "weather.example", header: "authorization" };
    let online = Capabilities {
        hosts: vec!["weather.example", "slow.example", "nothing.example"],
        secrets: vec![key],
        requests: 2,
        ..Capabilities::none()
    };
    let keyless = Capabilities { secrets: Vec::new(), ..online.clone() };
    let files = Capabilities { workspace: Some("notes/"), ..Capabilities::none() };
    let (plenty, none) = (Limits::default(), Capabilities::none());
    let (quick, metered) = (Duration::from_millis(50), 100_000);

    let calls = [
        Call::new(&weather, "weather.example/?city=Oslo", &online),
        Call::new(&weather, "weather.example/?city=Oslo", &keyless),
        Call::new(&weather, "weather.example/?key=key-1234", &online),
        Call::new(&weather, "other.example/", &online),
        Call::new(&weather, "nothing.example/", &online),
        Call::new(&weather, "slow.example/", &online),
        Call::new(&weather, "weather.example/?city=Oslo", &none),
        Call { hook: Some(hook.clone()), ..Call::new(&weather, "weather.example/?city=Rome", &online) },
        Call { hook: Some(hook.clone()), ..Call::new(&weather, "weather.example/?city=Oslo&admin", &online) },
        Call { hook: Some(hook), ..Call::new(&weather, "weather.example/?city=Oslo&loop", &online) },
        Call::new(&reader, "notes/today.md", &files),
        Call::new(&reader, "notes/long.md", &files),
        Call::new(&reader, "private/keys.md", &files),
        Call::new(&reader, "notes/../private/keys.md", &files),
        Call::new(&rogue, "grow", &none),
        Call { limits: Limits { fuel: metered, ..plenty }, ..Call::new(&rogue, "spin", &none) },
        Call { limits: Limits { fuel: u64::MAX, timeout: quick, ..plenty }, ..Call::new(&rogue, "spin", &none) },
        Call::new(&rogue, "log", &none),
        Call::new(&rogue, "requests", &online),
        Call::new(&rogue, "trap", &none),
        Call::new(&rogue, "?", &none),
        Call::new(&reader, "notes/today.md", &files),
    ];
    // The calls run at the same time, and are printed in order.
    let running = calls.map(Call::start);
    for (label, handle) in running {
        println!("> {label}");
        print(&handle.await??);
    }
    Ok(())
}

fn print(output: &Output) {
    for line in &output.log {
        println!("  log: {line}");
    }
    for line in output.stderr.lines() {
        println!("  stderr: {line}");
    }
    if let Some(bytes) = output.refused {
        println!("  refused: {} KiB of memory", bytes >> 10);
    }
    match &output.result {
        Ok(text) => println!("< {text}"),
        Err(failure) => println!("< failed: {failure}"),
    }
}

/// A call of a tool.
struct Call<W: Wasmtime> {
    tool: Arc<Tool<W>>,
    parameters: &'static str,
    limits: Limits,
    capabilities: Capabilities,
    hook: Option<Hook<W>>,
}

impl<W: Wasmtime> Call<W> {
    fn new(tool: &Arc<Tool<W>>, parameters: &'static str, capabilities: &Capabilities) -> Self {
        Self {
            tool: Arc::clone(tool),
            parameters,
            limits: Limits::default(),
            capabilities: capabilities.clone(),
            hook: None,
        }
    }

    /// Synchronous tools run beside the tasks of the agent, on threads that may block.
    fn start(self) -> (String, JoinHandle<Result<Output>>) {
        let Self { tool, parameters, limits, capabilities, hook } = self;
        let label = format!("{}({parameters:?})", tool.description.name);
        (label, spawn_blocking(move || tool.execute(parameters, limits, capabilities, hook)))
    }
}
