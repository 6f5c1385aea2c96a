//! Default values for unknown imports, 18 to 31: Wasmtime defines functions only, so the rest is defined here.

use super::common::{StoreData, types};
use super::wasmtime::{
    AsContextMut as _, Error, ExternType, Global, Linker, Memory, Module, Result, SharedMemory, StoreContextMut, Table,
    Val, ValType,
};
use super::{table_types, wasmtime};
use crate::bounds::Data;
use crate::{HeapType, RefType};

pub(super) fn define_as_defaults<T: Data>(
    linker: &mut Linker<StoreData<T>>,
    mut context: StoreContextMut<'_, StoreData<T>>,
    module: &Module,
) -> Result<()> {
    linker.define_unknown_imports_as_default_values(module)?;
    for import in module.imports() {
        let ty = import.ty();
        if matches!(ty, ExternType::Func(_)) || linker.get_by_import(&mut context, &import).is_some() {
            continue;
        }
        let item: wasmtime::Extern = match ty {
            ExternType::Global(ty) => {
                let value = value(ty.content())?;
                Global::new(&mut context, ty, value)?.into()
            }
            ExternType::Table(ty) => {
                let is_func = is_func(types::table_type(&ty).element())?;
                Table::new(&mut context, ty, table_types::null(is_func))?.into()
            }
            ExternType::Memory(ty) if ty.is_shared() => SharedMemory::new(context.engine(), ty)?.into(),
            ExternType::Memory(ty) => Memory::new(&mut context, ty)?.into(),
            _ => return Err(no_default(&format!("{ty:?}"))),
        };
        linker.define(context.as_context_mut(), import.module(), import.name(), item)?;
    }
    Ok(())
}

fn value(ty: &ValType) -> Result<Val> {
    Ok(match ty {
        ValType::I32 => Val::I32(0),
        ValType::I64 => Val::I64(0),
        ValType::F32 => Val::F32(0),
        ValType::F64 => Val::F64(0),
        ValType::V128 => Val::V128(0.into()),
        ty => match types::val_type(ty).as_ref().map(is_func) {
            Some(Ok(true)) => Val::FuncRef(None),
            Some(Ok(false)) => Val::ExternRef(None),
            Some(Err(error)) => return Err(error),
            None => return Err(no_default(&ty.to_string())),
        },
    })
}

/// Whether null of this type is that of functions, and not that of values of the host.
fn is_func(ty: &RefType) -> Result<bool> {
    match ty.heap_type() {
        HeapType::Func | HeapType::ConcreteFunc | HeapType::NoFunc if ty.is_nullable() => Ok(true),
        HeapType::Extern | HeapType::NoExtern if ty.is_nullable() => Ok(false),
        _ => Err(no_default(&ty.to_string())),
    }
}

#[cold]
fn no_default(ty: &str) -> Error {
    Error::msg(format!("no default value exists for type `{ty}`"))
}
