//! The tree of modules that bindings are in.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// Modules in modules.
#[derive(Default)]
pub(super) struct Modules {
    inner: BTreeMap<String, (Ident, Modules)>,
    items: TokenStream,
}

impl Modules {
    pub(super) fn insert(&mut self, path: &[Ident], items: TokenStream) {
        match path.split_first() {
            None => self.items.extend(items),
            Some((first, rest)) => {
                let (_, inner) =
                    self.inner.entry(first.to_string()).or_insert_with(|| (first.clone(), Self::default()));
                inner.insert(rest, items);
            }
        }
    }

    pub(super) fn write(&self) -> TokenStream {
        let inner = self.inner.values().map(|(name, inner)| {
            let inner = inner.write();
            quote! {
                #[allow(clippy::all, dead_code, missing_docs, unused_imports, unused_mut, unused_variables)]
                pub mod #name { #inner }
            }
        });
        let items = &self.items;
        quote!(#(#inner)* #items)
    }
}
