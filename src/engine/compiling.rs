//! Owns what decides how an engine compiles beyond single values: code generator, target, flags, inlining, profilers.

use std::sync::Arc;

use super::Config;
use super::incremental::CacheStore;
use super::parts::{Part, Parts};
use crate::error::{Error, ErrorKind, Result};

/// The code generator of an engine; see [`Config::strategy`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Newest, Strategy};
///
/// // Guests compile fast where Winch is compiled in; otherwise Cranelift compiles them.
/// let with = |strategy| Engine::<Newest>::new(&Config::new().strategy(strategy));
/// let engine = with(Strategy::Winch).or_else(|_| with(Strategy::Cranelift))?;
/// assert!(engine.fingerprint().is_some());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Strategy {
    /// Cranelift, or Winch in a build with Winch alone.
    Auto,
    /// The optimising code generator.
    Cranelift,
    /// The fast code generator, with the cargo feature `wasmtime-NN-winch`. It does not compile every proposal.
    Winch,
}

/// The native profiler that compiled code is shown to; see [`Config::profiler`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() {
/// use wasmtime_compat::{Config, Engine, ErrorKind, Newest, ProfilingStrategy};
///
/// assert_eq!(ProfilingStrategy::default(), ProfilingStrategy::None);
/// if let Err(error) = Engine::<Newest>::new(&Config::new().profiler(ProfilingStrategy::VTune)) {
///     // The cargo feature `profiling` of the package `wasmtime` is off, or the machine has no VTune.
///     assert_eq!(error.kind(), ErrorKind::Unsupported);
/// }
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ProfilingStrategy {
    /// None.
    #[default]
    None,
    /// `perf` on Linux, with a file `/tmp/perf-PID.map`: the names of functions. On Unix only.
    PerfMap,
    /// `perf` on Linux, with a file `jit-PID.dump` in the working directory: the code as well.
    JitDump,
    /// VTune.
    VTune,
}

/// Which calls the compiler replaces with the code of the called function; see [`Config::compiler_inlining`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() {
/// use wasmtime_compat::{Config, Engine, Inlining, Newest};
///
/// if let Err(error) = Engine::<Newest>::new(&Config::new().compiler_inlining(Inlining::No)) {
///     // The major is 35 or older, and has no inlining that could be off.
///     assert_eq!(error.unsupported().unwrap().since, Some(36));
/// }
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Inlining {
    /// All that are worth it.
    Yes,
    /// Those between the modules of a component, and those inside modules that use collected objects.
    InterModuleAndIntraGc,
    /// Those between the modules of a component.
    InterModule,
    /// Those of Wasmtime's own functions.
    Intrinsics,
    /// None.
    No,
}

/// The register allocator of Cranelift; see [`Config::cranelift_regalloc_algorithm`].
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() {
/// use wasmtime_compat::{Config, Engine, ErrorKind, Newest, RegallocAlgorithm};
///
/// let with = |algorithm| Engine::<Newest>::new(&Config::new().cranelift_regalloc_algorithm(algorithm));
/// let engine = match with(RegallocAlgorithm::SinglePass) {
///     Err(error) if error.kind() == ErrorKind::Unsupported => with(RegallocAlgorithm::Backtracking),
///     engine => engine,
/// };
/// assert!(engine.is_ok());
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RegallocAlgorithm {
    /// The one that makes the fastest code, and the default. Its time may be out of proportion to the size of a function.
    Backtracking,
    /// The one that takes time in proportion to the size of a function. Wasmtime does not consider it ready for guests that are
    /// not trusted.
    SinglePass,
}

/// A flag of Cranelift.
#[derive(Clone, Debug)]
pub(crate) struct Flag {
    pub(crate) name: String,
    /// `None` if the flag is enabled instead of set.
    pub(crate) value: Option<String>,
}

/// How an engine compiles, beyond knobs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compiling {
    pub(crate) strategy: Option<Strategy>,
    pub(crate) target: Option<String>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) inlining: Option<Inlining>,
    pub(crate) regalloc: Option<RegallocAlgorithm>,
    /// Where compiled functions are kept.
    pub(crate) functions: Option<Arc<dyn CacheStore>>,
}

