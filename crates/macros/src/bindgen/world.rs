//! The world: where each of its interfaces is in Rust, what the options replace, and the struct for instances.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Error, Result};
use wit_parser::{Function, InterfaceId, Resolve, TypeDefKind, TypeId, TypeOwner, WorldId, WorldItem, WorldKey};

use super::exports::Exports;
use super::facts::Facts;
use super::modules::Modules;
use super::names;
use super::options::Options;
use super::types::Scope;

/// Where an interface is in Rust.
pub(super) struct Place {
    /// Its module, from the module of the world on.
    module: Vec<Ident>,
    /// The path of what stands for it: the module, or what the option `with` names.
    pub(super) at_root: Vec<Ident>,
    is_replaced: bool,
}

/// A world, with what the bindings know of it.
pub(super) struct World<'a> {
    pub(super) resolve: &'a Resolve,
    pub(super) options: &'a Options,
    pub(super) facts: Facts,
    pub(super) places: HashMap<InterfaceId, Place>,
    pub(super) id: WorldId,
    guests: HashSet<InterfaceId>,
    /// The errors that the host has types of its own for: the number of the option.
    trappable: HashMap<TypeId, usize>,
    trappable_used: Vec<Cell<bool>>,
}

impl<'a> World<'a> {
    pub(super) fn new(resolve: &'a Resolve, id: WorldId, options: &'a Options) -> Result<Self> {
        let mut world = Self {
            resolve,
            options,
            facts: Facts::of(resolve, id),
            places: HashMap::new(),
            id,
            guests: HashSet::new(),
            trappable: HashMap::new(),
            trappable_used: options.trappable_errors.iter().map(|_| Cell::new(false)).collect(),
        };
        world.find_trappable()?;
        let (imports, exports) = (&resolve.worlds[id].imports, &resolve.worlds[id].exports);
        for (items, is_export) in [(imports, false), (exports, true)] {
            for (key, item) in items {
                if let WorldItem::Interface { id, .. } = item {
                    let place = world.place(key, *id, is_export);
                    world.places.insert(*id, place);
                    if is_export {
                        world.guests.insert(*id);
                    }
                }
            }
        }
        Ok(world)
    }

    fn place(&self, key: &WorldKey, id: InterfaceId, is_export: bool) -> Place {
        let mut module = Vec::new();
        if is_export {
            module.push(format_ident!("exports"));
        }
        module.extend(self.module_of(key, id));
        // What a guest exports is bound here in any case: only the types of imports can be elsewhere.
        let replaced = if is_export { None } else { self.replaced(key, None) };
        let is_replaced = replaced.is_some();
        Place { at_root: replaced.unwrap_or_else(|| module.clone()), module, is_replaced }
    }

    fn module_of(&self, key: &WorldKey, id: InterfaceId) -> Vec<Ident> {
        let interface = &self.resolve.interfaces[id];
        match (key, &interface.name, interface.package) {
            (WorldKey::Interface(_), Some(name), Some(package)) => {
                let namespace = names::snake(&self.resolve.packages[package].name.namespace);
                vec![namespace, names::package(self.resolve, package), names::snake(name)]
            }
            (WorldKey::Name(name), ..) => vec![names::snake(name)],
            _ => vec![names::snake("interface")],
        }
    }

    /// Finds the types that `trappable_error_type` names.
    fn find_trappable(&mut self) -> Result<()> {
        for (number, (name, _)) in self.options.trappable_errors.iter().enumerate() {
            let wanted = name.value();
            let mut found = false;
            for (id, interface) in self.resolve.interfaces.iter() {
                for (ty, type_id) in &interface.types {
                    let lookups = names::lookups(self.resolve, &WorldKey::Interface(id), Some(ty));
                    if lookups.iter().any(|(key, rest)| rest.is_empty() && *key == wanted) {
                        found = true;
                        self.trappable.insert(*type_id, number);
                    }
                }
            }
            if !found {
                return Err(Error::new(
                    name.span(),
                    "there is no type of this name: expected `namespace:package/interface.type`",
                ));
            }
        }
        Ok(())
    }

