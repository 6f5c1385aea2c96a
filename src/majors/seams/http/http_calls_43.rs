//! Checked calls of HTTP, 43 and later: a view of the context implements them, and fields have an error type of their own.

use super::http_names::{WasiHttpView, wit as types};
use super::wasmtime_wasi_http::p2::bindings::http::outgoing_handler;

/// What implements the functions.
macro_rules! host {
    ($data:ident) => {
        &mut super::WasiHttpView::http(&mut *$data)
    };
}

/// The result of a function that fails with an error of fields, as the guest sees it.
macro_rules! headed {
    ($data:ident, $result:expr) => {
        match $result {
            Ok(value) => Ok(value),
            Err(error) => Err(types::Host::convert_header_error(host!($data), error)?),
        }
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
