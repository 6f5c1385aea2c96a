//! The macros of `wasmtime-compat`. Use them through that crate, where they are documented with examples: what they write
//! uses hidden items of it.

mod attributes;
#[cfg(feature = "bindgen")]
mod bindgen;
mod derive;
mod flags;

use proc_macro::TokenStream;

use crate::derive::Trait;

/// Makes a type a value of components: a record, a variant or an enum of WIT.
///
/// It is the part that [`Lift`] and [`Lower`] both need. The attribute `#[component(record)]`, `#[component(variant)]`
/// or `#[component(enum)]` of the type says which kind of WIT type it is. `#[component(name = "…")]` of a field or a case
/// gives its name in WIT where that differs from the one in Rust.
///
/// The type gets the derive of every Wasmtime major that is compiled in, so each passes it at the cost of its own types.
#[proc_macro_derive(ComponentType, attributes(component))]
pub fn component_type(input: TokenStream) -> TokenStream {
    derive::expand(Trait::ComponentType, input.into()).into()
}

/// Lets a host take values of a type out of components; see [`ComponentType`](macro@ComponentType).
#[proc_macro_derive(Lift, attributes(component))]
pub fn lift(input: TokenStream) -> TokenStream {
    derive::expand(Trait::Lift, input.into()).into()
}

/// Lets a host pass values of a type into components; see [`ComponentType`](macro@ComponentType).
#[proc_macro_derive(Lower, attributes(component))]
pub fn lower(input: TokenStream) -> TokenStream {
    derive::expand(Trait::Lower, input.into()).into()
}

/// Declares a type for `flags` of WIT, in the form that Wasmtime's own macro takes.
#[proc_macro]
pub fn flags(input: TokenStream) -> TokenStream {
    flags::expand(input.into()).into()
}

#[allow(missing_docs, reason = "documented where `wasmtime-compat` exports it")]
#[cfg(feature = "bindgen")]
#[proc_macro]
pub fn bindgen(input: TokenStream) -> TokenStream {
    bindgen::expand(input.into()).into()
}

/// Removes the item that it is put on: what a derive before it has read was declared elsewhere.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __declared_elsewhere(_: TokenStream, _: TokenStream) -> TokenStream {
    TokenStream::new()
}
