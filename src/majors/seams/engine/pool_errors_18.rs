//! Errors of an exhausted pool, 18 to 21: texts.

use super::wasmtime::Error;

pub(super) fn is_exhausted(_: &Error, text: &str) -> bool {
    text.starts_with("maximum concurrent ")
}
