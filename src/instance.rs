//! Owns `Instance`: instantiated core modules.

use std::fmt;

use crate::error::Result;
use crate::func::TypedFunc;
use crate::memory::Memory;
use crate::neutral::{WasmParams, WasmResults};
use crate::store::AsContextMut;
use crate::wasmtime::Wasmtime;

/// An instantiated core module: a handle into its store.
pub struct Instance<W: Wasmtime> {
    raw: W::Instance,
}

impl<W: Wasmtime> Instance<W> {
    /// An exported function with these parameter and result types.
    ///
    /// # Errors
    /// [`ErrorKind::Export`](crate::ErrorKind::Export) if there is none of that name and type.
    pub fn typed_func<P: WasmParams, R: WasmResults>(
        &self,
        mut store: impl AsContextMut<W>,
        name: &str,
    ) -> Result<TypedFunc<W, P, R>> {
        Ok(TypedFunc::from_raw(W::typed_func(&self.raw, store.as_context_mut().raw, name)?))
    }

    /// As [`Instance::typed_func`], without looking for the name.
    pub(crate) fn typed_func_at<P: WasmParams, R: WasmResults>(
        &self,
        mut store: impl AsContextMut<W>,
        export: &W::ModuleExport,
        name: &str,
    ) -> Result<TypedFunc<W, P, R>> {
        Ok(TypedFunc::from_raw(W::typed_func_at(&self.raw, store.as_context_mut().raw, export, name)?))
    }

    /// An exported memory, if there is one of that name.
    pub fn memory(&self, mut store: impl AsContextMut<W>, name: &str) -> Option<Memory<W>> {
        W::instance_memory(&self.raw, store.as_context_mut().raw, name).map(Memory::from_raw)
    }

    /// Wraps an instance made with the major itself.
    pub fn from_raw(raw: W::Instance) -> Self {
        Self { raw }
    }

    /// The major's own instance.
    pub fn as_raw(&self) -> &W::Instance {
        &self.raw
    }
}

impl<W: Wasmtime> Clone for Instance<W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: Wasmtime> Copy for Instance<W> {}

impl<W: Wasmtime> fmt::Debug for Instance<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("major", &W::MAJOR).finish_non_exhaustive()
    }
}
