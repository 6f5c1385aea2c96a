//! Owns `HasData` and `HasSelf`: how bindings name what implements imports in the store's data.

use std::fmt;
use std::marker::PhantomData;

/// A way to see the store's data, as functions that [`bindgen!`](crate::bindgen) writes take it: `add_to_linker::<_, D>(linker,
/// |data| …)` calls the closure for each call of the guest, and what the closure returns must implement the trait `Host`.
///
/// Where that is a `&mut` of the data or of a part of it, use [`HasSelf`]. For a view that is made for each call, implement this
/// trait for a type of your own.
///
/// ```
/// use wasmtime_compat::component::HasData;
///
/// /// The view of the store's data for which the trait `Host` is implemented.
/// struct View<'a>(&'a mut Vec<String>);
///
/// struct Log;
///
/// impl HasData for Log {
///     type Data<'a> = View<'a>;
/// }
///
/// /// The closure of `add_to_linker::<Vec<String>, Log>`, as a function.
/// fn view(data: &mut Vec<String>) -> <Log as HasData>::Data<'_> {
///     View(data)
/// }
///
/// let mut data = Vec::new();
/// view(&mut data).0.push("started".to_owned());
/// assert_eq!(data, ["started"]);
/// ```
pub trait HasData: 'static {
    /// What the closure returns for data that is borrowed for `'a`.
    type Data<'a>;
}

/// The [`HasData`] of `&mut T`: the store's data, or a part of it, implements the trait `Host` itself.
///
/// As in Wasmtime, the parameter can be left to the compiler: `HasSelf<_>`.
///
/// ```
/// use wasmtime_compat::component::{HasData, HasSelf};
///
/// struct Host {
///     calls: u32,
/// }
///
/// /// The closure of `add_to_linker::<Host, HasSelf<Host>>`, as a function.
/// fn host(data: &mut Host) -> <HasSelf<Host> as HasData>::Data<'_> {
///     data
/// }
///
/// let mut data = Host { calls: 0 };
/// host(&mut data).calls += 1;
/// assert_eq!(data.calls, 1);
/// ```
pub struct HasSelf<T: ?Sized>(PhantomData<fn() -> Box<T>>);

impl<T: ?Sized + 'static> HasData for HasSelf<T> {
    type Data<'a> = &'a mut T;
}

impl<T: ?Sized> fmt::Debug for HasSelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HasSelf")
    }
}
