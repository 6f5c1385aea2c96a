//! Backtraces, 43 and later: switched by their length.

use std::num::NonZeroUsize;

use super::wasmtime::Config;

pub(super) fn set(config: &mut Config, on: bool) {
    // One more than is kept, so that it is known whether there were more.
    const FRAMES: Option<NonZeroUsize> = NonZeroUsize::new(crate::error::backtrace::MOST + 1);
    config.wasm_backtrace_max_frames(if on { FRAMES } else { None });
}
