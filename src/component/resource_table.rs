//! Owns `ResourceTable`: the host's values behind its resources.

use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;

use super::Resource;

/// The host's values behind the resources that guests hold: a value of any type for each number of a [`Resource`].
///
/// Each store has one, [`StoreContextMut::resource_table`](crate::StoreContextMut::resource_table); a host can also make one of its own and keep
/// the table in the data of the store. A value can have children, and is kept as long as it has any.
///
/// ```
/// use wasmtime_compat::component::{Resource, ResourceTable};
///
/// # fn main() -> Result<(), wasmtime_compat::component::ResourceTableError> {
/// let mut table = ResourceTable::new();
/// let connection: Resource<String> = table.push("connection".to_owned())?;
/// table.get_mut(&connection)?.push_str(" 1");
/// // What a host function gets for `borrow<connection>`:
/// let borrowed = Resource::<String>::new_borrow(connection.rep());
/// assert_eq!(table.get(&borrowed)?, "connection 1");
/// assert_eq!(table.delete(connection)?, "connection 1");
/// assert!(table.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ResourceTable {
    slots: Vec<Slot>,
    /// The last slot that became free; each names the one before.
    free: Option<u32>,
    occupied: usize,
    max_capacity: usize,
}

#[derive(Debug)]
enum Slot {
    Free { next: Option<u32> },
    Occupied(Entry),
}

#[derive(Debug)]
struct Entry {
    value: Box<dyn Any + Send>,
    parent: Option<u32>,
    children: BTreeSet<u32>,
}

/// Why a [`ResourceTable`] refuses an operation.
///
/// ```
/// use wasmtime_compat::component::{Resource, ResourceTable, ResourceTableError};
///
/// let mut table = ResourceTable::new();
/// let listener = table.push("listener".to_owned())?;
/// let connection = table.push_child(7_u32, &listener)?;
/// let owned = Resource::<String>::new_own(listener.rep());
/// assert_eq!(table.delete(owned), Err(ResourceTableError::HasChildren));
/// table.delete(connection)?;
/// assert_eq!(table.delete(listener)?, "listener");
/// # Ok::<(), ResourceTableError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResourceTableError {
    /// The table has as many values as it may have.
    Full,
    /// The table has no value under this number.
    NotPresent,
    /// The value under this number has another type.
    WrongType,
    /// The value still has children.
    HasChildren,
    /// The value has a parent already, or another one.
    OtherParent,
}

/// As Wasmtime's own table has from 40 on.
const DEFAULT_MAX_CAPACITY: usize = 1_000_000;

impl ResourceTable {
    /// An empty table. It holds at most 1,000,000 values, unless [`ResourceTable::set_max_capacity`] says otherwise.
    pub const fn new() -> Self {
        Self { slots: Vec::new(), free: None, occupied: 0, max_capacity: DEFAULT_MAX_CAPACITY }
    }

