//! Owns `Store` and what belongs to one: the contexts borrowed from it, its limits, deadlines and neutral state.

mod ambient;
mod backtrace;
#[cfg(all(feature = "_runtime", not(test)))]
pub(crate) mod blocking;
mod borrow;
mod context;
mod current;
mod deadline;
mod epochs;
mod extras;
mod fuel;
mod gate;
mod hooks;
mod limiter;
mod limiting;
pub(crate) mod limits;
mod mode;
mod resources;
mod send;
pub(crate) mod timer;
mod wasi;

use std::fmt;

pub(crate) use self::ambient::{Ambient, StoreId, World};
pub use self::context::{AsContext, AsContextMut, Caller, StoreContext, StoreContextMut};
pub(crate) use self::current::{current, within, within_async};
pub use self::epochs::UpdateDeadline;
#[cfg_attr(any(not(feature = "_core"), test), allow(unused_imports, reason = "only majors take it"))]
pub(crate) use self::epochs::{DeadlineAction, Epochs};
#[cfg_attr(any(not(feature = "_core"), test), allow(unused_imports, reason = "only majors take it"))]
pub(crate) use self::gate::{Bounds, Denied, Gate};
pub use self::hooks::{CallHook, CallHookState, StoreHookState};
pub(crate) use self::limiter::Limiter;
pub use self::limiter::{LimiterFuture, ResourceLimiter, ResourceLimiterAsync};
pub use self::limits::{LimitExceeded, StoreLimits};
pub(crate) use self::mode::Mode;
pub(crate) use self::send::IsSend;
pub(crate) use self::send::RawStore;
use self::timer::Alarm;
pub use self::wasi::Wasi;
use crate::bounds::Data;
use crate::engine::{Engine, Engines, Image};
use crate::error::{Frame, Result, WasmBacktrace};

/// Everything guests share while they run: their instances, your data `T`, and the WASI state beside it.
///
/// `T` needs no WASI trait in any version. One WASI state serves core modules (preview1) and components alike.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::wasi::WasiConfig;
/// use wasmtime_compat::{Config, Engine, Newest, Store, StoreLimits};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::with_wasi(&engine, vec!["made"], WasiConfig::new().arg("guest"))?;
/// store.set_limits(&StoreLimits::new().memory_size(64 << 20));
/// store.data_mut().push("limited");
/// assert_eq!(store.into_data(), ["made", "limited"]);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Store<W: Stores, T: Data> {
    raw: RawStore<W, T>,
    alarm: Option<Alarm>,
}

impl<W: Stores, T: Data> Store<W, T> {
    /// A store with your data and without WASI.
    #[inline]
    pub fn new(engine: &Engine<W>, data: T) -> Self {
        let ambient = Ambient::new(engine.is_async(), false);
        Self::ready(engine, RawStore(W::new_store(engine, data, ambient)))
    }

    #[inline]
    fn ready(engine: &Engine<W>, mut raw: RawStore<W, T>) -> Self {
        deadline::disable_deadline(engine, &mut raw);
        Self { raw, alarm: None }
    }

    /// Limits memories, tables and instances from now on. A limiter of your own, [`Store::limiter`], holds beside the limits.
    pub fn set_limits(&mut self, limits: &StoreLimits) {
        self.as_context_mut().ambient_mut().gate.set_limits(limits);
        W::apply_limits(&mut self.raw.0);
    }

