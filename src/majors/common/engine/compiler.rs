//! Compiling, and what decides how an engine compiles.
#![expect(unsafe_code, reason = "Wasmtime cannot know what the flags of its code generator do")]

use super::common::error;
use super::{MAJOR, compiler_switches, incremental, regalloc, wasmtime};
use crate::engine::{Config, Knobs, OptLevel, RegallocAlgorithm, Strategy};
use crate::error::{Error, ErrorKind, Result, Unsupported};

#[allow(dead_code, reason = "a whole major has a compiler in any case")]
pub(super) const PRESENT: bool = true;

pub(super) fn configure(raw: &mut wasmtime::Config, config: &Config, knobs: &Knobs) -> Result<()> {
    compiler_switches::knobs(raw, knobs);
    if let Some(level) = config.opt_level {
        raw.cranelift_opt_level(match level {
            OptLevel::None => wasmtime::OptLevel::None,
            OptLevel::Speed => wasmtime::OptLevel::Speed,
            OptLevel::SpeedAndSize => wasmtime::OptLevel::SpeedAndSize,
        });
    }
    if let Some(strategy) = config.compiling.strategy {
        raw.strategy(match strategy {
            Strategy::Auto => wasmtime::Strategy::Auto,
            Strategy::Cranelift => wasmtime::Strategy::Cranelift,
            Strategy::Winch => wasmtime::Strategy::Winch,
        });
    }
    if let Some(target) = &config.compiling.target {
        raw.target(target).map_err(|raw| {
            error::classify(raw, ErrorKind::Config, &format!("cannot compile for the target {target:?}"))
        })?;
    }
    if let Some(algorithm) = config.compiling.regalloc {
        set_regalloc(raw, algorithm)?;
    }
    if let Some(store) = &config.compiling.functions {
        incremental::set(raw, store)?;
    }
    for flag in &config.compiling.flags {
        // SAFETY: the caller of the function of `Config` that took the flag vouched for it.
        unsafe {
            match &flag.value {
                Some(value) => raw.cranelift_flag_set(&flag.name, value),
                None => raw.cranelift_flag_enable(&flag.name),
            };
        }
    }
    Ok(())
}

fn set_regalloc(raw: &mut wasmtime::Config, algorithm: RegallocAlgorithm) -> Result<()> {
    let name = match algorithm {
        RegallocAlgorithm::Backtracking => "backtracking",
        RegallocAlgorithm::SinglePass => "single_pass",
    };
    match regalloc::is_flag(algorithm) {
        Ok(true) => {
            // SAFETY: Wasmtime's own `cranelift_regalloc_algorithm` sets this flag to this value.
            unsafe { raw.cranelift_flag_set("regalloc_algorithm", name) };
            Ok(())
        }
        Ok(false) => Ok(()),
        Err(since) => {
            let what = format!("the register allocator `{name}`");
            Err(Error::from_unsupported(Unsupported { since: Some(since), ..Unsupported::new(what, MAJOR) }))
        }
    }
}

pub(super) fn compile_module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<wasmtime::Module> {
    wasmtime::Module::from_binary(engine, wasm).map_err(error::not_a_module)
}

pub(super) fn precompile_module(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
    engine.precompile_module(wasm).map_err(error::not_a_module)
}

pub(super) fn serialize_module(module: &wasmtime::Module) -> Result<Vec<u8>> {
    module.serialize().map_err(|raw| error::classify(raw, ErrorKind::Other, "cannot serialize the module"))
}

/// A digest of what decides whether compiled code fits the engine.
pub(super) fn fingerprint(engine: &wasmtime::Engine) -> Option<u64> {
    Some(crate::report::digest(engine.precompile_compatibility_hash()))
}
