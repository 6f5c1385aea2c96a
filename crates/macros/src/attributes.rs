//! Owns the attribute `component`: the kind of a type, the names of its parts, and the path of this library.

use syn::parse::ParseStream;
use syn::{Attribute, Error, LitStr, Path, Result, Token};

/// The kind of WIT type that a Rust type is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Record,
    Variant,
    Enum,
}

/// The attributes of a type.
pub(crate) struct OfType {
    pub(crate) kind: Kind,
    pub(crate) library: Path,
    /// The attributes that the derives of Wasmtime read.
    pub(crate) kept: Vec<Attribute>,
}

/// The path of `wasmtime-compat` where a user does not give one.
pub(crate) fn default_library() -> Path {
    syn::parse_quote!(::wasmtime_compat)
}

/// Reads the attributes of a type; `item` is what an error about a missing one points at.
pub(crate) fn of_type(attributes: &[Attribute], item: &syn::Ident) -> Result<OfType> {
    let mut kind = None;
    let mut library = None;
    let mut kept = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("repr") {
            kept.push(attribute.clone());
        }
        if !attribute.path().is_ident("component") {
            continue;
        }
        match attribute.parse_args_with(parse)? {
            Argument::Kind(found) => {
                if kind.replace(found).is_some() {
                    return Err(Error::new_spanned(
                        attribute,
                        "more than one kind: use one of `record`, `variant` and `enum`",
                    ));
                }
                kept.push(attribute.clone());
            }
            Argument::Library(path) => {
                if library.replace(path).is_some() {
                    return Err(Error::new_spanned(attribute, "more than one `wasmtime_crate`"));
                }
            }
            Argument::Name(_) => {
                return Err(Error::new_spanned(
                    attribute,
                    "`name` is for fields and cases; a type has no name in WIT here",
                ));
            }
        }
    }
    let Some(kind) = kind else {
        let message = "missing attribute `component`: add `#[component(record)]`, `#[component(variant)]` or `#[component(enum)]`";
        return Err(Error::new(item.span(), message));
    };
    Ok(OfType { kind, library: library.unwrap_or_else(default_library), kept })
}

/// Reads the attributes of a field or a case: its name in WIT, if that is given.
pub(crate) fn of_part(attributes: &[Attribute]) -> Result<Option<LitStr>> {
    let mut name = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("component")) {
        match attribute.parse_args_with(parse)? {
            Argument::Name(found) => {
                if name.replace(found).is_some() {
                    return Err(Error::new_spanned(attribute, "more than one name"));
                }
            }
            _ => return Err(Error::new_spanned(attribute, "expected `name = \"…\"`")),
        }
    }
    Ok(name)
}

/// Leaves of the attributes of a field or a case those that the derives of Wasmtime read.
pub(crate) fn keep_component(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| attribute.path().is_ident("component"));
}

enum Argument {
    Kind(Kind),
    Library(Path),
    Name(LitStr),
}

fn parse(input: ParseStream<'_>) -> Result<Argument> {
    if input.peek(Token![enum]) {
        input.parse::<Token![enum]>()?;
        return Ok(Argument::Kind(Kind::Enum));
    }
    let word: syn::Ident = input.parse()?;
    match word.to_string().as_str() {
        "record" => Ok(Argument::Kind(Kind::Record)),
        "variant" => Ok(Argument::Kind(Kind::Variant)),
        "flags" => Err(Error::new(word.span(), "for flags use the macro `wasmtime_compat::component::flags!`")),
        "name" => {
            input.parse::<Token![=]>()?;
            Ok(Argument::Name(input.parse()?))
        }
        "wasmtime_crate" => {
            input.parse::<Token![=]>()?;
            Ok(Argument::Library(input.parse()?))
        }
        other => Err(Error::new(
            word.span(),
            format!(
                "unknown argument `{other}`: expected `record`, `variant`, `enum`, `name = \"…\"` or `wasmtime_crate = …`"
            ),
        )),
    }
}
