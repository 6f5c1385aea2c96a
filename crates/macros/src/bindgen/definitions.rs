//! Definitions of types of WIT in Rust.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Path, Result};
use wit_parser::{Docs, Enum, Flags, Record, Type, TypeDefKind, TypeId, Variant};

use heck::ToShoutySnakeCase;

use super::facts::{self, Contents};
use super::names;
use super::types::{Mode, Scope};

/// The documentation of WIT as that of Rust.
pub(super) fn docs(docs: &Docs) -> TokenStream {
    let lines = docs.contents.iter().flat_map(|text| text.trim().lines()).map(|line| format!(" {line}"));
    quote!(#(#[doc = #lines])*)
}

impl Scope<'_> {
    /// The definition of a type with a name, except a resource.
    pub(super) fn define(&self, name: &str, id: TypeId) -> Result<TokenStream> {
        let definition = &self.world.resolve.types[id];
        let docs = docs(&definition.docs);
        let ident = names::camel(name);
        let body = match &definition.kind {
            TypeDefKind::Record(record) => self.record(id, &ident, record),
            TypeDefKind::Variant(variant) => self.variant(id, &ident, variant),
            TypeDefKind::Enum(cases) => self.enumeration(id, &ident, cases),
            TypeDefKind::Flags(flags) => return Ok(self.flags(&docs, &ident, flags)),
            // An alias of a resource is one of the type that stands for it.
            TypeDefKind::Type(Type::Id(target)) if self.is_resource(*target) => {
                let target = &self.world.resolve.types[*target];
                let path = self.path(target.owner, target.name.as_deref().unwrap_or_default());
                quote!(pub type #ident = #path;)
            }
            kind => {
                let ty = self.structure(kind, Mode::Owned);
                quote!(pub type #ident = #ty;)
            }
        };
        Ok(quote!(#docs #[allow(missing_docs)] #body))
    }

    fn is_resource(&self, id: TypeId) -> bool {
        let resolve = self.world.resolve;
        matches!(resolve.types[facts::definition(resolve, id)].kind, TypeDefKind::Resource)
    }

    fn record(&self, id: TypeId, ident: &Ident, record: &Record) -> TokenStream {
        let attributes = self.attributes(&quote!(record), self.world.facts.contents(id), false);
        let fields = record.fields.iter().map(|field| {
            let (docs, name, ident) = (docs(&field.docs), &field.name, names::snake(&field.name));
            let ty = self.ty(&field.ty, Mode::Owned);
            quote!(#docs #[component(name = #name)] pub #ident: #ty)
        });
        let error = self.error(id, ident);
        quote! {
            #attributes
            pub struct #ident { #(#fields,)* }
            #error
        }
    }

    fn variant(&self, id: TypeId, ident: &Ident, variant: &Variant) -> TokenStream {
        let attributes = self.attributes(&quote!(variant), self.world.facts.contents(id), false);
        let cases = variant.cases.iter().map(|case| {
            let (docs, name, ident) = (docs(&case.docs), &case.name, names::camel_case(&case.name));
            let ty = case.ty.as_ref().map(|ty| self.ty(ty, Mode::Owned)).map(|ty| quote!((#ty)));
            quote!(#docs #[component(name = #name)] #ident #ty)
        });
        let error = self.error(id, ident);
        quote! {
            #attributes
            pub enum #ident { #(#cases,)* }
            #error
        }
    }

    fn enumeration(&self, id: TypeId, ident: &Ident, definition: &Enum) -> TokenStream {
        let attributes = self.attributes(&quote!(enum), Contents::default(), true);
        let repr = format_ident!(
            "{}",
            match definition.cases.len() {
                ..=0x100 => "u8",
                0x101..=0x1_0000 => "u16",
                _ => "u32",
            }
        );
        let idents: Vec<Ident> = definition.cases.iter().map(|case| names::camel_case(&case.name)).collect();
        let cases = definition.cases.iter().zip(&idents).map(|(case, ident)| {
            let (docs, name) = (docs(&case.docs), &case.name);
            quote!(#docs #[component(name = #name)] #ident)
        });
        let error = self.world.facts.is_error(id).then(|| {
            let names = definition.cases.iter().map(|case| &case.name);
            let messages = definition.cases.iter().map(|case| case.docs.contents.as_deref().unwrap_or_default().trim());
            quote! {
                impl #ident {
                    /// The name in WIT.
                    pub fn name(&self) -> &'static str {
                        match self { #(Self::#idents => #names,)* }
                    }

                    /// The documentation in WIT.
                    pub fn message(&self) -> &'static str {
                        match self { #(Self::#idents => #messages,)* }
                    }
                }

                impl ::core::fmt::Display for #ident {
                    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        ::core::write!(f, "{} (error {})", self.name(), *self as i32)
                    }
                }

                impl ::core::error::Error for #ident {}
            }
        });
        quote! {
            #attributes
            #[repr(#repr)]
            pub enum #ident { #(#cases,)* }
            #error
        }
    }

    fn flags(&self, docs: &TokenStream, ident: &Ident, flags: &Flags) -> TokenStream {
        let library = &self.world.options.library;
        let flags = flags.flags.iter().map(|flag| {
            let (docs, name) = (self::docs(&flag.docs), &flag.name);
            let ident = format_ident!("{}", flag.name.to_shouty_snake_case());
            quote!(#docs #[component(name = #name)] const #ident;)
        });
        quote! {
            #library::component::flags! {
                #docs
                #[component(wasmtime_crate = #library)]
                #ident { #(#flags)* }
            }
        }
    }

    /// The derives of a type, and the attributes that they read.
    fn attributes(&self, kind: &TokenStream, contents: Contents, is_enum: bool) -> TokenStream {
        let options = self.world.options;
        let library = &options.library;
        let mut derives: Vec<Path> = vec![syn::parse_quote!(Debug)];
        if !contents.handle {
            derives.push(syn::parse_quote!(Clone));
            if !contents.list {
                derives.push(syn::parse_quote!(Copy));
            }
        }
        if is_enum {
            derives.extend([syn::parse_quote!(PartialEq), syn::parse_quote!(Eq)]);
        }
        let text = |path: &Path| path.to_token_stream().to_string();
        for derive in &options.additional_derives {
            if !derives.iter().any(|other| text(other) == text(derive)) {
                derives.push(derive.clone());
            }
        }
        quote! {
            #[derive(#library::component::ComponentType, #library::component::Lift, #library::component::Lower, #(#derives),*)]
            #[component(#kind)]
            #[component(wasmtime_crate = #library)]
        }
    }

    /// What makes a type an error of Rust, if functions return it as an error.
    fn error(&self, id: TypeId, ident: &Ident) -> Option<TokenStream> {
        self.world.facts.is_error(id).then(|| {
            let format = Literal::string("{self:?}");
            quote! {
                impl ::core::fmt::Display for #ident {
                    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        ::core::write!(f, #format)
                    }
                }

                impl ::core::error::Error for #ident {}
            }
        })
    }
}
