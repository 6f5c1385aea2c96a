//! Owns the version-neutral engine configuration: plain, reusable data.

use crate::error::{Error, ErrorKind, Result};

/// How an engine compiles and runs guests. `None` means what the major does by default.
///
/// ```
/// use wasmtime_compat::Config;
///
/// let config = Config::new().consume_fuel(true).max_wasm_stack(256 << 10);
/// # let _ = config;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub(crate) async_support: bool,
    pub(crate) consume_fuel: bool,
    pub(crate) epoch_interruption: bool,
    pub(crate) debug_info: bool,
    pub(crate) nan_canonicalization: bool,
    pub(crate) backtraces: Option<bool>,
    pub(crate) backtrace_details: bool,
    pub(crate) max_wasm_stack: Option<usize>,
    pub(crate) memory_reservation: Option<u64>,
    pub(crate) memory_guard_size: Option<u64>,
    pub(crate) opt_level: Option<OptLevel>,
    pub(crate) proposals: Vec<(Proposal, bool)>,
    pub(crate) raw_wasi: bool,
    pub(crate) allow_complex_guests: bool,
}

/// How hard the compiler optimises.
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

/// A WebAssembly proposal that can be switched on or off.
///
/// What is on by default differs between majors; a host that cares says so.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Proposal {
    /// Bulk memory operations.
    BulkMemory,
    /// Memories with other page sizes than 64 KiB; since 23.
    CustomPageSizes,
    /// Exception handling; since 33.
    Exceptions,
    /// Arithmetic in constant expressions; since 25.
    ExtendedConst,
    /// 64-bit memories.
    Memory64,
    /// Several memories in one module.
    MultiMemory,
    /// Functions with several results.
    MultiValue,
    /// Reference types.
    ReferenceTypes,
    /// Relaxed SIMD.
    RelaxedSimd,
    /// 128-bit SIMD.
    Simd,
    /// Tail calls.
    TailCall,
    /// Threads and atomics.
    Threads,
    /// 128-bit arithmetic; since 27.
    WideArithmetic,
}

impl Proposal {
    /// The proposal's name, lower case with hyphens.
    pub fn name(self) -> &'static str {
        match self {
            Self::BulkMemory => "bulk-memory",
            Self::CustomPageSizes => "custom-page-sizes",
            Self::Exceptions => "exceptions",
            Self::ExtendedConst => "extended-const",
            Self::Memory64 => "memory64",
            Self::MultiMemory => "multi-memory",
            Self::MultiValue => "multi-value",
            Self::ReferenceTypes => "reference-types",
            Self::RelaxedSimd => "relaxed-simd",
            Self::Simd => "simd",
            Self::TailCall => "tail-call",
            Self::Threads => "threads",
            Self::WideArithmetic => "wide-arithmetic",
        }
    }

    /// The first major with a switch for it; `None` if all supported ones have it.
    pub(crate) fn since(self) -> Option<u64> {
        match self {
            Self::CustomPageSizes => Some(23),
            Self::ExtendedConst => Some(25),
            Self::WideArithmetic => Some(27),
            Self::Exceptions => Some(33),
            _ => None,
        }
    }
}

impl Config {
    /// A configuration that asks for nothing: the major's defaults, synchronous.
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

    /// Emits DWARF debug information for native debuggers.
    #[must_use]
    pub fn debug_info(mut self, on: bool) -> Self {
        self.debug_info = on;
        self
    }

    /// Gives every NaN one bit pattern, for deterministic results.
    #[must_use]
    pub fn nan_canonicalization(mut self, on: bool) -> Self {
        self.nan_canonicalization = on;
        self
    }

    /// Whether errors that come out of a guest carry a WebAssembly backtrace; see
    /// [`Error::wasm_backtrace`](crate::Error::wasm_backtrace).
    #[must_use]
    pub fn backtraces(mut self, on: bool) -> Self {
        self.backtraces = Some(on);
        self
    }

    /// Whether backtraces name files and lines of the guest's source, if the guest has DWARF sections. Compiled guests
    /// then keep these sections. Off by default, whatever `WASMTIME_BACKTRACE_DETAILS` says in the environment.
    #[must_use]
    pub fn backtrace_details(mut self, on: bool) -> Self {
        self.backtrace_details = on;
        self
    }

    /// The stack a guest may use, in bytes; at most 1 GiB. A synchronous guest runs on its caller's thread: if that has
    /// less, a guest that recurses deeply ends the process.
    #[must_use]
    pub fn max_wasm_stack(mut self, bytes: usize) -> Self {
        self.max_wasm_stack = Some(bytes);
        self
    }

    /// Address space reserved per linear memory, in bytes (`static_memory_maximum_size` before 28).
    #[must_use]
    pub fn memory_reservation(mut self, bytes: u64) -> Self {
        self.memory_reservation = Some(bytes);
        self
    }

    /// Guard region behind a linear memory, in bytes (two knobs before 27, set to the same value).
    #[must_use]
    pub fn memory_guard_size(mut self, bytes: u64) -> Self {
        self.memory_guard_size = Some(bytes);
        self
    }

    /// Links WASI as the major has it, without the checks and without what this crate evens out: on the majors that do
    /// not bound WASI calls themselves, a guest can then end the process. See [`wasi::bounds`](crate::wasi::bounds).
    #[must_use]
    pub fn raw_wasi(mut self, on: bool) -> Self {
        self.raw_wasi = on;
        self
    }

    /// How hard the compiler optimises.
    #[must_use]
    pub fn opt_level(mut self, level: OptLevel) -> Self {
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

/// The most stack that can be asked for, in bytes: far beyond it majors wrap around, or panic at every call.
const MAX_WASM_STACK: usize = 1 << 30;

/// The most address space that can be asked for, in bytes: twice as much is more than a process can have, and sums of
/// such numbers must not overflow inside Wasmtime.
const MAX_ADDRESS_SPACE: u64 = 1 << 46;

impl Config {
    /// Refuses numbers on which a major would panic.
    pub(crate) fn check(&self) -> Result<()> {
        let limit = |name: &str, value: Option<u64>, most: u64| match value {
            Some(bytes) if bytes > most => {
                Err(Error::new(ErrorKind::Config, format!("`{name}` is {bytes} bytes: the most is {most}")))
            }
            _ => Ok(()),
        };
        limit("max_wasm_stack", self.max_wasm_stack.map(|bytes| bytes as u64), MAX_WASM_STACK as u64)?;
        limit("memory_reservation", self.memory_reservation, MAX_ADDRESS_SPACE)?;
        limit("memory_guard_size", self.memory_guard_size, MAX_ADDRESS_SPACE)
    }
}
