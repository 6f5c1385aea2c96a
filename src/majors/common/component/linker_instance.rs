//! The names in linkers for components.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use super::linker::unsupported;
use super::wasmtime::component::types::ComponentItem;
use super::wasmtime::component::{Component, LinkerInstance, ResourceType as RawResourceType};
use super::{
    RawDynamic, Signature, StoreData, V, dynamic, error, errors, host_error, host_func, host_funcs, linking,
    reflection, resource_dynamic, types, wasmtime,
};
use crate::backend::ComponentLinkerInstances;
use crate::bounds::Data;
use crate::component::{
    AsyncComponentFunc, AsyncDynamicHostFunc, Definition, DynamicHostFunc, InResourceType, Item, ResourceType,
};
use crate::error::{Error, ErrorKind, Result};
use crate::{ComponentLift, ComponentLower};

#[cold]
fn not_added(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Link, "cannot add a host function")
}

#[cold]
fn not_defined(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Link, "cannot define the name")
}

/// The resource type in this major.
fn resource_type(ty: &ResourceType) -> Result<RawResourceType> {
    if let Some(number) = ty.number() {
        return dynamic::resource_type(number).map_err(resource_dynamic::unsupported);
    }
    RawResourceType::of(ty).ok_or_else(|| {
        Error::new(ErrorKind::InvalidArgument, "the type of the resource belongs to another Wasmtime major")
    })
}

impl ComponentLinkerInstances for V {
    type ComponentLinkerInstance<'a, T: Data> = LinkerInstance<'a, StoreData<T>>;

    const NEEDS_COMPONENT: bool = host_funcs::NEEDS_COMPONENT;

    fn linker_root<T: Data>(linker: &mut Self::ComponentLinker<T>) -> Self::ComponentLinkerInstance<'_, T> {
        linker.root()
    }

    fn linker_instance<'a, T: Data>(
        instance: &'a mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
    ) -> Result<Self::ComponentLinkerInstance<'a, T>> {
        instance.instance(name).map_err(not_defined)
    }

    fn linker_into_instance<'a, T: Data>(
        instance: Self::ComponentLinkerInstance<'a, T>,
        name: &str,
    ) -> Result<Self::ComponentLinkerInstance<'a, T>> {
        instance.into_instance(name).map_err(not_defined)
    }

    fn component_func_wrap<T, P, R, F>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        func: F,
    ) -> Result<()>
    where
        T: Data,
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: Fn(Self::StoreContextMut<'_, T>, P) -> anyhow::Result<R> + Send + Sync + 'static,
    {
        let added = instance.func_wrap(name, move |context: Self::StoreContextMut<'_, T>, params: P| {
            func(context, params).map_err(host_error)
        });
        added.map_err(not_added)
    }

    fn component_func_wrap_async<T, P, R, F>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        func: F,
    ) -> Result<()>
    where
        T: Data + Send,
        P: ComponentLift,
        R: ComponentLower + 'static,
        F: AsyncComponentFunc<Self, T, P, R>,
    {
        let added = instance.func_wrap_async(name, move |context: Self::StoreContextMut<'_, T>, params: P| {
            let future = Box::into_pin(func.call(context, params));
            Box::new(async move { future.await.map_err(host_error) })
        });
        added.map_err(not_added)
    }

    fn dynamic_host<T: Data>(func: impl DynamicHostFunc<Self, T>) -> RawDynamic<T> {
        host_func::synchronous(func)
    }

    fn dynamic_host_async<T: Data + Send>(func: impl AsyncDynamicHostFunc<Self, T>) -> RawDynamic<T> {
        host_func::asynchronous(func)
    }

    fn component_func_new<T: Data>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        func: RawDynamic<T>,
    ) -> Result<()> {
        host_funcs::add(instance, None, name, func, Arc::default()).map_err(not_added)
    }

    fn link_late<T: Data>(
        linker: &Self::ComponentLinker<T>,
        component: &Component,
        definitions: &[Definition<Self, T>],
        imports: &[String],
    ) -> Result<Self::ComponentLinker<T>> {
        let (mut linker, engine) = (linker.clone(), linker.engine().clone());
        // What is made anew replaces what is there.
        linker.allow_shadowing(true);
        let mut waiting = Vec::new();
        for definition in definitions.iter().filter(|definition| definition.path.is_empty()) {
            if let Item::Late(func) = &definition.item {
                waiting.extend(add_late(&mut linker.root(), component, definition, func)?);
            }
        }
        let inside = |definition: &&Definition<Self, T>| {
            definitions
                .iter()
                .any(|late| matches!(late.item, Item::Late(_)) && late.path.first() == definition.path.first())
        };
        let anew: Vec<_> = definitions.iter().filter(|definition| !definition.path.is_empty()).filter(inside).collect();
        fill(&mut linker.root(), component, &anew, 0, &mut waiting)?;

        let ty = linker.substituted_component_type(component).map_err(|raw| errors::link_component(raw, imports))?;
        for (definition, signature) in waiting {
            let path: Vec<&str> = definition.path.iter().chain([&definition.name]).map(String::as_str).collect();
            if let Some(ComponentItem::ComponentFunc(ty)) =
                types::find(reflection::imports(&ty, &engine), &path, &engine)
            {
                // The cell is new.
                let _ = signature.set(Signature::new(&ty));
            }
        }
        Ok(linker)
    }

    fn linker_resource<T, F>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        ty: &ResourceType,
        dtor: F,
    ) -> Result<()>
    where
        T: Data,
        F: Fn(Self::StoreContextMut<'_, T>, u32) -> anyhow::Result<()> + Send + Sync + 'static,
    {
        // Up to 19 the result is an index, which is for handles that this crate does not make there.
        let added =
            instance.resource(name, resource_type(ty)?, move |context, rep| dtor(context, rep).map_err(host_error));
        added.map(|_| ()).map_err(not_defined)
    }

    fn linker_resource_async<T, F>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        ty: &ResourceType,
        dtor: F,
    ) -> Result<()>
    where
        T: Data + Send,
        F: AsyncComponentFunc<Self, T, u32, ()>,
    {
        linking::resource_async(instance, name, resource_type(ty)?, dtor).map_err(not_defined)
    }

    fn linker_module<T: Data>(
        instance: &mut Self::ComponentLinkerInstance<'_, T>,
        name: &str,
        engine: &wasmtime::Engine,
        module: &wasmtime::Module,
    ) -> Result<()> {
        error::same_engine(engine, module.engine(), "module")?;
        instance.module(name, module).map_err(not_defined)
    }
}

