//! Owns capturing where the guest of a store is, at any time.

use super::{AsContext, Stores};
use crate::error::WasmBacktrace;

impl WasmBacktrace {
    /// The frames of the guest that is running in the store, for example in a host function that the guest called. They have
    /// what those of an error have: names, offsets, and places in the source with
    /// [`Config::backtrace_details`](crate::Config::backtrace_details). Empty if
    /// [`Config::backtraces`](crate::Config::backtraces) is off, or if no guest is running.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Caller, Config, Engine, Linker, Newest, WasmBacktrace};
    ///
    /// let engine = Engine::<Newest>::new(&Config::new())?;
    /// let mut linker = Linker::<Newest, ()>::new(&engine);
    /// linker.func_wrap("host", "where", |caller: Caller<'_, Newest, ()>, (): ()| {
    ///     println!("{}", WasmBacktrace::capture(&caller));
    ///     Ok(())
    /// })?;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn capture<W: Stores>(store: impl AsContext<W>) -> Self {
        W::capture_backtrace(store.as_context().raw, false)
    }

    /// As [`WasmBacktrace::capture`], also if [`Config::backtraces`](crate::Config::backtraces) is off; Wasmtime 43 and later
    /// then have at most 20 frames.
    pub fn force_capture<W: Stores>(store: impl AsContext<W>) -> Self {
        W::capture_backtrace(store.as_context().raw, true)
    }
}
