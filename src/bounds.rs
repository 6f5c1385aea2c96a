//! Owns the bounds of types that go into a store, on every major.

/// Store data: any type that borrows nothing.
///
/// Store data does not have to be `Send`. Asynchronous functions and WASI ask for `Send` where they are called, and a
/// [`Store`](crate::Store) can be sent to another thread if the data can.
pub trait Data: 'static {}

impl<T: 'static> Data for T {}
