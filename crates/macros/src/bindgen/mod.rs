//! Owns `bindgen!`: bindings for a world of WIT, the same Rust for every major.

mod definitions;
mod exports;
mod facts;
mod guest;
mod host;
mod modules;
mod names;
mod options;
mod output;
mod sources;
mod supported;
mod types;
mod world;

use proc_macro2::{Span, TokenStream};
use syn::{Error, Result};

use self::options::Options;
use self::sources::Source;
use self::world::World;

/// The bindings, or an error of compilation.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    syn::parse2(input).and_then(|options| generate(&options)).unwrap_or_else(Error::into_compile_error)
}

fn generate(options: &Options) -> Result<TokenStream> {
    let source = sources::load(options)?;
    let name = source.resolve.worlds[source.world].name.clone();
    let bindings = bindings(&source, options)?;
    output::finish(bindings, &name, &source.files, options)
}

fn bindings(source: &Source, options: &Options) -> Result<TokenStream> {
    supported::check(&source.resolve, source.world)?;
    let world = World::new(&source.resolve, source.world, options)?;
    let bindings = world.generate()?;
    world.check_used()?;
    Ok(bindings)
}

/// An error that belongs to no place in the macro's own input.
fn error(message: impl std::fmt::Display) -> Error {
    Error::new(Span::call_site(), message)
}

#[cfg(test)]
mod tests;