    /// Sets the fuel left.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the engine does not count fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.as_context_mut().set_fuel(fuel)
    }

    /// The fuel left.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the engine does not count fuel.
    pub fn get_fuel(&self) -> Result<u64> {
        self.as_context().get_fuel()
    }

    /// Your data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        W::store_data_mut(&mut self.raw.0)
    }

    /// Your data.
    pub fn data(&self) -> &T {
        self.as_context().data()
    }

    /// Returns your data.
    pub fn into_data(self) -> T {
        W::into_data(self.raw.0)
    }

    /// The engine this store belongs to.
    pub fn engine(&self) -> &Engine<W> {
        W::engine(&W::context(&self.raw.0))
    }

    /// Wraps a store made with the major itself; `engine` must be the one it was made with. The store keeps its epoch deadline,
    /// and what it does then, until [`Store`] is used to set either.
    pub fn from_raw(engine: &Engine<W>, raw: W::Store<T>) -> Self {
        let mut raw = RawStore(raw);
        W::set_engine(&mut raw.0, engine.clone());
        deadline::adopt(engine, &mut raw);
        Self { raw, alarm: None }
    }

    /// The major's own store.
    pub fn as_raw(&self) -> &W::Store<T> {
        &self.raw.0
    }

    /// The major's own store, mutably.
    pub fn as_raw_mut(&mut self) -> &mut W::Store<T> {
        &mut self.raw.0
    }

    /// The major's own store, and nothing else: a timeout ends with this.
    pub fn into_raw(self) -> W::Store<T> {
        self.raw.0
    }
}

impl<W: Stores, T: Data + fmt::Debug> fmt::Debug for Store<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("major", &W::NUMBER).field("data", self.data()).finish_non_exhaustive()
    }
}

