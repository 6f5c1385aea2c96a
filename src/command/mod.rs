//! Owns running command guests: a preview1 module or a WASI 0.2 component, start to end.

mod config;
mod extras;
mod guard;
mod missing;
mod outcome;
mod poll;

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::time::Instant;

pub use self::config::RunConfig;
pub(crate) use self::extras::Extras;
pub(crate) use self::guard::Flaws;
pub use self::guard::{AdapterWarning, BrokenAdapter, MisnamedPreopen};
pub use self::missing::MissingImport;
pub use self::outcome::{Completed, Outcome};
pub(crate) use self::poll::guarded;
use crate::component::{Component, InstancePre as ComponentInstancePre, Linker as ComponentLinker};
use crate::core::{InstancePre, Linker, Module};
use crate::engine::{Engine, Trusted};
use crate::error::{Error, ErrorKind, Result, Unsupported, catching};
use crate::guest::{self, Guest, GuestKind, is_import};
use crate::report;
use crate::store::{Mode, Store, StoreLimits};
use crate::wasmtime::Wasmtime;

/// A compiled and linked command: a core module with `_start` that imports `wasi_snapshot_preview1`, or a component
/// that exports `wasi:cli/run@0.2.x`, or `wasi:cli/run@0.3.x`. It can be run any number of times, from any thread.
///
/// A command of WASI 0.3 needs a major that hosts it (46 or later, with the cargo feature `wasmtime-NN-p3`), an engine with
/// [`Config::async_support`](crate::Config::async_support) and
/// [`Config::wasm_component_model_async`](crate::Config::wasm_component_model_async), and [`Command::run_async`]. Its calls have
/// Wasmtime's bounds only, and [`WasiConfig::virtual_sleep`](crate::wasi::WasiConfig::virtual_sleep) is `Unsupported` with it.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Command, Config, Engine, Newest, Outcome, RunConfig};
///
/// // (module (func (export "_start")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\x0a\x04\x01\x02\0\x0b";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let done = Command::new(&engine, wasm)?.run(&RunConfig::new())?;
/// assert!(matches!(done.outcome, Outcome::Exited(0)));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Command<W: Wasmtime> {
    engine: Engine<W>,
    guest: Guest,
    entry: Entry<W>,
}

/// A store with the world and the limits of a run.
pub(crate) fn store_for<W: Wasmtime>(engine: &Engine<W>, config: &RunConfig) -> Result<Store<W, ()>> {
    let mut store = Store::with_wasi(engine, (), &config.wasi)?;
    if config.limits != StoreLimits::new() {
        store.set_limits(&config.limits);
    }
    if let Some(fuel) = config.fuel.or(engine.has_fuel().then_some(u64::MAX)) {
        store.set_fuel(fuel)?;
    }
    if let Some(timeout) = config.timeout {
        store.set_timeout(timeout)?;
    }
    Ok(store)
}

/// What a core module exports to be a command.
const START: &str = "_start";

enum Entry<W: Wasmtime> {
    /// `_start` is looked up once, not in every instance.
    Module {
        pre: InstancePre<W, ()>,
        start: W::ModuleExport,
    },
    Component {
        pre: ComponentInstancePre<W, ()>,
        run: String,
        extras: Extras,
        needs_p3: bool,
    },
}

impl<W: Wasmtime> Command<W> {
    /// Compiles a guest, whichever kind it is, and settles its imports: what cannot be served is known now. With the cargo feature
    /// `wat` it may be in the text format.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`]; [`ErrorKind::TooComplex`], see
    /// [`Config::allow_complex_guests`](crate::Config::allow_complex_guests); [`ErrorKind::Link`], with [`Error::missing_import`] naming the import and, for
    /// WASI, both versions; [`ErrorKind::Export`] if it is not a command.
    pub fn new(engine: &Engine<W>, bytes: impl AsRef<[u8]>) -> Result<Self> {
        Self::of_binary(engine, &guest::binary(bytes.as_ref())?)
    }

