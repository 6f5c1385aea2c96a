//! References to types of WIT in Rust.

use proc_macro2::TokenStream;
use quote::quote;
use wit_parser::{Handle, InterfaceId, Type, TypeDefKind, TypeId, TypeOwner};

use super::facts;
use super::names;
use super::world::World;

/// Who has a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    /// Its type owns it.
    Owned,
    /// A parameter, which borrows lists, strings and what has them.
    Borrowed,
    /// As a parameter, for a type that is written where no lifetime can be left out.
    Static,
}

/// The module in which code is written.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) world: &'a World<'a>,
    /// The interface of the module; the module of the world has none.
    pub(super) interface: Option<InterfaceId>,
    /// How many modules deep the module is in that of the world.
    pub(super) depth: usize,
}

impl Scope<'_> {
    pub(super) fn ty(&self, ty: &Type, mode: Mode) -> TokenStream {
        match ty {
            Type::Bool => quote!(bool),
            Type::U8 => quote!(u8),
            Type::U16 => quote!(u16),
            Type::U32 => quote!(u32),
            Type::U64 => quote!(u64),
            Type::S8 => quote!(i8),
            Type::S16 => quote!(i16),
            Type::S32 => quote!(i32),
            Type::S64 => quote!(i64),
            Type::F32 => quote!(f32),
            Type::F64 => quote!(f64),
            Type::Char => quote!(char),
            Type::String => match mode {
                Mode::Owned => quote!(::std::string::String),
                Mode::Borrowed => quote!(&str),
                Mode::Static => quote!(&'static str),
            },
            // Refused before.
            Type::ErrorContext => quote!(()),
            Type::Id(id) => self.type_id(*id, mode),
        }
    }

    /// As [`Scope::ty`]; no type is the unit type.
    pub(super) fn optional(&self, ty: Option<&Type>, mode: Mode) -> TokenStream {
        ty.map_or_else(|| quote!(()), |ty| self.ty(ty, mode))
    }

    /// A tuple type of these types.
    pub(super) fn tuple<'t>(&self, types: impl IntoIterator<Item = &'t Type>, mode: Mode) -> TokenStream {
        let types = types.into_iter().map(|ty| self.ty(ty, mode));
        quote!((#(#types,)*))
    }

    fn type_id(&self, id: TypeId, mode: Mode) -> TokenStream {
        let definition = &self.world.resolve.types[id];
        if let Some(name) = &definition.name {
            let path = self.path(definition.owner, name);
            return match mode {
                Mode::Borrowed if self.world.facts.contents(id).list => quote!(&#path),
                Mode::Static if self.world.facts.contents(id).list => quote!(&'static #path),
                _ => path,
            };
        }
        self.structure(&definition.kind, mode)
    }

    /// A type as its definition spells it out.
    pub(super) fn structure(&self, kind: &TypeDefKind, mode: Mode) -> TokenStream {
        match kind {
            TypeDefKind::List(ty) => {
                let element = self.ty(ty, Mode::Owned);
                match mode {
                    Mode::Owned => quote!(::std::vec::Vec<#element>),
                    Mode::Borrowed => quote!(&[#element]),
                    Mode::Static => quote!(&'static [#element]),
                }
            }
            TypeDefKind::Option(ty) => {
                let ty = self.ty(ty, mode);
                quote!(Option<#ty>)
            }
            TypeDefKind::Result(result) => {
                let (ok, error) = (self.optional(result.ok.as_ref(), mode), self.optional(result.err.as_ref(), mode));
                quote!(Result<#ok, #error>)
            }
            TypeDefKind::Tuple(tuple) => self.tuple(&tuple.types, mode),
            TypeDefKind::Handle(handle) => self.handle(*handle),
            TypeDefKind::Type(ty) => self.ty(ty, mode),
            // These have names, or were refused before.
            _ => quote!(()),
        }
    }

    fn handle(&self, handle: Handle) -> TokenStream {
        let library = &self.world.options.library;
        let (Handle::Own(id) | Handle::Borrow(id)) = handle;
        let resolve = self.world.resolve;
        if self.world.is_guests(facts::definition(resolve, id)) {
            return quote!(#library::component::ResourceAny);
        }
        let definition = &resolve.types[id];
        let path = self.path(definition.owner, definition.name.as_deref().unwrap_or_default());
        quote!(#library::component::Resource<#path>)
    }

    /// The path of a type with a name.
    pub(super) fn path(&self, owner: TypeOwner, name: &str) -> TokenStream {
        let name = names::camel(name);
        match owner {
            TypeOwner::Interface(id) if Some(id) == self.interface => quote!(#name),
            TypeOwner::Interface(id) => {
                let module = self.module(id);
                quote!(#module::#name)
            }
            _ => {
                let root = self.root();
                quote!(#root #name)
            }
        }
    }

    /// The path of the module of another interface.
    pub(super) fn module(&self, id: InterfaceId) -> TokenStream {
        let root = self.root();
        let path = self.world.places.get(&id).map(|place| place.at_root.as_slice()).unwrap_or_default();
        quote!(#root #(#path)::*)
    }

    /// The beginning of a path at the module of the world.
    pub(super) fn root(&self) -> TokenStream {
        let up = (0..self.depth).map(|_| quote!(super::));
        quote!(#(#up)*)
    }
}