/// Stores of a major, and the contexts borrowed from them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Stores: Engines {
    /// The data of the stores of this crate: the user's `T` beside the neutral state and the WASI state.
    type StoreData<T: Data>: Data;
    /// `wasmtime::Store<StoreData<T>>`.
    type Store<T: Data>: 'static;
    /// `wasmtime::StoreContext<'_, StoreData<T>>`.
    type StoreContext<'a, T: Data>;
    /// `wasmtime::StoreContextMut<'_, StoreData<T>>`.
    type StoreContextMut<'a, T: Data>;
    /// `wasmtime::Caller<'_, StoreData<T>>`.
    type Caller<'a, T: Data>;
    /// `wasmtime::StoreHookState<'_, StoreData<T>>`; up to 49 `wasmtime::StoreContextMut`.
    type StoreHookState<'a, T: Data>;

    /// Proves that they are `Send` when the data is.
    #[doc(hidden)]
    #[allow(clippy::type_complexity, reason = "one tuple of the types that must be `Send`")]
    fn are_send<'a, T: Data + Send>() -> IsSend<(Self::Store<T>, Self::StoreContextMut<'a, T>, Self::Caller<'a, T>)>;

    #[doc(hidden)]
    fn new_store<T: Data>(engine: &Engine<Self>, data: T, ambient: Ambient) -> Self::Store<T>;
    #[doc(hidden)]
    fn set_engine<T: Data>(store: &mut Self::Store<T>, engine: Engine<Self>);
    #[doc(hidden)]
    fn engine<'a, T: Data>(context: &Self::StoreContext<'a, T>) -> &'a Engine<Self>;
    #[doc(hidden)]
    fn into_data<T: Data>(store: Self::Store<T>) -> T;
    #[doc(hidden)]
    fn store_data_mut<T: Data>(store: &mut Self::Store<T>) -> &mut T;
    #[doc(hidden)]
    fn caller_data_mut<'a, T: Data>(caller: &'a mut Self::Caller<'_, T>) -> &'a mut T;
    #[doc(hidden)]
    fn data<'a, T: Data>(context: &Self::StoreContext<'a, T>) -> &'a T;
    #[doc(hidden)]
    fn data_mut<'a, T: Data>(context: &'a mut Self::StoreContextMut<'_, T>) -> &'a mut T;
    #[doc(hidden)]
    fn ambient<'a, T: Data>(context: &Self::StoreContext<'a, T>) -> &'a Ambient;
    #[doc(hidden)]
    fn ambient_mut<'a, T: Data>(context: &'a mut Self::StoreContextMut<'_, T>) -> &'a mut Ambient;
    #[doc(hidden)]
    fn store_data_and_ambient_mut<T: Data>(store: &mut Self::Store<T>) -> (&mut T, &mut Ambient);
    #[doc(hidden)]
    fn data_and_ambient_mut<'a, T: Data>(context: &'a mut Self::StoreContextMut<'_, T>)
    -> (&'a mut T, &'a mut Ambient);

    #[doc(hidden)]
    fn context<T: Data>(store: &Self::Store<T>) -> Self::StoreContext<'_, T>;
    #[doc(hidden)]
    fn context_mut<T: Data>(store: &mut Self::Store<T>) -> Self::StoreContextMut<'_, T>;
    #[doc(hidden)]
    fn caller_context<'a, T: Data>(caller: &'a Self::Caller<'_, T>) -> Self::StoreContext<'a, T>;
    #[doc(hidden)]
    fn caller_context_mut<'a, T: Data>(caller: &'a mut Self::Caller<'_, T>) -> Self::StoreContextMut<'a, T>;
    #[doc(hidden)]
    fn reborrow<'a, T: Data>(context: &'a Self::StoreContext<'_, T>) -> Self::StoreContext<'a, T>;
    #[doc(hidden)]
    fn reborrow_mut<'a, T: Data>(context: &'a mut Self::StoreContextMut<'_, T>) -> Self::StoreContextMut<'a, T>;
    #[doc(hidden)]
    fn shared<'a, T: Data>(context: &'a Self::StoreContextMut<'_, T>) -> Self::StoreContext<'a, T>;

    /// Sets the limits of the neutral state in the major.
    #[doc(hidden)]
    fn apply_limits<T: Data>(store: &mut Self::Store<T>);
    #[doc(hidden)]
    fn set_fuel<T: Data>(context: &mut Self::StoreContextMut<'_, T>, fuel: u64) -> Result<()>;
    #[doc(hidden)]
    fn get_fuel<T: Data>(context: &Self::StoreContext<'_, T>) -> Result<u64>;
    #[doc(hidden)]
    fn set_limiter<T: Data>(store: &mut Self::Store<T>, limiter: Limiter<T>);
    #[doc(hidden)]
    fn hook_context<'a, T: Data>(state: &'a Self::StoreHookState<'_, T>) -> Self::StoreContext<'a, T>;
    #[doc(hidden)]
    fn hook_data_mut<'a, T: Data>(state: &'a mut Self::StoreHookState<'_, T>) -> &'a mut T;
    #[doc(hidden)]
    fn set_call_hook<T, F>(store: &mut Self::Store<T>, hook: F)
    where
        T: Data,
        F: FnMut(CallHookState<'_, T>, CallHook) -> anyhow::Result<()> + Send + Sync + 'static;
    #[doc(hidden)]
    fn capture_backtrace<T: Data>(context: Self::StoreContext<'_, T>, force: bool) -> WasmBacktrace;
    /// The frames of the guest that is running, the innermost first, each with the image of its module.
    #[doc(hidden)]
    fn capture_frames<T: Data>(context: Self::StoreContext<'_, T>) -> Vec<(Image, Frame)>;
    /// Sets the number of ticks until the next epoch check.
    #[doc(hidden)]
    fn set_epoch_deadline<T: Data>(context: &mut Self::StoreContextMut<'_, T>, ticks: u64);
    /// Has the neutral state decide at epoch checks.
    #[doc(hidden)]
    fn watch_epochs<T: Data>(store: &mut Self::Store<T>);
    /// As `watch_epochs`, with a callback of the user.
    #[doc(hidden)]
    fn watch_epochs_with<T, F>(store: &mut Self::Store<T>, callback: F)
    where
        T: Data,
        F: FnMut(StoreHookState<'_, Self, T>) -> anyhow::Result<UpdateDeadline> + Send + Sync + 'static;
}

/// What stores of a major have for asynchronous calls only.
pub trait AsyncStores: Stores {
    #[doc(hidden)]
    fn fuel_async_yield_interval<T: Data + Send>(
        context: &mut Self::StoreContextMut<'_, T>,
        interval: Option<u64>,
    ) -> Result<()>;
}
