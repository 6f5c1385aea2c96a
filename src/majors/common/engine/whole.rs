//! Engines for asynchronous calls and components.

use super::{wasmtime, whole_switches};
use crate::engine::{Config, Knobs};

pub(in super::super) fn configure(raw: &mut wasmtime::Config, config: &Config, knobs: &Knobs) {
    #[allow(deprecated, reason = "needed up to 41, without effect from 42 on")]
    raw.async_support(config.async_support);
    if let Some(on) = config.wasm_component_model {
        raw.wasm_component_model(on);
    }
    whole_switches::knobs(raw, knobs);
}
