//! The struct for an instance of a component of the world, and those for a component that is linked.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use wit_parser::Function;

use super::names;
use super::types::Scope;
use super::world::World;

/// The fields and functions of the struct for an instance.
#[derive(Default)]
pub(super) struct Exports {
    fields: Vec<Ident>,
    types: Vec<TokenStream>,
    index_types: Vec<TokenStream>,
    /// Looking up in an instance, in a component, and in an instance of a component.
    by_name: Vec<TokenStream>,
    indices: Vec<TokenStream>,
    by_index: Vec<TokenStream>,
    methods: Vec<TokenStream>,
}

impl Exports {
    pub(super) fn add_function(&mut self, root: &Scope<'_>, function: &Function) {
        let library = &root.world.options.library;
        let (name, field) = (&function.name, names::field(root.world.resolve, function));
        self.types.push(root.typed_func(function));
        self.index_types.push(quote!(#library::component::ComponentExportIndex<_W>));
        self.by_name.push(quote!(instance.get_typed_func(&mut store, #name)?));
        self.indices.push(quote!(#library::component::NamedIndex::find(component, None, #name)?));
        self.by_index.push(quote!({
            let index = #library::component::NamedIndex::new(&self.#field, None, #name);
            instance.get_typed_func(&mut store, index)?
        }));
        self.methods.push(root.call(None, function, &quote!(self)));
        self.fields.push(field);
    }

    /// Adds an interface: `name` is what its name is made of, `module` where it is.
    pub(super) fn add_interface(&mut self, name: &[Ident], module: &[Ident]) {
        let field = format_ident!("interface{}", self.fields.len());
        let name: Vec<String> = name.iter().map(ToString::to_string).collect();
        let method = format_ident!("{}", name.join("_"));
        self.types.push(quote!(#(#module)::* ::Guest<_W>));
        self.index_types.push(quote!(#(#module)::* ::GuestIndices<_W>));
        self.by_name.push(quote!(#(#module)::* ::Guest::new(&mut store, instance)?));
        self.indices.push(quote!(#(#module)::* ::GuestIndices::new(instance_pre)?));
        self.by_index.push(quote!(self.#field.load(&mut store, instance)?));
        self.methods.push(quote! {
            /// What the guest exports in this interface.
            pub fn #method(&self) -> &#(#module)::* ::Guest<_W> {
                &self.#field
            }
        });
        self.fields.push(field);
    }

    /// The structs; `add` is the function that adds imports to a linker.
    pub(super) fn write(&self, world: &World<'_>, add: Option<&TokenStream>) -> TokenStream {
        let library = &world.options.library;
        let ident = world.ident();
        let (pre, places) = (format_ident!("{ident}Pre"), format_ident!("{ident}Indices"));
        let name = &world.resolve.worlds[world.id].name;
        let about = format!(" An instance of a component for the world `{name}`.");
        let about_places = format!(" The places of what a component for the world `{name}` exports.");
        let about_pre = format!(" A component for the world `{name}` whose imports are settled.");
        let Self { fields, types, index_types, by_name, indices, by_index, methods } = self;
        quote! {
            #[doc = #about]
            pub struct #ident<_W: #library::Wasmtime> {
                #(#fields: #types,)*
                _major: ::core::marker::PhantomData<fn() -> _W>,
            }

            impl<_W: #library::Wasmtime> ::core::clone::Clone for #ident<_W> {
                fn clone(&self) -> Self {
                    Self { #(#fields: self.#fields.clone(),)* _major: ::core::marker::PhantomData }
                }
            }

            #[allow(missing_docs, clippy::all)]
            impl<_W: #library::Wasmtime> #ident<_W> {
                /// Links and instantiates a component.
                pub fn instantiate<_T: #library::Data>(
                    store: impl #library::AsContextMut<_W, Data = _T>,
                    component: &#library::component::Component<_W>,
                    linker: &#library::component::Linker<_W, _T>,
                ) -> #library::Result<Self> {
                    #pre::new(linker.instantiate_pre(component)?)?.instantiate(store)
                }

                /// As `instantiate`, on an asynchronous engine.
                pub async fn instantiate_async<_T: #library::Data + ::core::marker::Send>(
                    store: impl #library::AsContextMut<_W, Data = _T> + ::core::marker::Send,
                    component: &#library::component::Component<_W>,
                    linker: &#library::component::Linker<_W, _T>,
                ) -> #library::Result<Self> {
                    #pre::new(linker.instantiate_pre(component)?)?.instantiate_async(store).await
                }

                /// Looks up what the world exports in an instance.
                pub fn new(
                    mut store: impl #library::AsContextMut<_W>,
                    instance: &#library::component::Instance<_W>,
                ) -> #library::Result<Self> {
                    let _ = (&mut store, instance);
                    Ok(Self { #(#fields: #by_name,)* _major: ::core::marker::PhantomData })
                }

                #add
                #(#methods)*
            }

            #[doc = #about_places]
            pub struct #places<_W: #library::Wasmtime> {
                #(#fields: #index_types,)*
                _major: ::core::marker::PhantomData<fn() -> _W>,
            }

            impl<_W: #library::Wasmtime> ::core::clone::Clone for #places<_W> {
                fn clone(&self) -> Self {
                    Self { #(#fields: self.#fields.clone(),)* _major: ::core::marker::PhantomData }
                }
            }

            #[allow(clippy::all)]
            impl<_W: #library::Wasmtime> #places<_W> {
                /// Looks up what the world exports in a component.
                pub fn new<_T: #library::Data>(
                    instance_pre: &#library::component::InstancePre<_W, _T>,
                ) -> #library::Result<Self> {
                    let component = instance_pre.component();
                    let _ = component;
                    Ok(Self { #(#fields: #indices,)* _major: ::core::marker::PhantomData })
                }

                /// What an instance of this component exports.
                pub fn load(
                    &self,
                    mut store: impl #library::AsContextMut<_W>,
                    instance: &#library::component::Instance<_W>,
                ) -> #library::Result<#ident<_W>> {
                    let _ = (&mut store, instance);
                    Ok(#ident { #(#fields: #by_index,)* _major: ::core::marker::PhantomData })
                }
            }

            #[doc = #about_pre]
            pub struct #pre<_W: #library::Wasmtime, _T: #library::Data> {
                instance_pre: #library::component::InstancePre<_W, _T>,
                indices: #places<_W>,
            }

            impl<_W: #library::Wasmtime, _T: #library::Data> ::core::clone::Clone for #pre<_W, _T> {
                fn clone(&self) -> Self {
                    Self { instance_pre: self.instance_pre.clone(), indices: self.indices.clone() }
                }
            }

            impl<_W: #library::Wasmtime, _T: #library::Data> #pre<_W, _T> {
                /// Takes a component that a linker has linked, and looks up what the world exports.
                pub fn new(instance_pre: #library::component::InstancePre<_W, _T>) -> #library::Result<Self> {
                    let indices = #places::new(&instance_pre)?;
                    Ok(Self { instance_pre, indices })
                }

                /// The engine that the component was compiled with.
                pub fn engine(&self) -> &#library::Engine<_W> {
                    self.instance_pre.engine()
                }

                /// The linked component itself.
                pub fn instance_pre(&self) -> &#library::component::InstancePre<_W, _T> {
                    &self.instance_pre
                }

                /// Instantiates the component.
                pub fn instantiate(
                    &self,
                    mut store: impl #library::AsContextMut<_W, Data = _T>,
                ) -> #library::Result<#ident<_W>> {
                    let instance = self.instance_pre.instantiate(&mut store)?;
                    self.indices.load(store, &instance)
                }
            }

            impl<_W: #library::Wasmtime, _T: #library::Data + ::core::marker::Send> #pre<_W, _T> {
                /// As `instantiate`, on an asynchronous engine.
                pub async fn instantiate_async(
                    &self,
                    mut store: impl #library::AsContextMut<_W, Data = _T> + ::core::marker::Send,
                ) -> #library::Result<#ident<_W>> {
                    let instance = self.instance_pre.instantiate_async(&mut store).await?;
                    self.indices.load(store, &instance)
                }
            }
        }
    }
}
