//! Owns the modes of stores: which calls are possible on a store, and from which threads.

use crate::error::{Error, ErrorKind, Result};

/// The mode of a store; it is part of the store's data so that every context knows it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Mode {
    pub(crate) is_async: bool,
    /// Whether synchronous WASI functions may block on an async runtime.
    pub(crate) has_wasi: bool,
}

impl Mode {
    /// Makes a synchronous call, or refuses one that Wasmtime would panic on.
    #[inline]
    pub(crate) fn sync<R>(self, call: impl FnOnce() -> Result<R>) -> Result<R> {
        if self == (Self { is_async: false, has_wasi: false }) { call() } else { sync(self, call) }
    }

    /// Refuses an asynchronous call that Wasmtime would panic on.
    #[inline]
    pub(crate) fn check_async(self) -> Result<()> {
        if self.is_async { Ok(()) } else { Err(sync_engine()) }
    }
}

#[inline(never)]
fn sync<R>(mode: Mode, call: impl FnOnce() -> Result<R>) -> Result<R> {
    if mode.is_async {
        return Err(async_engine());
    }
    #[cfg(all(feature = "_runtime", not(test)))]
    let call = || super::blocking::allowed(call)?;
    call()
}

#[cold]
fn async_engine() -> Error {
    Error::new(ErrorKind::SyncAsyncMismatch, "synchronous call on an async engine")
        .with_hint("call the `_async` function, or create the engine with Config::async_support(false)")
}

#[cold]
fn sync_engine() -> Error {
    Error::new(ErrorKind::SyncAsyncMismatch, "asynchronous call on a synchronous engine")
        .with_hint("create the engine with Config::async_support(true)")
}
