//! A plug-in: calls of its functions, each within its limits, and what becomes of a plug-in that was stopped.

use std::fmt;
use std::time::Duration;

use anyhow::Result;
use wasmtime_compat::newest::{Engine, Instance, InstancePre, Store};

use crate::abi::{Abi, Buffer, FAILED};
use crate::host::State;
use crate::manifest::Manifest;

/// A plug-in that is loaded.
pub struct Plugin {
    engine: Engine,
    pre: InstancePre<State>,
    manifest: Manifest,
    uses_wasi: bool,
    running: Option<Running>,
    log: Vec<String>,
}

/// An instance of a plug-in.
struct Running {
    store: Store<State>,
    instance: Instance,
    abi: Abi,
}

/// The reason that a plug-in gave for its failure.
#[derive(Debug)]
pub struct Reported(pub String);

impl Plugin {
    /// Instantiates a plug-in.
    pub fn start(engine: &Engine, pre: InstancePre<State>, manifest: Manifest) -> Result<Self> {
        let uses_wasi = pre.module().imports().any(|import| import.module() == "wasi_snapshot_preview1");
        let mut plugin = Self { engine: engine.clone(), pre, manifest, uses_wasi, running: None, log: Vec::new() };
        plugin.running = Some(plugin.instantiate()?);
        Ok(plugin)
    }

    /// Calls a function of the plug-in with bytes, and returns those that it returns.
    ///
    /// A plug-in that was stopped on the way is thrown away, and the next call has a new instance.
    pub fn call(&mut self, function: &str, input: &[u8]) -> Result<Vec<u8>> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.instantiate()?,
        };
        running.store.set_fuel(self.manifest.fuel)?;
        running.store.set_timeout(self.manifest.timeout)?;
        let result = running.call(function, input);
        running.store.set_timeout(Duration::MAX)?;
        self.log.append(&mut running.store.data_mut().log);
        let outputs = [running.store.take_stdout(), running.store.take_stderr()];
        for output in outputs.iter().flatten() {
            self.log.extend(output.text().lines().map(|line| format!("output: {line}")));
        }
        if result.as_ref().map_or_else(|error| error.is::<Reported>(), |_| true) {
            self.running = Some(running);
        }
        result
    }

    /// The lines that the plug-in has logged, or written to its output, since the last time.
    pub fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    /// The number of allocations that the plug-in has not got back, if it counts them.
    pub fn live_allocations(&mut self) -> Option<i32> {
        let Running { store, instance, .. } = self.running.as_mut()?;
        instance.get_global(&mut *store, "live")?.get(&mut *store).ok()?.i32()
    }

    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    fn instantiate(&self) -> Result<Running> {
        let Self { engine, pre, manifest, uses_wasi, .. } = self;
        let state = State { name: manifest.name.clone(), config: manifest.config.clone(), ..State::default() };
        let mut store = match uses_wasi {
            true => Store::with_wasi(engine, state, &manifest.wasi())?,
            false => Store::new(engine, state),
        };
        store.set_limits(&manifest.limits());
        store.set_fuel(manifest.fuel)?;
        store.set_timeout(manifest.timeout)?;
        let instance = pre.instantiate(&mut store)?;
        store.set_timeout(Duration::MAX)?;
        let abi = Abi::of_instance(&mut store, &instance)?;
        Ok(Running { store, instance, abi })
    }
}

impl Running {
    fn call(&mut self, function: &str, input: &[u8]) -> Result<Vec<u8>> {
        let Self { store, instance, abi } = self;
        let function = instance.get_typed_func::<(u32, u32), u64>(&mut *store, function)?;
        let input = abi.give(&mut *store, input)?;
        let result = function.call(&mut *store, (input.address, input.length))?;
        abi.free(&mut *store, input)?;
        if result == FAILED {
            return Err(Reported(store.data_mut().error.take().unwrap_or_default()).into());
        }
        let output = Buffer::unpack(result);
        let bytes = abi.read(&*store, output)?;
        abi.free(&mut *store, output)?;
        Ok(bytes)
    }
}

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Reported {}
