//! The functions of `wasi:http`, whose calls are checked before Wasmtime sees them: on no major does Wasmtime bound all of them. A
//! linker takes an interface as a whole, so every function of it is here; those without a check are handed on. Strings and
//! lists of fields are measured in the guest's memory before they are copied. Mounted by the seams `http_calls`, which say
//! what drifted: what implements the traits, and the types of errors.

use super::super::MAJOR;
use super::super::common::StoreData;
use super::super::http_fields::header_map;
use super::super::p2_calls::room;
use super::super::wasmtime::component::{Linker, LinkerInstance, Resource, ResourceType, WasmList, WasmStr};
use super::super::wasmtime::{Error, Result, StoreContextMut};
use super::super::web::budget;
use super::super::web::measure::{
    affordable, affordable_copy, begin_body, bytes, changed, copied, field_size, fields_size, hold, hold_fields,
    hold_if_ok, is_long, is_new, remove_options, short, shown, strings, text,
};
use super::{outgoing_handler, types};
use crate::bounds::Data;
use crate::http::held::{self, Part};
use crate::wasi::calls::Refused;

use types::{
    HostFields as AllFields, HostFutureIncomingResponse as Futures, HostFutureTrailers as Trailers,
    HostIncomingBody as InBodies, HostIncomingRequest as InRequests, HostIncomingResponse as InResponses,
    HostOutgoingBody as OutBodies, HostOutgoingRequest as OutRequests, HostOutgoingResponse as OutResponses,
    HostRequestOptions as Options, HostResponseOutparam as Outparams,
};

type Fields = Resource<types::Fields>;
type InRequest = Resource<types::IncomingRequest>;
type OutRequest = Resource<types::OutgoingRequest>;
type RequestOptions = Resource<types::RequestOptions>;
type Outparam = Resource<types::ResponseOutparam>;
type InResponse = Resource<types::IncomingResponse>;
type InBody = Resource<types::IncomingBody>;
type FutureTrailers = Resource<types::FutureTrailers>;
type OutResponse = Resource<types::OutgoingResponse>;
type OutBody = Resource<types::OutgoingBody>;
type FutureResponse = Resource<types::FutureIncomingResponse>;
type Pollable = Resource<types::Pollable>;

type Headed<V> = Result<V, types::HeaderError>;
type Coded<V> = Result<V, types::ErrorCode>;
type Plain<V> = Result<V, ()>;

/// Defines functions of an interface, over the data of the store or over its context.
macro_rules! functions {
    ($interface:ident $store:ident:
        $($kind:ident $name:literal ($($arg:ident: $type:ty),*) $(-> $result:ty)? = $body:expr;)*) => {$(
        $interface.func_wrap(
            $name,
            |mut context: StoreContextMut<'_, StoreData<T>>, ($($arg,)*): ($($type,)*)| -> Result<($($result,)?)> {
                let $store = functions!(@$kind context);
                Ok(functions!(@returned ($($result)?) $body))
            },
        )?;
    )*};
    (@data $context:ident) => {
        $context.data_mut()
    };
    (@context $context:ident) => {
        &mut $context
    };
    (@returned () $body:expr) => {
        $body
    };
    (@returned ($result:ty) $body:expr) => {
        ($body,)
    };
}

/// Defines resources, which hold nothing any more when they are dropped.
macro_rules! resources {
    ($interface:ident: $($name:literal $type:ident $trait:ident)*) => {$(
        $interface.resource($name, ResourceType::host::<types::$type>(), |mut context, number| {
            let data: &mut StoreData<T> = context.data_mut();
            data.held_mut().release(number);
            $trait::drop(host!(data), Resource::new_own(number))
        })?;
    )*};
}

