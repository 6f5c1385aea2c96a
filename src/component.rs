//! Owns the component side: compiled components, their linker, their instances and functions.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::engine::Engine;
use crate::error::Result;
use crate::guard::{AdapterWarning, Flaws};
use crate::guest::{Guest, GuestKind};
use crate::neutral::{ComponentLift, ComponentLower};
use crate::precompiled::{Precompiled, Trusted};
use crate::store::{AsContextMut, StoreContextMut};
use crate::wasi::WasiConfig;
use crate::wasmtime::Wasmtime;

/// A compiled component. Cloning it is cheap.
pub struct Component<W: Wasmtime> {
    raw: W::Component,
    imports: Arc<[String]>,
    flaws: Flaws,
}

/// Interfaces and host functions that components can import.
pub struct ComponentLinker<W: Wasmtime, T: Send + 'static> {
    raw: W::ComponentLinker<T>,
    is_async: bool,
    raw_wasi: bool,
    has_wasi: bool,
}

/// A component whose imports are looked up and type-checked, so that instantiating it is fast.
pub struct ComponentInstancePre<W: Wasmtime, T: Send + 'static> {
    raw: W::ComponentInstancePre<T>,
    has_wasi: bool,
    flaws: Flaws,
}

/// An instantiated component: a handle into its store.
pub struct ComponentInstance<W: Wasmtime> {
    raw: W::ComponentInstance,
}

/// A function exported by a component, with parameters `P` and results `R`, both tuples.
///
/// Parameters can be borrowed. A function with the parameters `(&'static str,)` takes strings of any lifetime, as the
/// function of the major does: the handle can be kept, and each call can pass another borrow.
pub struct ComponentFunc<W: Wasmtime, P: ComponentLower, R: ComponentLift> {
    checked: CheckedFunc<W::ComponentFunc, P, R>,
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

impl<F: Copy, P, R> Clone for CheckedFunc<F, P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Copy, P, R> Copy for CheckedFunc<F, P, R> {}

impl<F, P, R> CheckedFunc<F, P, R> {
    /// # Safety
    /// The major must have found that this function has the parameters `P` and the results `R`.
    #[expect(unsafe_code, reason = "calls rely on the comparison and do not repeat it")]
    pub(crate) unsafe fn new(func: F) -> Self {
        Self { func, types: PhantomData }
    }

    pub(crate) fn func(&self) -> &F {
        &self.func
    }
}

impl<W: Wasmtime> Component<W> {
    /// Compiles a component from its binary form.
    ///
    /// # Errors
    /// [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a core module,
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) for anything else that is not a component this
    /// major accepts.
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if compiling it would take too much, unless
    /// [`Config::allow_complex_guests`](crate::Config::allow_complex_guests) is set.
    pub fn new(engine: &Engine<W>, wasm: &[u8]) -> Result<Self> {
        GuestKind::Component.expect(wasm)?;
        engine.check_complexity(wasm)?;
        let imports = Guest::parse(wasm)?.imports.into();
        Ok(Self { raw: W::compile_component(engine.as_raw(), wasm)?, imports, flaws: Flaws::of(wasm) })
    }

    /// Loads a precompiled component. It is guarded against the adapters in it as it would be if compiled now.
    ///
    /// # Errors
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if it was made for another Wasmtime or other settings;
    /// [`ErrorKind::WrongGuestKind`](crate::ErrorKind::WrongGuestKind) for a core module.
    pub fn from_precompiled(engine: &Engine<W>, precompiled: &Trusted<'_>) -> Result<Self> {
        let code = precompiled.code(engine, GuestKind::Component)?;
        let Precompiled { guest, adapter_warnings, .. } = precompiled.precompiled();
        let (imports, flaws) = (guest.imports.clone().into(), Flaws::known(adapter_warnings));
        Ok(Self { raw: W::load_component(engine.as_raw(), code)?, imports, flaws })
    }

    /// Known flaws of the adapters in it that it can reach.
    pub fn adapter_warnings(&self) -> &[AdapterWarning] {
        self.flaws.warnings()
    }

    /// Known flaws of the adapters in it that it can reach in an instance with this world. Those that only show with
    /// long or many strings are among them if they show, with the string: the adapter aborts the guest as soon as the
    /// guest asks for its arguments, its environment or its preopens. Preopens that may be left out count as if they
    /// were not.
    pub fn adapter_warnings_in(&self, wasi: &WasiConfig) -> Vec<AdapterWarning> {
        self.flaws.in_run(wasi)
    }

