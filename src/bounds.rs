//! Owns the bounds of types that go into a store, and of the types that cross to a guest, on every major.

mod neutral;
mod v128;

#[allow(unused_imports, reason = "the majors use it")]
pub(crate) use self::neutral::for_every_tuple;
pub use self::neutral::{
    ComponentLift, ComponentLower, HostParams, HostResults, Lift, Lower, Sealed, WasmParams, WasmResults, WasmTy,
};
pub use self::v128::V128;

/// Store data: any type that borrows nothing.
///
/// Store data does not have to be `Send`. Asynchronous functions and WASI ask for `Send` where they are called, and a
/// [`Store`](crate::Store) can be sent to another thread if the data can.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use std::rc::Rc;
/// use wasmtime_compat::{Config, CoreWasmtime, Data, Engine, Newest, Store};
///
/// /// A store that counts something beside the data of the caller.
/// fn counting<W: CoreWasmtime, T: Data>(engine: &Engine<W>, data: T) -> Store<W, (u64, T)> {
///     Store::new(engine, (0, data))
/// }
///
/// // An `Rc` cannot be sent to another thread, and is data all the same.
/// let mut store = counting(&Engine::<Newest>::new(&Config::new())?, Rc::new(42));
/// store.data_mut().0 += 1;
/// assert_eq!(*store.data(), (1, Rc::new(42)));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub trait Data: 'static {}

impl<T: 'static> Data for T {}
