//! Where the compiled code of a module is, from 19 on: an address is a pointer.

use super::wasmtime::Module;
use crate::engine::Image;

pub(super) fn of_module(module: &Module) -> Image {
    Image(module.image_range().start.addr())
}