    /// Wraps a component made with the major itself. What it imports is not known then, so a missing import is not
    /// named in [`Error::missing_import`](crate::Error::missing_import), only in the text; nor are its adapters, so
    /// it is not refused for them.
    pub fn from_raw(raw: W::Component) -> Self {
        Self { raw, imports: Arc::default(), flaws: Flaws::default() }
    }

    /// The major's own component.
    pub fn as_raw(&self) -> &W::Component {
        &self.raw
    }

    /// The major's own component, and nothing else.
    pub fn into_raw(self) -> W::Component {
        self.raw
    }
}

impl<W: Wasmtime, T: Send + 'static> ComponentLinker<W, T> {
    /// An empty linker.
    pub fn new(engine: &Engine<W>) -> Self {
        Self {
            raw: W::new_component_linker(engine.as_raw()),
            is_async: engine.is_async(),
            raw_wasi: engine.raw_wasi(),
            has_wasi: false,
        }
    }

    /// Adds the `wasi:cli` world, blocking or async as the engine is.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if one of its names is taken.
    pub fn add_wasi(&mut self) -> Result<()> {
        self.has_wasi = true;
        W::link_component_wasi(&mut self.raw, self.is_async, self.raw_wasi)
    }

    /// Adds a host function to the interface, or to the root for `None`. Parameters and results are tuples.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if the name is taken or malformed.
    pub fn func_wrap<P, R, F>(&mut self, interface: Option<&str>, name: &str, func: F) -> Result<()>
    where
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: Fn(StoreContextMut<'_, W, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        W::component_func_wrap(&mut self.raw, interface, name, move |raw: W::Context<'_, T>, params: P| {
            func(StoreContextMut { raw }, params)
        })
    }

    /// Looks up and type-checks a component's imports.
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link); [`Error::missing_import`](crate::Error::missing_import) names
    /// the import, with the guest's and the host's WASI version.
    pub fn instantiate_pre(&self, component: &Component<W>) -> Result<ComponentInstancePre<W, T>> {
        let raw = W::component_instantiate_pre(&self.raw, &component.raw, &component.imports)?;
        Ok(ComponentInstancePre { raw, has_wasi: self.has_wasi, flaws: component.flaws.clone() })
    }

    /// Wraps a linker made with the major itself; `engine` must be the one it was made with.
    pub fn from_raw(engine: &Engine<W>, raw: W::ComponentLinker<T>) -> Self {
        Self { raw, is_async: engine.is_async(), raw_wasi: engine.raw_wasi(), has_wasi: true }
    }

    /// The major's own linker.
    pub fn as_raw(&self) -> &W::ComponentLinker<T> {
        &self.raw
    }

    /// The major's own linker, mutably. If WASI is added through it, synchronous calls inside an async task panic as
    /// they do with the major itself; [`ComponentLinker::add_wasi`] makes that an error.
    pub fn as_raw_mut(&mut self) -> &mut W::ComponentLinker<T> {
        &mut self.raw
    }

    /// The major's own linker, and nothing else.
    pub fn into_raw(self) -> W::ComponentLinker<T> {
        self.raw
    }
}

impl<W: Wasmtime, T: Send + 'static> ComponentInstancePre<W, T> {
    /// Instantiates the component.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on an async engine;
    /// [`ErrorKind::BrokenAdapter`](crate::ErrorKind::BrokenAdapter) if it would see the store's preopens under wrong
    /// names; whatever a start function ends with.
    pub fn instantiate(&self, mut store: impl AsContextMut<W, Data = T>) -> Result<ComponentInstance<W>> {
        let mut context = store.as_context_mut();
        if self.has_wasi {
            W::expect_wasi(&mut context.raw);
        }
        context.check_sync()?;
        self.guard(&context)?;
        Ok(ComponentInstance { raw: W::component_instantiate(&self.raw, context.raw)? })
    }

    /// As [`ComponentInstancePre::instantiate`], on an async engine.
    ///
    /// # Errors
    /// As [`ComponentInstancePre::instantiate`], but
    /// [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn instantiate_async(
        &self,
        mut store: impl AsContextMut<W, Data = T> + Send,
    ) -> impl Future<Output = Result<ComponentInstance<W>>> + Send {
        async move {
            let context = store.as_context_mut();
            context.check_async()?;
            self.guard(&context)?;
            Ok(ComponentInstance { raw: W::component_instantiate_async(&self.raw, context.raw).await? })
        }
    }

    /// Refuses stores whose preopens the component would see under wrong names.
    pub(crate) fn guard(&self, context: &StoreContextMut<'_, W, T>) -> Result<()> {
        self.flaws.refuse(W::guarded(&context.raw))
    }

    /// As [`Component::adapter_warnings_in`].
    pub fn adapter_warnings_in(&self, wasi: &WasiConfig) -> Vec<AdapterWarning> {
        self.flaws.in_run(wasi)
    }

    /// Flaws of the adapters in it that did not keep it from running.
    pub(crate) fn warnings(&self) -> &[AdapterWarning] {
        self.flaws.warnings()
    }

    /// The major's own `InstancePre`.
    pub fn as_raw(&self) -> &W::ComponentInstancePre<T> {
        &self.raw
    }
}

