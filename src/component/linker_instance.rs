//! Owns `LinkerInstance`: the names of an interface, or those at the root, that components import.

use std::sync::Arc;

use super::host_func::{Again, AsyncComponentFunc, AsyncDynamicHostFunc, Definition, DynamicHostFunc, Item, Wrapped};
use super::{ComponentLinkers, ResourceType, Val, types};
use crate::bounds::Data;
use crate::core::Module;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::store::StoreContextMut;
use crate::{ComponentLift, ComponentLower, HostFuture};

/// The names of an interface, or those at the root of a [`Linker`](super::Linker), for defining them.
///
/// ```
/// use wasmtime_compat::component::{LinkerInstance, Resource, ResourceType};
/// use wasmtime_compat::{Result, StoreContextMut, Wasmtime};
///
/// struct Connection(String);
///
/// /// Defines an interface with a resource, in which a guest opens connections.
/// fn define<W: Wasmtime>(interface: &mut LinkerInstance<'_, W, ()>) -> Result<()> {
///     interface.resource("connection", ResourceType::host::<Connection>(), |mut context, rep| {
///         context.resource_table().delete(Resource::<Connection>::new_own(rep))?;
///         Ok(())
///     })?;
///     interface.func_wrap("open", |mut context: StoreContextMut<'_, W, ()>, (address,): (String,)| {
///         Ok((context.resource_table().push(Connection(address))?,))
///     })
/// }
/// ```
pub struct LinkerInstance<'a, W: ComponentLinkerInstances, T: Data> {
    raw: W::ComponentLinkerInstance<'a, T>,
    engine: &'a Engine<W>,
    definitions: &'a mut Vec<Definition<W, T>>,
    allows_shadowing: bool,
    path: Vec<String>,
}

impl<'a, W: ComponentLinkerInstances, T: Data> LinkerInstance<'a, W, T> {
    pub(super) fn new(
        raw: W::ComponentLinkerInstance<'a, T>,
        engine: &'a Engine<W>,
        definitions: &'a mut Vec<Definition<W, T>>,
        allows_shadowing: bool,
    ) -> Self {
        Self { raw, engine, definitions, allows_shadowing, path: Vec::new() }
    }