    /// An empty table with room for this number of values.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { slots: Vec::with_capacity(capacity), ..Self::new() }
    }

    /// Adds a value. The resource that is returned owns it.
    ///
    /// # Errors
    /// [`ResourceTableError::Full`].
    pub fn push<T: Send + 'static>(&mut self, value: T) -> Result<Resource<T>, ResourceTableError> {
        Ok(Resource::new_own(self.insert(Box::new(value), None)?))
    }

    /// Adds a value as the child of another one, which cannot be deleted before.
    ///
    /// # Errors
    /// [`ResourceTableError::Full`]; [`ResourceTableError::NotPresent`] for the parent.
    pub fn push_child<T: Send + 'static, U: 'static>(
        &mut self,
        value: T,
        parent: &Resource<U>,
    ) -> Result<Resource<T>, ResourceTableError> {
        let parent = parent.rep();
        self.entry(parent)?;
        let child = self.insert(Box::new(value), Some(parent))?;
        self.entry_mut(parent)?.children.insert(child);
        Ok(Resource::new_own(child))
    }

    /// Makes one value the child of another one.
    ///
    /// # Errors
    /// [`ResourceTableError::NotPresent`]; [`ResourceTableError::OtherParent`] if the value has a parent.
    pub fn add_child<T: 'static, U: 'static>(
        &mut self,
        child: Resource<T>,
        parent: Resource<U>,
    ) -> Result<(), ResourceTableError> {
        self.entry(parent.rep())?;
        let entry = self.entry_mut(child.rep())?;
        if entry.parent.is_some() {
            return Err(ResourceTableError::OtherParent);
        }
        entry.parent = Some(parent.rep());
        self.entry_mut(parent.rep())?.children.insert(child.rep());
        Ok(())
    }

    /// Undoes [`ResourceTable::add_child`].
    ///
    /// # Errors
    /// [`ResourceTableError::NotPresent`]; [`ResourceTableError::OtherParent`] if the value is not a child of this parent.
    pub fn remove_child<T: 'static, U: 'static>(
        &mut self,
        child: Resource<T>,
        parent: Resource<U>,
    ) -> Result<(), ResourceTableError> {
        self.entry(parent.rep())?;
        let entry = self.entry_mut(child.rep())?;
        if entry.parent != Some(parent.rep()) {
            return Err(ResourceTableError::OtherParent);
        }
        entry.parent = None;
        self.entry_mut(parent.rep())?.children.remove(&child.rep());
        Ok(())
    }

    /// Removes a value and returns it. The table stays as it was if that fails.
    ///
    /// # Errors
    /// [`ResourceTableError::NotPresent`], [`ResourceTableError::WrongType`], [`ResourceTableError::HasChildren`].
    pub fn delete<T: Any>(&mut self, resource: Resource<T>) -> Result<T, ResourceTableError> {
        let key = resource.rep();
        let entry = self.entry(key)?;
        if !entry.value.is::<T>() {
            return Err(ResourceTableError::WrongType);
        }
        if !entry.children.is_empty() {
            return Err(ResourceTableError::HasChildren);
        }
        let entry = self.remove(key)?;
        entry.value.downcast().map(|value| *value).map_err(|_| ResourceTableError::WrongType)
    }

    /// The value behind a resource, mutably.
    ///
    /// # Errors
    /// [`ResourceTableError::NotPresent`], [`ResourceTableError::WrongType`].
    pub fn get_mut<T: Any>(&mut self, resource: &Resource<T>) -> Result<&mut T, ResourceTableError> {
        self.get_any_mut(resource.rep())?.downcast_mut().ok_or(ResourceTableError::WrongType)
    }

    /// The value under a number, whatever its type is.
    ///
    /// # Errors
    /// [`ResourceTableError::NotPresent`].
    pub fn get_any_mut(&mut self, key: u32) -> Result<&mut dyn Any, ResourceTableError> {
        Ok(&mut *self.entry_mut(key)?.value)
    }

    /// The values, in the order of their numbers.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut (dyn Any + Send)> {
        self.slots.iter_mut().filter_map(|slot| match slot {
            Slot::Occupied(entry) => Some(&mut *entry.value),
            Slot::Free { .. } => None,
        })
    }

    /// Sets the number of values that the table may hold.
    pub fn set_max_capacity(&mut self, max: usize) {
        self.max_capacity = max;
    }

    /// The value behind a resource.
    ///
    /// # Errors
    /// [`ResourceTableError::NotPresent`], [`ResourceTableError::WrongType`].
    pub fn get<T: Any>(&self, resource: &Resource<T>) -> Result<&T, ResourceTableError> {
        self.entry(resource.rep())?.value.downcast_ref().ok_or(ResourceTableError::WrongType)
    }

    /// The children of a value.
    ///
    /// # Errors
    /// [`ResourceTableError::NotPresent`].
    pub fn iter_children<T: 'static>(
        &self,
        parent: &Resource<T>,
    ) -> Result<impl Iterator<Item = &(dyn Any + Send)> + use<'_, T>, ResourceTableError> {
        let children = &self.entry(parent.rep())?.children;
        Ok(children.iter().filter_map(|&child| Some(&*self.entry(child).ok()?.value)))
    }

    /// Whether the table has no value.
    pub fn is_empty(&self) -> bool {
        self.occupied == 0
    }

    /// The number of values that the table may hold.
    pub fn max_capacity(&self) -> usize {
        self.max_capacity
    }

    fn insert(&mut self, value: Box<dyn Any + Send>, parent: Option<u32>) -> Result<u32, ResourceTableError> {
        if self.occupied >= self.max_capacity {
            return Err(ResourceTableError::Full);
        }
        let new = Slot::Occupied(Entry { value, parent, children: BTreeSet::new() });
        let key = match self.free.and_then(|key| Some((key, self.slots.get_mut(key as usize)?))) {
            Some((key, slot)) => {
                if let Slot::Free { next } = slot {
                    self.free = *next;
                }
                *slot = new;
                key
            }
            None => {
                let key = u32::try_from(self.slots.len()).map_err(|_| ResourceTableError::Full)?;
                self.slots.push(new);
                key
            }
        };
        self.occupied += 1;
        Ok(key)
    }

    fn remove(&mut self, key: u32) -> Result<Entry, ResourceTableError> {
        self.entry(key)?;
        let slot = self.slots.get_mut(key as usize).ok_or(ResourceTableError::NotPresent)?;
        let Slot::Occupied(entry) = std::mem::replace(slot, Slot::Free { next: self.free }) else {
            return Err(ResourceTableError::NotPresent);
        };
        self.free = Some(key);
        self.occupied -= 1;
        if let Some(parent) = entry.parent.and_then(|parent| self.entry_mut(parent).ok()) {
            parent.children.remove(&key);
        }
        Ok(entry)
    }

    fn entry(&self, key: u32) -> Result<&Entry, ResourceTableError> {
        match self.slots.get(key as usize) {
            Some(Slot::Occupied(entry)) => Ok(entry),
            _ => Err(ResourceTableError::NotPresent),
        }
    }

    fn entry_mut(&mut self, key: u32) -> Result<&mut Entry, ResourceTableError> {
        match self.slots.get_mut(key as usize) {
            Some(Slot::Occupied(entry)) => Ok(entry),
            _ => Err(ResourceTableError::NotPresent),
        }
    }
}

impl Default for ResourceTable {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for ResourceTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the resource table is full",
            Self::NotPresent => "the resource is not in the table",
            Self::WrongType => "the resource has another type",
            Self::HasChildren => "the resource still has children",
            Self::OtherParent => "the resource has a parent already, or another one",
        })
    }
}

impl std::error::Error for ResourceTableError {}
