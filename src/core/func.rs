//! Owns `Func` and `TypedFunc`: functions whose type is known when the program runs, or when it is compiled.

use super::value::expect_in;
use super::{AnyRefs, ExternRefs, FuncType, Val};
use crate::bounds::Data;
use crate::error::Result;
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, StoreContextMut, StoreId};
use crate::{WasmParams, WasmResults};

/// A function of a guest's or of the host's: a handle into its store.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Func, FuncType, Newest, Store, Val, ValType};
///
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let ty = FuncType::new([ValType::I32], [ValType::I32]);
/// let double = Func::new(&mut store, ty, |_, params, results| {
///     results[0] = Val::I32(params[0].i32().unwrap_or(0) * 2);
///     Ok(())
/// })?;
/// let mut results = [Val::I32(0)];
/// double.call(&mut store, &[Val::I32(21)], &mut results)?;
/// assert_eq!(results[0].i32(), Some(42));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Func<W: Funcs> {
    pub(super) raw: W::Func,
    pub(super) store: StoreId,
}

/// A function exported by a core instance, with parameters `P` and results `R`.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, ErrorKind, Linker, Module, Newest, Store, TypedFunc};
///
/// // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
/// let wasm = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\
///     \x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let add: TypedFunc<Newest, (i32, i32), i32> = instance.get_typed_func(&mut store, "add")?;
/// assert_eq!(add.call(&mut store, (40, 2))?, 42);
/// let other = instance.get_typed_func::<i64, i64>(&mut store, "add");
/// assert_eq!(other.unwrap_err().kind(), ErrorKind::TypeMismatch);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct TypedFunc<W: Funcs, P: WasmParams, R: WasmResults> {
    raw: W::TypedFunc<P, R>,
    store: StoreId,
}

impl<W: Funcs> Func<W> {
    /// Calls the function. The results are put into `results`, which must be as long as the type says; the values that are in
    /// it before do not matter.
    ///
    /// # Errors
    /// As [`TypedFunc::call`]; [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the values do not fit the type of the
    /// function, or if the function or a value belongs to another store.
    pub fn call(&self, mut store: impl AsContextMut<W>, params: &[Val<W>], results: &mut [Val<W>]) -> Result<()> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "function")?;
        expect_in(store, params)?;
        let mode = context.ambient().mode;
        mode.sync(|| W::call_func(&self.raw, context.raw, store, params, results))
            .map_err(|error| error.of_store(store))
    }

    /// The type of the function.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the function belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<FuncType> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "function")?;
        Ok(W::func_type(&self.raw, context.raw))
    }

    /// The function with these parameter and result types.
    ///
    /// # Errors
    /// [`ErrorKind::TypeMismatch`](crate::ErrorKind::TypeMismatch) if the function has another type;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the function belongs to another store.
    pub fn typed<P: WasmParams, R: WasmResults>(&self, store: impl AsContext<W>) -> Result<TypedFunc<W, P, R>> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "function")?;
        let store = context.ambient().id;
        Ok(TypedFunc::in_store(W::typed_func(&self.raw, context.raw)?, store))
    }
}

impl<W: AsyncFuncs> Func<W> {
    /// As [`Func::call`], on an async engine.
    ///
    /// # Errors
    /// As [`Func::call`], but [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn call_async(
        &self,
        mut store: impl AsContextMut<W, Data: Send> + Send,
        params: &[Val<W>],
        results: &mut [Val<W>],
    ) -> impl Future<Output = Result<()>> + Send {
        async move {
            let context = store.as_context_mut();
            let store = context.ambient().id;
            store.expect(self.store, "function")?;
            expect_in(store, params)?;
            context.ambient().mode.check_async()?;
            let called = W::call_func_async(&self.raw, context.raw, store, params, results).await;
            called.map_err(|error| error.of_store(store))
        }
    }
}

