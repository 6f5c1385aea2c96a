//! Checked calls of HTTP, 20 and 21: error codes have an error type of their own.

use super::http_names::wit as types;
use super::wasmtime_wasi_http::bindings::http::outgoing_handler;

/// What implements the functions.
macro_rules! host {
    ($data:ident) => {
        &mut *$data
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
