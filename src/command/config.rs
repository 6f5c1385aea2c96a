//! Owns the version-neutral configuration of one run of a command: plain, reusable data.

use std::time::Duration;

use crate::engine::Config;
use crate::store::StoreLimits;
use crate::wasi::WasiConfig;

/// The configuration of a command's run: its WASI world and its limits. Plain data, usable any number of times.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::wasi::Stdout;
/// use wasmtime_compat::{Command, Engine, Newest, Outcome, RunConfig, StoreLimits, Trap};
///
/// let limits = StoreLimits::new().memory_size(64 << 20);
/// let mut run = RunConfig { fuel: Some(10_000), limits, ..RunConfig::new() };
/// run.wasi.arg("tool").stdout(Stdout::capture(1 << 20));
/// // (module (func (export "_start") (loop (br 0))))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\
///     \x0a\x09\x01\x07\0\x03\x40\x0c\0\x0b\x0b";
/// let command = Command::new(&Engine::<Newest>::new(&run.engine_config())?, wasm)?;
/// assert!(matches!(command.run(&run)?.outcome, Outcome::Trapped { trap: Trap::OutOfFuel, .. }));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Default)]
pub struct RunConfig {
    /// Arguments, environment, streams, directories and network of the guest.
    pub wasi: WasiConfig,
    /// Units of fuel the guest may burn; `None` does not count.
    pub fuel: Option<u64>,
    /// Wall-clock time the guest may take; `None` waits forever.
    pub timeout: Option<Duration>,
    /// The limits on the guest's resources; the defaults are far above the needs of real guests.
    pub limits: StoreLimits,
    /// Whether WASI is linked as the major has it; see [`Config::raw_wasi`].
    pub raw_wasi: bool,
    /// Whether commands of WASI 0.3 run, on majors that host it; see [`Config::wasm_component_model_async`]. Their calls have
    /// Wasmtime's bounds only, so this is off unless set, also where the cargo feature is on.
    pub wasi_p3: bool,
    /// Whether backtraces name files and lines of the guest's source; see [`Config::backtrace_details`].
    pub backtrace_details: bool,
    /// Whether guests are compiled whatever that takes; see [`Config::allow_complex_guests`].
    pub allow_complex_guests: bool,
    /// Whether a guest that traps leaves a core dump: see [`Completed::core_dump`](crate::Completed::core_dump) and
    /// [`Config::coredump_on_trap`].
    pub core_dump: bool,
}

impl RunConfig {
    /// Runs with an empty WASI world, without fuel or a timeout, within the default [`StoreLimits`].
    pub fn new() -> Self {
        Self::default()
    }

    /// The engine configuration that a run with these limits needs.
    ///
    /// Fuel needs an engine that counts it, a timeout one that checks epochs, and [`wasi_p3`](Self::wasi_p3) one that takes
    /// asynchronous components, which not every major has.
    pub fn engine_config(&self) -> Config {
        let config = Config::new();
        let config = if self.core_dump { config.coredump_on_trap(true) } else { config };
        config
            .consume_fuel(self.fuel.is_some())
            .epoch_interruption(self.timeout.is_some())
            .raw_wasi(self.raw_wasi)
            .wasm_component_model_async(self.wasi_p3)
            .backtrace_details(self.backtrace_details)
            .allow_complex_guests(self.allow_complex_guests)
    }
}
