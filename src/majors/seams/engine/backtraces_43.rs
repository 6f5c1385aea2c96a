//! Backtraces, 43 and later: switched by their length.

use std::num::NonZeroUsize;

use super::wasmtime::Config;

pub(super) fn set(config: &mut Config, frames: Option<NonZeroUsize>) {
    // One more than is kept, so that it is known whether there were more.
    config.wasm_backtrace_max_frames(frames.map(|frames| frames.saturating_add(1)));
}