    fn of_binary(engine: &Engine<W>, wasm: &[u8]) -> Result<Self> {
        let guest = Guest::parse(wasm)?;
        if guest.needs_wasi_p3() {
            engine.expect_wasi_p3()?;
        }
        // Compiling may take minutes; its names do not.
        check(&guest, W::MAJOR)?;
        if guest.kind == GuestKind::Module && is_import(wasm, START)? {
            // Up to 42 calling it panics.
            return Err(Error::new(ErrorKind::Export, "not a command: the `_start` of the module is an import"));
        }
        match guest.kind {
            GuestKind::Module => Self::of_module(engine, guest, &Module::new(engine, wasm)?),
            GuestKind::Component => {
                let component = Component::of_guest(engine, wasm, &guest)?;
                Self::of_component(engine, guest, &component)
            }
        }
    }

    /// As [`Command::new`], for the contents of a file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the file cannot be read; otherwise as [`Command::new`].
    pub fn from_file(engine: &Engine<W>, path: impl AsRef<Path>) -> Result<Self> {
        Self::new(engine, guest::read(path.as_ref())?)
    }

    /// As [`Command::new`], but for a guest that is compiled already.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`] if it was made for another Wasmtime or other settings; [`ErrorKind::Link`] and
    /// [`ErrorKind::Export`] as [`Command::new`].
    pub fn from_precompiled(engine: &Engine<W>, precompiled: &Trusted<'_>) -> Result<Self> {
        let guest = precompiled.precompiled().guest.clone();
        match guest.kind {
            GuestKind::Module => Self::of_module(engine, guest, &Module::from_precompiled(engine, precompiled)?),
            GuestKind::Component => {
                Self::of_component(engine, guest, &Component::from_precompiled(engine, precompiled)?)
            }
        }
    }

    fn of_module(engine: &Engine<W>, guest: Guest, module: &Module<W>) -> Result<Self> {
        let Some(start) = module.export(START) else { return Err(no_command(&guest)) };
        let mut linker = Linker::new(engine);
        linker.add_wasi()?;
        let pre = linker.instantiate_pre(module)?;
        Ok(Self { engine: engine.clone(), guest, entry: Entry::Module { pre, start } })
    }

    fn of_component(engine: &Engine<W>, guest: Guest, component: &Component<W>) -> Result<Self> {
        let Some(run) = guest.run_export().map(str::to_owned) else { return Err(no_command(&guest)) };
        let mut linker = ComponentLinker::new(engine);
        linker.add_wasi()?;
        let needs_p3 = guest.needs_wasi_p3();
        if needs_p3 {
            linker.add_wasi_p3()?;
        }
        let extras = Extras::of(&guest);
        extras.link(&mut linker)?;
        let pre = linker.instantiate_pre(component)?;
        Ok(Self { engine: engine.clone(), guest, entry: Entry::Component { pre, run, extras, needs_p3 } })
    }

    /// Runs it to its end on this thread.
    ///
    /// A panic inside the host's WASI does not unwind further: it becomes [`Outcome::Failed`] with
    /// [`ErrorKind::HostPanic`]. (The panic hook still reports it. With
    /// [`Config::raw_wasi`](crate::Config::raw_wasi) a guest can cause one up to 22, for example with `sock_shutdown`.)
    ///
    /// # Errors
    /// Only when the guest was not started: [`ErrorKind::Preopens`]; [`ErrorKind::BrokenAdapter`];
    /// [`ErrorKind::TypeMismatch`] if `_start`, or `run` of a component, has another type; [`ErrorKind::Unsupported`] if it makes a memory
    /// that threads share, which from 40 on is off;
    /// [`ErrorKind::Io`] if standard input cannot be opened, or a timeout not watched; [`ErrorKind::Config`] if the limits
    /// need another engine, see [`RunConfig::engine_config`]; [`ErrorKind::InvalidArgument`] if arguments or environment
    /// variables cannot be passed, see [`Error::text`];
    /// [`ErrorKind::SyncAsyncMismatch`] on an async engine; [`ErrorKind::BlockingInAsync`] inside an async task
    /// that must not block.
    pub fn run(&self, config: &RunConfig) -> Result<Completed> {
        let started = Instant::now();
        // Before directories are made for a guest that cannot be started.
        self.mode().sync(|| {
            let mut store = self.store(config)?;
            let result = catching(|| self.start(&mut store));
            self.complete(store, config, started, result)
        })
    }