    /// What the option `with` puts in the place of an interface or of a resource in it: a path from the module of the world on.
    fn replaced(&self, key: &WorldKey, resource: Option<&str>) -> Option<Vec<Ident>> {
        for (name, rest) in names::lookups(self.resolve, key, resource) {
            let number = self.options.with.iter().position(|with| with.key.value() == name);
            if let Some(number) = number {
                self.options.with[number].used.set(true);
                return Some(std::iter::once(with_name(number)).chain(rest).collect());
            }
        }
        None
    }

    /// The type that the option `with` puts in the place of a resource of the host.
    pub(super) fn replacement(&self, key: Option<&WorldKey>, resource: &str) -> Option<Vec<Ident>> {
        match key {
            Some(key) => self.replaced(key, Some(resource)),
            None => self.replaced(&WorldKey::Name(resource.to_owned()), None),
        }
    }

    /// Whether a resource is one of the guest.
    pub(super) fn is_guests(&self, resource: TypeId) -> bool {
        matches!(self.resolve.types[resource].owner, TypeOwner::Interface(id) if self.guests.contains(&id))
    }

    pub(super) fn is_trappable(&self, error: TypeId) -> bool {
        let number = self.trappable.get(&error);
        number.inspect(|number| self.trappable_used[**number].set(true)).is_some()
    }

    /// The name, in the module of the world, of the host's own type for an error.
    pub(super) fn trappable(&self, error: TypeId) -> Ident {
        trappable_name(self.trappable.get(&error).copied().unwrap_or_default())
    }

