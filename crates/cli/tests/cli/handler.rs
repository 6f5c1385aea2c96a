//! Owns a guest that handles HTTP requests, as a component.

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

/// The component: what it does is in `handler.wat`.
pub(crate) fn handler() -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("handler.wit", include_str!("handler.wit")).unwrap();
    let world = resolve.select_world(&[package], Some("guest")).unwrap();
    let mut module = wat::parse_str(include_str!("handler.wat")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}
