//! References to values of the host.

use std::any::Any;

use super::{MAJOR, V, error, gc, references, roots, wasmtime, whole};
use crate::backend::ExternRefs;
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result, Unsupported};
use wasmtime::{AsContext as _, AsContextMut as _};

impl ExternRefs for V {
    type ExternRef = references::ExternRoot;

    fn new_extern_ref<T: Data, R: Any + Send + Sync>(
        mut context: Self::StoreContextMut<'_, T>,
        value: R,
    ) -> Result<references::ExternRoot> {
        let mut scope = roots::scope(&mut context);
        let raw = if scope.as_context().data().ambient().mode.is_async {
            whole::new_reference_now(&mut scope, value)?
        } else {
            references::new(&mut scope, value).map_err(not_created)?
        };
        references::keep(raw, scope.as_context_mut()).map_err(not_created)
    }

    fn extern_ref_data<'a, T: Data>(
        reference: &'a references::ExternRoot,
        context: Self::StoreContext<'a, T>,
    ) -> Result<Option<&'a dyn Any>> {
        references::data(reference, context).map_err(not_read)
    }

    fn extern_ref_data_mut<'a, T: Data>(
        reference: &'a references::ExternRoot,
        context: Self::StoreContextMut<'a, T>,
    ) -> Result<Option<&'a mut dyn Any>> {
        match references::data_mut(reference, context) {
            Some(data) => data.map_err(not_read),
            None => {
                let what = "changing the value that a reference refers to".to_owned();
                Err(Error::from_unsupported(Unsupported { since: Some(20), ..Unsupported::new(what, MAJOR) }))
            }
        }
    }

    fn collect_garbage<T: Data>(mut context: Self::StoreContextMut<'_, T>) -> Result<()> {
        roots::give_back(&mut context);
        gc::collect(context).map_err(not_collected)
    }

    fn extern_ref_eq<T: Data>(
        context: Self::StoreContext<'_, T>,
        a: &references::ExternRoot,
        b: &references::ExternRoot,
    ) -> Result<bool> {
        references::extern_eq(context, a, b).map_err(not_read)
    }
}

#[cold]
pub(in super::super::super) fn not_created(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Other, "cannot create the reference")
}

#[cold]
pub(in super::super::super) fn not_collected(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Other, "cannot collect garbage")
}

#[cold]
pub(super) fn not_read(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Other, "cannot read the reference")
}
