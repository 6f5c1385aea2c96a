//! Owns the contexts borrowed from a store, and the traits by which functions take a store.

use super::{Ambient, Store, Stores};
use crate::bounds::Data;
use crate::engine::Engine;

/// A [`Store`], borrowed for reading.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Newest, Store, StoreContext};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let store = Store::new(&engine, String::from("tenant 7"));
/// let context: StoreContext<'_, Newest, String> = store.as_context();
/// assert_eq!(context.data(), "tenant 7");
/// assert!(Engine::same(context.engine(), &engine));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct StoreContext<'a, W: Stores, T: Data> {
    pub(crate) raw: W::StoreContext<'a, T>,
}

/// A [`Store`], borrowed; host functions of components get one.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, CoreWasmtime, Engine, Newest, Store, StoreContextMut};
///
/// /// A host function without its parameters: what it does in the store.
/// fn log<W: CoreWasmtime>(mut store: StoreContextMut<'_, W, Vec<String>>, line: &str) {
///     store.data_mut().push(line.to_owned());
/// }
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, Vec::new());
/// log(store.as_context_mut(), "started");
/// assert_eq!(*store.data(), ["started"]);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct StoreContextMut<'a, W: Stores, T: Data> {
    pub(crate) raw: W::StoreContextMut<'a, T>,
}

/// The first parameter of host functions of core modules: the store, and the instance that called.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Caller, Config, Engine, Linker, Module, Newest, Store};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut linker = Linker::<_, u32>::new(&engine);
/// linker.func_wrap("host", "count", |mut caller: Caller<'_, Newest, u32>| *caller.data_mut() += 1)?;
/// // (module (import "host" "count" (func $count)) (func (export "run") call $count call $count))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\
///     \x02\x0e\x01\x04host\x05count\0\0\x03\x02\x01\0\x07\x07\x01\x03run\0\x01\x0a\x08\x01\x06\0\x10\0\x10\0\x0b";
/// let mut store = Store::new(&engine, 0_u32);
/// let instance = linker.instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// assert_eq!(*store.data(), 2);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Caller<'a, W: Stores, T: Data> {
    pub(crate) raw: W::Caller<'a, T>,
}

/// A type that a store can be borrowed from for reading: a [`Store`], a [`Caller`], a context, or a reference to one.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{AsContext, Config, CoreWasmtime, Engine, Newest, Store};
///
/// /// The number of lines that guests have logged, whatever the store is borrowed from.
/// fn lines<W: CoreWasmtime>(store: impl AsContext<W, Data = Vec<String>>) -> usize {
///     store.as_context().data().len()
/// }
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, vec![String::from("started")]);
/// assert_eq!(lines(&store), 1);
/// assert_eq!(lines(store.as_context_mut()), 1);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub trait AsContext<W: Stores> {
    /// The store's data.
    type Data: Data;

    /// Borrows the store for reading.
    fn as_context(&self) -> StoreContext<'_, W, Self::Data>;
}

/// A type that a store can be borrowed from: a [`Store`], a [`Caller`], a [`StoreContextMut`], or a `&mut` of one.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{AsContextMut, Config, CoreWasmtime, Engine, Newest, Store};
///
/// /// Counts a call, whatever the store is borrowed from.
/// fn count<W: CoreWasmtime>(mut store: impl AsContextMut<W, Data = u32>) {
///     *store.as_context_mut().data_mut() += 1;
/// }
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, 0_u32);
/// count(&mut store);
/// count(store.as_context_mut());
/// assert_eq!(*store.data(), 2);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub trait AsContextMut<W: Stores>: AsContext<W> {
    /// Borrows the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, Self::Data>;
}

impl<'a, W: Stores, T: Data> StoreContext<'a, W, T> {
    /// The store's data.
    pub fn data(&self) -> &'a T {
        W::data(&self.raw)
    }

    /// The engine that the store belongs to.
    ///
    /// It is the [`Engine`] that the store was made with. If the store was made with the major itself and never given to
    /// [`Store::from_raw`], it is the newest one that wraps the engine of the major; if there is none, it is one of which all but
    /// whether it is async has the default value.
    #[inline]
    pub fn engine(&self) -> &'a Engine<W> {
        W::engine(&self.raw)
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

impl<'a, W: Stores, T: Data> StoreContextMut<'a, W, T> {
    /// The store's data.
    pub fn data(&self) -> &T {
        self.as_context().data()
    }

    /// The store's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        W::data_mut(&mut self.raw)
    }

    /// The engine that the store belongs to; as [`StoreContext::engine`].
    #[inline]
    pub fn engine(&self) -> &Engine<W> {
        self.as_context().engine()
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

impl<'a, W: Stores, T: Data> Caller<'a, W, T> {
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

    /// The engine that the store belongs to; as [`StoreContext::engine`].
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() {
    /// use wasmtime_compat::{Caller, CoreWasmtime, Data, Module, Result};
    ///
    /// /// Compiles a guest for the store of the guest that called.
    /// fn load<W: CoreWasmtime>(caller: &Caller<'_, W, impl Data>, wasm: &[u8]) -> Result<Module<W>> {
    ///     Module::new(caller.engine(), wasm)
    /// }
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    #[inline]
    pub fn engine(&self) -> &Engine<W> {
        self.as_context().engine()
    }
}

impl<W: Stores, T: Data> AsContext<W> for Store<W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::context(&self.raw.0) }
    }
}

impl<W: Stores, T: Data> AsContextMut<W> for Store<W, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
        StoreContextMut { raw: W::context_mut(&mut self.raw.0) }
    }
}

impl<W: Stores, T: Data> AsContext<W> for Caller<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::caller_context(&self.raw) }
    }
}

impl<W: Stores, T: Data> AsContextMut<W> for Caller<'_, W, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
        StoreContextMut { raw: W::caller_context_mut(&mut self.raw) }
    }
}

impl<W: Stores, T: Data> AsContext<W> for StoreContext<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::reborrow(&self.raw) }
    }
}

impl<W: Stores, T: Data> AsContext<W> for StoreContextMut<'_, W, T> {
    type Data = T;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, T> {
        StoreContext { raw: W::shared(&self.raw) }
    }
}

impl<W: Stores, T: Data> AsContextMut<W> for StoreContextMut<'_, W, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
        StoreContextMut { raw: W::reborrow_mut(&mut self.raw) }
    }
}

impl<W: Stores, C: AsContext<W>> AsContext<W> for &C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, C::Data> {
        C::as_context(self)
    }
}

impl<W: Stores, C: AsContext<W>> AsContext<W> for &mut C {
    type Data = C::Data;

    #[inline]
    fn as_context(&self) -> StoreContext<'_, W, C::Data> {
        C::as_context(self)
    }
}

impl<W: Stores, C: AsContextMut<W>> AsContextMut<W> for &mut C {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, W, C::Data> {
        C::as_context_mut(self)
    }
}

impl<'a, W: Stores, C: AsContext<W>> From<&'a C> for StoreContext<'a, W, C::Data> {
    fn from(store: &'a C) -> Self {
        C::as_context(store)
    }
}

impl<'a, W: Stores, C: AsContext<W>> From<&'a mut C> for StoreContext<'a, W, C::Data> {
    fn from(store: &'a mut C) -> Self {
        C::as_context(store)
    }
}

impl<'a, W: Stores, C: AsContextMut<W>> From<&'a mut C> for StoreContextMut<'a, W, C::Data> {
    fn from(store: &'a mut C) -> Self {
        C::as_context_mut(store)
    }
}
