//! Owns `HasData` and `HasSelf`: how bindings name what implements imports in the store's data.

use std::fmt;
use std::marker::PhantomData;

/// A way to see the store's data, as functions that [`bindgen!`](crate::bindgen) writes take it: `add_to_linker::<_, D>(linker,
/// |data| …)` calls the closure for each call of the guest, and what the closure returns must implement the trait `Host`.
///
/// Where that is a `&mut` of the data or of a part of it, use [`HasSelf`]. For a view that is made for each call, implement this
/// trait for a type of your own.
pub trait HasData: 'static {
    /// What the closure returns for data that is borrowed for `'a`.
    type Data<'a>;
}

/// The [`HasData`] of `&mut T`: the store's data, or a part of it, implements the trait `Host` itself.
///
/// As in Wasmtime, the parameter can be left to the compiler: `HasSelf<_>`.
pub struct HasSelf<T: ?Sized>(PhantomData<fn() -> Box<T>>);

impl<T: ?Sized + 'static> HasData for HasSelf<T> {
    type Data<'a> = &'a mut T;
}

impl<T: ?Sized> fmt::Debug for HasSelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HasSelf")
    }
}