/// Defines the functions over Wasmtime's own.
pub(in super::super) fn link<T: Data + Send>(linker: &mut Linker<StoreData<T>>) -> Result<()> {
    let wasi = crate::report::hosted_p2(MAJOR);
    linker.allow_shadowing(true);
    let types = &mut linker.instance(&format!("wasi:http/types@{wasi}"))?;
    link_fields(types)?;
    link_requests(types)?;
    link_responses(types)?;
    link_bodies(types)?;
    link_handler(&mut linker.instance(&format!("wasi:http/outgoing-handler@{wasi}"))?)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Appends a field. As in the newest, the name and the value are judged before the size.
fn append<T: Data + Send>(
    context: &mut StoreContextMut<'_, StoreData<T>>,
    fields: &Fields,
    name: &WasmStr,
    value: &WasmList<u8>,
) -> Result<Headed<()>> {
    let (name, value) = (text(context, name)?, bytes(context, value)?);
    copied(context.data(), name.len().saturating_add(value.len()))?;
    let data = context.data_mut();
    let of_name = if is_new(data, fields, &name)? { held::name_size(name.len()) } else { 0 };
    let size = held::value_size(value.len()).saturating_add(of_name);
    let result = headed!(data, AllFields::append(host!(data), Resource::new_borrow(fields.rep()), name, value));
    if result.is_ok() {
        changed(data, fields, 0, size)?;
    }
    Ok(result)
}

/// Makes fields and records their size.
fn new_fields<T: Data + Send>(data: &mut StoreData<T>) -> Result<Fields> {
    room(data)?;
    let fields = AllFields::new(host!(data))?;
    hold_fields(data, &fields)?;
    Ok(fields)
}

/// Makes fields of a list, one by one: together, what is in the list may be many times larger than the guest's memory. For the list
/// itself counts what it would take in the host, as in the newest.
fn from_list<T: Data + Send>(
    context: &mut StoreContextMut<'_, StoreData<T>>,
    list: &WasmList<(WasmStr, WasmList<u8>)>,
) -> Result<Headed<Fields>> {
    let data = context.data_mut();
    copied(data, list.len().saturating_mul(size_of::<(String, Vec<u8>)>()))?;
    let fields = new_fields(data)?;
    for index in 0..list.len() {
        let Some(entry) = list.get(&mut *context, index) else { break };
        let (name, value) = entry?;
        if let Err(error) = append(context, &fields, &name, &value)? {
            let data = context.data_mut();
            data.held_mut().release(fields.rep());
            AllFields::drop(host!(data), fields)?;
            return Ok(Err(error));
        }
    }
    Ok(Ok(fields))
}

/// Replaces the values of a field. They are read until there are too many: the function may still fail for what they are.
fn set<T: Data + Send>(
    context: &mut StoreContextMut<'_, StoreData<T>>,
    fields: &Fields,
    name: &WasmStr,
    list: &WasmList<WasmList<u8>>,
) -> Result<Headed<()>> {
    let name = text(context, name)?;
    copied(context.data(), list.len().saturating_mul(size_of::<Vec<u8>>()))?;
    let (most, mut size, mut values) = (context.data().max_field_size(), 0_usize, Vec::new());
    for index in 0..list.len() {
        let Some(value) = list.get(&mut *context, index) else { break };
        let value = bytes(context, &value?)?;
        size = size.saturating_add(held::value_size(value.len()));
        values.push(value);
        if size > most {
            break;
        }
    }
    let data = context.data_mut();
    if !values.is_empty() {
        is_new(data, fields, &name)?;
    }
    let before = field_size(data, fields, &name)?;
    let borrowed = Resource::new_borrow(fields.rep());
    let result = headed!(data, AllFields::set(host!(data), borrowed, name.clone(), values));
    if result.is_ok() {
        if size > most {
            return Err(Error::new(Refused::Fields { size, most }));
        }
        let after = field_size(data, fields, &name)?;
        changed(data, fields, before, after)?;
    }
    Ok(result)
}

fn link_fields<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>) -> Result<()> {
    resources! { interface: "fields" Fields AllFields }
    functions! { interface store:
        data "[constructor]fields"() -> Fields = new_fields(store)?;
        context "[static]fields.from-list"(list: WasmList<(WasmStr, WasmList<u8>)>) -> Headed<Fields> =
            from_list(store, &list)?;
        context "[method]fields.get"(fields: Fields, name: WasmStr) -> Vec<Vec<u8>> = {
            let name = text(store, &name)?;
            let data = store.data_mut();
            AllFields::get(host!(data), fields, name)?
        };
        context "[method]fields.has"(fields: Fields, name: WasmStr) -> bool = {
            let name = text(store, &name)?;
            let data = store.data_mut();
            AllFields::has(host!(data), fields, name)?
        };
        context "[method]fields.set"(fields: Fields, name: WasmStr, list: WasmList<WasmList<u8>>) -> Headed<()> =
            set(store, &fields, &name, &list)?;
        context "[method]fields.delete"(fields: Fields, name: WasmStr) -> Headed<()> = {
            let name = text(store, &name)?;
            let data = store.data_mut();
            let before = field_size(data, &fields, &name)?;
            let result = headed!(data, AllFields::delete(host!(data), Resource::new_borrow(fields.rep()), name));
            if result.is_ok() {
                changed(data, &fields, before, 0)?;
            }
            result
        };
        context "[method]fields.append"(fields: Fields, name: WasmStr, value: WasmList<u8>) -> Headed<()> =
            append(store, &fields, &name, &value)?;
        data "[method]fields.entries"(fields: Fields) -> Vec<(String, Vec<u8>)> = {
            let size = held::list_size(header_map(store, &fields)?);
            copied(store, size)?;
            AllFields::entries(host!(store), fields)?
        };
        data "[method]fields.clone"(fields: Fields) -> Fields = {
            room(store)?;
            affordable_copy(store, &fields)?;
            let fields = AllFields::clone(host!(store), fields)?;
            hold_fields(store, &fields)?;
            fields
        };
    }
    Ok(())
}