    /// The functions of a resource.
    pub(super) fn functions_of(&self, resource: TypeId) -> Vec<&'a Function> {
        let is_of = |function: &&'a Function| function.kind.resource() == Some(resource);
        match self.resolve.types[resource].owner {
            TypeOwner::Interface(id) => self.resolve.interfaces[id].functions.values().filter(is_of).collect(),
            _ => self.import_functions().filter(is_of).collect(),
        }
    }

    fn import_functions(&self) -> impl Iterator<Item = &'a Function> {
        self.resolve.worlds[self.id].imports.values().filter_map(|item| match item {
            WorldItem::Function(function) => Some(function),
            _ => None,
        })
    }

    pub(super) fn ident(&self) -> Ident {
        names::camel(&self.resolve.worlds[self.id].name)
    }

    /// The trait for functions and resources that the world imports outside of interfaces.
    pub(super) fn imports_trait(&self) -> Ident {
        format_ident!("{}Imports", self.ident())
    }

    /// Refuses options that nothing in the world has met.
    pub(super) fn check_used(&self) -> Result<()> {
        if let Some(with) = self.options.with.iter().find(|with| !with.used.get()) {
            return Err(Error::new(with.key.span(), "the world imports nothing of this name"));
        }
        self.options.imports.check_used()?;
        self.options.exports.check_used()
    }

    /// All bindings.
    pub(super) fn generate(&self) -> Result<TokenStream> {
        let resolve = self.resolve;
        let world = &resolve.worlds[self.id];
        let root = Scope { world: self, interface: None, depth: 0 };
        let mut modules = Modules::default();
        let mut definitions = Vec::new();
        let mut resources = Vec::new();
        let mut is_async = false;
        let mut interfaces = Vec::new();

        for (key, item) in &world.imports {
            match item {
                WorldItem::Function(_) => {}
                WorldItem::Type { id, .. } => {
                    let WorldKey::Name(name) = key else { continue };
                    if matches!(resolve.types[*id].kind, TypeDefKind::Resource) {
                        let resource = root.host_resource(None, name, *id);
                        is_async |= resource.is_async;
                        definitions.push(resource.definition);
                        resources.push(name);
                    } else {
                        definitions.push(root.define(name, *id)?);
                    }
                }
                WorldItem::Interface { id, .. } => {
                    let Some(place) = self.places.get(id) else { continue };
                    interfaces.push(*id);
                    let scope = Scope { world: self, interface: Some(*id), depth: place.module.len() };
                    if place.is_replaced {
                        let (up, path) = (scope.root(), &place.at_root);
                        modules.insert(&place.module, quote!(pub use #up #(#path)::* ::*;));
                    } else {
                        let host = scope.host_interface(key, *id)?;
                        is_async |= host.is_async;
                        modules.insert(&place.module, host.definition);
                    }
                }
            }
        }

        let mut exports = Exports::default();
        for (key, item) in &world.exports {
            match item {
                WorldItem::Function(function) => exports.add_function(&root, function),
                WorldItem::Interface { id, .. } => {
                    let Some(place) = self.places.get(id) else { continue };
                    let scope = Scope { world: self, interface: Some(*id), depth: place.module.len() };
                    modules.insert(&place.module, scope.guest_interface(key, *id)?);
                    exports.add_interface(&self.module_of(key, *id), &place.module);
                }
                WorldItem::Type { .. } => {}
            }
        }

        let replaced = self.options.with.iter().enumerate().map(|(number, with)| {
            let (path, name) = (&with.path, with_name(number));
            quote!(#[doc(hidden)] pub use #path as #name;)
        });
        let errors = self.options.trappable_errors.iter().enumerate().map(|(number, (_, path))| {
            let name = trappable_name(number);
            quote!(type #name = #path;)
        });
        let imports = self.imports(&root, &resources, &interfaces, is_async);
        let instance = exports.write(self, imports.as_ref().map(|imports| &imports.add));
        let imports = imports.map(|imports| imports.definition);
        let modules = modules.write();
        Ok(quote! {
            #(#replaced)*
            #(#errors)*
            #(#definitions)*
            #imports
            #instance
            #modules
        })
    }

    /// The trait for what is imported outside of interfaces, and the functions that add imports to a linker.
    fn imports(
        &self,
        root: &Scope<'_>,
        resources: &[&String],
        interfaces: &[InterfaceId],
        is_async: bool,
    ) -> Option<Imports> {
        let library = &self.options.library;
        let functions: Vec<&Function> = self.import_functions().collect();
        let has_trait = !functions.is_empty() || !resources.is_empty();
        if !has_trait && interfaces.is_empty() {
            return None;
        }
        let name = self.imports_trait();
        let mut bounds: Vec<TokenStream> = interfaces
            .iter()
            .map(|id| {
                let module = root.module(*id);
                quote!(#module::Host)
            })
            .collect();
        let mut is_async = is_async;
        let mut definition = TokenStream::new();
        let mut of_world = TokenStream::new();
        if has_trait {
            let free: Vec<&Function> =
                functions.iter().copied().filter(|function| function.kind.resource().is_none()).collect();
            let included = resources.iter().map(|name| format_ident!("Host{}", names::camel(name)));
            let included = included.map(|name| quote!(#name)).collect();
            let host = root.host_trait(&name, None, &free, Vec::new(), included, is_async && !resources.is_empty());
            is_async |= host.is_async;
            definition = host.definition;
            bounds.push(quote!(#name));
            let resources = resources.iter().map(|name| root.add_resource(None, name));
            let functions = functions.iter().map(|function| root.add_function(None, function));
            of_world = quote! {
                {
                    let mut inst = linker.root();
                    #(#resources)*
                    #(#functions)*
                }
            };
        }
        let of_interfaces = interfaces.iter().map(|id| {
            let module = root.module(*id);
            quote!(#module::add_to_linker::<_W, _T, _D>(linker, host_getter)?;)
        });
        let send = (is_async || self.options.require_store_data_send || self.options.imports.default.is_async)
            .then(|| quote!(+ ::core::marker::Send));
        let add = quote! {
            /// Adds all that the world imports to a linker. `host_getter` finds what implements it in the store's data.
            pub fn add_to_linker<_T, _D>(
                linker: &mut #library::component::Linker<_W, _T>,
                host_getter: fn(&mut _T) -> _D::Data<'_>,
            ) -> #library::Result<()>
            where
                _T: #library::Data #send,
                _D: #library::component::HasData,
                for<'a> _D::Data<'a>: #(#bounds)+*,
            {
                #of_world
                #(#of_interfaces)*
                Ok(())
            }
        };
        Some(Imports { definition, add })
    }
}

/// What the option `with` brings into the module of the world.
fn with_name(number: usize) -> Ident {
    format_ident!("__with_name{number}")
}

fn trappable_name(number: usize) -> Ident {
    format_ident!("_TrappableError{number}")
}

/// The trait for imports outside of interfaces, and `add_to_linker`.
struct Imports {
    definition: TokenStream,
    add: TokenStream,
}
