//! What a guest provides: a struct for each exported interface, with its functions, and one for the methods of each resource.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Result;
use wit_parser::{Function, InterfaceId, TypeDefKind, TypeId, WorldKey};

use super::definitions::docs;
use super::names;
use super::types::{Mode, Scope};

use heck::ToSnakeCase;

impl Scope<'_> {
    /// The module of an exported interface.
    pub(super) fn guest_interface(&self, key: &WorldKey, id: InterfaceId) -> Result<TokenStream> {
        let resolve = self.world.resolve;
        let library = &self.world.options.library;
        let interface = &resolve.interfaces[id];
        let name = resolve.name_world_key(key);
        let mut definitions = Vec::new();
        let mut resources: Vec<(&String, TypeId)> = Vec::new();
        for (name, ty) in &interface.types {
            if matches!(resolve.types[*ty].kind, TypeDefKind::Resource) {
                resources.push((name, *ty));
            } else {
                definitions.push(self.define(name, *ty)?);
            }
        }
        let accessors = resources.iter().map(|(name, _)| {
            let (method, guest) = (names::snake(name), format_ident!("Guest{}", names::camel(name)));
            let about = format!(" The functions of the resource `{name}`.");
            quote!(#[doc = #about] pub fn #method(&self) -> #guest<'_, _W> { #guest { funcs: self } })
        });
        let guests = resources.iter().map(|(name, id)| self.guest_resource(key, name, *id));

        let functions: Vec<&Function> = interface.functions.values().collect();
        let fields: Vec<Ident> = functions.iter().map(|function| names::field(resolve, function)).collect();
        let types = functions.iter().map(|function| self.typed_func(function));
        let names: Vec<&String> = functions.iter().map(|function| &function.name).collect();
        let free = functions.iter().filter(|function| function.kind.resource().is_none());
        let calls = free.map(|function| self.call(Some(key), function, &quote!(self)));
        let about = format!(" The functions that a guest exports in `{name}`.");
        let about_indices = format!(" The places of the functions that a component exports in `{name}`.");
        Ok(quote! {
            #(#definitions)*

            #[doc = #about]
            pub struct Guest<_W: #library::Wasmtime> {
                #(#fields: #types,)*
                _major: ::core::marker::PhantomData<fn() -> _W>,
            }

            impl<_W: #library::Wasmtime> ::core::clone::Clone for Guest<_W> {
                fn clone(&self) -> Self {
                    Self { #(#fields: self.#fields.clone(),)* _major: ::core::marker::PhantomData }
                }
            }

            impl<_W: #library::Wasmtime> Guest<_W> {
                /// Looks up the functions in an instance.
                pub fn new(
                    mut store: impl #library::AsContextMut<_W>,
                    instance: &#library::component::Instance<_W>,
                ) -> #library::Result<Self> {
                    let _ = (&mut store, instance);
                    Ok(Self {
                        #(#fields: instance.get_typed_func(&mut store, (#name, #names))?,)*
                        _major: ::core::marker::PhantomData,
                    })
                }

                #(#accessors)*
                #(#calls)*
            }

            #[doc = #about_indices]
            pub struct GuestIndices<_W: #library::Wasmtime> {
                #(#fields: #library::component::ComponentExportIndex<_W>,)*
                _major: ::core::marker::PhantomData<fn() -> _W>,
            }

            impl<_W: #library::Wasmtime> ::core::clone::Clone for GuestIndices<_W> {
                fn clone(&self) -> Self {
                    Self { #(#fields: self.#fields.clone(),)* _major: ::core::marker::PhantomData }
                }
            }

            impl<_W: #library::Wasmtime> GuestIndices<_W> {
                /// Looks up the functions in a component.
                pub fn new<_T: #library::Data>(
                    instance_pre: &#library::component::InstancePre<_W, _T>,
                ) -> #library::Result<Self> {
                    let component = instance_pre.component();
                    let _ = component;
                    Ok(Self {
                        #(#fields: #library::component::NamedIndex::find(component, Some(#name), #names)?,)*
                        _major: ::core::marker::PhantomData,
                    })
                }

                /// The functions of an instance of this component.
                pub fn load(
                    &self,
                    mut store: impl #library::AsContextMut<_W>,
                    instance: &#library::component::Instance<_W>,
                ) -> #library::Result<Guest<_W>> {
                    let _ = (&mut store, instance);
                    Ok(Guest {
                        #(#fields: {
                            let index = #library::component::NamedIndex::new(&self.#fields, Some(#name), #names);
                            instance.get_typed_func(&mut store, index)?
                        },)*
                        _major: ::core::marker::PhantomData,
                    })
                }
            }

            #(#guests)*
        })
    }

    /// The handle of a resource of the guest, and its functions.
    fn guest_resource(&self, key: &WorldKey, name: &str, id: TypeId) -> TokenStream {
        let library = &self.world.options.library;
        let docs = docs(&self.world.resolve.types[id].docs);
        let ident = names::camel(name);
        let guest = format_ident!("Guest{ident}");
        let functions = self.world.functions_of(id);
        let calls = functions.into_iter().map(|function| self.call(Some(key), function, &quote!(self.funcs)));
        let about = format!(" The functions of the resource `{name}`.");
        quote! {
            #docs
            pub type #ident = #library::component::ResourceAny;

            #[doc = #about]
            pub struct #guest<'a, _W: #library::Wasmtime> {
                funcs: &'a Guest<_W>,
            }

            impl<_W: #library::Wasmtime> #guest<'_, _W> {
                #(#calls)*
            }
        }
    }

    /// The type of the field that holds an exported function.
    pub(super) fn typed_func(&self, function: &Function) -> TokenStream {
        let library = &self.world.options.library;
        let params = self.tuple(function.params.iter().map(|param| &param.ty), Mode::Static);
        let results = self.tuple(&function.result, Mode::Owned);
        quote!(#library::component::TypedFunc<_W, #params, #results>)
    }

    /// The method that calls an exported function, which is in a field of `holder`.
    pub(super) fn call(&self, key: Option<&WorldKey>, function: &Function, holder: &TokenStream) -> TokenStream {
        let library = &self.world.options.library;
        let resolve = self.world.resolve;
        let binding = self.world.options.exports.of(resolve, key, &function.name);
        let docs = docs(&function.docs);
        let name = format_ident!("call_{}", function.item_name().to_snake_case());
        let field = names::field(resolve, function);
        let arguments: Vec<Ident> = (0..function.params.len()).map(|index| format_ident!("arg{index}")).collect();
        let types = function.params.iter().map(|param| self.ty(&param.ty, Mode::Borrowed));
        let result = self.optional(function.result.as_ref(), Mode::Owned);
        let value = function.result.map(|_| quote!(result,));
        let ret = if function.result.is_some() { quote!(result) } else { quote!(()) };
        let (asynchronous, store, call) = if binding.is_async {
            (
                quote!(async),
                quote!(impl #library::AsContextMut<_W, Data: ::core::marker::Send> + ::core::marker::Send),
                quote!(call_async),
            )
        } else {
            (quote!(), quote!(impl #library::AsContextMut<_W>), quote!(call))
        };
        let wait = binding.is_async.then(|| quote!(.await));
        quote! {
            #docs
            pub #asynchronous fn #name(&self, store: #store, #(#arguments: #types),*) -> #library::Result<#result> {
                let (#value) = #holder.#field.#call(store, (#(#arguments,)*))#wait?;
                Ok(#ret)
            }
        }
    }
}