fn link_requests<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>) -> Result<()> {
    resources! { interface:
        "incoming-request" IncomingRequest InRequests
        "outgoing-request" OutgoingRequest OutRequests
        "request-options" RequestOptions Options
    }
    functions! { interface store:
        data "[method]incoming-request.method"(request: InRequest) -> types::Method =
            InRequests::method(host!(store), request)?;
        data "[method]incoming-request.path-with-query"(request: InRequest) -> Option<String> =
            InRequests::path_with_query(host!(store), request)?;
        data "[method]incoming-request.scheme"(request: InRequest) -> Option<types::Scheme> =
            InRequests::scheme(host!(store), request)?;
        data "[method]incoming-request.authority"(request: InRequest) -> Option<String> =
            InRequests::authority(host!(store), request)?;
        data "[method]incoming-request.headers"(request: InRequest) -> Fields = {
            room(store)?;
            let fields = InRequests::headers(host!(store), request)?;
            shown(store, fields)?
        };
        data "[method]incoming-request.consume"(request: InRequest) -> Plain<InBody> = {
            room(store)?;
            InRequests::consume(host!(store), request)?
        };
        data "[constructor]outgoing-request"(headers: Fields) -> OutRequest = {
            room(store)?;
            hold_fields(store, &headers)?;
            let number = headers.rep();
            let request = OutRequests::new(host!(store), headers)?;
            store.held_mut().pass(number, request.rep());
            request
        };
        data "[method]outgoing-request.body"(request: OutRequest) -> Plain<OutBody> = {
            room(store)?;
            affordable(store, held::BODY)?;
            let number = request.rep();
            begin_body(OutRequests::body(host!(store), request)?, store, number)
        };
        data "[method]outgoing-request.method"(request: OutRequest) -> types::Method =
            OutRequests::method(host!(store), request)?;
        data "[method]outgoing-request.set-method"(request: OutRequest, method: types::Method) -> Plain<()> = {
            let (number, size) = (request.rep(), if let types::Method::Other(name) = &method { name.len() } else { 0 });
            if let types::Method::Other(name) = &method && is_long(store, name)? {
                Err(())
            } else {
                hold_if_ok(OutRequests::set_method(host!(store), request, method)?, store, number, (Part::Method, size))?
            }
        };
        data "[method]outgoing-request.path-with-query"(request: OutRequest) -> Option<String> =
            OutRequests::path_with_query(host!(store), request)?;
        context "[method]outgoing-request.set-path-with-query"(request: OutRequest, path: Option<WasmStr>) -> Plain<()> =
            match short(store, path.as_ref())? {
                Err(()) => Err(()),
                Ok(path) => {
                    let (data, number, size) = (store.data_mut(), request.rep(), path.as_ref().map_or(0, String::len));
                    hold_if_ok(OutRequests::set_path_with_query(host!(data), request, path)?, data, number, (Part::Path, size))?
                }
            };
        data "[method]outgoing-request.scheme"(request: OutRequest) -> Option<types::Scheme> =
            OutRequests::scheme(host!(store), request)?;
        data "[method]outgoing-request.set-scheme"(request: OutRequest, scheme: Option<types::Scheme>) -> Plain<()> = {
            let (number, size) =
                (request.rep(), if let Some(types::Scheme::Other(name)) = &scheme { name.len() } else { 0 });
            if let Some(types::Scheme::Other(name)) = &scheme && is_long(store, name)? {
                Err(())
            } else {
                hold_if_ok(OutRequests::set_scheme(host!(store), request, scheme)?, store, number, (Part::Scheme, size))?
            }
        };
        data "[method]outgoing-request.authority"(request: OutRequest) -> Option<String> =
            OutRequests::authority(host!(store), request)?;
        context "[method]outgoing-request.set-authority"(request: OutRequest, authority: Option<WasmStr>) -> Plain<()> =
            match short(store, authority.as_ref())? {
                Err(()) => Err(()),
                Ok(authority) => {
                    let (number, size) = (request.rep(), authority.as_ref().map_or(0, String::len));
                    let data = store.data_mut();
                    hold_if_ok(OutRequests::set_authority(host!(data), request, authority)?, data, number, (Part::Authority, size))?
                }
            };
        data "[method]outgoing-request.headers"(request: OutRequest) -> Fields = {
            room(store)?;
            let fields = OutRequests::headers(host!(store), request)?;
            shown(store, fields)?
        };
        data "[constructor]request-options"() -> RequestOptions = {
            room(store)?;
            Options::new(host!(store))?
        };
        data "[method]request-options.connect-timeout"(options: RequestOptions) -> Option<types::Duration> =
            Options::connect_timeout(host!(store), options)?;
        data "[method]request-options.set-connect-timeout"(
            options: RequestOptions, duration: Option<types::Duration>
        ) -> Plain<()> = Options::set_connect_timeout(host!(store), options, duration)?;
        data "[method]request-options.first-byte-timeout"(options: RequestOptions) -> Option<types::Duration> =
            Options::first_byte_timeout(host!(store), options)?;
        data "[method]request-options.set-first-byte-timeout"(
            options: RequestOptions, duration: Option<types::Duration>
        ) -> Plain<()> = Options::set_first_byte_timeout(host!(store), options, duration)?;
        data "[method]request-options.between-bytes-timeout"(options: RequestOptions) -> Option<types::Duration> =
            Options::between_bytes_timeout(host!(store), options)?;
        data "[method]request-options.set-between-bytes-timeout"(
            options: RequestOptions, duration: Option<types::Duration>
        ) -> Plain<()> = Options::set_between_bytes_timeout(host!(store), options, duration)?;
    }
    Ok(())
}

