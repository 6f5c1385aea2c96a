//! Owns `Func`: functions of components whose type is known when the program runs.

use super::{ComponentFuncs, TypedFunc, Val, types};
use crate::bounds::Data;
use crate::error::{Result, catching, catching_async};
use crate::handle::handle;
use crate::store::{AsContext, AsContextMut, StoreId, within, within_async};
use crate::{ComponentLift, ComponentLower};

/// A function exported by a component: a handle into its store.
///
/// ```
/// use wasmtime_compat::component::{Instance, Val};
/// use wasmtime_compat::{Result, Store, Wasmtime};
///
/// /// Calls a function with arguments in text form.
/// fn call<W: Wasmtime>(
///     store: &mut Store<W, ()>,
///     instance: &Instance<W>,
///     name: &str,
///     args: &[&str],
/// ) -> Result<Vec<String>> {
///     let Some(func) = instance.get_func(&mut *store, name) else { return Ok(Vec::new()) };
///     let ty = func.ty(&*store)?;
///     let params: Result<Vec<Val>> = ty.params().zip(args).map(|((_, ty), arg)| Val::from_wave(&ty, arg)).collect();
///     let mut results = vec![Val::Bool(false); ty.results().len()];
///     func.call(store, &params?, &mut results)?;
///     results.iter().map(Val::to_wave).collect()
/// }
/// ```
pub struct Func<W: ComponentFuncs> {
    pub(super) raw: W::UntypedComponentFunc,
    pub(super) store: StoreId,
}

impl<W: DynamicFuncs> Func<W> {
    /// Calls the function, and does what the major wants done afterwards (`post_return` up to 41). The results are put into
    /// `results`, which must be as long as the type says; the values that are in it before do not matter.
    ///
    /// # Errors
    /// As [`TypedFunc::call`]; [`ErrorKind::TypeMismatch`](crate::ErrorKind::TypeMismatch) if a value does not fit the type of the
    /// function, with the place in the value, before the guest is entered; [`ErrorKind::HostPanic`](crate::ErrorKind::HostPanic) if
    /// Wasmtime panics, as some majors do for flags beyond those of the type (known difference `extra-flags`). The panic hook still
    /// reports the panic.
    pub fn call(&self, mut store: impl AsContextMut<W>, params: &[Val], results: &mut [Val]) -> Result<()> {
        let context = store.as_context_mut();
        let (store, mode) = (context.ambient().id, context.ambient().mode);
        store.expect(self.store, "function")?;
        mode.sync(|| within(store, || catching(|| W::dynamic_call(&self.raw, context.raw, params, results))))
            .map_err(|error| error.of_store(store))
    }

    /// As [`Func::call`], on an async engine.
    ///
    /// # Errors
    /// As [`Func::call`], but [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn call_async(
        &self,
        mut store: impl AsContextMut<W, Data: Send> + Send,
        params: &[Val],
        results: &mut [Val],
    ) -> impl Future<Output = Result<()>> + Send {
        async move {
            let context = store.as_context_mut();
            let store = context.ambient().id;
            store.expect(self.store, "function")?;
            context.ambient().mode.check_async()?;
            let called = catching_async(W::dynamic_call_async(&self.raw, context.raw, params, results));
            let called = within_async(store, called).await;
            called.map_err(|error| error.of_store(store))
        }
    }

    /// The type of the function.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the function belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<types::ComponentFunc> {
        let context = store.as_context();
        context.ambient().id.expect(self.store, "function")?;
        Ok(W::dynamic_type(&self.raw, context.raw))
    }

    /// The function with these parameter and result types.
    ///
    /// # Errors
    /// [`ErrorKind::TypeMismatch`](crate::ErrorKind::TypeMismatch) if the function has another type;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the function belongs to another store.
    pub fn typed<P: ComponentLower, R: ComponentLift>(&self, store: impl AsContext<W>) -> Result<TypedFunc<W, P, R>> {
        let context = store.as_context();
        let id = context.ambient().id;
        id.expect(self.store, "function")?;
        Ok(TypedFunc::in_store(W::dynamic_typed(&self.raw, context.raw)?, id))
    }
}

handle! { [W: ComponentFuncs] Func[W] of a store is W::UntypedComponentFunc }

/// Functions of components of a major, called with values whose types are known when the program runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait DynamicFuncs: ComponentFuncs {
    #[doc(hidden)]
    fn dynamic_call<T: Data>(
        func: &Self::UntypedComponentFunc,
        context: Self::StoreContextMut<'_, T>,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<()>;
    #[doc(hidden)]
    fn dynamic_call_async<T: Data + Send>(
        func: &Self::UntypedComponentFunc,
        context: Self::StoreContextMut<'_, T>,
        params: &[Val],
        results: &mut [Val],
    ) -> impl Future<Output = Result<()>> + Send;
    #[doc(hidden)]
    fn dynamic_type<T: Data>(
        func: &Self::UntypedComponentFunc,
        context: Self::StoreContext<'_, T>,
    ) -> types::ComponentFunc;
    #[doc(hidden)]
    fn dynamic_typed<T: Data, P: ComponentLower, R: ComponentLift>(
        func: &Self::UntypedComponentFunc,
        context: Self::StoreContext<'_, T>,
    ) -> Result<Self::ComponentFunc<P, R>>;
}
