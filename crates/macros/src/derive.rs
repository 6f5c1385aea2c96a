//! Owns the derives of values of components.
//!
//! A type gets the derive of every major by a second declaration of it, in a block where `wasmtime` is the crate of that
//! major. The derive of the major reads that declaration and implements its traits for the type of this name; then an
//! attribute removes the declaration, so that the name means the type of the user. So one type is passed by each major
//! exactly as a type of its own would be.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::parse::Parse;
use syn::{Data, DataEnum, DeriveInput, Error, Fields, GenericParam, Result};

use crate::attributes::{self, Kind, OfType};

/// The trait to derive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trait {
    ComponentType,
    Lift,
    Lower,
}

/// The implementations of the trait, or an error of compilation.
pub(crate) fn expand(which: Trait, input: TokenStream) -> TokenStream {
    syn::parse2(input).and_then(|input| derive(which, &input)).unwrap_or_else(Error::into_compile_error)
}

fn derive(which: Trait, input: &DeriveInput) -> Result<TokenStream> {
    let OfType { kind, library, kept } = attributes::of_type(&input.attrs, &input.ident)?;
    check(kind, input)?;
    let declaration = declaration(input, kept)?;
    let name = format_ident!("{which:?}");
    let marker = marker(which, &library, input);
    Ok(quote! {
        #library::for_each_major! {
            #[derive(wasmtime::component::#name)]
            #[#library::__private::declared_elsewhere]
            #declaration
        }
        #marker
    })
}

/// The declaration with the attributes that derives of Wasmtime read, and no others.
fn declaration(input: &DeriveInput, kept: Vec<syn::Attribute>) -> Result<DeriveInput> {
    let mut declaration = input.clone();
    declaration.attrs = kept;
    rename_parameters(&mut declaration)?;
    match &mut declaration.data {
        Data::Struct(data) => {
            data.fields.iter_mut().for_each(|field| attributes::keep_component(&mut field.attrs));
        }
        Data::Enum(data) => {
            for case in &mut data.variants {
                attributes::keep_component(&mut case.attrs);
                case.fields.iter_mut().for_each(|field| attributes::keep_component(&mut field.attrs));
            }
        }
        Data::Union(_) => {}
    }
    Ok(declaration)
}

/// Gives type parameters names that the derives of Wasmtime do not use themselves: these write functions with a parameter `T`.
fn rename_parameters(declaration: &mut DeriveInput) -> Result<()> {
    let names: Vec<Ident> = declaration.generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    if names.is_empty() {
        return Ok(());
    }
    declaration.generics.params =
        renamed(&declaration.generics.params, &names, syn::punctuated::Punctuated::parse_terminated)?;
    if let Some(condition) = &mut declaration.generics.where_clause {
        *condition = renamed(condition, &names, Parse::parse)?;
    }
    let types: Vec<&mut syn::Type> = match &mut declaration.data {
        Data::Struct(data) => data.fields.iter_mut().map(|field| &mut field.ty).collect(),
        Data::Enum(data) => {
            data.variants.iter_mut().flat_map(|case| &mut case.fields).map(|field| &mut field.ty).collect()
        }
        Data::Union(_) => Vec::new(),
    };
    for ty in types {
        *ty = renamed(ty, &names, Parse::parse)?;
    }
    Ok(())
}

/// The same code with `__` before these names, where they begin a path.
fn renamed<T: ToTokens>(code: &T, names: &[Ident], parse: impl syn::parse::Parser<Output = T>) -> Result<T> {
    parse.parse2(renamed_tokens(code.to_token_stream(), names))
}

fn renamed_tokens(code: TokenStream, names: &[Ident]) -> TokenStream {
    let mut tokens: Vec<TokenTree> = Vec::new();
    for token in code {
        let token = match token {
            TokenTree::Ident(ident) if names.contains(&ident) && !is_joined(&tokens) => {
                format_ident!("__{ident}").into()
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), renamed_tokens(group.stream(), names));
                inner.set_span(group.span());
                inner.into()
            }
            other => other,
        };
        tokens.push(token);
    }
    tokens.into_iter().collect()
}

