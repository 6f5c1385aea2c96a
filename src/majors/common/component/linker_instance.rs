//! The names in linkers for components.

use std::sync::{Arc, OnceLock};

use super::linker::unsupported;
use super::wasmtime::component::types::ComponentItem;
use super::wasmtime::component::{Component, LinkerInstance, ResourceType as RawResourceType};
use super::{
    RawDynamic, Signature, StoreData, V, error, errors, host_error, host_func, host_funcs, linking, reflection, types,
    wasmtime,
};
use crate::backend::ComponentLinkerInstances;
use crate::bounds::Data;
use crate::component::{AsyncComponentFunc, AsyncDynamicHostFunc, DynamicHostFunc, InResourceType, Late, ResourceType};
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
        late: &[Late<Self, T>],
        imports: &[String],
    ) -> Result<Self::ComponentLinker<T>> {
        let (mut linker, engine) = (linker.clone(), linker.engine().clone());
        let mut waiting = Vec::with_capacity(late.len());
        for late in late {
            let mut instance = linker.root();
            for name in &late.path {
                instance = instance.into_instance(name).map_err(not_defined)?;
            }
            let signature = Arc::new(OnceLock::<Signature>::new());
            match host_funcs::add(&mut instance, Some(component), &late.name, late.func.clone(), Arc::clone(&signature))
            {
                Ok(()) => waiting.push((late, signature)),
                // Up to 19 a function is added for an import of the component; this component has none.
                Err(raw) if raw.to_string().ends_with("not found") => {}
                Err(raw) => return Err(not_added(raw)),
            }
        }
        let ty = linker.substituted_component_type(component).map_err(|raw| errors::link_component(raw, imports))?;
        for (late, signature) in waiting {
            let path: Vec<&str> = late.path.iter().chain([&late.name]).map(String::as_str).collect();
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
        match linking::resource_async(instance, name, resource_type(ty)?, dtor) {
            Ok(added) => added.map_err(not_defined),
            Err(since) => Err(unsupported("asynchronous destructors of resources", since)),
        }
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
