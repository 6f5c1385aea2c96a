//! A user's file that the case `each_major` mounts once per major.

use super::{MAJOR, V, wasmtime, wasmtime_wasi as _};

mod inner {
    //! A module in a file that is mounted.

    use super::wasmtime;

    pub(super) fn has_an_engine() -> bool {
        wasmtime::Engine::new(&wasmtime::Config::new()).is_ok()
    }
}

impl super::super::super::File for V {
    fn major() -> u64 {
        if inner::has_an_engine() { MAJOR } else { 0 }
    }
}

/// The size of this major's engine.
pub(in super::super::super) fn size_of_engine() -> usize {
    size_of::<wasmtime::Engine>()
}
