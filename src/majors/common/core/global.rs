//! Globals of core modules.

use super::{V, error, roots, types, value, wasmtime};
use crate::backend::Globals;
use crate::bounds::Data;
use crate::error::{ErrorKind, Result};
use crate::store::StoreId;
use crate::{GlobalType, Val};
use wasmtime::AsContextMut as _;

impl Globals for V {
    type Global = wasmtime::Global;

    fn new_global<T: Data>(
        mut context: Self::StoreContextMut<'_, T>,
        ty: &GlobalType,
        val: Val<V>,
    ) -> Result<wasmtime::Global> {
        let ty = types::global_type_in_major(ty)?;
        let mut scope = roots::scope(&mut context);
        let val = value::into_major(&val, scope.as_context_mut())?;
        wasmtime::Global::new(&mut scope, ty, val)
            .map_err(|raw| error::classify(raw, ErrorKind::InvalidArgument, "cannot create the global"))
    }

    fn global_type<T: Data>(global: &wasmtime::Global, context: Self::StoreContext<'_, T>) -> GlobalType {
        types::global_type(&global.ty(context))
    }

    #[inline(always)]
    fn global_get<T: Data>(
        global: &wasmtime::Global,
        mut context: Self::StoreContextMut<'_, T>,
        store: StoreId,
    ) -> Result<Val<V>> {
        let mut scope = roots::scope(&mut context);
        let raw = global.get(&mut scope);
        value::from_major(&raw, scope.as_context_mut(), store)
    }

    #[inline(always)]
    fn global_set<T: Data>(
        global: &wasmtime::Global,
        mut context: Self::StoreContextMut<'_, T>,
        val: &Val<V>,
    ) -> Result<()> {
        let classify = |raw| error::classify(raw, ErrorKind::InvalidArgument, "cannot set the global");
        // Each number is made where Wasmtime reads it; moving it there would take as long as setting the global.
        let set = match val {
            Val::I32(value) => global.set(context, wasmtime::Val::I32(*value)),
            Val::I64(value) => global.set(context, wasmtime::Val::I64(*value)),
            Val::F32(bits) => global.set(context, wasmtime::Val::F32(*bits)),
            Val::F64(bits) => global.set(context, wasmtime::Val::F64(*bits)),
            other => {
                let mut scope = roots::scope(&mut context);
                let val = value::into_major(other, scope.as_context_mut())?;
                global.set(&mut scope, val)
            }
        };
        set.map_err(classify)
    }
}