fn link_responses<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>) -> Result<()> {
    resources! { interface:
        "response-outparam" ResponseOutparam Outparams
        "incoming-response" IncomingResponse InResponses
        "outgoing-response" OutgoingResponse OutResponses
        "future-incoming-response" FutureIncomingResponse Futures
    }
    functions! { interface store:
        data "[static]response-outparam.set"(param: Outparam, response: Coded<OutResponse>) = {
            let number = response.as_ref().ok().map(Resource::rep);
            if let Err(code) = &response {
                copied(store, strings(code))?;
            }
            Outparams::set(host!(store), param, response)?;
            number.into_iter().for_each(|number| store.held_mut().release(number));
        };
        data "[method]incoming-response.status"(response: InResponse) -> types::StatusCode =
            InResponses::status(host!(store), response)?;
        data "[method]incoming-response.headers"(response: InResponse) -> Fields = {
            room(store)?;
            let fields = InResponses::headers(host!(store), response)?;
            shown(store, fields)?
        };
        data "[method]incoming-response.consume"(response: InResponse) -> Plain<InBody> = {
            room(store)?;
            let number = response.rep();
            let result = InResponses::consume(host!(store), response)?;
            if let Ok(body) = &result {
                store.held_mut().pass(number, body.rep());
                // The response keeps its headers.
                hold(store, number, Part::Response, held::RESPONSE)?;
            }
            result
        };
        data "[constructor]outgoing-response"(headers: Fields) -> OutResponse = {
            room(store)?;
            hold_fields(store, &headers)?;
            let number = headers.rep();
            let response = OutResponses::new(host!(store), headers)?;
            store.held_mut().pass(number, response.rep());
            response
        };
        data "[method]outgoing-response.status-code"(response: OutResponse) -> types::StatusCode =
            OutResponses::status_code(host!(store), response)?;
        data "[method]outgoing-response.set-status-code"(response: OutResponse, code: types::StatusCode) -> Plain<()> =
            OutResponses::set_status_code(host!(store), response, code)?;
        data "[method]outgoing-response.headers"(response: OutResponse) -> Fields = {
            room(store)?;
            let fields = OutResponses::headers(host!(store), response)?;
            shown(store, fields)?
        };
        data "[method]outgoing-response.body"(response: OutResponse) -> Plain<OutBody> = {
            room(store)?;
            affordable(store, held::BODY)?;
            let number = response.rep();
            begin_body(OutResponses::body(host!(store), response)?, store, number)
        };
        data "[method]future-incoming-response.subscribe"(future: FutureResponse) -> Pollable = {
            room(store)?;
            Futures::subscribe(host!(store), future)?
        };
        data "[method]future-incoming-response.get"(future: FutureResponse) -> Option<Plain<Coded<InResponse>>> = {
            room(store)?;
            let number = future.rep();
            let result = Futures::get(host!(store), future)?;
            if let Some(Ok(Ok(response))) = &result {
                store.held_mut().pass(number, response.rep());
            }
            result
        };
        data "http-error-code"(error: Resource<types::IoError>) -> Option<types::ErrorCode> =
            types::Host::http_error_code(host!(store), error)?;
    }
    Ok(())
}

