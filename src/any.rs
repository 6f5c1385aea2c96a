//! Owns the object-safe layer: the majors of this build as values, for programs that choose one at run time.

use std::fmt::Debug;

use crate::any_instance::AnyInstance;
#[cfg(feature = "_http")]
use crate::any_proxy::AnyProxy;
use crate::command::{Completed, RunConfig};
use crate::engine::{Config, Trusted};
use crate::error::Result;
use crate::guest::{self, Guest};
use crate::report::RuntimeReport;
use crate::sealed::Sealed;

/// A Wasmtime major as a value. [`enabled`](crate::enabled) lists them, [`by_major`](crate::by_major) finds one.
///
/// [`AnyWasmtime::engine`] takes any [`Config`]; the functions for one guest make an engine for one call, whose settings
/// follow from the limits of the run.
///
/// ```
/// use wasmtime_compat::{AnyWasmtime, by_major, enabled};
///
/// /// The major that the user of a program asks for, or else the newest one.
/// fn choose(setting: Option<u64>) -> Option<&'static dyn AnyWasmtime> {
///     setting.map_or_else(|| enabled().last().copied(), by_major)
/// }
///
/// assert!(choose(Some(17)).is_none());
/// assert_eq!(choose(None).is_some(), !enabled().is_empty());
/// if let Some(wasmtime) = choose(None) {
///     assert_eq!(wasmtime.report().wasmtime.major, wasmtime.major());
/// }
/// ```
pub trait AnyWasmtime: Sealed + Debug + Send + Sync {
    /// The major version number.
    fn major(&self) -> u64;

    /// Exactly which Wasmtime this is, and what it hosts.
    fn report(&self) -> RuntimeReport;

    /// An engine with this configuration. It is asynchronous regardless of `config`, so that a timeout ends each
    /// command that runs on it.
    ///
    /// # Errors
    /// As [`Engine::new`](crate::Engine::new).
    fn engine(&self, config: &Config) -> Result<Box<dyn AnyEngine>>;

    /// Compiles and links a command guest so that it can be run within limits like those of `config`: those it sets
    /// now can have other values later, those it leaves out cannot be set later.
    ///
    /// # Errors
    /// As [`AnyWasmtime::engine`] and [`AnyEngine::compile`].
    fn compile(&self, wasm: &[u8], config: &RunConfig) -> Result<Box<dyn AnyCommand>> {
        self.engine(&settings_for(wasm, config)?)?.compile(wasm)
    }

    /// Compiles a guest into bytes that can be kept, for `load` with a `config` of the same kind of limits.
    ///
    /// # Errors
    /// As [`AnyWasmtime::engine`] and [`AnyEngine::precompile`].
    fn precompile(&self, wasm: &[u8], config: &RunConfig) -> Result<Vec<u8>> {
        self.engine(&settings_for(wasm, config)?)?.precompile(wasm)
    }

    /// As `compile`, but for a guest that is compiled already.
    ///
    /// # Errors
    /// As [`AnyWasmtime::engine`] and [`AnyEngine::load`].
    fn load(&self, precompiled: &Trusted<'_>, config: &RunConfig) -> Result<Box<dyn AnyCommand>> {
        self.engine(&settings(&precompiled.precompiled().guest, config))?.load(precompiled)
    }

    /// As `compile`, but for a component that responds to HTTP requests.
    ///
    /// # Errors
    /// As [`AnyWasmtime::engine`] and [`AnyEngine::proxy`].
    #[cfg(feature = "_http")]
    fn proxy(&self, wasm: &[u8], config: &RunConfig) -> Result<Box<dyn AnyProxy>> {
        self.engine(&config.engine_config())?.proxy(wasm)
    }
}

/// The configuration of the engine for one guest: it takes asynchronous components only for a guest of WASI 0.3.
fn settings(guest: &Guest, config: &RunConfig) -> Config {
    config.engine_config().wasm_component_model_async(config.wasi_p3 && guest.needs_wasi_p3())
}

fn settings_for(wasm: &[u8], config: &RunConfig) -> Result<Config> {
    if !config.wasi_p3 {
        return Ok(config.engine_config());
    }
    Ok(settings(&Guest::parse(&guest::binary(wasm)?)?, config))
}

