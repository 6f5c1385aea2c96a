//! Engines: the neutral configuration in this major's terms.

use std::sync::OnceLock;

use super::{MAJOR, backtraces, compiler, error, shared_memory, switches, wasmtime, whole};
use crate::engine::Config;
use crate::error::{Error, ErrorKind, Result, Unsupported};

/// Whether the engines of this major catch traps with Mach ports: Wasmtime panics if they do not agree.
static MACH_PORTS: OnceLock<bool> = OnceLock::new();

pub(in super::super) fn new(config: &Config) -> Result<wasmtime::Engine> {
    let mut raw = wasmtime::Config::new();
    raw.consume_fuel(config.consume_fuel).epoch_interruption(config.epoch_interruption).debug_info(config.debug_info);
    // By default it would be a variable of the environment, which compiled guests would then depend on.
    raw.wasm_backtrace_details(match config.backtrace_details {
        true => wasmtime::WasmBacktraceDetails::Enable,
        false => wasmtime::WasmBacktraceDetails::Disable,
    });
    backtraces::set(&mut raw, config.backtraces.unwrap_or(true));
    if config.shared_memory.is_some_and(|on| !shared_memory::set(&mut raw, on)) {
        let what = "an engine without memories that threads share".to_owned();
        return Err(Error::from_unsupported(Unsupported { since: Some(40), ..Unsupported::new(what, MAJOR) }));
    }
    let knobs = config.knobs();
    let mach_ports = knobs.macos_use_mach_ports.unwrap_or(true);
    if cfg!(target_vendor = "apple") && *MACH_PORTS.get_or_init(|| mach_ports) != mach_ports {
        return Err(Error::new(
            ErrorKind::Config,
            format!("`macos_use_mach_ports` is {mach_ports}: an engine of this process has the other value"),
        ));
    }
    switches::knobs(&mut raw, &knobs);
    compiler::configure(&mut raw, config, &knobs);
    whole::configure(&mut raw, config, &knobs);
    for &(proposal, on) in &config.proposals {
        switches::proposal(&mut raw, proposal, on);
    }
    wasmtime::Engine::new(&raw).map_err(|raw| error::classify(raw, ErrorKind::Config, "cannot create an engine"))
}
