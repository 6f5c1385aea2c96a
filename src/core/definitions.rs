//! Owns host functions whose type is known when the program runs, and what else is defined in a [`Linker`] by its name.

use super::into_func::{IntoFunc, Seal};
use super::{
    AsyncHostFunc, AsyncWrapped, Extern, Externs, Func, FuncType, HostFuture, ImportType, Linker, Linkers, Val,
};
use crate::bounds::Data;
use crate::error::Result;
use crate::store::{AsContextMut, Caller, StoreId, Stores};
use crate::{HostParams, HostResults};

impl<W: Definitions> Func<W> {
    /// A new function of the host's. Its results are null references before the function sets them; an error that it returns
    /// reaches the caller as from [`Linker::func_wrap`].
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the major has no values of a type in it.
    pub fn new<T, F>(mut store: impl AsContextMut<W, Data = T>, ty: FuncType, func: F) -> Result<Self>
    where
        T: Data,
        F: Fn(Caller<'_, W, T>, &[Val<W>], &mut [Val<W>]) -> anyhow::Result<()> + Send + Sync + 'static,
    {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        let raw =
            W::new_func(context.raw, &ty, move |raw: W::Caller<'_, T>, params: &[Val<W>], results: &mut [Val<W>]| {
                func(Caller { raw }, params, results)
            })?;
        Ok(Self { raw, store })
    }

    /// A new function of the host's, in a form that [`Linker::func_wrap`] takes; see [`IntoFunc`].
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, Func, Newest, Store};
    ///
    /// let mut store = Store::new(&Engine::<Newest>::new(&Config::new())?, ());
    /// let add = Func::wrap(&mut store, |a: i32, b: i32| a.wrapping_add(b));
    /// assert_eq!(add.typed::<(i32, i32), i32>(&store)?.call(&mut store, (40, 2))?, 42);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn wrap<T, Params, Results, F>(mut store: impl AsContextMut<W, Data = T>, func: F) -> Self
    where
        T: Data,
        F: IntoFunc<W, T, Params, Results>,
    {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        let raw = W::wrap_func(context.raw, move |raw: W::Caller<'_, T>, params: F::Taken| {
            func.call(Seal, Caller { raw }, params)
        });
        Self { raw, store }
    }
}

impl<W: AsyncDefinitions> Func<W> {
    /// As [`Func::new`], with an asynchronous function.
    ///
    /// # Errors
    /// As [`Func::new`]; [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn new_async<T, F>(mut store: impl AsContextMut<W, Data = T>, ty: FuncType, func: F) -> Result<Self>
    where
        T: Data + Send,
        F: for<'a> Fn(Caller<'a, W, T>, &'a [Val<W>], &'a mut [Val<W>]) -> HostFuture<'a, ()> + Send + Sync + 'static,
    {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        context.ambient().mode.check_async()?;
        Ok(Self { raw: W::new_func_async(context.raw, &ty, Wrapped(func))?, store })
    }

    /// As [`Func::wrap`], with an asynchronous function.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn wrap_async<T, P, R, F>(mut store: impl AsContextMut<W, Data = T>, func: F) -> Result<Self>
    where
        T: Data + Send,
        P: HostParams,
        R: HostResults,
        F: for<'a> Fn(Caller<'a, W, T>, P) -> HostFuture<'a, R> + Send + Sync + 'static,
    {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        context.ambient().mode.check_async()?;
        Ok(Self { raw: W::wrap_func_async(context.raw, AsyncWrapped(func)), store })
    }
}

impl<W: Definitions, T: Data> Linker<W, T> {
    /// Adds a host function whose type is known when the program runs; see [`Func::new`].
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if the name is taken;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the major has no values of a type in it.
    pub fn func_new<F>(&mut self, module: &str, name: &str, ty: FuncType, func: F) -> Result<&mut Self>
    where
        F: Fn(Caller<'_, W, T>, &[Val<W>], &mut [Val<W>]) -> anyhow::Result<()> + Send + Sync + 'static,
    {
        let func = move |raw: W::Caller<'_, T>, params: &[Val<W>], results: &mut [Val<W>]| {
            func(Caller { raw }, params, results)
        };
        W::link_func(self.as_raw_mut(), module, name, &ty, func)?;
        Ok(self)
    }

    /// Defines an object by a name. The object belongs to a store, and only instances of that store can import it.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if the name is taken; [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if
    /// the object belongs to another store.
    pub fn define(
        &mut self,
        mut store: impl AsContextMut<W, Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern<W>>,
    ) -> Result<&mut Self> {
        let (context, item) = (store.as_context_mut(), item.into());
        item.expect_in(context.ambient().id)?;
        W::define(self.as_raw_mut(), context.raw, module, name, item)?;
        Ok(self)
    }

