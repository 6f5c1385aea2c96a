//! Owns the bounds of types that go into a store, and of the types that cross to a guest, on every major.

mod neutral;

#[allow(unused_imports, reason = "the majors use it")]
pub(crate) use self::neutral::for_every_tuple;
pub use self::neutral::{
    ComponentLift, ComponentLower, HostParams, HostResults, Lift, Lower, Sealed, V128, WasmParams, WasmResults, WasmTy,
};

/// Store data: any type that borrows nothing.
///
/// Store data does not have to be `Send`. Asynchronous functions and WASI ask for `Send` where they are called, and a
/// [`Store`](crate::Store) can be sent to another thread if the data can.
pub trait Data: 'static {}

impl<T: 'static> Data for T {}