/// An engine of some major, with settings chosen at run time. An [`Engine`](crate::Engine) is one too.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{OptLevel, Outcome, RunConfig, enabled};
///
/// // (module (func (export "_start")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\x0a\x04\x01\x02\0\x0b";
/// let run = RunConfig { fuel: Some(1_000), ..RunConfig::new() };
/// for wasmtime in enabled() {
///     // What the limits of the run need, and a setting of the engine.
///     let engine = wasmtime.engine(&run.engine_config().cranelift_opt_level(OptLevel::None))?;
///     let done = engine.compile(wasm)?.run(&run)?;
///     assert!(matches!(done.outcome, Outcome::Exited(0)));
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub trait AnyEngine: Sealed + Debug + Send + Sync {
    /// The major version number.
    fn major(&self) -> u64;

    /// As [`Engine::fingerprint`](crate::Engine::fingerprint).
    fn fingerprint(&self) -> u64;

    /// Advances the epoch by one tick; see [`Engine::increment_epoch`](crate::Engine::increment_epoch).
    fn increment_epoch(&self);

    /// Compiles and links a command guest. What limits a run of it can have is for the configuration of the engine to
    /// decide: fuel needs `consume_fuel`, a timeout `epoch_interruption`; see [`RunConfig::engine_config`].
    ///
    /// # Errors
    /// As [`Command::new`](crate::Command::new).
    fn compile(&self, wasm: &[u8]) -> Result<Box<dyn AnyCommand>>;

    /// Compiles a guest, a command or not, into bytes that can be kept for `load` on an engine of the same settings.
    ///
    /// # Errors
    /// As [`Engine::precompile`](crate::Engine::precompile).
    fn precompile(&self, wasm: &[u8]) -> Result<Vec<u8>>;

    /// As `compile`, but for a guest that is compiled already.
    ///
    /// # Errors
    /// As [`Command::from_precompiled`](crate::Command::from_precompiled).
    fn load(&self, precompiled: &Trusted<'_>) -> Result<Box<dyn AnyCommand>>;

    /// Compiles a guest, a command or not, links it with WASI, and instantiates it in a store of its own, so that its exports can
    /// be called by name. A core module's `_initialize` is called.
    ///
    /// # Errors
    /// As [`Command::new`](crate::Command::new), except that the guest need not be a command, and as
    /// [`Command::run`](crate::Command::run).
    fn instantiate(&self, wasm: &[u8], config: &RunConfig) -> Result<Box<dyn AnyInstance>>;

    /// Compiles and links a component that responds to HTTP requests. A timeout needs an engine with `epoch_interruption`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the cargo feature `wasmtime-NN-http` of the major is off;
    /// otherwise as [`Component::new`](crate::component::Component::new),
    /// [`Linker::instantiate_pre`](crate::component::Linker::instantiate_pre) and
    /// [`ProxyPre::new`](crate::http::ProxyPre::new).
    #[cfg(feature = "_http")]
    fn proxy(&self, wasm: &[u8]) -> Result<Box<dyn AnyProxy>>;
}

/// A compiled command of some major.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{AnyCommand, Outcome, RunConfig, enabled};
///
/// // (module (func (export "_start")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\x0a\x04\x01\x02\0\x0b";
/// let run = RunConfig::new();
/// for wasmtime in enabled() {
///     let command: Box<dyn AnyCommand> = wasmtime.compile(wasm, &run)?;
///     assert_eq!(command.guest().exports, ["_start"]);
///     assert!(matches!(command.run(&run)?.outcome, Outcome::Exited(0)));
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub trait AnyCommand: Sealed + Debug + Send + Sync {
    /// Runs it to its end on this thread. A timeout also ends a guest that waits inside a host function.
    ///
    /// # Errors
    /// As [`Command::run`](crate::Command::run).
    fn run(&self, config: &RunConfig) -> Result<Completed>;

    /// Kind, imports and exports of the guest.
    fn guest(&self) -> &Guest;
}

#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::of::Of;

#[cfg(all(feature = "_runtime", not(test)))]
mod of {
    use std::marker::PhantomData;

    #[cfg(feature = "_http")]
    use super::AnyProxy;
    use super::{AnyCommand, AnyEngine, AnyInstance, AnyWasmtime};
    use crate::any_instance::Live;
    use crate::command::{Command, Completed, RunConfig};
    use crate::engine::{Config, Engine, Trusted};
    use crate::error::Result;
    use crate::guest::Guest;
    use crate::report::RuntimeReport;
    use crate::sealed::Sealed;
    use crate::store::blocking::block_on;
    use crate::wasmtime::Wasmtime;

    /// A major as a value.
    #[derive(Debug)]
    pub(crate) struct Of<W>(PhantomData<W>);

    impl<W: Wasmtime> Of<W> {
        pub(crate) const NEW: Self = Self(PhantomData);
    }

    impl<W: Wasmtime> Sealed for Of<W> {}

    impl<W: Wasmtime> AnyWasmtime for Of<W> {
        fn major(&self) -> u64 {
            W::MAJOR
        }

        fn report(&self) -> RuntimeReport {
            W::report()
        }

        fn engine(&self, config: &Config) -> Result<Box<dyn AnyEngine>> {
            Ok(Box::new(Engine::<W>::new(&config.clone().async_support(true))?))
        }
    }

    impl<W: Wasmtime> Sealed for Engine<W> {}

    impl<W: Wasmtime> AnyEngine for Engine<W> {
        fn major(&self) -> u64 {
            W::MAJOR
        }

        fn fingerprint(&self) -> u64 {
            self.fingerprint().unwrap_or_default()
        }

        fn increment_epoch(&self) {
            self.increment_epoch();
        }

        fn compile(&self, wasm: &[u8]) -> Result<Box<dyn AnyCommand>> {
            Ok(Box::new(Command::new(self, wasm)?))
        }

        fn precompile(&self, wasm: &[u8]) -> Result<Vec<u8>> {
            self.precompile(wasm)
        }

        fn load(&self, precompiled: &Trusted<'_>) -> Result<Box<dyn AnyCommand>> {
            Ok(Box::new(Command::from_precompiled(self, precompiled)?))
        }

        fn instantiate(&self, wasm: &[u8], config: &RunConfig) -> Result<Box<dyn AnyInstance>> {
            Ok(Box::new(Live::new(self, wasm, config)?))
        }

        #[cfg(feature = "_http")]
        fn proxy(&self, wasm: &[u8]) -> Result<Box<dyn AnyProxy>> {
            W::proxy(self, wasm)
        }
    }

    impl<W: Wasmtime> Sealed for Command<W> {}

    impl<W: Wasmtime> AnyCommand for Command<W> {
        fn run(&self, config: &RunConfig) -> Result<Completed> {
            // An engine that a caller made may be synchronous.
            if self.engine().is_async() { block_on(self.run_async(config))? } else { self.run(config) }
        }

        fn guest(&self) -> &Guest {
            self.guest()
        }
    }
}
