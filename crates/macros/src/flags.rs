//! Owns `flags!`: types for `flags` of WIT.
//!
//! The type is one of its own, the same for every major. For each major that is compiled in, a private type is declared by that
//! major's own `flags!`, with fields of the same types, and the traits of the major are forwarded to it.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Ident, LitStr, Path, Result, Token, braced};

use crate::attributes;

/// A declaration of flags, in Wasmtime's syntax.
struct Flags {
    library: Path,
    attributes: Vec<Attribute>,
    name: Ident,
    flags: Vec<Flag>,
}

struct Flag {
    attributes: Vec<Attribute>,
    ident: Ident,
    name: String,
}

impl Parse for Flags {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let mut library = None;
        for attribute in attributes.extract_if(.., |attribute| attribute.path().is_ident("component")) {
            library = Some(attribute.parse_args_with(parse_library)?);
        }
        let name = input.parse()?;
        let content;
        braced!(content in input);
        let mut flags = Vec::new();
        while !content.is_empty() {
            flags.push(content.parse()?);
        }
        Ok(Self { library: library.unwrap_or_else(attributes::default_library), attributes, name, flags })
    }
}

impl Parse for Flag {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let name = attributes::of_part(&attributes)?;
        attributes.retain(|attribute| !attribute.path().is_ident("component"));
        input.parse::<Token![const]>()?;
        let ident: Ident = input.parse()?;
        input.parse::<Token![;]>()?;
        let name = name.as_ref().map_or_else(|| ident.to_string(), LitStr::value);
        Ok(Self { attributes, ident, name })
    }
}

fn parse_library(input: ParseStream<'_>) -> Result<Path> {
    let word: Ident = input.parse()?;
    if word != "wasmtime_crate" {
        return Err(Error::new(word.span(), "expected `wasmtime_crate = …`"));
    }
    input.parse::<Token![=]>()?;
    input.parse()
}

/// The type and its implementations, or an error of compilation.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    syn::parse2(input).and_then(|flags| declare(&flags)).unwrap_or_else(Error::into_compile_error)
}

/// The integers that hold the flags, as Wasmtime chooses them.
struct Words {
    ty: Ident,
    bits: usize,
    fields: Vec<Ident>,
}

impl Words {
    fn of(count: usize) -> Self {
        let bits = match count {
            ..=8 => 8,
            9..=16 => 16,
            _ => 32,
        };
        let fields = (0..count.div_ceil(bits)).map(|index| format_ident!("__inner{index}")).collect();
        Self { ty: format_ident!("u{bits}"), bits, fields }
    }

    /// The bits of a word that belong to flags.
    fn mask(&self, word: usize, count: usize) -> Literal {
        let used = (count - word * self.bits).min(self.bits);
        Literal::u64_unsuffixed(u64::MAX >> (64 - used))
    }
}

