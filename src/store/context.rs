//! Owns the contexts borrowed from a store, and the traits by which functions take a store.

use super::{Ambient, Store};
use crate::bounds::Data;
use crate::core::{Extern, Memory};
use crate::wasmtime::CoreWasmtime;

/// A [`Store`], borrowed for reading.
pub struct StoreContext<'a, W: CoreWasmtime, T: Data> {
    pub(crate) raw: W::StoreContext<'a, T>,
}

/// A [`Store`], borrowed; host functions of components get one.
pub struct StoreContextMut<'a, W: CoreWasmtime, T: Data> {
    pub(crate) raw: W::StoreContextMut<'a, T>,
}

/// The first parameter of host functions of core modules: the store, and the instance that called.
pub struct Caller<'a, W: CoreWasmtime, T: Data> {
    pub(crate) raw: W::Caller<'a, T>,
}

/// A type that a store can be borrowed from for reading: a [`Store`], a [`Caller`], a context, or a reference to one.
pub trait AsContext<W: CoreWasmtime> {
    /// The store's data.
    type Data: Data;

    /// Borrows the store for reading.
    fn as_context(&self) -> StoreContext<'_, W, Self::Data>;
}

/// A type that a store can be borrowed from: a [`Store`], a [`Caller`], a [`StoreContextMut`], or a `&mut` of one.
pub trait AsContextMut<W: CoreWasmtime>: AsContext<W> {
    /// Borrows the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, Self::Data>;
}

impl<'a, W: CoreWasmtime, T: Data> StoreContext<'a, W, T> {
    /// The store's data.
    pub fn data(&self) -> &'a T {
        W::data(&self.raw)
    }

    /// The fuel left.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the engine does not count fuel.
    pub fn get_fuel(&self) -> crate::Result<u64> {
        W::get_fuel(&self.raw)
    }

    #[inline]
    pub(crate) fn ambient(&self) -> &'a Ambient {
        W::ambient(&self.raw)
    }

    /// The major's own context.
    pub fn into_raw(self) -> W::StoreContext<'a, T> {
        self.raw
    }

    /// Wraps the major's own context.
    pub fn from_raw(raw: W::StoreContext<'a, T>) -> Self {
        Self { raw }
    }
}

impl<'a, W: CoreWasmtime, T: Data> StoreContextMut<'a, W, T> {
    /// The store's data.
    pub fn data(&self) -> &T {
        self.as_context().data()
    }

    /// The store's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        W::data_mut(&mut self.raw)
    }

    /// The fuel left.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the engine does not count fuel.
    pub fn get_fuel(&self) -> crate::Result<u64> {
        self.as_context().get_fuel()
    }

    /// Sets the fuel left.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the engine does not count fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> crate::Result<()> {
        W::set_fuel(&mut self.raw, fuel)
    }

    #[inline]
    pub(crate) fn ambient(&self) -> &Ambient {
        self.as_context().ambient()
    }

    #[inline]
    pub(crate) fn ambient_mut(&mut self) -> &mut Ambient {
        W::ambient_mut(&mut self.raw)
    }

    /// The major's own context.
    pub fn into_raw(self) -> W::StoreContextMut<'a, T> {
        self.raw
    }

    /// Wraps the major's own context.
    pub fn from_raw(raw: W::StoreContextMut<'a, T>) -> Self {
        Self { raw }
    }
}

impl<'a, W: CoreWasmtime, T: Data> Caller<'a, W, T> {
    /// The major's own caller.
    pub fn as_raw_mut(&mut self) -> &mut W::Caller<'a, T> {
        &mut self.raw
    }

    /// The store's data.
    pub fn data(&self) -> &T {
        self.as_context().data()
    }

    /// The store's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        W::caller_data_mut(&mut self.raw)
    }

    /// An export of the calling instance, if there is one of that name. Every kind of export is found, also the functions by
    /// which guests allocate memory.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() {
    /// use wasmtime_compat::{Caller, CoreWasmtime, Data};
    ///
    /// /// Memory for this number of bytes, from the allocator of the guest that called.
    /// fn allocate<W: CoreWasmtime>(caller: &mut Caller<'_, W, impl Data>, len: i32) -> anyhow::Result<i32> {
    ///     let malloc = caller.get_export("malloc").and_then(|export| export.into_func());
    ///     let malloc = malloc.ok_or_else(|| anyhow::anyhow!("the guest exports no function `malloc`"))?;
    ///     Ok(malloc.typed::<i32, i32>(&mut *caller)?.call(caller, len)?)
    /// }
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn get_export(&mut self, name: &str) -> Option<Extern<W>> {
        let store = self.as_context().ambient().id;
        W::caller_export(&mut self.raw, store, name)
    }

    /// A memory exported by the calling instance, if there is one of that name.
    pub fn get_memory(&mut self, name: &str) -> Option<Memory<W>> {
        W::caller_memory(&mut self.raw, name).map(Memory::from_raw)
    }
}

impl<W: CoreWasmtime, T: Data> AsContext<W> for Store<W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::context(&self.raw.0) }
    }
}

impl<W: CoreWasmtime, T: Data> AsContextMut<W> for Store<W, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
        StoreContextMut { raw: W::context_mut(&mut self.raw.0) }
    }
}

impl<W: CoreWasmtime, T: Data> AsContext<W> for Caller<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::caller_context(&self.raw) }
    }
}

impl<W: CoreWasmtime, T: Data> AsContextMut<W> for Caller<'_, W, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
        StoreContextMut { raw: W::caller_context_mut(&mut self.raw) }
    }
}

impl<W: CoreWasmtime, T: Data> AsContext<W> for StoreContext<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::reborrow(&self.raw) }
    }
}

impl<W: CoreWasmtime, T: Data> AsContext<W> for StoreContextMut<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::shared(&self.raw) }
    }
}

impl<W: CoreWasmtime, T: Data> AsContextMut<W> for StoreContextMut<'_, W, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
        StoreContextMut { raw: W::reborrow_mut(&mut self.raw) }
    }
}

impl<W: CoreWasmtime, C: AsContext<W>> AsContext<W> for &C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, C::Data> {
        C::as_context(self)
    }
}

impl<W: CoreWasmtime, C: AsContext<W>> AsContext<W> for &mut C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, C::Data> {
        C::as_context(self)
    }
}

impl<W: CoreWasmtime, C: AsContextMut<W>> AsContextMut<W> for &mut C {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, W: CoreWasmtime, C: AsContext<W>> From<&'a C> for StoreContext<'a, W, C::Data> {
    fn from(store: &'a C) -> Self {
        C::as_context(store)
    }
}

impl<'a, W: CoreWasmtime, C: AsContext<W>> From<&'a mut C> for StoreContext<'a, W, C::Data> {
    fn from(store: &'a mut C) -> Self {
        C::as_context(store)
    }
}

impl<'a, W: CoreWasmtime, C: AsContextMut<W>> From<&'a mut C> for StoreContextMut<'a, W, C::Data> {
    fn from(store: &'a mut C) -> Self {
        C::as_context_mut(store)
    }
}