fn link_bodies<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>) -> Result<()> {
    resources! { interface:
        "incoming-body" IncomingBody InBodies
        "future-trailers" FutureTrailers Trailers
    }
    interface.resource("outgoing-body", ResourceType::host::<types::OutgoingBody>(), |mut context, number| {
        let data: &mut StoreData<T> = context.data_mut();
        data.held_mut().end_body(number, 0);
        OutBodies::drop(host!(data), Resource::new_own(number))
    })?;
    functions! { interface store:
        data "[method]incoming-body.stream"(body: InBody) -> Plain<Resource<types::InputStream>> = {
            room(store)?;
            InBodies::stream(host!(store), body)?
        };
        data "[static]incoming-body.finish"(body: InBody) -> FutureTrailers = {
            room(store)?;
            let number = body.rep();
            let trailers = InBodies::finish(host!(store), body)?;
            store.held_mut().pass(number, trailers.rep());
            trailers
        };
        data "[method]future-trailers.subscribe"(future: FutureTrailers) -> Pollable = {
            room(store)?;
            Trailers::subscribe(host!(store), future)?
        };
        data "[method]future-trailers.get"(future: FutureTrailers) -> Option<Plain<Coded<Option<Fields>>>> = {
            room(store)?;
            let result = Trailers::get(host!(store), future)?;
            if let Some(Ok(Ok(Some(fields)))) = &result {
                hold_fields(store, fields)?;
            }
            result
        };
        data "[method]outgoing-body.write"(body: OutBody) -> Plain<Resource<types::OutputStream>> = {
            room(store)?;
            let result = OutBodies::write(host!(store), body)?;
            if let Ok(stream) = &result {
                budget::bound(store, stream)?;
            }
            result
        };
        data "[static]outgoing-body.finish"(body: OutBody, trailers: Option<Fields>) -> Coded<()> = {
            let number = body.rep();
            let size = trailers.as_ref().map(|fields| fields_size(store, fields)).transpose()?;
            let fields = trailers.as_ref().map(Resource::rep);
            let result = coded!(store, OutBodies::finish(host!(store), body, trailers));
            fields.into_iter().for_each(|fields| store.held_mut().release(fields));
            store.held_mut().end_body(number, size.unwrap_or(0));
            result
        };
    }
    Ok(())
}

fn link_handler<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>) -> Result<()> {
    functions! { interface store:
        data "handle"(request: OutRequest, options: Option<RequestOptions>) -> Coded<FutureResponse> = {
            room(store)?;
            affordable(store, held::RESPONSE)?;
            let number = request.rep();
            let used = options.as_ref().map(Resource::rep);
            let result = coded!(store, outgoing_handler::Host::handle(host!(store), request, options));
            remove_options(store, used);
            match &result {
                Ok(future) => {
                    store.held_mut().pass(number, future.rep());
                    hold(store, future.rep(), Part::Response, held::RESPONSE)?;
                }
                Err(_) => store.held_mut().release(number),
            }
            result
        };
    }
    Ok(())
}
