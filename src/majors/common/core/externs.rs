//! What instances export.

use super::{V, caller_exports, error, tags, wasmtime};
use crate::backend::Externs;
use crate::bounds::Data;
use crate::error::Result;
use crate::store::StoreId;
use crate::{Export, Extern};

impl Externs for V {
    fn instance_exports<'a, T: Data>(
        instance: &'a wasmtime::Instance,
        context: Self::StoreContextMut<'a, T>,
        store: StoreId,
    ) -> Vec<Export<'a, V>> {
        let exports = instance.exports(context);
        exports.map(|raw| Export::new(raw.name(), tags::externs(raw.into_extern(), store))).collect()
    }

    fn instance_export<T: Data>(
        instance: &wasmtime::Instance,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        name: &str,
    ) -> Option<Extern<V>> {
        instance.get_export(context, name).map(|raw| tags::externs(raw, store))
    }

    fn new_instance<T: Data>(
        context: Self::StoreContextMut<'_, T>,
        module: &wasmtime::Module,
        imports: &[Extern<V>],
    ) -> Result<wasmtime::Instance> {
        error::same_engine(context.engine(), module.engine(), "module")?;
        wasmtime::Instance::new(context, module, &all_into_major(imports)).map_err(error::linked_module)
    }

    fn instance_module_export<T: Data>(
        instance: &wasmtime::Instance,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        export: &wasmtime::ModuleExport,
    ) -> Option<Extern<V>> {
        instance.get_module_export(context, export).map(|raw| tags::externs(raw, store))
    }

    fn caller_export<T: Data>(caller: &mut Self::Caller<'_, T>, store: StoreId, name: &str) -> Option<Extern<V>> {
        caller.get_export(name).map(|raw| tags::externs(raw, store))
    }

    fn caller_module_export<T: Data>(
        caller: &mut Self::Caller<'_, T>,
        store: StoreId,
        export: &wasmtime::ModuleExport,
        name: Option<&str>,
    ) -> Option<Extern<V>> {
        caller_exports::at_place(caller, export, name).map(|raw| tags::externs(raw, store))
    }
}

pub(in super::super::super) fn all_into_major(items: &[Extern<V>]) -> Vec<wasmtime::Extern> {
    items.iter().cloned().map(into_major).collect()
}

pub(super) fn into_major(item: Extern<V>) -> wasmtime::Extern {
    match item {
        Extern::Func(func) => func.into_raw().into(),
        Extern::Global(global) => global.into_raw().into(),
        Extern::Table(table) => table.into_raw().into(),
        Extern::Memory(memory) => memory.into_raw().into(),
        Extern::SharedMemory(memory) => memory.into_raw().into(),
        Extern::Tag(tag) => tags::in_major(tag),
    }
}
