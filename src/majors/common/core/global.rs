//! Globals of core modules.

use super::{V, error, types, value, wasmtime};
use crate::backend::Globals;
use crate::bounds::Data;
use crate::error::{ErrorKind, Result};
use crate::store::StoreId;
use crate::{GlobalType, Val};

impl Globals for V {
    type Global = wasmtime::Global;

    fn new_global<T: Data>(
        context: Self::StoreContextMut<'_, T>,
        ty: &GlobalType,
        val: Val<V>,
    ) -> Result<wasmtime::Global> {
        let ty = types::global_type_in_major(ty)?;
        wasmtime::Global::new(context, ty, value::into_major(&val))
            .map_err(|raw| error::classify(raw, ErrorKind::InvalidArgument, "cannot create the global"))
    }

    fn global_type<T: Data>(global: &wasmtime::Global, context: Self::StoreContext<'_, T>) -> GlobalType {
        types::global_type(&global.ty(context))
    }

    #[inline]
    fn global_get<T: Data>(
        global: &wasmtime::Global,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
    ) -> Result<Val<V>> {
        value::from_major(&global.get(context), store)
    }

    #[inline]
    fn global_set<T: Data>(
        global: &wasmtime::Global,
        context: Self::StoreContextMut<'_, T>,
        val: Val<V>,
    ) -> Result<()> {
        global
            .set(context, value::into_major(&val))
            .map_err(|raw| error::classify(raw, ErrorKind::InvalidArgument, "cannot set the global"))
    }
}
