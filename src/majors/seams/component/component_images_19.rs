//! Where the compiled code of a component is, from 19 on.

use super::wasmtime::component::Component;
use crate::engine::Image;

/// `Err` has the first major that tells.
pub(super) fn of_component(component: &Component) -> Result<Image, u64> {
    Ok(Image(component.image_range().start.addr()))
}
