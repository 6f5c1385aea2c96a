//! Checked calls of HTTP, 22 to 29, and 36 to 42: a wrapper implements every interface.

use super::http_names::wit as types;
use super::wasmtime_wasi_http::WasiHttpImpl;
use super::wasmtime_wasi_http::bindings::http::outgoing_handler;

/// What implements the functions.
macro_rules! host {
    ($data:ident) => {
        &mut super::WasiHttpImpl(&mut *$data)
    };
}

/// The result of a function that fails with an error of fields, as the guest sees it.
macro_rules! headed {
    ($data:ident, $result:expr) => {
        $result?
    };
}

/// The result of a function that fails with an error code, as the guest sees it.
macro_rules! coded {
    ($data:ident, $result:expr) => {
        match $result {
            Ok(value) => Ok(value),
            Err(error) => Err(types::Host::convert_error_code(host!($data), error)?),
        }
    };
}

#[path = "../../common/http/calls.rs"]
mod body;

pub(super) use body::link;
