//! Fields of HTTP in the table, 18 to 39, except 24 and 36: owned or in another resource, a map of the crate `http`.

use http::HeaderMap;

use super::common::StoreData;
use super::http_names::wit::Fields;
use super::view;
use super::wasmtime::Result;
use super::wasmtime::component::{Resource, ResourceTableError};
use super::wasmtime_wasi_http::types::HostFields;
use crate::bounds::Data;

pub(super) fn header_map<'a, T: Data + Send>(
    data: &'a mut StoreData<T>,
    fields: &Resource<Fields>,
) -> Result<&'a HeaderMap> {
    let table = view::table(data.wasi_mut());
    if let HostFields::Ref { parent, get_fields } = *table.get(fields)? {
        return Ok(get_fields(table.get_any_mut(parent)?));
    }
    match table.get(fields)? {
        HostFields::Owned { fields } => Ok(fields),
        HostFields::Ref { .. } => Err(ResourceTableError::WrongType.into()),
    }
}
