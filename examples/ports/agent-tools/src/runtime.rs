//! The runtime of tools: the engine with its clock, the linker, and calls of tools within their limits.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use wasmtime_compat::component::{Component, HasSelf, Linker};
use wasmtime_compat::wasi::{Stdout, WasiConfig};
use wasmtime_compat::{Config, Engine, Error, ErrorKind, Store, Trap, Wasmtime};

use crate::bindings::AgentToolPre;
use crate::bindings::exports::agent::tools::tool::Description;
use crate::hook::Hook;
use crate::limiter::Limiter;
use crate::network::{Abuse, Capabilities};
use crate::session::Session;

/// How often the epoch advances.
const TICK: Duration = Duration::from_millis(5);

/// What all tools share.
pub struct Runtime<W: Wasmtime> {
    engine: Engine<W>,
    linker: Linker<W, Session<W>>,
}

/// A tool that is loaded.
pub struct Tool<W: Wasmtime> {
    engine: Engine<W>,
    pre: AgentToolPre<W, Session<W>>,
    pub description: Description,
}

/// The limits of a call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub memory: usize,
    pub fuel: u64,
    pub timeout: Duration,
}

/// What came out of a call.
#[derive(Debug)]
pub struct Output {
    pub result: Result<String, Failure>,
    pub log: Vec<String>,
    pub stderr: String,
    /// The size of a memory that the limiter refused.
    pub refused: Option<usize>,
}

/// Why a call failed.
#[derive(Debug)]
pub enum Failure {
    /// The tool reports an error.
    Reported(String),
    OutOfFuel,
    TimedOut,
    Abuse(String),
    Trapped(Trap),
    Other(ErrorKind),
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 4 << 20, fuel: 10_000_000, timeout: Duration::from_secs(60) }
    }
}

impl<W: Wasmtime> Runtime<W> {
    pub fn new() -> Result<Self> {
        let engine = Engine::new(&Config::new().consume_fuel(true).epoch_interruption(true))?;
        // The clock ends with the engine.
        let weak = engine.weak();
        thread::spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        });
        let mut linker = Linker::new(&engine);
        linker.add_wasi()?;
        crate::bindings::AgentTool::add_to_linker::<_, HasSelf<_>>(&mut linker, |session| session)?;
        Ok(Self { engine, linker })
    }

    pub fn load_hook(&self, wasm: &[u8]) -> Result<Hook<W>> {
        Hook::load(&self.engine, wasm)
    }

    /// Compiles and links a tool, and lets it describe itself, with nothing that it may use.
    pub fn load(&self, wasm: &[u8]) -> Result<Arc<Tool<W>>> {
        let component = Component::new(&self.engine, wasm).context("compile the tool")?;
        let pre = AgentToolPre::new(self.linker.instantiate_pre(&component)?)?;
        let description = Description { name: String::new(), about: String::new() };
        let mut tool = Tool { engine: self.engine.clone(), pre, description };
        let mut store = tool.store(Limits::default(), Capabilities::none(), None)?;
        let instance = tool.pre.instantiate(&mut store)?;
        tool.description = instance.agent_tools_tool().call_describe(&mut store)?;
        Ok(Arc::new(tool))
    }
}

impl<W: Wasmtime> Tool<W> {
    /// Calls the tool in an instance of its own.
    pub fn execute(
        &self,
        parameters: &str,
        limits: Limits,
        capabilities: Capabilities,
        hook: Option<Hook<W>>,
    ) -> Result<Output> {
        let mut store = self.store(limits, capabilities, hook)?;
        let called = self
            .pre
            .instantiate(&mut store)
            .and_then(|tool| tool.agent_tools_tool().call_execute(&mut store, parameters, None));
        let result = match called {
            Ok(result) => result.map_err(Failure::Reported),
            Err(error) => Err(Failure::of(&error)),
        };
        let stderr = store.take_stderr().map(|output| output.text().into_owned()).unwrap_or_default();
        let session = store.into_data();
        Ok(Output { result, log: session.log, stderr, refused: session.limiter.refused })
    }

    fn store(&self, limits: Limits, capabilities: Capabilities, hook: Option<Hook<W>>) -> Result<Store<W, Session<W>>> {
        let session = Session::new(capabilities, Limiter::new(limits.memory), hook);
        let mut wasi = WasiConfig::new();
        wasi.stderr(Stdout::capture(1024));
        let mut store = Store::with_wasi(&self.engine, session, &wasi)?;
        store.limiter(|session| &mut session.limiter);
        store.set_fuel(limits.fuel)?;
        let ticks = limits.timeout.as_millis() / TICK.as_millis();
        store.set_epoch_deadline(u64::try_from(ticks)?)?;
        store.epoch_deadline_trap()?;
        Ok(store)
    }
}

impl Failure {
    fn of(error: &Error) -> Self {
        if let Some(abuse) = error.downcast_ref::<Abuse>() {
            return Self::Abuse(abuse.to_string());
        }
        match error.trap() {
            Some(Trap::OutOfFuel) => Self::OutOfFuel,
            Some(Trap::Interrupt) => Self::TimedOut,
            Some(trap) => Self::Trapped(trap.clone()),
            None => Self::Other(error.kind()),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reported(reason) => write!(f, "the tool reports: {reason}"),
            Self::OutOfFuel => f.write_str("the fuel is used up"),
            Self::TimedOut => f.write_str("the time is up"),
            Self::Abuse(what) => write!(f, "the tool was stopped: {what}"),
            Self::Trapped(trap) => write!(f, "the tool trapped: {trap}"),
            Self::Other(kind) => write!(f, "{kind}"),
        }
    }
}
