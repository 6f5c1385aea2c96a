//! Fields of HTTP in the table, 24, 36, and 40 to 42: owned or in another resource, a map that knows its size.

use http::HeaderMap;

use super::common::StoreData;
use super::http_names::wit::Fields;
use super::view;
use super::wasmtime::Result;
use super::wasmtime::component::{Resource, ResourceTableError};
use super::wasmtime_wasi_http::types::{FieldMap, HostFields};
use crate::bounds::Data;

pub(super) fn header_map<'a, T: Data + Send>(
    data: &'a mut StoreData<T>,
    fields: &Resource<Fields>,
) -> Result<&'a HeaderMap> {
    let table = view::table(data.wasi_mut());
    if let HostFields::Ref { parent, get_fields } = *table.get(fields)? {
        let fields: &FieldMap = get_fields(table.get_any_mut(parent)?);
        return Ok(fields.as_ref());
    }
    match table.get(fields)? {
        HostFields::Owned { fields } => Ok(fields.as_ref()),
        HostFields::Ref { .. } => Err(ResourceTableError::WrongType.into()),
    }
}
