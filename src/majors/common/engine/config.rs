//! Engines: the neutral configuration in this major's terms.

use super::{MAJOR, asynchronous, error, knobs, proposals, wasmtime};
use crate::engine::{Config, OptLevel};
use crate::error::{Error, ErrorKind, Result, Unsupported};

pub(in super::super) fn new(config: &Config) -> Result<wasmtime::Engine> {
    let mut raw = wasmtime::Config::new();
    asynchronous::configure(&mut raw, config);
    raw.consume_fuel(config.consume_fuel)
        .epoch_interruption(config.epoch_interruption)
        .debug_info(config.debug_info)
        .cranelift_nan_canonicalization(config.nan_canonicalization);
    // By default it would be a variable of the environment, which compiled guests would then depend on.
    raw.wasm_backtrace_details(match config.backtrace_details {
        true => wasmtime::WasmBacktraceDetails::Enable,
        false => wasmtime::WasmBacktraceDetails::Disable,
    });
    knobs::backtraces(&mut raw, config.backtraces.unwrap_or(true));
    if let Some(bytes) = config.max_wasm_stack {
        raw.max_wasm_stack(bytes);
    }
    if let Some(bytes) = config.memory_reservation {
        knobs::memory_reservation(&mut raw, bytes);
    }
    if let Some(bytes) = config.memory_guard_size {
        knobs::memory_guard_size(&mut raw, bytes);
    }
    if let Some(level) = config.opt_level {
        raw.cranelift_opt_level(match level {
            OptLevel::None => wasmtime::OptLevel::None,
            OptLevel::Speed => wasmtime::OptLevel::Speed,
            OptLevel::SpeedAndSize => wasmtime::OptLevel::SpeedAndSize,
        });
    }
    for &(proposal, on) in &config.proposals {
        if !proposals::set(&mut raw, proposal, on) {
            return Err(Error::from_unsupported(Unsupported {
                what: format!("switching the proposal `{}`", proposal.name()),
                major: MAJOR,
                since: proposal.since(),
            }));
        }
    }
    wasmtime::Engine::new(&raw).map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot create an engine"))
}