impl<W: Wasmtime> ComponentInstance<W> {
    /// A function exported by the interface (spelled exactly as the component does), or at the root for `None`.
    ///
    /// # Errors
    /// [`ErrorKind::Export`](crate::ErrorKind::Export) if there is none of that name and type.
    pub fn typed_func<P: ComponentLower, R: ComponentLift>(
        &self,
        mut store: impl AsContextMut<W>,
        interface: Option<&str>,
        name: &str,
    ) -> Result<ComponentFunc<W, P, R>> {
        let checked = W::component_func(&self.raw, store.as_context_mut().raw, interface, name)?;
        Ok(ComponentFunc { checked })
    }

    /// Wraps an instance made with the major itself.
    pub fn from_raw(raw: W::ComponentInstance) -> Self {
        Self { raw }
    }

    /// The major's own instance.
    pub fn as_raw(&self) -> &W::ComponentInstance {
        &self.raw
    }
}

impl<W: Wasmtime, P: ComponentLower, R: ComponentLift> ComponentFunc<W, P, R> {
    /// Calls it, and does what the major wants done afterwards (`post_return` up to 41).
    ///
    /// # Errors
    /// As [`TypedFunc::call`](crate::TypedFunc::call).
    pub fn call(&self, mut store: impl AsContextMut<W>, params: P) -> Result<R> {
        let context = store.as_context_mut();
        context.check_sync()?;
        W::component_call(&self.checked, context.raw, params)
    }

    /// As [`ComponentFunc::call`], on an async engine.
    ///
    /// # Errors
    /// As [`TypedFunc::call_async`](crate::TypedFunc::call_async).
    pub fn call_async(
        &self,
        mut store: impl AsContextMut<W> + Send,
        params: P,
    ) -> impl Future<Output = Result<R>> + Send {
        async move {
            let context = store.as_context_mut();
            context.check_async()?;
            W::component_call_async(&self.checked, context.raw, params).await
        }
    }

    /// Wraps a function got from the major itself.
    pub fn from_raw(raw: W::TypedComponentFunc<P, R>) -> Self {
        Self { checked: W::component_func_from_raw(raw) }
    }

    /// The major's own function, without its type.
    pub fn as_raw(&self) -> &W::ComponentFunc {
        self.checked.func()
    }

    /// The major's own function, with its type.
    pub fn into_raw(self) -> W::TypedComponentFunc<P, R> {
        W::component_func_into_raw(self.checked)
    }
}

impl<W: Wasmtime> Clone for Component<W> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone(), imports: self.imports.clone(), flaws: self.flaws.clone() }
    }
}

impl<W: Wasmtime, T: Send + 'static> Clone for ComponentLinker<W, T> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone(), is_async: self.is_async, raw_wasi: self.raw_wasi, has_wasi: self.has_wasi }
    }
}

impl<W: Wasmtime, P: ComponentLower, R: ComponentLift> Clone for ComponentFunc<W, P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: Wasmtime, P: ComponentLower, R: ComponentLift> Copy for ComponentFunc<W, P, R> {}

impl<W: Wasmtime, T: Send + 'static> Clone for ComponentInstancePre<W, T> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone(), has_wasi: self.has_wasi, flaws: self.flaws.clone() }
    }
}

impl<W: Wasmtime> Clone for ComponentInstance<W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: Wasmtime> Copy for ComponentInstance<W> {}

impl<W: Wasmtime, T: Send + 'static> fmt::Debug for ComponentLinker<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentLinker").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}

impl<W: Wasmtime, T: Send + 'static> fmt::Debug for ComponentInstancePre<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentInstancePre").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}

impl<W: Wasmtime> fmt::Debug for ComponentInstance<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentInstance").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}

impl<W: Wasmtime, P: ComponentLower, R: ComponentLift> fmt::Debug for ComponentFunc<W, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentFunc").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}

impl<W: Wasmtime> fmt::Debug for Component<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component").field("major", &W::MAJOR).field("imports", &self.imports).finish_non_exhaustive()
    }
}
