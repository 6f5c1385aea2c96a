//! Owns stores with a WASI world, and what a major does for WASI.

use super::{AsContext, Caller, RawStore, Store, StoreContextMut, Stores, World};
use crate::bounds::Data;
use crate::component::{self, ComponentLinkerInstances};
use crate::core::{Linker, Linkers};
use crate::engine::Engine;
use crate::error::Result;
use crate::wasi::{Capture, Captured, PreopenReport, Sink, Stdio, WasiConfig};

impl<W: Wasi, T: Data + Send> Store<W, T> {
    /// A store with your data and a WASI world.
    ///
    /// # Errors
    /// As [`WasiConfig::check_all`]: [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) with every argument and environment
    /// variable that cannot be passed, [`ErrorKind::Preopens`](crate::ErrorKind::Preopens) with every problem of every
    /// preopen; [`ErrorKind::Io`](crate::ErrorKind::Io) if standard input cannot be opened.
    pub fn with_wasi(engine: &Engine<W>, data: T, config: &WasiConfig) -> Result<Self> {
        let preopens = config.check_all()?;
        let stdio = Stdio::open(&config.stdin, &config.stdout, &config.stderr)?;
        let world = Box::new(World {
            stdio,
            preopens,
            allow_broken_adapter: config.allow_broken_adapter,
            max_random_size: config.max_random_size,
            network: config.network,
        });
        let raw = W::new_store_with_wasi(engine, data, world, config)?;
        let mut store = Self::ready(engine, RawStore(raw));
        if let Some(variables) = &config.variables {
            store.set_wasi_config(variables);
        }
        if let Some(values) = &config.values {
            store.set_wasi_keyvalue(values);
        }
        Ok(store)
    }
}

impl<W: Stores, T: Data> Store<W, T> {
    fn world(&self) -> Option<&World> {
        self.as_context().ambient().world.as_deref()
    }

    /// The guest's standard output so far, if that is captured.
    pub fn stdout(&self) -> Option<Captured> {
        Some(self.world()?.stdio.stdout.as_ref()?.captured()?.snapshot())
    }

    /// The guest's standard error so far, if that is captured.
    pub fn stderr(&self) -> Option<Captured> {
        Some(self.world()?.stdio.stderr.as_ref()?.captured()?.snapshot())
    }

    /// The verdict on each preopen; `None` without WASI.
    pub fn preopens(&self) -> Option<&PreopenReport> {
        Some(&self.world()?.preopens)
    }

    /// Ends the store, and returns the captured output and the verdicts on the preopens.
    pub(crate) fn into_wasi(mut self) -> (Captured, Captured, PreopenReport) {
        let Some(world) = self.as_context_mut().ambient_mut().world.take() else { return Default::default() };
        // The guest's own handles to the streams go first, so nothing is written after this.
        drop(self);
        let World { stdio, preopens, .. } = *world;
        let take =
            |stream: Option<Sink>| stream.as_ref().and_then(Sink::captured).map(Capture::take).unwrap_or_default();
        (take(stdio.stdout), take(stdio.stderr), preopens)
    }
}

/// Draining of captured output while a store lives on, for a type that a store can be borrowed from.
macro_rules! draining {
    ($($type:ty),*) => {$(
        impl<W: Stores, T: Data> $type {
            /// Takes the captured standard output out of the store: what the guest has written since the store was made, or
            /// since the output was last taken. The bound of [`Stdout::capture`](crate::wasi::Stdout::capture) and the count
            /// in [`Captured`] then start anew. `None` if standard output is not captured.
            pub fn take_stdout(&mut self) -> Option<Captured> {
                Some(self.as_context().ambient().world.as_deref()?.stdio.stdout.as_ref()?.captured()?.take())
            }

            /// Takes the captured standard error out of the store, as `take_stdout` does.
            pub fn take_stderr(&mut self) -> Option<Captured> {
                Some(self.as_context().ambient().world.as_deref()?.stdio.stderr.as_ref()?.captured()?.take())
            }
        }
    )*};
}

draining!(Store<W, T>, StoreContextMut<'_, W, T>, Caller<'_, W, T>);

impl<W: Wasi, T: Data + Send> Linker<W, T> {
    /// Adds `wasi_snapshot_preview1`, blocking or async as the engine is.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if one of its names is taken.
    pub fn add_wasi(&mut self) -> Result<()> {
        self.has_wasi = true;
        let linked = W::link_wasi(&mut self.raw, self.engine.is_async(), self.engine.raw_wasi());
        // Linking WASI replaces functions, and afterwards forbids replacing.
        W::allow_shadowing(&mut self.raw, self.allows_shadowing);
        linked
    }
}

impl<W: Wasi, T: Data + Send> component::Linker<W, T> {
    /// Adds the `wasi:cli` world, blocking or async as the engine is.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if one of its names is taken.
    pub fn add_wasi(&mut self) -> Result<()> {
        self.has_wasi = true;
        let linked = W::link_component_wasi(&mut self.raw, self.engine.is_async(), self.engine.raw_wasi());
        self.restore_shadowing();
        linked
    }

    /// Adds the `wasi:cli/imports` world of WASI 0.3, beside that of 0.2, which [`Linker::add_wasi`](Self::add_wasi) adds. Both use
    /// the [`WasiConfig`] of the store: preopens, streams, variables, network, clocks and randomness. Waiting always takes real time.
    ///
    /// The functions are those of Wasmtime, with Wasmtime's bounds: those of docs/BOUNDS.md for WASI 0.2 are not
    /// in force here. Wasmtime itself calls its WASI 0.3 experimental in every major so far.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) before 46, and if the cargo feature `wasmtime-NN-p3` is off;
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) without
    /// [`Config::wasm_component_model_async`](crate::Config::wasm_component_model_async);
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if one of its names is taken.
    pub fn add_wasi_p3(&mut self) -> Result<()> {
        self.engine.expect_wasi_p3()?;
        self.has_wasi = true;
        W::link_wasi_p3(&mut self.raw)
    }
}

/// WASI of a major: the state in its stores, and the functions in its linkers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Wasi: Linkers + ComponentLinkerInstances {
    /// A store with a WASI state for the world, which was made from `config`.
    #[doc(hidden)]
    fn new_store_with_wasi<T: Data + Send>(
        engine: &Engine<Self>,
        data: T,
        world: Box<World>,
        config: &WasiConfig,
    ) -> Result<Self::Store<T>>;
    #[doc(hidden)]
    fn link_wasi<T: Data + Send>(linker: &mut Self::Linker<T>, is_async: bool, raw_wasi: bool) -> Result<()>;
    #[doc(hidden)]
    fn link_component_wasi<T: Data + Send>(
        linker: &mut Self::ComponentLinker<T>,
        is_async: bool,
        raw_wasi: bool,
    ) -> Result<()>;
    #[doc(hidden)]
    fn link_wasi_p3<T: Data + Send>(linker: &mut Self::ComponentLinker<T>) -> Result<()>;
    #[doc(hidden)]
    fn link_wasi_config<T: Data>(linker: &mut Self::ComponentLinker<T>) -> Result<()>;
    #[doc(hidden)]
    fn link_wasi_keyvalue<T: Data>(linker: &mut Self::ComponentLinker<T>) -> Result<()>;
}
