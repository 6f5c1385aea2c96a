//! The host functions of the proxy-wasm ABI that the filter imports, each as a closure with its own number of parameters.

use wasmtime_compat::newest::{Caller, Linker, Result};

use crate::filter::Request;

/// What the filter's callbacks work on.
#[derive(Default)]
pub struct Proxy {
    pub request: Request,
    pub response: Option<(i32, String, Vec<u8>)>,
    pub calls: Vec<i32>,
    pub log: Vec<String>,
    pub metrics: Vec<(String, i64)>,
}

/// The statuses of the ABI.
const OK: i32 = 0;
const NOT_FOUND: i32 = 1;
const BAD_ARGUMENT: i32 = 2;
const INVALID_MEMORY_ACCESS: i32 = 6;

/// Defines the host functions.
pub fn link(linker: &mut Linker<Proxy>) -> Result<()> {
    linker
        .func_wrap("env", "proxy_log", |mut caller: Caller<'_, Proxy>, _level: i32, text: i32, length: i32| {
            let Some(text) = read(&mut caller, text, length) else { return INVALID_MEMORY_ACCESS };
            caller.data_mut().log.push(String::from_utf8_lossy(&text).into_owned());
            OK
        })?
        .func_wrap(
            "env",
            "proxy_get_header_map_value",
            |mut caller: Caller<'_, Proxy>, _map: i32, key: i32, key_length: i32, value: i32, length: i32| {
                let Some(key) = read(&mut caller, key, key_length) else { return Ok(INVALID_MEMORY_ACCESS) };
                match caller.data().request.header(&key).map(<[u8]>::to_vec) {
                    Some(found) => give(&mut caller, &found, value, length),
                    None => Ok(NOT_FOUND),
                }
            },
        )?
        .func_wrap(
            "env",
            "proxy_add_header_map_value",
            |mut caller: Caller<'_, Proxy>, _map: i32, key: i32, key_length: i32, value: i32, length: i32| {
                let both = (read(&mut caller, key, key_length), read(&mut caller, value, length));
                let (Some(key), Some(value)) = both else { return INVALID_MEMORY_ACCESS };
                caller.data_mut().request.headers.push((String::from_utf8_lossy(&key).into_owned(), value));
                OK
            },
        )?
        .func_wrap(
            "env",
            "proxy_get_buffer_bytes",
            |mut caller: Caller<'_, Proxy>, _buffer: i32, start: i32, size: i32, data: i32, length: i32| {
                let body = &caller.data().request.body;
                let Some(range) = range(start, size) else { return Ok(BAD_ARGUMENT) };
                match body.get(range.start..range.end.min(body.len())).map(<[u8]>::to_vec) {
                    Some(bytes) => give(&mut caller, &bytes, data, length),
                    None => Ok(BAD_ARGUMENT),
                }
            },
        )?
        .func_wrap(
            "env",
            "proxy_set_buffer_bytes",
            |mut caller: Caller<'_, Proxy>, _buffer: i32, start: i32, size: i32, data: i32, length: i32| {
                let Some(bytes) = read(&mut caller, data, length) else { return INVALID_MEMORY_ACCESS };
                let body = &mut caller.data_mut().request.body;
                let Some(range) = range(start, size).filter(|range| range.start <= body.len()) else {
                    return BAD_ARGUMENT;
                };
                let end = range.end.min(body.len());
                body.splice(range.start..end, bytes);
                OK
            },
        )?
        .func_wrap("env", "proxy_continue_stream", |_stream: i32| OK)?
        .func_wrap("env", "proxy_get_current_time_nanoseconds", |mut caller: Caller<'_, Proxy>, result: i32| {
            let fixed: u64 = 1_700_000_000_000_000_000;
            status(write(&mut caller, result, &fixed.to_le_bytes()))
        })?;
    link_responses(linker)
}

