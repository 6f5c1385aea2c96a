//! What a host provides: a trait for each imported interface and resource, and the function that adds an implementation to a
//! linker.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Result;
use wit_parser::{Function, InterfaceId, TypeDefKind, TypeId, WorldKey};

use super::definitions::docs;
use super::facts;
use super::names;
use super::options::Binding;
use super::types::{Mode, Scope};

use heck::ToSnakeCase;

/// A trait of hosts.
#[derive(Default)]
pub(super) struct HostTrait {
    pub(super) definition: TokenStream,
    pub(super) is_async: bool,
}

/// A function of a trait, apart from its body.
pub(super) struct Method {
    docs: TokenStream,
    name: Ident,
    params: Vec<(Ident, TokenStream)>,
    result: TokenStream,
    is_async: bool,
}

impl Method {
    fn signature(&self) -> TokenStream {
        let Self { name, result, .. } = self;
        let params = self.params.iter().map(|(name, ty)| quote!(#name: #ty));
        let result = if self.is_async {
            quote!(impl ::core::future::Future<Output = #result> + ::core::marker::Send)
        } else {
            result.clone()
        };
        quote!(fn #name(&mut self, #(#params),*) -> #result)
    }

    fn declaration(&self) -> TokenStream {
        let (docs, signature) = (&self.docs, self.signature());
        quote!(#docs #signature;)
    }

    /// The function for a reference to a type that has it.
    fn forward(&self, of: &Ident) -> TokenStream {
        let (signature, name) = (self.signature(), &self.name);
        let arguments = self.params.iter().map(|(name, _)| name);
        let call = quote!(#of::#name(&mut **self, #(#arguments),*));
        if self.is_async { quote!(#signature { async move { #call.await } }) } else { quote!(#signature { #call }) }
    }
}

impl<'a> Scope<'a> {
    /// A resource that the host provides: its type, and the trait with its functions.
    pub(super) fn host_resource(&self, key: Option<&WorldKey>, name: &str, id: TypeId) -> HostTrait {
        let definition = &self.world.resolve.types[id];
        let (docs, ident) = (docs(&definition.docs), names::camel(name));
        let ty = match self.world.replacement(key, name) {
            Some(path) => {
                let root = self.root();
                quote!(#docs pub use #root #(#path)::* as #ident;)
            }
            None => quote!(#docs #[allow(missing_docs)] pub enum #ident {}),
        };
        let functions: Vec<&Function> = self.world.functions_of(id);
        let drop = Method {
            docs: quote!(#[doc = " Called when the guest has dropped the resource."]),
            name: format_ident!("drop"),
            params: vec![(format_ident!("rep"), {
                let library = &self.world.options.library;
                quote!(#library::component::Resource<#ident>)
            })],
            result: self.anyhow(&quote!(())),
            is_async: self.drop_binding(key, name).is_async,
        };
        let host = self.host_trait(&format_ident!("Host{ident}"), key, &functions, vec![drop], Vec::new(), false);
        let definition = host.definition;
        HostTrait { definition: quote!(#ty #definition), ..host }
    }

    /// A trait with these functions. It is `Send` if one of its functions, or of the traits it includes, is asynchronous.
    pub(super) fn host_trait(
        &self,
        name: &Ident,
        key: Option<&WorldKey>,
        functions: &[&Function],
        more: Vec<Method>,
        included: Vec<TokenStream>,
        includes_async: bool,
    ) -> HostTrait {
        let methods = functions.iter().map(|function| self.method(key, function)).chain(more);
        let methods: Vec<Method> = methods.collect();
        let is_async = includes_async || methods.iter().any(|method| method.is_async);
        let send = is_async.then(|| quote!(::core::marker::Send));
        let supertraits: Vec<TokenStream> = included.into_iter().chain(send.clone()).collect();
        let bound = send.map(|send| quote!(+ #send));
        let declarations = methods.iter().map(Method::declaration);
        let forwards = methods.iter().map(|method| method.forward(name));
        let definition = quote! {
            #[allow(missing_docs, clippy::all)]
            pub trait #name: #(#supertraits)+* {
                #(#declarations)*
            }

            #[allow(clippy::all)]
            impl<_T: #name + ?Sized #bound> #name for &mut _T {
                #(#forwards)*
            }
        };
        HostTrait { definition, is_async }
    }

    fn method(&self, key: Option<&WorldKey>, function: &Function) -> Method {
        let binding = self.import_binding(key, function);
        let params = function.params.iter().map(|param| (names::snake(&param.name), self.ty(&param.ty, Mode::Owned)));
        Method {
            docs: docs(&function.docs),
            name: names::method(function),
            params: params.collect(),
            result: self.host_result(function, binding),
            is_async: binding.is_async,
        }
    }

    fn host_result(&self, function: &Function, binding: Binding) -> TokenStream {
        let result = self.optional(function.result.as_ref(), Mode::Owned);
        if !binding.is_trappable {
            return result;
        }
        match self.trappable_error(function) {
            Some((ok, error)) => {
                let (ok, root, error) =
                    (self.optional(ok.as_ref(), Mode::Owned), self.root(), self.world.trappable(error));
                quote!(Result<#ok, #root #error>)
            }
            None => self.anyhow(&result),
        }
    }

    fn anyhow(&self, result: &TokenStream) -> TokenStream {
        let library = &self.world.options.library;
        quote!(#library::__private::anyhow::Result<#result>)
    }

    /// The value and the error of a function whose error is one that the host has a type of its own for.
    fn trappable_error(&self, function: &Function) -> Option<(Option<wit_parser::Type>, TypeId)> {
        facts::error_of(self.world.resolve, function).filter(|(_, error)| self.world.is_trappable(*error))
    }

    pub(super) fn import_binding(&self, key: Option<&WorldKey>, function: &Function) -> Binding {
        self.world.options.imports.of(self.world.resolve, key, &function.name)
    }

    fn drop_binding(&self, key: Option<&WorldKey>, resource: &str) -> Binding {
        self.world.options.imports.of(self.world.resolve, key, &format!("[drop]{resource}"))
    }

    /// The module of an imported interface.
    pub(super) fn host_interface(&self, key: &WorldKey, id: InterfaceId) -> Result<HostTrait> {
        let world = self.world;
        let interface = &world.resolve.interfaces[id];
        let mut definitions = Vec::new();
        let mut included = Vec::new();
        let mut is_async = false;
        for (name, ty) in &interface.types {
            if matches!(world.resolve.types[*ty].kind, TypeDefKind::Resource) {
                let resource = self.host_resource(Some(key), name, *ty);
                definitions.push(resource.definition);
                is_async |= resource.is_async;
                let name = format_ident!("Host{}", names::camel(name));
                included.push(quote!(#name));
            } else {
                definitions.push(self.define(name, *ty)?);
            }
        }
        let (converts, others) = self.converts(interface.types.values(), interface.functions.values());
        included.extend(others);
        let functions: Vec<&Function> =
            interface.functions.values().filter(|function| function.kind.resource().is_none()).collect();
        let host = self.host_trait(&format_ident!("Host"), Some(key), &functions, converts, included, is_async);
        let (definition, is_async) = (host.definition, host.is_async);
        let add = self.add_interface(key, id, is_async);
        Ok(HostTrait { definition: quote!(#(#definitions)* #definition #add), is_async })
    }

    /// The functions that convert errors of the host, for the errors that this interface defines; and the traits with those for errors of other interfaces that its functions return.
    fn converts<'t>(
        &self,
        types: impl Iterator<Item = &'t TypeId>,
        functions: impl Iterator<Item = &'t Function>,
    ) -> (Vec<Method>, Vec<TokenStream>) {
        let world = self.world;
        let mut methods = Vec::new();
        for id in types.filter(|id| world.is_trappable(**id)) {
            let definition = &world.resolve.types[*id];
            let name = definition.name.as_deref().unwrap_or_default();
            let (root, error) = (self.root(), world.trappable(*id));
            let ty = self.path(definition.owner, name);
            methods.push(Method {
                docs: quote!(#[doc = " Turns an error of the host into one of WIT, or into a trap."]),
                name: format_ident!("convert_{}", name.to_snake_case()),
                params: vec![(format_ident!("err"), quote!(#root #error))],
                result: self.anyhow(&ty),
                is_async: false,
            });
        }
        let mut others: Vec<InterfaceId> = Vec::new();
        for (_, error) in functions.filter_map(|function| self.trappable_error(function)) {
            if let wit_parser::TypeOwner::Interface(id) = world.resolve.types[error].owner
                && Some(id) != self.interface
                && !others.contains(&id)
            {
                others.push(id);
            }
        }
        let others = others.into_iter().map(|id| {
            let module = self.module(id);
            quote!(#module::Host)
        });
        (methods, others.collect())
    }

    fn add_interface(&self, key: &WorldKey, id: InterfaceId, is_async: bool) -> TokenStream {
        let world = self.world;
        let library = &world.options.library;
        let name = world.resolve.name_world_key(key);
        let interface = &world.resolve.interfaces[id];
        let resources =
            interface.types.iter().filter(|(_, id)| matches!(world.resolve.types[**id].kind, TypeDefKind::Resource));
        let resources = resources.map(|(name, _)| self.add_resource(Some(key), name));
        let functions = interface.functions.values().map(|function| self.add_function(Some(key), function));
        let send = (is_async || world.options.require_store_data_send).then(|| quote!(+ ::core::marker::Send));
        let about = format!(
            " Adds the functions of `{name}` to a linker. `host_getter` finds what implements them in the store's data."
        );
        quote! {
            #[doc = #about]
            pub fn add_to_linker<_W, _T, _D>(
                linker: &mut #library::component::Linker<_W, _T>,
                host_getter: fn(&mut _T) -> _D::Data<'_>,
            ) -> #library::Result<()>
            where
                _W: #library::Wasmtime,
                _T: #library::Data #send,
                _D: #library::component::HasData,
                for<'a> _D::Data<'a>: Host,
            {
                let mut inst = linker.instance(#name)?;
                #(#resources)*
                #(#functions)*
                Ok(())
            }
        }
    }

    /// The statement that adds a resource to the linker instance `inst`.
    pub(super) fn add_resource(&self, key: Option<&WorldKey>, name: &str) -> TokenStream {
        let library = &self.world.options.library;
        let ident = names::camel(name);
        let host = format_ident!("Host{ident}");
        let binding = self.drop_binding(key, name);
        let drop = quote!(#host::drop(&mut host_getter(store.data_mut()), #library::component::Resource::new_own(rep)));
        let store = quote!(mut store: #library::StoreContextMut<'_, _W, _T>);
        let ty = quote!(#library::component::ResourceType::host::<#ident>());
        if binding.is_async {
            quote! {
                inst.resource_async(#name, #ty, move |#store, rep: u32| {
                    ::std::boxed::Box::new(async move { #drop.await })
                })?;
            }
        } else {
            quote!(inst.resource(#name, #ty, move |#store, rep: u32| #drop)?;)
        }
    }

    /// The statement that adds a function to the linker instance `inst`.
    pub(super) fn add_function(&self, key: Option<&WorldKey>, function: &Function) -> TokenStream {
        let library = &self.world.options.library;
        let binding = self.import_binding(key, function);
        let (name, method, host) = (&function.name, names::method(function), self.trait_of(function));
        let arguments: Vec<Ident> = (0..function.params.len()).map(|index| format_ident!("arg{index}")).collect();
        let types = self.tuple(function.params.iter().map(|param| &param.ty), Mode::Owned);
        let wait = binding.is_async.then(|| quote!(.await));
        let result = self.returned(function, binding);
        let params = quote!(mut caller: #library::StoreContextMut<'_, _W, _T>, (#(#arguments,)*): #types);
        let body = quote! {
            let host = &mut host_getter(caller.data_mut());
            let result = #host::#method(host, #(#arguments),*)#wait;
            #result
        };
        if binding.is_async {
            quote!(inst.func_wrap_async(#name, move |#params| ::std::boxed::Box::new(async move { #body }))?;)
        } else {
            quote!(inst.func_wrap(#name, move |#params| { #body })?;)
        }
    }

    /// The trait that has a function.
    fn trait_of(&self, function: &Function) -> Ident {
        match function.kind.resource() {
            Some(id) => {
                let name = self.world.resolve.types[id].name.as_deref().unwrap_or_default();
                format_ident!("Host{}", names::camel(name))
            }
            None if self.interface.is_none() => self.world.imports_trait(),
            None => format_ident!("Host"),
        }
    }

    /// The results as the linker takes them, from the variable `result`.
    fn returned(&self, function: &Function, binding: Binding) -> TokenStream {
        match (binding.is_trappable, &function.result) {
            (false, None) => quote!(Ok(result)),
            (false, Some(_)) => quote!(Ok((result,))),
            (true, None) => quote!(result),
            (true, Some(_)) => match self.trappable_error(function) {
                None => quote!(Ok((result?,))),
                Some((_, error)) => {
                    let definition = &self.world.resolve.types[error];
                    let name = definition.name.as_deref().unwrap_or_default();
                    let convert = format_ident!("convert_{}", name.to_snake_case());
                    let host = match definition.owner {
                        wit_parser::TypeOwner::Interface(id) if Some(id) != self.interface => {
                            let module = self.module(id);
                            quote!(#module::Host)
                        }
                        _ => quote!(Host),
                    };
                    quote! {
                        Ok((match result {
                            Ok(value) => Ok(value),
                            Err(error) => Err(#host::#convert(host, error)?),
                        },))
                    }
                }
            },
        }
    }
}