impl Compiling {
    /// Refuses what needs a compiler where there is none, and flags that no map of names can hold.
    pub(super) fn check(&self, major: u64, parts: Parts) -> Result<()> {
        let set = [
            ("strategy", self.strategy.is_some()),
            ("target", self.target.is_some()),
            ("cranelift_flag_set", !self.flags.is_empty()),
            ("compiler_inlining", self.inlining.is_some()),
            ("cranelift_regalloc_algorithm", self.regalloc.is_some()),
            ("enable_incremental_compilation", self.functions.is_some()),
        ];
        for (name, _) in set.into_iter().filter(|(_, is_set)| *is_set) {
            parts.expect(Part::Compiler, major, &format!("the knob `{name}`"))?;
        }
        if self.functions.is_some() && self.strategy == Some(Strategy::Winch) {
            return Err(Error::new(ErrorKind::Config, "incremental compilation is not possible with Winch"));
        }
        match self.flags.iter().find(|flag| flag.name.is_empty()) {
            Some(_) => Err(Error::new(ErrorKind::Config, "a flag of Cranelift has no name")),
            None => Ok(()),
        }
    }
}

impl Config {
    /// The code generator. Creating an engine fails with [`ErrorKind::Unsupported`] for one that is not compiled in, and with
    /// [`ErrorKind::Config`] for one that does not compile what the other settings ask for.
    #[must_use]
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.compiling.strategy = Some(strategy);
        self
    }

    /// The native profiler that compiled code is shown to. Creating an engine fails with [`ErrorKind::Unsupported`] for one that
    /// the operating system lacks, and for [`ProfilingStrategy::JitDump`] and [`ProfilingStrategy::VTune`] unless the cargo
    /// feature `profiling` of the major's own package `wasmtime` is on: this crate does not turn it on, because it needs a C
    /// compiler.
    #[must_use]
    pub fn profiler(mut self, profiler: ProfilingStrategy) -> Self {
        self.profiler = profiler;
        self
    }

    /// The machine that guests are compiled for, as a target triple such as `x86_64-unknown-linux-gnu`: for
    /// [`Engine::precompile`](crate::Engine::precompile). The engine loads what it compiles only if this machine can run it.
    /// Without a target the code is for this machine and uses all that its processor has; with one it uses what every processor
    /// of the target has, and what [`Config::cranelift_flag_enable`] adds.
    ///
    /// Creating an engine fails with [`ErrorKind::Config`] for what is not a triple, and for a processor that is not compiled in:
    /// other processors than that of this machine need the cargo feature `all-arch` of the major's own package `wasmtime`.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, ErrorKind, Newest};
    ///
    /// let error = Engine::<Newest>::new(&Config::new().target("pdp-11")).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Config);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn target(mut self, target: &str) -> Self {
        self.compiling.target = Some(target.to_owned());
        self
    }

    /// Which calls the compiler replaces with the code of the called function.
    ///
    /// [`ErrorKind::Unsupported`] up to Wasmtime 35. 36 to 44 have [`Inlining::InterModuleAndIntraGc`], which is their `true`, and
    /// [`Inlining::No`]; the others need 45.
    #[must_use]
    pub fn compiler_inlining(mut self, inlining: Inlining) -> Self {
        self.compiling.inlining = Some(inlining);
        self
    }

    /// The register allocator of Cranelift.
    ///
    /// [`RegallocAlgorithm::Backtracking`] is what every major has by default, and is accepted on every one.
    /// [`RegallocAlgorithm::SinglePass`] is [`ErrorKind::Unsupported`] up to Wasmtime 27 and from 33 to 36.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, Newest, RegallocAlgorithm};
    ///
    /// let config = Config::new().cranelift_regalloc_algorithm(RegallocAlgorithm::Backtracking);
    /// Engine::<Newest>::new(&config)?;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn cranelift_regalloc_algorithm(mut self, algorithm: RegallocAlgorithm) -> Self {
        self.compiling.regalloc = Some(algorithm);
        self
    }

    /// Enables a flag of Cranelift, such as a feature of the processor. Creating an engine fails with [`ErrorKind::Config`] if
    /// Cranelift has no flag of this name.
    ///
    /// # Safety
    /// A flag may make the compiler generate code that this machine cannot run, or that breaks the isolation of guests;
    /// see `wasmtime::Config::cranelift_flag_enable`. The caller has to know what it does in Cranelift.
    #[must_use]
    #[expect(unsafe_code, reason = "what it asks for cannot be checked")]
    pub unsafe fn cranelift_flag_enable(mut self, flag: &str) -> Self {
        self.compiling.flags.push(Flag { name: flag.to_owned(), value: None });
        self
    }

    /// Sets a flag of Cranelift. Creating an engine fails with [`ErrorKind::Config`] if Cranelift has no flag of this name, or the
    /// flag no such value.
    ///
    /// # Safety
    /// As [`Config::cranelift_flag_enable`].
    #[must_use]
    #[expect(unsafe_code, reason = "what it asks for cannot be checked")]
    pub unsafe fn cranelift_flag_set(mut self, name: &str, value: &str) -> Self {
        self.compiling.flags.push(Flag { name: name.to_owned(), value: Some(value.to_owned()) });
        self
    }
}
