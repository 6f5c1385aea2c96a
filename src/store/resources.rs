//! Owns the way to the resource table of a store.

use super::{Store, StoreContextMut, Stores};
use crate::bounds::Data;
use crate::component::ResourceTable;

impl<W: Stores, T: Data> Store<W, T> {
    /// The table of the host's resources in this store. It is the host's alone: WASI has a table of its own.
    pub fn resource_table(&mut self) -> &mut ResourceTable {
        self.data_and_resource_table().1
    }

    /// The store's data and its table of the host's resources, at once.
    pub fn data_and_resource_table(&mut self) -> (&mut T, &mut ResourceTable) {
        let (data, ambient) = W::store_data_and_ambient_mut(self.as_raw_mut());
        (data, &mut ambient.resources)
    }
}

impl<W: Stores, T: Data> StoreContextMut<'_, W, T> {
    /// As [`Store::resource_table`].
    pub fn resource_table(&mut self) -> &mut ResourceTable {
        &mut self.ambient_mut().resources
    }

    /// As [`Store::data_and_resource_table`].
    pub fn data_and_resource_table(&mut self) -> (&mut T, &mut ResourceTable) {
        let (data, ambient) = W::data_and_ambient_mut(&mut self.raw);
        (data, &mut ambient.resources)
    }
}
