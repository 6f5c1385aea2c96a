//! Where the compiled code of a module is, 18: an address is a number.

use super::wasmtime::Module;
use crate::engine::Image;

pub(super) fn of_module(module: &Module) -> Image {
    Image(module.image_range().start)
}