fn link_responses(linker: &mut Linker<Proxy>) -> Result<()> {
    linker
        .func_wrap(
            "env",
            "proxy_send_local_response",
            |mut caller: Caller<'_, Proxy>,
             code: i32,
             details: i32,
             details_length: i32,
             body: i32,
             body_length: i32,
             _headers: i32,
             _headers_length: i32,
             _grpc: i32| {
                let both = (read(&mut caller, details, details_length), read(&mut caller, body, body_length));
                let (Some(details), Some(body)) = both else { return INVALID_MEMORY_ACCESS };
                caller.data_mut().response = Some((code, String::from_utf8_lossy(&details).into_owned(), body));
                OK
            },
        )?
        .func_wrap(
            "env",
            "proxy_http_call",
            |mut caller: Caller<'_, Proxy>,
             service: i32,
             service_length: i32,
             _headers: i32,
             _headers_length: i32,
             _body: i32,
             _body_length: i32,
             _trailers: i32,
             _trailers_length: i32,
             timeout: i32,
             token: i32| {
                let Some(service) = read(&mut caller, service, service_length) else { return INVALID_MEMORY_ACCESS };
                let line = format!("call {} within {timeout} ms", String::from_utf8_lossy(&service));
                let proxy = caller.data_mut();
                proxy.log.push(line);
                let number = 7 + proxy.calls.len() as i32;
                proxy.calls.push(number);
                status(write(&mut caller, token, &number.to_le_bytes()))
            },
        )?
        .func_wrap(
            "env",
            "proxy_define_metric",
            |mut caller: Caller<'_, Proxy>, _kind: i32, name: i32, length: i32, result: i32| {
                let Some(name) = read(&mut caller, name, length) else { return INVALID_MEMORY_ACCESS };
                let metrics = &mut caller.data_mut().metrics;
                let number = metrics.len() as u32;
                metrics.push((String::from_utf8_lossy(&name).into_owned(), 0));
                status(write(&mut caller, result, &number.to_le_bytes()))
            },
        )?
        .func_wrap("env", "proxy_increment_metric", |mut caller: Caller<'_, Proxy>, metric: u32, by: i64| {
            match caller.data_mut().metrics.get_mut(metric as usize) {
                Some((_, value)) => {
                    *value += by;
                    OK
                }
                None => NOT_FOUND,
            }
        })?;
    Ok(())
}

/// Copies bytes into memory that the filter allocates, and stores their address and length where it wants them.
fn give(caller: &mut Caller<'_, Proxy>, bytes: &[u8], address: i32, length: i32) -> Result<i32> {
    let allocate = ["proxy_on_memory_allocate", "malloc"].iter().find_map(|name| caller.get_func(name));
    let Some(allocate) = allocate else { return Ok(INVALID_MEMORY_ACCESS) };
    let size = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    let at = allocate.typed::<i32, i32>(&*caller)?.call(&mut *caller, size)?;
    let written = write(caller, at, bytes)
        .and_then(|()| write(caller, address, &at.to_le_bytes()))
        .and_then(|()| write(caller, length, &size.to_le_bytes()));
    Ok(status(written))
}

fn read(caller: &mut Caller<'_, Proxy>, address: i32, length: i32) -> Option<Vec<u8>> {
    let memory = caller.get_memory("memory")?;
    memory.data(&*caller).get(range(address, length)?).map(<[u8]>::to_vec)
}

fn write(caller: &mut Caller<'_, Proxy>, address: i32, bytes: &[u8]) -> Option<()> {
    let memory = caller.get_memory("memory")?;
    memory.write(caller, address as u32 as usize, bytes).ok()
}

fn range(start: i32, length: i32) -> Option<std::ops::Range<usize>> {
    let (start, length) = (start as u32 as usize, length as u32 as usize);
    Some(start..start.checked_add(length)?)
}

fn status(done: Option<()>) -> i32 {
    if done.is_some() { OK } else { INVALID_MEMORY_ACCESS }
}