/// What an asynchronous destructor ends with where it cannot wait.
#[allow(dead_code, reason = "from 25 on destructors can wait")]
pub(in super::super::super) fn poll_destructor(
    future: Pin<&mut (dyn Future<Output = anyhow::Result<()>> + Send)>,
) -> anyhow::Result<()> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(unsupported("destructors of resources that wait", 25).into()),
    }
}

/// A dynamic host function whose type is not known yet.
type Waiting<'a, T> = (&'a Definition<V, T>, Arc<OnceLock<Signature>>);

/// Links a dynamic host function, if the component imports it.
fn add_late<'a, T: Data>(
    instance: &mut LinkerInstance<'_, StoreData<T>>,
    component: &Component,
    definition: &'a Definition<V, T>,
    func: &RawDynamic<T>,
) -> Result<Option<Waiting<'a, T>>> {
    let signature = Arc::new(OnceLock::new());
    match host_funcs::add(instance, Some(component), &definition.name, func.clone(), Arc::clone(&signature)) {
        Ok(()) => Ok(Some((definition, signature))),
        // Up to 19 a function is linked for an import of the component; this component has none.
        Err(raw) if raw.to_string().ends_with("not found") => Ok(None),
        Err(raw) => Err(not_added(raw)),
    }
}

/// Makes the instances at a depth of the paths anew, each with all that is in it.
fn fill<'a, T: Data>(
    around: &mut LinkerInstance<'_, StoreData<T>>,
    component: &Component,
    definitions: &[&'a Definition<V, T>],
    depth: usize,
    waiting: &mut Vec<Waiting<'a, T>>,
) -> Result<()> {
    let mut done: Vec<&str> = Vec::new();
    for definition in definitions {
        let Some(name) = definition.path.get(depth).filter(|name| !done.contains(&name.as_str())) else { continue };
        done.push(name);
        let mut instance = around.instance(name).map_err(not_defined)?;
        let inside: Vec<_> =
            definitions.iter().copied().filter(|definition| definition.path.get(depth) == Some(name)).collect();
        for definition in inside.iter().filter(|definition| definition.path.len() == depth + 1) {
            match &definition.item {
                Item::Again(define) => define(&mut instance)?,
                Item::Late(func) => waiting.extend(add_late(&mut instance, component, definition, func)?),
            }
        }
        fill(&mut instance, component, &inside, depth + 1, waiting)?;
    }
    Ok(())
}
