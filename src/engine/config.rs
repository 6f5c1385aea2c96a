//! Owns the version-neutral engine configuration: plain, reusable data.

use std::num::NonZeroUsize;

use super::Knobs;
use super::cache::Cache;
use super::compiling::{Compiling, ProfilingStrategy, Strategy};
use super::parts::{Part, Parts};
use super::pooling::InstanceAllocationStrategy;
use crate::error::{Error, ErrorKind, Result, Unsupported};
use crate::report::Proposal;

/// The configuration of an engine. Settings that are not set have the major's default.
///
/// The page docs/KNOBS.md has the knobs and proposals that each major has, and under which name Wasmtime has them.
///
/// ```
/// use wasmtime_compat::Config;
///
/// let config = Config::new().consume_fuel(true).max_wasm_stack(256 << 10);
/// # let _ = config;
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) async_support: bool,
    pub(crate) consume_fuel: bool,
    pub(crate) epoch_interruption: bool,
    pub(crate) debug_info: bool,
    /// `None` if there are none.
    pub(crate) backtrace_frames: Option<NonZeroUsize>,
    pub(crate) backtrace_details: bool,
    pub(crate) knobs: Knobs,
    pub(crate) opt_level: Option<OptLevel>,
    pub(crate) proposals: Vec<(Proposal, bool)>,
    pub(crate) wasm_component_model: Option<bool>,
    pub(crate) raw_wasi: bool,
    pub(crate) wasm_component_model_async: bool,
    pub(crate) allow_complex_guests: bool,
    pub(crate) shared_memory: bool,
    pub(crate) compiling: Compiling,
    pub(crate) profiler: ProfilingStrategy,
    pub(crate) allocation_strategy: InstanceAllocationStrategy,
    pub(crate) cache: Option<Cache>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            async_support: false,
            consume_fuel: false,
            epoch_interruption: false,
            debug_info: false,
            backtrace_frames: FRAMES,
            backtrace_details: false,
            knobs: Knobs::default(),
            opt_level: None,
            proposals: Vec::new(),
            wasm_component_model: None,
            raw_wasi: false,
            wasm_component_model_async: false,
            allow_complex_guests: false,
            shared_memory: false,
            compiling: Compiling::default(),
            profiler: ProfilingStrategy::default(),
            allocation_strategy: InstanceAllocationStrategy::default(),
            cache: None,
        }
    }
}

/// The optimisation level of the compiler.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Newest, OptLevel};
///
/// let with = |level| Engine::<Newest>::new(&Config::new().cranelift_opt_level(level));
/// let (quick, fast) = (with(OptLevel::None)?, with(OptLevel::Speed)?);
/// // Compiled code of one level is not loaded by an engine of another one.
/// assert_ne!(quick.fingerprint(), fast.fingerprint());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OptLevel {
    /// Not at all: fastest compilation.
    None,
    /// For speed.
    Speed,
    /// For speed, then size.
    SpeedAndSize,
}