fn declare(declaration: &Flags) -> Result<TokenStream> {
    let Flags { library, attributes, name, flags } = declaration;
    let count = flags.len();
    if count == 0 {
        return Err(Error::new(name.span(), "flags must have at least one flag"));
    }
    let words = Words::of(count);
    let Words { ty, fields, .. } = &words;
    let constants = flags.iter().enumerate().map(|(index, flag)| {
        let (attributes, ident) = (&flag.attributes, &flag.ident);
        let values = (0..fields.len()).map(|word| {
            let value = if index / words.bits == word { 1_u64 << (index % words.bits) } else { 0 };
            Literal::u64_unsuffixed(value)
        });
        quote!(#(#attributes)* pub const #ident: Self = Self { #(#fields: #values,)* };)
    });
    let masks: Vec<Literal> = (0..fields.len()).map(|word| words.mask(word, count)).collect();
    let len = fields.len();
    let idents: Vec<&Ident> = flags.iter().map(|flag| &flag.ident).collect();
    let names: Vec<&String> = flags.iter().map(|flag| &flag.name).collect();
    let texts: Vec<String> = idents.iter().map(ToString::to_string).collect();
    let operators = operators(name, fields);

    Ok(quote! {
        #(#attributes)*
        #[derive(Clone, Copy, Default)]
        pub struct #name { #(#[doc(hidden)] #fields: #ty,)* }

        #[allow(missing_docs, dead_code, clippy::all)]
        impl #name {
            #(#constants)*

            pub fn as_array(&self) -> [u32; #len] {
                [#(::core::primitive::u32::from(self.#fields),)*]
            }

            pub fn empty() -> Self {
                Self { #(#fields: 0,)* }
            }

            pub fn all() -> Self {
                Self { #(#fields: #masks,)* }
            }

            pub fn contains(&self, other: Self) -> bool {
                *self & other == other
            }

            pub fn intersects(&self, other: Self) -> bool {
                *self & other != Self::empty()
            }
        }

        impl ::core::cmp::PartialEq for #name {
            fn eq(&self, other: &Self) -> bool {
                #((self.#fields & #masks) == (other.#fields & #masks))&&*
            }
        }

        impl ::core::cmp::Eq for #name {}

        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let names: &[(&str, Self)] = &[#((#texts, Self::#idents),)*];
                #library::__private::debug_flags(f, names.iter().filter(|(_, flag)| self.contains(*flag)).map(|(name, _)| *name))
            }
        }

        #operators

        #library::__list_majors! { [#library::__flags_of_majors] {
            #name [#(#fields)*] { #(#[component(name = #names)] const #idents;)* }
        } }
        impl #library::__private::Sealed for #name {}
        impl #library::component::Lift for #name {}
        impl #library::component::Lower for #name {}
    })
}

/// `|`, `&`, `^` and `!`, and the first three with an assignment.
fn operators(name: &Ident, fields: &[Ident]) -> TokenStream {
    let binary = [("BitOr", "bitor", quote!(|)), ("BitAnd", "bitand", quote!(&)), ("BitXor", "bitxor", quote!(^))];
    let binary = binary.into_iter().map(|(operator, method, sign)| {
        let (assigning, assign) = (format_ident!("{operator}Assign"), format_ident!("{method}_assign"));
        let (operator, method) = (format_ident!("{operator}"), format_ident!("{method}"));
        quote! {
            impl ::core::ops::#operator for #name {
                type Output = Self;

                fn #method(self, other: Self) -> Self {
                    Self { #(#fields: self.#fields #sign other.#fields,)* }
                }
            }

            impl ::core::ops::#assigning for #name {
                fn #assign(&mut self, other: Self) {
                    *self = *self #sign other;
                }
            }
        }
    });
    quote! {
        #(#binary)*

        impl ::core::ops::Not for #name {
            type Output = Self;

            fn not(self) -> Self {
                Self { #(#fields: !self.#fields,)* }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(count: usize) -> TokenStream {
        let names = (0..count).map(|index| format_ident!("F{index}"));
        expand(quote!(Many { #(const #names;)* }))
    }

    #[test]
    fn fields_are_those_of_wasmtime() {
        for (count, ty, fields) in
            [(1, "u8", 1), (8, "u8", 1), (9, "u16", 1), (16, "u16", 1), (17, "u32", 1), (33, "u32", 2)]
        {
            let text = flags(count).to_string();
            syn::parse_str::<syn::File>(&text).unwrap();
            for index in 0..fields {
                assert!(text.contains(&format!("__inner{index} : {ty}")), "{count}: {text}");
            }
            assert!(!text.contains(&format!("__inner{fields} :")), "{count}");
        }
        assert!(flags(0).to_string().contains("compile_error"));
    }

    #[test]
    fn attributes_are_read_and_kept() {
        let text = expand(quote! {
            /// Documented.
            #[component(wasmtime_crate = crate::compat)]
            Access {
                /// Reading.
                #[component(name = "look-up")]
                const LOOK_UP;
            }
        });
        let text = text.to_string();
        syn::parse_str::<syn::File>(&text).unwrap();
        for part in ["Documented.", "Reading.", "look-up", "crate :: compat :: __list_majors !"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
