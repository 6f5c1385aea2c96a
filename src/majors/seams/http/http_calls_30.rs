//! Checked calls of HTTP, 30 to 35: a wrapper of a wrapper implements them.

use super::http_names::wit as types;
use super::names::IoImpl;
use super::wasmtime_wasi_http::WasiHttpImpl;
use super::wasmtime_wasi_http::bindings::http::outgoing_handler;

/// What implements the functions.
macro_rules! host {
    ($data:ident) => {
        &mut super::WasiHttpImpl(super::IoImpl(&mut *$data))
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