    /// An instance in this one, which is new; see [`Linker::instance`](super::Linker::instance).
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if the name is malformed, or taken.
    pub fn instance(&mut self, name: &str) -> Result<LinkerInstance<'_, W, T>> {
        let path = self.inside(name);
        let raw = W::linker_instance(&mut self.raw, name)?;
        forget(self.definitions, &path);
        let (engine, allows_shadowing) = (self.engine, self.allows_shadowing);
        Ok(LinkerInstance { raw, engine, definitions: self.definitions, allows_shadowing, path })
    }

    /// As [`LinkerInstance::instance`], in place of this one.
    ///
    /// # Errors
    /// As [`LinkerInstance::instance`].
    pub fn into_instance(self, name: &str) -> Result<Self> {
        let path = self.inside(name);
        let raw = W::linker_into_instance(self.raw, name)?;
        forget(self.definitions, &path);
        Ok(Self { raw, path, ..self })
    }

    fn inside(&self, name: &str) -> Vec<String> {
        self.path.iter().cloned().chain([name.to_owned()]).collect()
    }

    /// Defines something, and remembers how if it may have to be defined again.
    fn define<D>(&mut self, name: &str, define: D) -> Result<()>
    where
        D: Fn(&mut W::ComponentLinkerInstance<'_, T>) -> Result<()> + Send + Sync + 'static,
    {
        self.expect_free(name)?;
        define(&mut self.raw)?;
        if W::NEEDS_COMPONENT {
            let define: Arc<Again<W, T>> = Arc::new(define);
            self.remember(name, Item::Again(define));
        }
        Ok(())
    }

    fn remember(&mut self, name: &str, item: Item<W, T>) {
        self.definitions.retain(|definition| definition.path != self.path || definition.name != name);
        self.definitions.push(Definition { path: self.path.clone(), name: name.to_owned(), item });
    }

    /// Adds a host function. Parameters and results are tuples; an error that the function returns reaches the caller, who can
    /// downcast it (see [`Error::downcast_ref`]).
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if the name is taken or malformed.
    pub fn func_wrap<P, R, F>(&mut self, name: &str, func: F) -> Result<()>
    where
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: Fn(StoreContextMut<'_, W, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        let (func, own) = (Arc::new(func), name.to_owned());
        self.define(name, move |instance| {
            let func = Arc::clone(&func);
            W::component_func_wrap(instance, &own, move |raw: W::StoreContextMut<'_, T>, params: P| {
                func(StoreContextMut { raw }, params)
            })
        })
    }

    /// Adds a host function whose types are known when the program runs. It gets its type and its parameters, and puts its
    /// results into the last slice, which is as long as the type says.
    ///
    /// Up to 38 Wasmtime has no way to tell the function its type, or needs a component to add it. There the function is added for
    /// each component, in [`Linker::instantiate_pre`](super::Linker::instantiate_pre), and with exactly the component's names.
    ///
    /// ```
    /// use wasmtime_compat::component::{Linker, Val, types};
    /// use wasmtime_compat::{Result, StoreContextMut, Wasmtime};
    ///
    /// fn link<W: Wasmtime>(linker: &mut Linker<W, ()>) -> Result<()> {
    ///     let describe = |_: StoreContextMut<'_, W, ()>, ty: types::ComponentFunc, params: &[Val], results: &mut [Val]| {
    ///         results[0] = Val::String(format!("{} parameters: {params:?}", ty.params().len()));
    ///         Ok(())
    ///     };
    ///     linker.instance("demo:host/api")?.func_new("describe", describe)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if the name is taken or malformed.
    pub fn func_new<F>(&mut self, name: &str, func: F) -> Result<()>
    where
        F: Fn(StoreContextMut<'_, W, T>, types::ComponentFunc, &[Val], &mut [Val]) -> anyhow::Result<()>
            + Send
            + Sync
            + 'static,
    {
        self.add_dynamic(name, W::dynamic_host(Wrapped(func)))
    }

    fn add_dynamic(&mut self, name: &str, func: W::DynamicHost<T>) -> Result<()> {
        self.expect_free(name)?;
        if !W::NEEDS_COMPONENT {
            return W::component_func_new(&mut self.raw, name, func);
        }
        self.remember(name, Item::Late(func));
        Ok(())
    }

    /// Refuses a name that waits for a component.
    fn expect_free(&self, name: &str) -> Result<()> {
        let is_it = |definition: &Definition<W, T>| definition.path == self.path && definition.name == name;
        if !self.allows_shadowing && self.definitions.iter().any(is_it) {
            return Err(Error::new(ErrorKind::Link, format!("cannot define the name: `{name}` is defined twice")));
        }
        Ok(())
    }

    /// Adds a type of resources, with the function that is called when a guest drops a resource that it owns. The number is the
    /// [`Resource::rep`](super::Resource::rep) of the resource.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if the name is taken or malformed; [`ErrorKind::InvalidArgument`] if `ty` comes from another major;
    /// [`ErrorKind::Unsupported`] up to 38 for [`ResourceType::host_dynamic`].
    pub fn resource<F>(&mut self, name: &str, ty: ResourceType, dtor: F) -> Result<()>
    where
        F: Fn(StoreContextMut<'_, W, T>, u32) -> anyhow::Result<()> + Send + Sync + 'static,
    {
        let (dtor, own) = (Arc::new(dtor), name.to_owned());
        self.define(name, move |instance| {
            let dtor = Arc::clone(&dtor);
            W::linker_resource(instance, &own, &ty, move |raw: W::StoreContextMut<'_, T>, rep| {
                dtor(StoreContextMut { raw }, rep)
            })
        })
    }

    /// Adds a core module that components can import.
    ///
    /// # Errors
    /// [`ErrorKind::Link`] if the name is taken or malformed; [`ErrorKind::InvalidArgument`] if the module was compiled with
    /// another engine.
    pub fn module(&mut self, name: &str, module: &Module<W>) -> Result<()> {
        let (engine, module, own) = (self.engine.clone(), module.clone(), name.to_owned());
        self.define(name, move |instance| W::linker_module(instance, &own, engine.as_raw(), module.as_raw()))
    }

    fn expect_async(&self) -> Result<()> {
        if self.engine.is_async() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::SyncAsyncMismatch, "asynchronous host function on a synchronous engine")
            .with_hint("create the engine with Config::async_support(true)"))
    }
}

