//! The measures of the checked calls: what one call copies from the guest, the size of fields, and what the resources of a store
//! hold.

use http::HeaderName;

use super::StoreData;
use super::http_fields::header_map;
use super::http_names::wit as types;
use super::view;
use super::wasmtime::component::{Resource, WasmList, WasmStr};
use super::wasmtime::{Error, Result, StoreContextMut};
use crate::bounds::Data;
use crate::http::held::{self, MAX_NAMES, MAX_TEXT, Part};
use crate::wasi::calls::Refused;

type Fields = Resource<types::Fields>;

/// Whether one call may copy `bytes`.
pub(in super::super) fn copied<T>(data: &StoreData<T>, bytes: usize) -> Result<()> {
    let most = data.calls().bytes;
    if bytes > most { Err(Error::new(Refused::Bytes { bytes, most })) } else { Ok(()) }
}

/// A string of the guest, if one call may copy it.
pub(in super::super) fn text<T: Data + Send>(
    context: &StoreContextMut<'_, StoreData<T>>,
    text: &WasmStr,
) -> Result<String> {
    let text = text.to_str(context)?;
    copied(context.data(), text.len())?;
    Ok(text.into_owned())
}

/// Bytes of the guest, if one call may copy them.
pub(in super::super) fn bytes<T: Data + Send>(
    context: &StoreContextMut<'_, StoreData<T>>,
    bytes: &WasmList<u8>,
) -> Result<Vec<u8>> {
    copied(context.data(), bytes.len())?;
    Ok(bytes.as_le_slice(context).to_vec())
}

/// A part of a request from the guest, if it has one that is not too long.
pub(in super::super) fn short<T: Data + Send>(
    context: &StoreContextMut<'_, StoreData<T>>,
    text: Option<&WasmStr>,
) -> Result<std::result::Result<Option<String>, ()>> {
    let Some(text) = text.map(|text| text.to_str(context)).transpose()? else { return Ok(Ok(None)) };
    copied(context.data(), text.len())?;
    Ok(if text.len() > MAX_TEXT { Err(()) } else { Ok(Some(text.into_owned())) })
}

/// Whether the resources of the store may hold `bytes` more.
pub(in super::super) fn affordable<T>(data: &mut StoreData<T>, bytes: usize) -> Result<()> {
    let most = data.max_held();
    if data.held_mut().bytes().saturating_add(bytes) > most { Err(Error::new(Refused::Held { most })) } else { Ok(()) }
}

/// Records what a resource holds.
pub(in super::super) fn hold<T>(data: &mut StoreData<T>, number: u32, part: Part, bytes: usize) -> Result<()> {
    data.held_mut().set(number, part, bytes);
    affordable(data, 0)
}

pub(in super::super) fn fields_size<T: Data + Send>(data: &mut StoreData<T>, fields: &Fields) -> Result<usize> {
    header_map(data, fields).map(held::fields_size)
}

/// Records what fields hold.
pub(in super::super) fn hold_fields<T: Data + Send>(data: &mut StoreData<T>, fields: &Fields) -> Result<()> {
    let map = header_map(data, fields)?;
    let (size, room) = (held::fields_size(map), held::room(map));
    data.held_mut().set_fields(fields.rep(), size, room);
    affordable(data, 0)
}

/// Whether the resources of the store may hold a copy of fields.
pub(in super::super) fn affordable_copy<T: Data + Send>(data: &mut StoreData<T>, fields: &Fields) -> Result<()> {
    let map = header_map(data, fields)?;
    let bytes = held::fields_size(map).max(held::room(map));
    affordable(data, bytes)
}

/// The part of one name in the size of fields.
pub(in super::super) fn field_size<T: Data + Send>(
    data: &mut StoreData<T>,
    fields: &Fields,
    name: &str,
) -> Result<usize> {
    let map = header_map(data, fields)?;
    Ok(HeaderName::from_bytes(name.as_bytes()).map_or(0, |name| held::field_size(map, &name)))
}

/// Whether this name is new in fields, if they may have it as well.
pub(in super::super) fn is_new<T: Data + Send>(data: &mut StoreData<T>, fields: &Fields, name: &str) -> Result<bool> {
    let map = header_map(data, fields)?;
    let is_new = HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| !map.contains_key(name));
    if is_new && map.keys_len() >= MAX_NAMES {
        return Err(Error::new(Refused::Names { most: MAX_NAMES }));
    }
    Ok(is_new)
}

/// Records that a part of fields has another size, if they may have it.
pub(in super::super) fn changed<T: Data + Send>(
    data: &mut StoreData<T>,
    fields: &Fields,
    before: usize,
    after: usize,
) -> Result<()> {
    let size = match data.held_mut().fields(fields.rep()) {
        Some(size) => size.saturating_sub(before).saturating_add(after),
        None => fields_size(data, fields)?,
    };
    let most = data.max_field_size();
    if size > most {
        return Err(Error::new(Refused::Fields { size, most }));
    }
    let room = header_map(data, fields).map(held::room)?;
    data.held_mut().set_fields(fields.rep(), size, room);
    affordable(data, 0)
}

/// Records what a resource holds, if the call that changed it succeeded.
pub(in super::super) fn hold_if_ok<T, V, E>(
    result: std::result::Result<V, E>,
    data: &mut StoreData<T>,
    number: u32,
    (part, bytes): (Part, usize),
) -> Result<std::result::Result<V, E>> {
    if result.is_ok() {
        hold(data, number, part, bytes)?;
    }
    Ok(result)
}

/// Records that a guest writes a body, if it may.
pub(in super::super) fn begin_body<T, E>(
    result: std::result::Result<Resource<types::OutgoingBody>, E>,
    data: &mut StoreData<T>,
    owner: u32,
) -> std::result::Result<Resource<types::OutgoingBody>, E> {
    if let Ok(body) = &result {
        data.held_mut().begin_body(owner, body.rep());
    }
    result
}

/// Removes the options of a request, which Wasmtime reads and leaves in the table.
pub(in super::super) fn remove_options<T: Data + Send>(data: &mut StoreData<T>, number: Option<u32>) {
    if let Some(number) = number {
        let options: Resource<types::RequestOptions> = Resource::new_own(number);
        // If they are not there, there is nothing to remove.
        let _ = view::table(data.wasi_mut()).delete(options);
    }
}

/// Records what fields hold that a function gave to the guest: those of a request or a response can outlive it.
pub(in super::super) fn shown<T: Data + Send>(data: &mut StoreData<T>, fields: Fields) -> Result<Fields> {
    hold_fields(data, &fields)?;
    Ok(fields)
}

/// Whether a method is too long.
pub(in super::super) fn is_long<T>(data: &StoreData<T>, text: &str) -> Result<bool> {
    copied(data, text.len())?;
    Ok(text.len() > MAX_TEXT)
}

/// The bytes of the strings of a code.
pub(in super::super) fn strings(code: &types::ErrorCode) -> usize {
    use types::ErrorCode as Code;

    let text = match code {
        Code::DnsError(payload) => &payload.rcode,
        Code::TlsAlertReceived(payload) => &payload.alert_message,
        Code::HttpRequestHeaderSize(Some(payload))
        | Code::HttpRequestTrailerSize(payload)
        | Code::HttpResponseHeaderSize(payload)
        | Code::HttpResponseTrailerSize(payload) => &payload.field_name,
        Code::HttpResponseTransferCoding(text) | Code::HttpResponseContentCoding(text) | Code::InternalError(text) => {
            text
        }
        _ => &None,
    };
    text.as_ref().map_or(0, String::len)
}