impl<W: Funcs, P: WasmParams, R: WasmResults> TypedFunc<W, P, R> {
    /// Calls the function, at the cost of the major's own call.
    ///
    /// # Errors
    /// [`ErrorKind::Trap`](crate::ErrorKind::Trap), [`ErrorKind::Exit`](crate::ErrorKind::Exit) (also for code 0),
    /// [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut), [`ErrorKind::Host`](crate::ErrorKind::Host) when a host
    /// function failed, [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on an async engine, and
    /// [`ErrorKind::BlockingInAsync`](crate::ErrorKind::BlockingInAsync) for a store with WASI inside an async task that must
    /// not block; [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the function belongs to another store.
    #[inline]
    pub fn call(&self, mut store: impl AsContextMut<W>, params: P) -> Result<R> {
        let context = store.as_context_mut();
        if context.ambient().sync_id == self.store {
            W::call(&self.raw, context.raw, params).map_err(|error| error.of_store(self.store))
        } else {
            self.call_checked(context, params)
        }
    }

    #[inline(never)]
    fn call_checked<T: Data>(&self, context: StoreContextMut<'_, W, T>, params: P) -> Result<R> {
        let (store, mode) = (context.ambient().id, context.ambient().mode);
        store.expect(self.store, "function")?;
        mode.sync(|| W::call(&self.raw, context.raw, params)).map_err(|error| error.of_store(store))
    }

    /// Wraps the major's own object. With a store that the object does not belong to, it panics as the major's does.
    pub fn from_raw(raw: W::TypedFunc<P, R>) -> Self {
        Self { raw, store: StoreId::UNKNOWN }
    }

    pub(super) fn in_store(raw: W::TypedFunc<P, R>, store: StoreId) -> Self {
        Self { raw, store }
    }
}

impl<W: AsyncFuncs, P: WasmParams, R: WasmResults> TypedFunc<W, P, R> {
    /// As [`TypedFunc::call`], on an async engine.
    ///
    /// # Errors
    /// As [`TypedFunc::call`], but [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a
    /// synchronous engine.
    pub fn call_async(
        &self,
        mut store: impl AsContextMut<W, Data: Send> + Send,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send {
        async move {
            let context = store.as_context_mut();
            let store = context.ambient().id;
            store.expect(self.store, "function")?;
            context.ambient().mode.check_async()?;
            W::call_async(&self.raw, context.raw, params).await.map_err(|error| error.of_store(store))
        }
    }
}

handle! { [W: Funcs] Func[W] of a store is W::Func }
handle! { [W: Funcs, P: WasmParams, R: WasmResults] TypedFunc[W, P, R] wraps W::TypedFunc<P, R>, { store } }

/// Functions of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Funcs: ExternRefs + AnyRefs {
    /// `wasmtime::Func`.
    type Func: Copy + Send + Sync + 'static;
    /// `wasmtime::TypedFunc<P, R>`, with the major's own `V128` for [`V128`](crate::V128).
    type TypedFunc<P: WasmParams, R: WasmResults>: Clone + Send + Sync + 'static;

    #[doc(hidden)]
    fn call<T: Data, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R>;
    #[doc(hidden)]
    fn call_func<T: Data>(
        func: &Self::Func,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        params: &[Val<Self>],
        results: &mut [Val<Self>],
    ) -> Result<()>;
    #[doc(hidden)]
    fn func_type<T: Data>(func: &Self::Func, context: Self::StoreContext<'_, T>) -> FuncType;
    #[doc(hidden)]
    fn typed_func<T: Data, P: WasmParams, R: WasmResults>(
        func: &Self::Func,
        context: Self::StoreContext<'_, T>,
    ) -> Result<Self::TypedFunc<P, R>>;
}

/// Asynchronous calls of functions of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait AsyncFuncs: Funcs {
    #[doc(hidden)]
    fn call_func_async<T: Data + Send>(
        func: &Self::Func,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        params: &[Val<Self>],
        results: &mut [Val<Self>],
    ) -> impl Future<Output = Result<()>> + Send;
    #[doc(hidden)]
    fn call_async<T: Data + Send, P: WasmParams, R: WasmResults>(
        func: &Self::TypedFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send;
}
