//! Tables of core modules. Where indices have 32 bits, larger ones are beyond the end of every table.

use super::{StoreData, V, error, roots, table_types, types, value, wasmtime};
use crate::backend::Tables;
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::store::StoreId;
use crate::{TableType, Val};
use table_types::{Element, Index};
use wasmtime::{AsContextMut as _, StoreContextMut};

impl Tables for V {
    type Table = wasmtime::Table;

    fn new_table<T: Data>(
        mut context: Self::StoreContextMut<'_, T>,
        ty: &TableType,
        init: Val<V>,
    ) -> Result<wasmtime::Table> {
        let mut scope = roots::scope(&mut context);
        let (ty, init) = parts(ty, &init, scope.as_context_mut())?;
        wasmtime::Table::new(&mut scope, ty, init).map_err(not_created)
    }

    fn table_type<T: Data>(table: &wasmtime::Table, context: Self::StoreContext<'_, T>) -> TableType {
        types::table_type(&table.ty(context))
    }

    #[inline]
    fn table_size<T: Data>(table: &wasmtime::Table, context: Self::StoreContext<'_, T>) -> u64 {
        wide(table.size(context))
    }

    fn table_get<T: Data>(
        table: &wasmtime::Table,
        mut context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        index: u64,
    ) -> Result<Option<Val<V>>> {
        let Ok(index) = narrow(index) else { return Ok(None) };
        let mut scope = roots::scope(&mut context);
        let element = table.get(&mut scope, index).map(table_types::value);
        element.map(|raw| value::from_major(&raw, scope.as_context_mut(), store)).transpose()
    }

    fn table_set<T: Data>(
        table: &wasmtime::Table,
        mut context: Self::StoreContextMut<'_, T>,
        index: u64,
        val: Val<V>,
    ) -> Result<()> {
        let mut scope = roots::scope(&mut context);
        let element = element(&val, scope.as_context_mut())?;
        match val {
            Val::FuncRef(_) => table.set(&mut scope, narrow(index)?, element).map_err(not_changed),
            // Many majors forget to let go of the reference that `set` overwrites.
            _ => table.fill(&mut scope, narrow(index)?, element, 1).map_err(not_changed),
        }
    }

    fn table_grow<T: Data>(
        table: &wasmtime::Table,
        mut context: Self::StoreContextMut<'_, T>,
        delta: u64,
        init: Val<V>,
    ) -> Result<u64> {
        let mut scope = roots::scope(&mut context);
        let element = element(&init, scope.as_context_mut())?;
        table.grow(&mut scope, grown_by(delta)?, element).map(wide).map_err(not_grown)
    }

    fn table_fill<T: Data>(
        table: &wasmtime::Table,
        mut context: Self::StoreContextMut<'_, T>,
        dst: u64,
        val: Val<V>,
        len: u64,
    ) -> Result<()> {
        let mut scope = roots::scope(&mut context);
        let element = element(&val, scope.as_context_mut())?;
        table.fill(&mut scope, narrow(dst)?, element, narrow(len)?).map_err(not_changed)
    }

    fn table_copy<T: Data>(
        context: Self::StoreContextMut<'_, T>,
        (dst, dst_index): (&wasmtime::Table, u64),
        (src, src_index): (&wasmtime::Table, u64),
        len: u64,
    ) -> Result<()> {
        wasmtime::Table::copy(context, dst, narrow(dst_index)?, src, narrow(src_index)?, narrow(len)?)
            .map_err(not_changed)
    }
}

/// What a table is made of.
pub(in super::super::super) fn parts<T: Data>(
    ty: &TableType,
    init: &Val<V>,
    context: StoreContextMut<'_, StoreData<T>>,
) -> Result<(wasmtime::TableType, Element)> {
    Ok((types::table_type_in_major(ty)?, element(init, context)?))
}

pub(in super::super::super) fn element<T: Data>(
    value: &Val<V>,
    context: StoreContextMut<'_, StoreData<T>>,
) -> Result<Element> {
    table_types::of_value(value::into_major(value, context)?)
        .ok_or_else(|| Error::new(ErrorKind::InvalidArgument, "an element of a table must be a reference"))
}

#[allow(clippy::useless_conversion, reason = "up to 25 indices have 32 bits")]
pub(in super::super::super) fn wide(index: Index) -> u64 {
    index.into()
}

#[allow(clippy::unnecessary_fallible_conversions, clippy::useless_conversion, reason = "up to 25 indices have 32 bits")]
fn narrow(index: u64) -> Result<Index> {
    Index::try_from(index).map_err(|_| out_of_bounds())
}

/// A number of elements to grow by.
#[allow(clippy::unnecessary_fallible_conversions, clippy::useless_conversion, reason = "up to 25 indices have 32 bits")]
pub(in super::super::super) fn grown_by(delta: u64) -> Result<Index> {
    Index::try_from(delta).map_err(|_| Error::new(ErrorKind::Other, "cannot grow the table: too many elements"))
}

#[cold]
fn out_of_bounds() -> Error {
    Error::new(ErrorKind::OutOfBounds, "cannot change the table: out of bounds")
}

#[cold]
pub(in super::super::super) fn not_created(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Other, "cannot create the table")
}

#[cold]
pub(in super::super::super) fn not_grown(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::Other, "cannot grow the table")
}

/// An index that is out of bounds is a trap in some majors and an error in others; in a host it is an error.
#[cold]
fn not_changed(raw: wasmtime::Error) -> Error {
    let cause = raw.root_cause().to_string();
    let kind = if cause.contains("out of bounds") { ErrorKind::OutOfBounds } else { ErrorKind::InvalidArgument };
    Error::new(kind, format!("cannot change the table: {cause}")).with_report(raw)
}
