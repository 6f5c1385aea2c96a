//! Owns what a store hands to its callbacks while a guest runs.

use super::{AsContext, Store, StoreContext, Stores};
use crate::bounds::Data;
use crate::error::Result;

/// The state of a store in the callback of
/// [`Store::epoch_deadline_callback`](super::Store::epoch_deadline_callback): the data, and the rest of the store for reading,
/// because the guest is between two of its instructions.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, CoreWasmtime, Engine, Linker, Module, Newest, Store, StoreHookState, UpdateDeadline};
///
/// /// Counts the ticks that a guest has run.
/// fn count<W: CoreWasmtime>(mut state: StoreHookState<'_, W, u32>) -> anyhow::Result<UpdateDeadline> {
///     *state.data_mut() += 1;
///     Ok(UpdateDeadline::Continue(1))
/// }
///
/// let engine = Engine::<Newest>::new(&Config::new().epoch_interruption(true))?;
/// // (module (func (export "f")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x04\x01\x02\0\x0b";
/// let mut store = Store::new(&engine, 0_u32);
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// store.epoch_deadline_callback(count::<Newest>)?;
/// store.set_epoch_deadline(1)?;
/// engine.increment_epoch();
/// instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ())?;
/// assert_eq!(*store.data(), 1);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct StoreHookState<'a, W: Stores, T: Data> {
    pub(crate) raw: W::StoreHookState<'a, T>,
}

impl<W: Stores, T: Data> StoreHookState<'_, W, T> {
    /// The store's data.
    pub fn data(&self) -> &T {
        self.as_context().data()
    }

    /// The store's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        W::hook_data_mut(&mut self.raw)
    }

    /// The fuel left when the guest last called the host, or was called: Wasmtime's compiled code counts in a register between
    /// calls.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the engine does not count fuel.
    pub fn get_fuel(&self) -> Result<u64> {
        self.as_context().get_fuel()
    }
}

impl<W: Stores, T: Data> AsContext<W> for StoreHookState<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::hook_context(&self.raw) }
    }
}

/// A transition between the host and a guest.
///
/// ```
/// use wasmtime_compat::CallHook::{CallingHost, CallingWasm, ReturningFromHost, ReturningFromWasm};
///
/// // The host calls a guest, which calls the host once.
/// let calls = [CallingWasm, CallingHost, ReturningFromHost, ReturningFromWasm];
/// assert_eq!(calls.map(|call| call.exiting_host()), [true, false, true, false]);
/// assert_eq!(calls.map(|call| call.entering_host()), [false, true, false, true]);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallHook {
    /// The host calls a function of a guest.
    CallingWasm,
    /// A function of a guest returns to the host.
    ReturningFromWasm,
    /// A guest calls a function of the host.
    CallingHost,
    /// A function of the host returns to a guest.
    ReturningFromHost,
}

/// The state of a store in the hook of [`Store::call_hook`]: its data. Up to 22 Wasmtime has no more there.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{CallHook, CallHookState, Config, Engine, Linker, Module, Newest, Store};
///
/// fn record(mut state: CallHookState<'_, Vec<CallHook>>, call: CallHook) -> anyhow::Result<()> {
///     state.data_mut().push(call);
///     Ok(())
/// }
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// // (module (func (export "f")))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x04\x01\x02\0\x0b";
/// let mut store = Store::new(&engine, Vec::<CallHook>::new());
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// store.call_hook(record);
/// instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ())?;
/// assert_eq!(*store.data(), [CallHook::CallingWasm, CallHook::ReturningFromWasm]);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct CallHookState<'a, T> {
    pub(crate) data: &'a mut T,
}

impl CallHook {
    /// Whether code of the host runs next.
    pub fn entering_host(&self) -> bool {
        matches!(self, Self::ReturningFromWasm | Self::CallingHost)
    }

    /// Whether code of a guest runs next.
    pub fn exiting_host(&self) -> bool {
        matches!(self, Self::ReturningFromHost | Self::CallingWasm)
    }
}

impl<T> CallHookState<'_, T> {
    /// The store's data.
    #[inline]
    pub fn data(&self) -> &T {
        self.data
    }

    /// The store's data, mutably.
    #[inline]
    pub fn data_mut(&mut self) -> &mut T {
        self.data
    }
}

impl<W: Stores, T: Data> Store<W, T> {
    /// Calls `hook` whenever the host calls a guest, a guest calls the host, and when either returns, for example to measure
    /// the time that guests take. An error of the hook ends the guest; [`Error::downcast_ref`](crate::Error::downcast_ref) finds
    /// it. After an error the hook is still called while the calls return. It takes the place of the hook before.
    ///
    /// # Panics
    /// Up to 21 Wasmtime itself panics in a build with debug assertions if the hook fails at
    /// [`CallHook::ReturningFromWasm`].
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, Newest, Store};
    ///
    /// let engine = Engine::<Newest>::new(&Config::new())?;
    /// let mut store = Store::new(&engine, 0);
    /// store.call_hook(|mut state, call| {
    ///     if call.exiting_host() {
    ///         *state.data_mut() += 1;
    ///     }
    ///     Ok(())
    /// });
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn call_hook(
        &mut self,
        hook: impl FnMut(CallHookState<'_, T>, CallHook) -> anyhow::Result<()> + Send + Sync + 'static,
    ) {
        W::set_call_hook(self.as_raw_mut(), hook);
    }
}
