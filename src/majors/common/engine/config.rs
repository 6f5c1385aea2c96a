//! Engines: the neutral configuration in this major's terms.

use std::sync::OnceLock;

use super::{
    MAJOR, backtraces, compiler, concurrency, error, inlining, pool, shared_memory, switches, wasmtime, whole,
};
use crate::engine::{Config, ProfilingStrategy};
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
    backtraces::set(&mut raw, config.backtrace_frames);
    concurrency::set(&mut raw, config.wasm_component_model_async);
    shared_memory::set(&mut raw, config.shared_memory);
    if let Some(Err(since)) = config.compiling.inlining.map(|inlining| inlining::set(&mut raw, inlining)) {
        let what = "this inlining (`compiler_inlining`)".to_owned();
        return Err(Error::from_unsupported(Unsupported { since: Some(since), ..Unsupported::new(what, MAJOR) }));
    }
    raw.profiler(match config.profiler {
        ProfilingStrategy::None => wasmtime::ProfilingStrategy::None,
        ProfilingStrategy::PerfMap => wasmtime::ProfilingStrategy::PerfMap,
        ProfilingStrategy::JitDump => wasmtime::ProfilingStrategy::JitDump,
        ProfilingStrategy::VTune => wasmtime::ProfilingStrategy::VTune,
    });
    pool::set(&mut raw, &config.allocation_strategy)?;
    let knobs = config.knobs();
    let mach_ports = knobs.macos_use_mach_ports.unwrap_or(true);
    if cfg!(target_vendor = "apple") && *MACH_PORTS.get_or_init(|| mach_ports) != mach_ports {
        return Err(Error::new(
            ErrorKind::Config,
            format!("`macos_use_mach_ports` is {mach_ports}: an engine of this process has the other value"),
        ));
    }
    switches::knobs(&mut raw, &knobs);
    compiler::configure(&mut raw, config, &knobs)?;
    whole::configure(&mut raw, config, &knobs);
    for (proposal, on) in config.proposals(MAJOR) {
        switches::proposal(&mut raw, proposal, on);
    }
    wasmtime::Engine::new(&raw).map_err(|raw| not_created(raw, config))
}

/// Why there is no engine. What is not compiled in is found by Wasmtime: cargo may have compiled in more than this crate asked for.
fn not_created(raw: wasmtime::Error, config: &Config) -> Error {
    let text = raw.root_cause().to_string();
    let missing = ["cranelift", "winch"].into_iter().find(|name| text == format!("{name} support not compiled in"));
    let error = if let Some(name) = missing {
        let feature = Some(format!("wasmtime-{MAJOR}-{name}"));
        let what = format!("the code generator `{name}`");
        Error::from_unsupported(Unsupported { feature, ..Unsupported::new(what, MAJOR) })
    } else if text.contains("disabled at compile time") && config.profiler != ProfilingStrategy::None {
        Error::from_unsupported(Unsupported::new(profiler(config), MAJOR))
            .with_hint(format!("turn on the cargo feature `profiling` of the package wasmtime {MAJOR} itself"))
    } else if text.contains("not supported on this platform") && config.profiler != ProfilingStrategy::None {
        Error::from_unsupported(Unsupported::new(profiler(config), MAJOR))
            .with_hint("the operating system or the processor lacks it")
    } else {
        return error::classify(raw, ErrorKind::Config, "cannot create an engine");
    };
    error.with_report(raw)
}

fn profiler(config: &Config) -> String {
    format!("the profiler `{:?}`", config.profiler)
}