impl<W: ComponentLinkerInstances, T: Data + Send> LinkerInstance<'_, W, T> {
    /// Adds an asynchronous host function: `|context, (a,): (u32,)| Box::new(async move { Ok((a,)) })`.
    ///
    /// # Errors
    /// [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine, [`ErrorKind::Link`] if the name is taken or malformed.
    pub fn func_wrap_async<P, R, F>(&mut self, name: &str, func: F) -> Result<()>
    where
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: for<'b> Fn(StoreContextMut<'b, W, T>, P) -> HostFuture<'b, R> + Send + Sync + 'static,
    {
        self.expect_async()?;
        let (func, own) = (Arc::new(Wrapped(func)), name.to_owned());
        self.define(name, move |instance| W::component_func_wrap_async(instance, &own, Arc::clone(&func)))
    }

    /// As [`LinkerInstance::func_new`], for an asynchronous host function.
    ///
    /// # Errors
    /// As [`LinkerInstance::func_new`]; [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine.
    pub fn func_new_async<F>(&mut self, name: &str, func: F) -> Result<()>
    where
        F: for<'b> Fn(StoreContextMut<'b, W, T>, types::ComponentFunc, &'b [Val], &'b mut [Val]) -> HostFuture<'b, ()>
            + Send
            + Sync
            + 'static,
    {
        self.expect_async()?;
        self.add_dynamic(name, W::dynamic_host_async(Wrapped(func)))
    }

    /// As [`LinkerInstance::resource`], with an asynchronous function.
    ///
    /// Up to 24 a destructor cannot wait. One that does not wait works; one that is not ready when it is first polled ends the guest
    /// with an [`Error`](crate::Error) of the kind [`ErrorKind::Unsupported`], which
    /// [`Error::downcast_ref`](crate::Error::downcast_ref) finds.
    ///
    /// # Errors
    /// As [`LinkerInstance::resource`]; [`ErrorKind::SyncAsyncMismatch`] on a synchronous engine.
    pub fn resource_async<F>(&mut self, name: &str, ty: ResourceType, dtor: F) -> Result<()>
    where
        F: for<'b> Fn(StoreContextMut<'b, W, T>, u32) -> HostFuture<'b, ()> + Send + Sync + 'static,
    {
        self.expect_async()?;
        let (dtor, own) = (Arc::new(Wrapped(dtor)), name.to_owned());
        self.define(name, move |instance| W::linker_resource_async(instance, &own, &ty, Arc::clone(&dtor)))
    }
}

/// Forgets what was defined in an instance that is made anew.
fn forget<W: ComponentLinkerInstances, T: Data>(definitions: &mut Vec<Definition<W, T>>, path: &[String]) {
    definitions.retain(|definition| !definition.path.starts_with(path));
}

/// The names in linkers for components of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build as a whole",
    label = "no cargo feature of `wasmtime-compat` turns this whole major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait ComponentLinkerInstances: ComponentLinkers {
    /// `wasmtime::component::LinkerInstance<'a, StoreData<T>>`.
    type ComponentLinkerInstance<'a, T: Data>;

    /// Whether a dynamic host function can be linked for a component only.
    #[doc(hidden)]
    const NEEDS_COMPONENT: bool;

    #[doc(hidden)]
    fn linker_root<T: Data>(linker: &mut Self::ComponentLinker<T>) -> Self::ComponentLinkerInstance<'_, T>;
    #[doc(hidden)]
    fn linker_instance<'a, T: Data>(
        instance: &'a mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
    ) -> Result<Self::ComponentLinkerInstance<'a, T>>;
    #[doc(hidden)]
    fn linker_into_instance<'a, T: Data>(
        instance: Self::ComponentLinkerInstance<'a, T>,
        name: &str,
    ) -> Result<Self::ComponentLinkerInstance<'a, T>>;
    #[doc(hidden)]
    fn component_func_wrap<T, P, R, F>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        func: F,
    ) -> Result<()>
    where
        T: Data,
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: Fn(Self::StoreContextMut<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static;
    #[doc(hidden)]
    fn component_func_wrap_async<T, P, R, F>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        func: F,
    ) -> Result<()>
    where
        T: Data + Send,
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: AsyncComponentFunc<Self, T, P, R>;
    #[doc(hidden)]
    fn dynamic_host<T: Data>(func: impl DynamicHostFunc<Self, T>) -> Self::DynamicHost<T>;
    #[doc(hidden)]
    fn dynamic_host_async<T: Data + Send>(func: impl AsyncDynamicHostFunc<Self, T>) -> Self::DynamicHost<T>;
    #[doc(hidden)]
    fn component_func_new<T: Data>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        func: Self::DynamicHost<T>,
    ) -> Result<()>;
    /// A copy of the linker in which the functions that waited for the component are linked.
    #[doc(hidden)]
    fn link_late<T: Data>(
        linker: &Self::ComponentLinker<T>,
        component: &Self::Component,
        definitions: &[Definition<Self, T>],
        imports: &[String],
    ) -> Result<Self::ComponentLinker<T>>;
    #[doc(hidden)]
    fn linker_resource<T, F>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        ty: &ResourceType,
        dtor: F,
    ) -> Result<()>
    where
        T: Data,
        F: Fn(Self::StoreContextMut<'_, T>, u32) -> anyhow::Result<()> + Send + Sync + 'static;
    #[doc(hidden)]
    fn linker_resource_async<T, F>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        ty: &ResourceType,
        dtor: F,
    ) -> Result<()>
    where
        T: Data + Send,
        F: AsyncComponentFunc<Self, T, u32, ()>;
    #[doc(hidden)]
    fn linker_module<T: Data>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        engine: &Self::Engine,
        module: &Self::Module,
    ) -> Result<()>;
}