/// Whether these tokens end with `::` or with the sign of a lifetime.
fn is_joined(tokens: &[TokenTree]) -> bool {
    match tokens {
        [.., TokenTree::Punct(first), TokenTree::Punct(second)] if second.as_char() == ':' => {
            first.as_char() == ':' && first.spacing() == proc_macro2::Spacing::Joint
        }
        [.., TokenTree::Punct(sign)] => sign.as_char() == '\'',
        _ => false,
    }
}

/// The implementation that admits the type to the closed set of neutral values. It compiles only if every major that is
/// compiled in can pass the type.
fn marker(which: Trait, library: &syn::Path, input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    let (bound, of): (Option<syn::TypeParamBound>, TokenStream) = match which {
        Trait::ComponentType => (None, quote!(#library::__private::Sealed)),
        Trait::Lift => (Some(syn::parse_quote!(#library::component::Lift)), quote!(#library::component::Lift)),
        Trait::Lower => (Some(syn::parse_quote!(#library::component::Lower)), quote!(#library::component::Lower)),
    };
    let mut generics = input.generics.clone();
    for parameter in &mut generics.params {
        if let (GenericParam::Type(parameter), Some(bound)) = (parameter, &bound) {
            parameter.bounds.push(bound.clone());
        }
    }
    let (parameters, _, condition) = generics.split_for_impl();
    let (_, arguments, _) = input.generics.split_for_impl();
    quote!(impl #parameters #of for #name #arguments #condition {})
}

/// Refuses what the derive of some major refuses: once, and on every major alike.
fn check(kind: Kind, input: &DeriveInput) -> Result<()> {
    match (kind, &input.data) {
        (Kind::Record, Data::Struct(data)) => check_record(input, &data.fields),
        (Kind::Variant | Kind::Enum, Data::Enum(data)) => check_cases(kind, input, data),
        (Kind::Record, _) => Err(Error::new(input.ident.span(), "a `record` must be a struct")),
        (Kind::Variant, _) => Err(Error::new(input.ident.span(), "a `variant` must be an enum of Rust")),
        (Kind::Enum, _) => Err(Error::new(input.ident.span(), "an `enum` must be an enum of Rust")),
    }
}

fn check_record(input: &DeriveInput, fields: &Fields) -> Result<()> {
    let Fields::Named(fields) = fields else {
        return Err(Error::new(input.ident.span(), "a `record` must be a struct with named fields"));
    };
    if fields.named.is_empty() {
        return Err(Error::new(input.ident.span(), "a `record` must have at least one field"));
    }
    fields.named.iter().try_for_each(|field| attributes::of_part(&field.attrs).map(drop))
}

fn check_cases(kind: Kind, input: &DeriveInput, data: &DataEnum) -> Result<()> {
    if data.variants.is_empty() {
        return Err(Error::new(input.ident.span(), "the enum must have at least one case"));
    }
    for case in &data.variants {
        attributes::of_part(&case.attrs)?;
        match (&case.fields, kind) {
            (Fields::Unit, _) => {}
            (Fields::Unnamed(fields), Kind::Variant) if fields.unnamed.len() == 1 => {}
            (_, Kind::Enum) => return Err(Error::new_spanned(case, "a case of an `enum` must have no fields")),
            _ => {
                return Err(Error::new_spanned(
                    case,
                    "a case of a `variant` must have no field, or one without a name",
                ));
            }
        }
    }
    if kind == Kind::Enum { check_enum(input, data) } else { Ok(()) }
}

/// Wasmtime 25 and later read an enum from its bits.
fn check_enum(input: &DeriveInput, data: &DataEnum) -> Result<()> {
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics.params, "an `enum` must have no type parameters"));
    }
    if let Some((_, value)) = data.variants.iter().find_map(|case| case.discriminant.as_ref()) {
        return Err(Error::new_spanned(value, "a case of an `enum` must have no number of its own"));
    }
    let expected = match data.variants.len() {
        ..=0x100 => "u8",
        0x101..=0x1_0000 => "u16",
        _ => "u32",
    };
    let found = input.attrs.iter().filter(|attribute| attribute.path().is_ident("repr"));
    let mut found =
        found.map(|attribute| attribute.meta.require_list().map(|list| (attribute, list.tokens.to_string())));
    match found.next().transpose()? {
        Some((_, repr)) if repr == expected => Ok(()),
        Some((attribute, _)) => Err(Error::new_spanned(attribute, format!("expected `#[repr({expected})]`"))),
        None => Err(Error::new(input.ident.span(), format!("missing attribute `#[repr({expected})]`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(input: TokenStream) -> std::result::Result<String, String> {
        let input = syn::parse2(input).unwrap();
        derive(Trait::Lower, &input).map(|tokens| tokens.to_string()).map_err(|report| report.to_string())
    }

    #[test]
    fn majors_see_the_declaration_with_their_attributes_only() {
        let text = derived(quote! {
            #[component(record)]
            #[component(wasmtime_crate = crate::compat)]
            #[serde(rename_all = "kebab-case")]
            struct Person<'a, T> {
                /// Text.
                #[serde(skip)]
                #[component(name = "full-name")]
                name: &'a str,
                value: T,
            }
        })
        .unwrap();
        syn::parse_str::<syn::File>(&text).unwrap();
        assert!(text.contains("full-name") && text.contains("crate :: compat :: for_each_major !"), "{text}");
        for absent in ["serde", "doc", "wasmtime_crate"] {
            assert!(!text.contains(absent), "{text}");
        }
        assert!(text.contains("struct Person < 'a , __T >") && text.contains("value : __T"), "{text}");
        assert!(text.contains("Person < 'a , T > { }") || text.contains("Person < 'a , T > {}"), "{text}");
    }

    #[test]
    fn what_some_major_refuses_is_refused_once() {
        for (input, message) in [
            (
                quote!(
                    struct A {
                        x: u32,
                    }
                ),
                "missing attribute `component`",
            ),
            (
                quote!(
                    #[component(flags)]
                    struct A {
                        x: u32,
                    }
                ),
                "flags!",
            ),
            (
                quote!(
                    #[component(union)]
                    struct A {
                        x: u32,
                    }
                ),
                "unknown argument `union`",
            ),
            (
                quote!(
                    #[component(record)]
                    #[component(variant)]
                    struct A {
                        x: u32,
                    }
                ),
                "more than one kind",
            ),
            (
                quote!(
                    #[component(record)]
                    struct A(u32);
                ),
                "named fields",
            ),
            (
                quote!(
                    #[component(record)]
                    struct A {}
                ),
                "at least one field",
            ),
            (
                quote!(
                    #[component(record)]
                    enum A {
                        B,
                    }
                ),
                "must be a struct",
            ),
            (
                quote!(
                    #[component(variant)]
                    struct A {
                        x: u32,
                    }
                ),
                "must be an enum",
            ),
            (
                quote!(
                    #[component(variant)]
                    enum A {}
                ),
                "at least one case",
            ),
            (
                quote!(
                    #[component(variant)]
                    enum A {
                        B(u32, u32),
                    }
                ),
                "one without a name",
            ),
            (
                quote!(
                    #[component(variant)]
                    enum A {
                        B { x: u32 },
                    }
                ),
                "one without a name",
            ),
            (
                quote!(
                    #[component(enum)]
                    #[repr(u8)]
                    enum A {
                        B(u32),
                    }
                ),
                "no fields",
            ),
            (
                quote!(
                    #[component(enum)]
                    enum A {
                        B,
                    }
                ),
                "missing attribute `#[repr(u8)]`",
            ),
            (
                quote!(
                    #[component(enum)]
                    #[repr(u16)]
                    enum A {
                        B,
                    }
                ),
                "expected `#[repr(u8)]`",
            ),
            (
                quote!(
                    #[component(enum)]
                    #[repr(u8)]
                    enum A {
                        B = 3,
                    }
                ),
                "number of its own",
            ),
            (
                quote!(
                    #[component(enum)]
                    #[repr(u8)]
                    enum A<T> {
                        B,
                    }
                ),
                "no type parameters",
            ),
            (
                quote!(
                    #[component(record)]
                    struct A {
                        #[component(record)]
                        x: u32,
                    }
                ),
                "expected `name",
            ),
        ] {
            let error = derived(input.clone()).unwrap_err();
            assert!(error.contains(message), "{input}: {error}");
        }
        derived(quote!(
            #[component(enum)]
            #[repr(u8)]
            enum A {
                B,
                C,
            }
        ))
        .unwrap();
        derived(quote!(
            #[component(variant)]
            enum A<T> {
                B,
                C(T),
            }
        ))
        .unwrap();
    }
}