    /// As [`Command::run`], on an async engine and inside a tokio runtime. A timeout also ends a guest that waits
    /// inside a host function.
    ///
    /// # Errors
    /// As [`Command::run`], but [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine.
    pub fn run_async(&self, config: &RunConfig) -> impl Future<Output = Result<Completed>> + Send {
        async move {
            let started = Instant::now();
            self.mode().check_async()?;
            let mut store = self.store(config)?;
            let deadline = config.timeout.and_then(|timeout| started.checked_add(timeout));
            let result = guarded(self.start_async(&mut store), deadline).await;
            self.complete(store, config, started, result)
        }
    }

    /// Kind, imports and exports of the guest.
    pub fn guest(&self) -> &Guest {
        &self.guest
    }

    /// Known flaws of the adapters in it that it can reach.
    pub fn adapter_warnings(&self) -> &[AdapterWarning] {
        match &self.entry {
            Entry::Module { .. } => &[],
            Entry::Component { pre, .. } => pre.warnings(),
        }
    }

    /// Known flaws of the adapters in it that it can reach in a run with `config`, before that run; see
    /// [`Component::adapter_warnings_in`].
    pub fn adapter_warnings_in(&self, config: &RunConfig) -> Vec<AdapterWarning> {
        match &self.entry {
            // A module has none, and every run passes here.
            Entry::Module { .. } => Vec::new(),
            Entry::Component { pre, .. } => pre.adapter_warnings_in(&config.wasi),
        }
    }

    /// The engine it was compiled for.
    pub fn engine(&self) -> &Engine<W> {
        &self.engine
    }

    fn mode(&self) -> Mode {
        Mode { is_async: self.engine.is_async(), has_wasi: true }
    }

    fn store(&self, config: &RunConfig) -> Result<Store<W, ()>> {
        if let Entry::Component { extras, needs_p3, .. } = &self.entry {
            extras.expect(&config.wasi, W::MAJOR)?;
            if *needs_p3 && config.wasi.virtual_sleep {
                let what = "waiting that takes no time (`virtual_sleep`) in guests of WASI 0.3".to_owned();
                return Err(Error::from_unsupported(Unsupported::new(what, W::MAJOR)));
            }
        }
        let store = store_for(&self.engine, config)?;
        if let Entry::Component { pre, .. } = &self.entry {
            pre.guard(store.as_context().ambient())?;
        }
        Ok(store)
    }

    fn start(&self, store: &mut Store<W, ()>) -> Result<()> {
        match &self.entry {
            Entry::Module { pre, start } => {
                let instance = pre.instantiate(&mut *store)?;
                instance.typed_func_at::<(), ()>(&mut *store, start, START)?.call(store, ())
            }
            Entry::Component { pre, run, .. } => {
                let instance = pre.instantiate(&mut *store)?;
                let run = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut *store, (run.as_str(), "run"))?;
                run_result(run.call(store, ())?)
            }
        }
    }

    fn start_async(&self, store: &mut Store<W, ()>) -> impl Future<Output = Result<()>> + Send {
        async move {
            match &self.entry {
                Entry::Module { pre, start } => {
                    let instance = pre.instantiate_async(&mut *store).await?;
                    instance.typed_func_at::<(), ()>(&mut *store, start, START)?.call_async(store, ()).await
                }
                Entry::Component { pre, run, .. } => {
                    let instance = pre.instantiate_async(&mut *store).await?;
                    let run = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut *store, (run.as_str(), "run"))?;
                    run_result(run.call_async(store, ()).await?)
                }
            }
        }
    }

    fn complete(
        &self,
        mut store: Store<W, ()>,
        config: &RunConfig,
        started: Instant,
        result: Result<()>,
    ) -> Result<Completed> {
        let result = match result {
            Err(error) if is_start_failure(error.kind()) => return Err(error),
            result => result,
        };
        let fuel_consumed = config.fuel.and_then(|given| Some(given.saturating_sub(store.get_fuel().ok()?)));
        let core_dump = result.as_ref().err().and_then(|error| {
            let dump = error.wasm_core_dump().filter(|_| error.trap().is_some())?;
            let name = config.wasi.args.first().map_or("", String::as_str);
            Some(dump.serialize(&mut store, name))
        });
        let (stdout, stderr, preopens) = store.into_wasi();
        let elapsed = started.elapsed();
        let late = config.timeout.is_some_and(|timeout| elapsed >= timeout);
        let outcome = match Outcome::of(result) {
            Outcome::Exited(_) | Outcome::Trapped { .. } if late => Outcome::TimedOut,
            outcome => outcome,
        };
        let adapter_warnings = self.adapter_warnings_in(config);
        Ok(Completed { outcome, stdout, stderr, preopens, adapter_warnings, fuel_consumed, core_dump, elapsed })
    }
}

