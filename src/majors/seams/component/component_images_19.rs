//! Where the compiled code of a component is, from 19 on.

use super::wasmtime::component::Component;
use crate::engine::Image;

pub(super) fn of_component(component: &Component) -> Option<Image> {
    Some(Image(component.image_range().start.addr()))
}