    /// What is defined by a name, as an object of this store.
    pub fn get(&self, mut store: impl AsContextMut<W, Data = T>, module: &str, name: &str) -> Option<Extern<W>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        W::defined(self.as_raw(), context.raw, store, module, name)
    }

    /// What is defined for an import of a module, as an object of this store.
    pub fn get_by_import(&self, store: impl AsContextMut<W, Data = T>, import: &ImportType) -> Option<Extern<W>> {
        self.get(store, import.module(), import.name())
    }

    /// The function that a command module exports to start it, as [`Linker::module`] defines it: the one without a name, or
    /// `_start`; a function that does nothing if the module has neither.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if the definition is not a function;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the store is of another engine.
    pub fn get_default(&self, mut store: impl AsContextMut<W, Data = T>, module: &str) -> Result<Func<W>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        Ok(Func { raw: W::default_func(self.as_raw(), context.raw, module)?, store })
    }

    /// What is defined, with the names of the module and of the object, in no particular order; nothing for a store of another
    /// engine.
    pub fn iter(&self, mut store: impl AsContextMut<W, Data = T>) -> std::vec::IntoIter<(&str, &str, Extern<W>)> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        W::all_defined(self.as_raw(), context.raw, store).into_iter()
    }
}

impl<W: AsyncDefinitions, T: Data + Send> Linker<W, T> {
    /// As [`Linker::func_new`], with an asynchronous function.
    ///
    /// # Errors
    /// As [`Linker::func_new`]; [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous
    /// engine.
    pub fn func_new_async<F>(&mut self, module: &str, name: &str, ty: FuncType, func: F) -> Result<&mut Self>
    where
        F: for<'a> Fn(Caller<'a, W, T>, &'a [Val<W>], &'a mut [Val<W>]) -> HostFuture<'a, ()> + Send + Sync + 'static,
    {
        self.expect_async()?;
        W::link_func_async(self.as_raw_mut(), module, name, &ty, Wrapped(func))?;
        Ok(self)
    }
}

/// An asynchronous host function on values, in terms of the major's own caller.
#[doc(hidden)]
pub trait AsyncDynamicFunc<W: Definitions, T: Data>: Send + Sync + 'static {
    fn call<'a>(
        &self,
        caller: <W as Stores>::Caller<'a, T>,
        params: &'a [Val<W>],
        results: &'a mut [Val<W>],
    ) -> HostFuture<'a, ()>;
}

/// A host function on our [`Caller`], for the major to call on its own.
struct Wrapped<F>(F);

impl<W, T, F> AsyncDynamicFunc<W, T> for Wrapped<F>
where
    W: Definitions,
    T: Data,
    F: for<'a> Fn(Caller<'a, W, T>, &'a [Val<W>], &'a mut [Val<W>]) -> HostFuture<'a, ()> + Send + Sync + 'static,
{
    fn call<'a>(
        &self,
        raw: <W as Stores>::Caller<'a, T>,
        params: &'a [Val<W>],
        results: &'a mut [Val<W>],
    ) -> HostFuture<'a, ()> {
        (self.0)(Caller { raw }, params, results)
    }
}

/// Host functions of a major on values, and the names in its linkers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Definitions: Linkers + Externs {
    #[doc(hidden)]
    fn new_func<T, F>(context: Self::StoreContextMut<'_, T>, ty: &FuncType, func: F) -> Result<Self::Func>
    where
        T: Data,
        F: Fn(Self::Caller<'_, T>, &[Val<Self>], &mut [Val<Self>]) -> anyhow::Result<()> + Send + Sync + 'static;
    #[doc(hidden)]
    fn wrap_func<T, P, R, F>(context: Self::StoreContextMut<'_, T>, func: F) -> Self::Func
    where
        T: Data,
        P: HostParams,
        R: HostResults,
        F: Fn(Self::Caller<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static;
    #[doc(hidden)]
    fn link_func<T, F>(linker: &mut Self::Linker<T>, module: &str, name: &str, ty: &FuncType, func: F) -> Result<()>
    where
        T: Data,
        F: Fn(Self::Caller<'_, T>, &[Val<Self>], &mut [Val<Self>]) -> anyhow::Result<()> + Send + Sync + 'static;
    #[doc(hidden)]
    fn define<T: Data>(
        linker: &mut Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        module: &str,
        name: &str,
        item: Extern<Self>,
    ) -> Result<()>;
    #[doc(hidden)]
    fn defined<T: Data>(
        linker: &Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        module: &str,
        name: &str,
    ) -> Option<Extern<Self>>;
    #[doc(hidden)]
    fn default_func<T: Data>(
        linker: &Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        module: &str,
    ) -> Result<Self::Func>;
    #[doc(hidden)]
    fn all_defined<'a, T: Data>(
        linker: &'a Self::Linker<T>,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
    ) -> Vec<(&'a str, &'a str, Extern<Self>)>;
}

/// Asynchronous host functions of a major on values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait AsyncDefinitions: Definitions {
    #[doc(hidden)]
    fn new_func_async<T, F>(context: Self::StoreContextMut<'_, T>, ty: &FuncType, func: F) -> Result<Self::Func>
    where
        T: Data + Send,
        F: AsyncDynamicFunc<Self, T>;
    #[doc(hidden)]
    fn wrap_func_async<T, P, R, F>(context: Self::StoreContextMut<'_, T>, func: F) -> Self::Func
    where
        T: Data + Send,
        P: HostParams,
        R: HostResults,
        F: AsyncHostFunc<Self, T, P, R>;
    #[doc(hidden)]
    fn link_func_async<T, F>(
        linker: &mut Self::Linker<T>,
        module: &str,
        name: &str,
        ty: &FuncType,
        func: F,
    ) -> Result<()>
    where
        T: Data + Send,
        F: AsyncDynamicFunc<Self, T>;
}