/// Refuses a guest that cannot be started as a command on this major, as far as its imports and exports show that.
fn check(guest: &Guest, major: u64) -> Result<()> {
    if guest.kind == GuestKind::Component {
        return guest.run_export().map(drop).ok_or_else(|| no_command(guest));
    }
    if !guest.exports.iter().any(|export| export == START) {
        return Err(no_command(guest));
    }
    let is_served = |import: &&String| import.strip_prefix(PREVIEW1).is_some_and(report::preview1_has);
    match guest.imports.iter().find(|import| !is_served(import)) {
        Some(import) => Err(Error::from_missing_import(MissingImport::new(import.clone(), major), major)),
        None => Ok(()),
    }
}

/// How imports of WASI begin in a module.
const PREVIEW1: &str = "wasi_snapshot_preview1::";

/// Whether the guest was not started, although it was instantiated: what would start it cannot be called, or the major
/// cannot do what the guest needs.
fn is_start_failure(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Export | ErrorKind::TypeMismatch | ErrorKind::Unsupported)
}

/// The error about a guest with nothing to start.
fn no_command(guest: &Guest) -> Error {
    let exports = |start: &str| guest.exports.iter().find(|export| export.starts_with(start));
    let (message, hint) = match guest.kind {
        GuestKind::Module if guest.is_core_of_component() => {
            let message = "not a command but the core module of a component".to_owned();
            (message, Some("make it a component first, for example with `wasm-tools component new`"))
        }
        GuestKind::Module => {
            let library = exports("_initialize").filter(|export| *export == "_initialize");
            let message = match library {
                Some(_) => "not a command but a library: the module exports `_initialize`, and no `_start`",
                None => "not a command: the module exports no `_start`",
            };
            (message.to_owned(), library.map(|_| "instantiate the library in a program and call its exports"))
        }
        GuestKind::Component => {
            let handler = exports("wasi:http/incoming-handler@");
            let what = handler.map_or_else(String::new, |export| format!(" but an HTTP handler (`{export}`)"));
            match exports("wasi:cli/run") {
                Some(run) => (
                    format!("not a command of WASI 0.2 or 0.3: the component exports `{run}`"),
                    Some("build the guest for WASI 0.2 or 0.3; other versions are not hosted"),
                ),
                None => (
                    format!("not a command{what}: the component exports no `wasi:cli/run@0.2.x`"),
                    handler.map(|_| "an HTTP server calls it, for example `wasmtime serve`"),
                ),
            }
        }
    };
    let error = Error::new(ErrorKind::Export, message);
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// What a component's `run` returned: failure is code 1, as in Wasmtime's own command line.
fn run_result((result,): (Result<(), ()>,)) -> Result<()> {
    result.map_err(|()| Error::from_exit(1))
}

impl<W: Wasmtime> fmt::Debug for Command<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("major", &W::MAJOR).field("guest", &self.guest).finish_non_exhaustive()
    }
}
