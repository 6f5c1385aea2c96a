//! Owns what stores and linkers have of the interfaces that a host adds beside WASI: `wasi:config` and `wasi:keyvalue`.

use super::{Store, StoreContextMut, Stores, Wasi};
use crate::bounds::Data;
use crate::component;
use crate::error::Result;
use crate::wasi::{ConfigVariables, KeyValue};

impl<W: Wasi, T: Data> component::Linker<W, T> {
    /// Adds `wasi:config/store`, of the versions `0.2.0-rc.1` and `0.2.0-draft`, with the same functions on every major. Guests read
    /// the variables that [`Store::set_wasi_config`] sets; they are not part of [`Linker::add_wasi`](component::Linker::add_wasi).
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if one of the interfaces is defined.
    pub fn add_wasi_config(&mut self) -> Result<()> {
        W::link_wasi_config(&mut self.raw)
    }

    /// Adds `wasi:keyvalue/store`, `wasi:keyvalue/atomics` and `wasi:keyvalue/batch`, of the version `0.2.0-draft`, with the same functions on
    /// every major. Guests read and write the values that [`Store::set_wasi_keyvalue`] sets; they are not part of
    /// [`Linker::add_wasi`](component::Linker::add_wasi).
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if one of the interfaces is defined.
    pub fn add_wasi_keyvalue(&mut self) -> Result<()> {
        W::link_wasi_keyvalue(&mut self.raw)
    }
}

/// Setters for a type that a store can be borrowed from.
macro_rules! setters {
    ($($type:ty),*) => {$(
        impl<W: Stores, T: Data> $type {
            /// Sets the variables that guests read with `wasi:config`, in place of those before. A new store has none.
            ///
            /// The functions are there if [`Linker::add_wasi_config`](component::Linker::add_wasi_config) added them.
            pub fn set_wasi_config(&mut self, variables: &ConfigVariables) {
                let mut context = self.as_context_mut();
                let extras = context.ambient_mut().extras.get_or_insert_default();
                extras.variables = Some(variables.clone());
            }

            /// Sets the values that guests read and write with `wasi:keyvalue`, in place of those before. In a new store
            /// there is no bucket. Buckets that guests have opened before are errors afterwards.
            ///
            /// The functions are there if [`Linker::add_wasi_keyvalue`](component::Linker::add_wasi_keyvalue) added them.
            pub fn set_wasi_keyvalue(&mut self, values: &KeyValue) {
                let mut context = self.as_context_mut();
                let extras = context.ambient_mut().extras.get_or_insert_default();
                extras.values = Some(values.clone());
            }
        }
    )*};
}

setters!(Store<W, T>, StoreContextMut<'_, W, T>);