impl Config {
    /// The major's defaults, synchronous.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an engine for the `*_async` functions. Synchronous functions then return
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch), on every major.
    #[must_use]
    pub fn async_support(mut self, on: bool) -> Self {
        self.async_support = on;
        self
    }

    /// Counts fuel. A store then starts with none; see [`Store::set_fuel`](crate::Store::set_fuel).
    #[must_use]
    pub fn consume_fuel(mut self, on: bool) -> Self {
        self.consume_fuel = on;
        self
    }

    /// Compiles in epoch checks, which epoch deadlines and wall-clock timeouts need.
    #[must_use]
    pub fn epoch_interruption(mut self, on: bool) -> Self {
        self.epoch_interruption = on;
        self
    }

    /// Whether guests and the host can make memories that threads share; see [`SharedMemory`](crate::SharedMemory). Off by
    /// default, on majors up to 39 too, whose own default is on: the limits of a store do not count these memories, and no
    /// timeout ends a guest that waits in one with `memory.atomic.wait32`. Without them a guest that makes one is
    /// [`ErrorKind::Unsupported`].
    #[must_use]
    pub fn shared_memory(mut self, on: bool) -> Self {
        self.shared_memory = on;
        self
    }

    /// Emits DWARF debug information for native debuggers.
    #[must_use]
    pub fn debug_info(mut self, on: bool) -> Self {
        self.debug_info = on;
        self
    }

    /// Whether errors that come out of a guest carry a WebAssembly backtrace; see
    /// [`Error::wasm_backtrace`](crate::Error::wasm_backtrace).
    #[must_use]
    pub fn backtraces(mut self, on: bool) -> Self {
        self.backtrace_frames = if on { self.backtrace_frames.or(FRAMES) } else { None };
        self
    }

    /// The number of frames that backtraces have at most; `None` is [`Config::backtraces`] with `false`. The default is 64 on every
    /// major. With more than 65,536, creating an engine fails with [`ErrorKind::Config`].
    ///
    /// The name is that of Wasmtime 43, which brought the limit; up to 42 a backtrace is cut here. It costs time for each
    /// frame that a guest has when it traps or when a host function returns an error.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use std::num::NonZeroUsize;
    /// use wasmtime_compat::{Config, Engine, Newest};
    ///
    /// let engine = Engine::<Newest>::new(&Config::new().wasm_backtrace_max_frames(NonZeroUsize::new(1000)))?;
    /// # let _ = engine;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn wasm_backtrace_max_frames(mut self, limit: Option<NonZeroUsize>) -> Self {
        self.backtrace_frames = limit;
        self
    }

    /// Whether backtraces name files and lines of the guest's source, if the guest has DWARF sections. Compiled guests
    /// then keep these sections. Off by default, regardless of `WASMTIME_BACKTRACE_DETAILS` in the environment.
    ///
    /// Wasmtime reads the sections when a guest traps or exits, without a bound. So a guest is compiled without them if
    /// they are damaged, or take far more to read than those of a compiler do, unless [`Config::allow_complex_guests`] is on:
    /// calls that are inlined more than 128 deep, more than 32 KiB of names and paths at one instruction, more than 512 MiB of
    /// paths, lines, ranges and functions, or more than 64 MiB to read, of which 16 MiB in the beginnings of units. What units
    /// share counts for each.
    #[must_use]
    pub fn backtrace_details(mut self, on: bool) -> Self {
        self.backtrace_details = on;
        self
    }

    /// Links WASI as the major has it, without the checks and without what this crate evens out: on the majors that do
    /// not bound WASI calls themselves, a guest can then end the process. See [`wasi::bounds`](crate::wasi::bounds).
    #[must_use]
    pub fn raw_wasi(mut self, on: bool) -> Self {
        self.raw_wasi = on;
        self
    }

    /// The optimisation level of the compiler.
    #[must_use]
    pub fn cranelift_opt_level(mut self, level: OptLevel) -> Self {
        self.opt_level = Some(level);
        self
    }

    /// Switches a WebAssembly proposal; creating an engine fails with
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) where the major has no such switch.
    #[must_use]
    pub fn proposal(mut self, proposal: Proposal, on: bool) -> Self {
        self.proposals.push((proposal, on));
        self
    }

    /// Whether the engine takes components. On by default in a whole major, and off in one of which only the core is compiled
    /// in (`wasmtime-NN-core`).
    ///
    /// Wasmtime loads a compiled module only into engines that take the same proposals, and components count as one. Modules that
    /// a core shall load are therefore compiled with `false`. A host of precompiled modules loads them with `false` as well: then it
    /// works in every build, also where another package turns all of the major on.
    #[must_use]
    pub fn wasm_component_model(mut self, on: bool) -> Self {
        self.wasm_component_model = Some(on);
        self
    }

    /// Whether the engine takes components with asynchronous functions, streams and futures, which those of WASI 0.3 are. Off by
    /// default, on every major and whatever another package turns on. It needs the cargo feature `wasmtime-NN-p3` of a major from
    /// 46 on, [`Config::async_support`], and Cranelift.
    ///
    /// What such a guest calls of WASI 0.3 is bounded by Wasmtime alone; docs/BOUNDS.md has what remains open. Compiled guests,
    /// modules as well, fit only engines with the same value. On 49 and 50 a host function of such an engine cannot call
    /// components of its own store.
    #[must_use]
    pub fn wasm_component_model_async(mut self, on: bool) -> Self {
        self.wasm_component_model_async = on;
        self
    }

    /// Takes compiled guests from a cache, and puts them there. `None`, the default, compiles each.
    #[must_use]
    pub fn cache(mut self, cache: Option<Cache>) -> Self {
        self.cache = cache;
        self
    }

    /// Compiles guests whatever that takes, instead of refusing some with
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex).
    ///
    /// A few kilobytes can make Wasmtime work for hours, or take more memory than there is, before any limit of a store
    /// counts: with components that double their instances, functions of fifty thousand locals, calls with a thousand
    /// arguments. By default such guests are refused. The limits are far above what compilers make; a host that trusts its
    /// guests, or compiles in a process of its own, may lift them.
    #[must_use]
    pub fn allow_complex_guests(mut self, on: bool) -> Self {
        self.allow_complex_guests = on;
        self
    }
}

/// The frames that a backtrace has by default on every major.
const FRAMES: Option<NonZeroUsize> = NonZeroUsize::new(64);

