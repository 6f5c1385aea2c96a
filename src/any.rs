//! Owns the object-safe layer: the majors of this build as values, for programs that choose one at run time.

use std::fmt::Debug;

use crate::command::Completed;
use crate::command::RunConfig;
use crate::engine::Trusted;
use crate::error::Result;
use crate::guest::Guest;
use crate::report::RuntimeReport;
use crate::wasmtime::sealed::Sealed;

/// A Wasmtime major as a value. [`enabled`](crate::enabled) lists them, [`by_major`](crate::by_major) finds one.
pub trait AnyWasmtime: Sealed + Debug + Send + Sync {
    /// The major version number.
    fn major(&self) -> u64;

    /// Exactly which Wasmtime this is, and what it hosts.
    fn report(&self) -> RuntimeReport;

    /// Compiles and links a command guest so that it can be run within limits like those of `config`: those it sets
    /// now can have other values later, those it leaves out cannot be set later.
    ///
    /// # Errors
    /// As [`Command::new`](crate::Command::new).
    fn compile(&self, wasm: &[u8], config: &RunConfig) -> Result<Box<dyn AnyCommand>>;

    /// Compiles a guest into bytes that can be kept, for `load` with a `config` of the same kind of limits.
    ///
    /// # Errors
    /// As [`Engine::precompile`](crate::Engine::precompile).
    fn precompile(&self, wasm: &[u8], config: &RunConfig) -> Result<Vec<u8>>;

    /// As `compile`, but for a guest that is compiled already.
    ///
    /// # Errors
    /// As [`Command::from_precompiled`](crate::Command::from_precompiled).
    fn load(&self, precompiled: &Trusted<'_>, config: &RunConfig) -> Result<Box<dyn AnyCommand>>;
}

/// A compiled command of some major.
pub trait AnyCommand: Sealed + Debug + Send + Sync {
    /// Runs it to its end on this thread. A timeout also ends a guest that waits inside a host function.
    ///
    /// # Errors
    /// As [`Command::run`](crate::Command::run).
    fn run(&self, config: &RunConfig) -> Result<Completed>;

    /// What the guest's bytes say about it.
    fn guest(&self) -> &Guest;
}

#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) use self::of::Of;

#[cfg(all(feature = "_runtime", not(test)))]
mod of {
    use std::marker::PhantomData;

    use super::{AnyCommand, AnyWasmtime};
    use crate::command::RunConfig;
    use crate::command::{Command, Completed};
    use crate::engine::Engine;
    use crate::engine::Trusted;
    use crate::error::Result;
    use crate::guest::Guest;
    use crate::report::RuntimeReport;
    use crate::store::blocking::block_on;
    use crate::wasmtime::Wasmtime;
    use crate::wasmtime::sealed::Sealed;

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

        fn compile(&self, wasm: &[u8], config: &RunConfig) -> Result<Box<dyn AnyCommand>> {
            Ok(Box::new(Command::new(&engine::<W>(config)?, wasm)?))
        }

        fn precompile(&self, wasm: &[u8], config: &RunConfig) -> Result<Vec<u8>> {
            engine::<W>(config)?.precompile(wasm)
        }

        fn load(&self, precompiled: &Trusted<'_>, config: &RunConfig) -> Result<Box<dyn AnyCommand>> {
            Ok(Box::new(Command::from_precompiled(&engine::<W>(config)?, precompiled)?))
        }
    }

    fn engine<W: Wasmtime>(config: &RunConfig) -> Result<Engine<W>> {
        Engine::new(&config.engine_config().async_support(true))
    }

    impl<W: Wasmtime> Sealed for Command<W> {}

    impl<W: Wasmtime> AnyCommand for Command<W> {
        fn run(&self, config: &RunConfig) -> Result<Completed> {
            block_on(self.run_async(config))?
        }

        fn guest(&self) -> &Guest {
            self.guest()
        }
    }
}
