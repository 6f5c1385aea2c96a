//! Checked calls of HTTP, 18 and 19: the store's data implements every interface, and errors are results in results.

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
            Ok(result) => result,
            // 18 and 19 end the guest with the codes of a URI that cannot be built.
            Err(error) => Err(error.downcast::<types::ErrorCode>()?),
        }
    };
}

#[path = "../../common/http/calls.rs"]
mod body;

pub(super) use body::link;
