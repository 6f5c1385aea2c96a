//! Fields of HTTP in the table, 43 and later: a map that is shared and knows its size.

use http::HeaderMap;

use super::common::StoreData;
use super::http_names::wit::Fields;
use super::view;
use super::wasmtime::Result;
use super::wasmtime::component::Resource;
use crate::bounds::Data;

pub(super) fn header_map<'a, T: Data + Send>(
    data: &'a mut StoreData<T>,
    fields: &Resource<Fields>,
) -> Result<&'a HeaderMap> {
    Ok(view::table(data.wasi_mut()).get(fields)?)
}
