//! Owns `TypedFunc`: functions of components whose type is known at compile time.

use std::fmt;
use std::marker::PhantomData;

use crate::bounds::Data;
use crate::error::Result;
use crate::store::{AsContextMut, StoreContextMut, StoreId, Stores, within, within_async};
use crate::{ComponentLift, ComponentLower};

/// A function exported by a component, with parameters `P` and results `R`, both tuples.
///
/// Parameters can be borrowed. A function with the parameters `(&'static str,)` takes strings of any lifetime, as the
/// function of the major does: the handle can be kept, and each call can pass another borrow.
///
/// ```
/// use wasmtime_compat::component::{Instance, TypedFunc};
/// use wasmtime_compat::{Result, Store, Wasmtime};
///
/// type Measure<W> = TypedFunc<W, (&'static str,), (u32,)>;
///
/// fn longest<W: Wasmtime>(store: &mut Store<W, ()>, instance: &Instance<W>, words: &[String]) -> Result<u32> {
///     let measure: Measure<W> = instance.get_typed_func(&mut *store, ("demo:guest/words", "measure"))?;
///     let mut longest = 0;
///     for word in words {
///         longest = longest.max(measure.call(&mut *store, (word.as_str(),))?.0);
///     }
///     Ok(longest)
/// }
/// ```
pub struct TypedFunc<W: ComponentFuncs, P: ComponentLower, R: ComponentLift> {
    checked: CheckedFunc<W::UntypedComponentFunc, P, R>,
    store: StoreId,
}

impl<W: ComponentFuncs, P: ComponentLower, R: ComponentLift> TypedFunc<W, P, R> {
    /// Calls the function, and does what the major wants done afterwards (`post_return` up to 41).
    ///
    /// # Errors
    /// As [`TypedFunc::call`](crate::TypedFunc::call) of core modules.
    #[inline]
    pub fn call(&self, mut store: impl AsContextMut<W>, params: P) -> Result<R> {
        let context = store.as_context_mut();
        if context.ambient().sync_id == self.store {
            within(self.store, || W::component_call(&W::component_func_typed(&self.checked), context.raw, params))
                .map_err(|error| error.of_store(self.store))
        } else {
            self.call_checked(context, params)
        }
    }

    #[inline(never)]
    fn call_checked<T: Data>(&self, context: StoreContextMut<'_, W, T>, params: P) -> Result<R> {
        let (store, mode) = (context.ambient().id, context.ambient().mode);
        store.expect(self.store, "function")?;
        let func = W::component_func_typed(&self.checked);
        mode.sync(|| within(store, || W::component_call(&func, context.raw, params)))
            .map_err(|error| error.of_store(store))
    }

    /// Wraps the major's own function. With a store that the function does not belong to, it panics as the major's does.
    pub fn from_raw(raw: W::ComponentFunc<P, R>) -> Self {
        Self::in_store(raw, StoreId::UNKNOWN)
    }

    pub(super) fn in_store(raw: W::ComponentFunc<P, R>, store: StoreId) -> Self {
        Self { checked: W::component_func_checked(raw), store }
    }

    /// The major's own function, without its type.
    pub fn as_raw(&self) -> &W::UntypedComponentFunc {
        &self.checked.func
    }

    /// The major's own function, with its type.
    pub fn into_raw(self) -> W::ComponentFunc<P, R> {
        W::component_func_typed(&self.checked)
    }
}

impl<W: AsyncComponentFuncs, P: ComponentLower, R: ComponentLift> TypedFunc<W, P, R> {
    /// As [`TypedFunc::call`], on an async engine.
    ///
    /// # Errors
    /// As [`TypedFunc::call_async`](crate::TypedFunc::call_async) of core modules.
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
            let func = W::component_func_typed(&self.checked);
            let called = within_async(store, W::component_call_async(&func, context.raw, params)).await;
            called.map_err(|error| error.of_store(store))
        }
    }
}

impl<W: ComponentFuncs, P: ComponentLower, R: ComponentLift> Clone for TypedFunc<W, P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: ComponentFuncs, P: ComponentLower, R: ComponentLift> Copy for TypedFunc<W, P, R> {}

impl<W: ComponentFuncs, P: ComponentLower, R: ComponentLift> fmt::Debug for TypedFunc<W, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedFunc").field("major", &W::NUMBER).finish_non_exhaustive()
    }
}

/// A major's function whose type was compared with `P` and `R`, which are lists of neutral types.
///
/// `P` and `R` stand beside the major's type here and not in it, so that a shorter lifetime can take the place of a
/// longer one, as in Wasmtime's own `TypedFunc`.
#[doc(hidden)]
pub struct CheckedFunc<F, P, R> {
    func: F,
    types: PhantomData<(P, R)>,
}

impl<F, P, R> CheckedFunc<F, P, R> {
    /// # Safety
    /// The major must have found that this function has the parameters `P` and the results `R`.
    #[expect(unsafe_code, reason = "calls rely on the comparison and do not repeat it")]
    #[allow(dead_code, reason = "only majors make one")]
    pub(crate) unsafe fn new(func: F) -> Self {
        Self { func, types: PhantomData }
    }

    #[allow(dead_code, reason = "only majors use it")]
    pub(crate) fn func(&self) -> &F {
        &self.func
    }
}

impl<F: Copy, P, R> Clone for CheckedFunc<F, P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Copy, P, R> Copy for CheckedFunc<F, P, R> {}

/// Functions of components of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait ComponentFuncs: Stores {
    /// `wasmtime::component::TypedFunc<P, R>`.
    type ComponentFunc<P: ComponentLower, R: ComponentLift>: Copy + Send + Sync;
    /// `wasmtime::component::Func`.
    type UntypedComponentFunc: Copy + Send + Sync + 'static;

    #[doc(hidden)]
    fn component_func_checked<P: ComponentLower, R: ComponentLift>(
        func: Self::ComponentFunc<P, R>,
    ) -> CheckedFunc<Self::UntypedComponentFunc, P, R>;
    #[doc(hidden)]
    fn component_func_typed<P: ComponentLower, R: ComponentLift>(
        func: &CheckedFunc<Self::UntypedComponentFunc, P, R>,
    ) -> Self::ComponentFunc<P, R>;
    #[doc(hidden)]
    fn component_call<T: Data, P: ComponentLower, R: ComponentLift>(
        func: &Self::ComponentFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> Result<R>;
}

/// Asynchronous calls of functions of components of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait AsyncComponentFuncs: ComponentFuncs {
    #[doc(hidden)]
    fn component_call_async<T: Data + Send, P: ComponentLower, R: ComponentLift>(
        func: &Self::ComponentFunc<P, R>,
        context: Self::StoreContextMut<'_, T>,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send;
}