/// The most frames that a backtrace may have: some majors allocate room for all of them first.
const MOST_FRAMES: usize = 0x1_0000;

/// The stack that guests may use by default on every major, in bytes.
const WASM_STACK: usize = 512 << 10;

/// The default stack of an asynchronous call on every major, in bytes.
const ASYNC_STACK: usize = 2 << 20;

/// What an asynchronous call gets beyond the stack of its guest if only that is set, in bytes.
const HOST_STACK: usize = 1 << 20;

/// The least that must be left for host functions on the stack of an asynchronous call, in bytes.
const LEAST_HOST_STACK: usize = 128 << 10;

impl Config {
    /// What a backtrace has at most. A backtrace that is captured although they are off has the default.
    pub(super) fn max_frames(&self) -> usize {
        self.backtrace_frames.or(FRAMES).map_or(0, NonZeroUsize::get)
    }

    /// The knobs to set. Every major refuses guests more stack than an asynchronous call has, so one follows the other.
    pub(crate) fn knobs(&self) -> Knobs {
        let follows = |bytes: usize| bytes.saturating_add(HOST_STACK).max(ASYNC_STACK);
        let async_stack_size = self.knobs.async_stack_size.or_else(|| self.knobs.max_wasm_stack.map(follows));
        Knobs { async_stack_size, ..self.knobs }
    }

    /// The proposals to switch on `major`, in this order. Cranelift has tail calls on by default only where the report says so: one
    /// major (21) has them on if Cranelift was chosen by name, and off if it is the automatic choice.
    #[allow(dead_code, reason = "only majors use it")]
    pub(crate) fn proposals(&self, major: u64) -> impl Iterator<Item = (Proposal, bool)> + '_ {
        let by_name = self.compiling.strategy == Some(Strategy::Cranelift);
        let off = (by_name && !Proposal::TailCall.is_default(major)).then_some((Proposal::TailCall, false));
        off.into_iter().chain(self.proposals.iter().copied())
    }

    /// Refuses what `major` lacks, what needs more of it than these parts, and values on which some major would panic.
    pub(crate) fn check(&self, major: u64, parts: Parts) -> Result<()> {
        for setting in self.knobs.settings() {
            setting.check(major, parts)?;
        }
        self.compiling.check(major, parts)?;
        if let InstanceAllocationStrategy::Pooling(pool) = &self.allocation_strategy {
            pool.check(major, parts)?;
        }
        if let Some(frames) = self.backtrace_frames.filter(|frames| frames.get() > MOST_FRAMES) {
            return Err(Error::new(
                ErrorKind::Config,
                format!("`wasm_backtrace_max_frames` is {frames}: the most is {MOST_FRAMES}"),
            ));
        }
        if self.opt_level.is_some() {
            parts.expect(Part::Compiler, major, "the knob `cranelift_opt_level`")?;
        }
        if self.async_support {
            parts.expect(Part::Async, major, "an engine for asynchronous calls")?;
        }
        if self.wasm_component_model == Some(true) {
            parts.expect(Part::ComponentModel, major, "the component model")?;
        }
        if self.wasm_component_model_async {
            parts.expect(Part::P3, major, "WASI 0.3 (`wasm_component_model_async`)")?;
            // 46 and 47 panic when such a function is called without.
            if !self.async_support {
                let message = "`wasm_component_model_async` needs an engine for asynchronous calls, `async_support`";
                return Err(Error::new(ErrorKind::Config, message));
            }
            // With Winch, Wasmtime leaves it off and says nothing.
            if self.compiling.strategy == Some(Strategy::Winch) {
                return Err(Error::new(ErrorKind::Config, "`wasm_component_model_async` needs Cranelift, not Winch"));
            }
        }
        for (proposal, _) in &self.proposals {
            let since = proposal.switch_since();
            if since.is_none_or(|since| major < since) {
                let what = format!("switching the proposal `{}`", proposal.name());
                return Err(Error::from_unsupported(Unsupported { since, ..Unsupported::new(what, major) }));
            }
        }
        let guest = self.knobs.max_wasm_stack.unwrap_or(WASM_STACK);
        if guest == 0 {
            return Err(Error::new(ErrorKind::Config, "`max_wasm_stack` is 0 bytes: no guest could run"));
        }
        match self.knobs.async_stack_size {
            Some(bytes) if bytes.saturating_sub(guest) < LEAST_HOST_STACK => Err(Error::new(
                ErrorKind::Config,
                format!(
                    "`async_stack_size` is {bytes} bytes: it must be at least {LEAST_HOST_STACK} bytes more than the \
                     {guest} bytes of `max_wasm_stack`"
                ),
            )),
            _ => Ok(()),
        }
    }
}
