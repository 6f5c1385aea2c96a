//! Owns `Extern` and `Export`: what instances export and modules import.

use std::fmt;

use super::{ExternType, Func, Global, Instances, Memory, SharedMemory, Table, Tag};
use crate::bounds::Data;
use crate::error::Result;
use crate::store::{AsContext, StoreId};
use crate::wasmtime::CoreWasmtime;

/// An object that an instance exports or a module imports.
#[non_exhaustive]
pub enum Extern<W: CoreWasmtime> {
    /// A function.
    Func(Func<W>),
    /// A global.
    Global(Global<W>),
    /// A table.
    Table(Table<W>),
    /// A memory of one store.
    Memory(Memory<W>),
    /// A memory that threads share.
    SharedMemory(SharedMemory<W>),
    /// A tag of exceptions, from 31 on.
    Tag(Tag<W>),
}

/// An export of an instance; see [`Instance::exports`](crate::Instance::exports).
pub struct Export<'a, W: CoreWasmtime> {
    name: &'a str,
    definition: Extern<W>,
}

macro_rules! kinds {
    ($($variant:ident $into:ident $text:literal)*) => {
        impl<W: CoreWasmtime> Extern<W> {
            $(#[doc = concat!("The ", $text, ", if this is one.")]
            pub fn $into(self) -> Option<$variant<W>> {
                if let Self::$variant(object) = self { Some(object) } else { None }
            })*
        }

        impl<W: CoreWasmtime> Export<'_, W> {
            $(#[doc = concat!("The ", $text, ", if this is one.")]
            pub fn $into(self) -> Option<$variant<W>> {
                self.definition.$into()
            })*
        }

        $(impl<W: CoreWasmtime> From<$variant<W>> for Extern<W> {
            fn from(object: $variant<W>) -> Self {
                Self::$variant(object)
            }
        })*

        impl<W: CoreWasmtime> Clone for Extern<W> {
            fn clone(&self) -> Self {
                match self {
                    $(Self::$variant(object) => Self::$variant(object.clone()),)*
                }
            }
        }

        impl<W: CoreWasmtime> fmt::Debug for Extern<W> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant(object) => object.fmt(f),)*
                }
            }
        }
    };
}

kinds! {
    Func into_func "function"
    Global into_global "global"
    Table into_table "table"
    Memory into_memory "memory of one store"
    SharedMemory into_shared_memory "memory that threads share"
    Tag into_tag "tag"
}

impl<W: CoreWasmtime> Extern<W> {
    /// The type of the object.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the object belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<ExternType> {
        Ok(match self {
            Self::Func(func) => ExternType::Func(func.ty(store)?),
            Self::Global(global) => ExternType::Global(global.ty(store)?),
            Self::Table(table) => ExternType::Table(table.ty(store)?),
            Self::Memory(memory) => ExternType::Memory(memory.ty(store)),
            Self::SharedMemory(memory) => ExternType::Memory(memory.ty()),
            Self::Tag(tag) => ExternType::Tag(tag.ty(store)?),
        })
    }

    /// Refuses an object of another store.
    pub(crate) fn expect_in(&self, store: StoreId) -> Result<()> {
        match self {
            Self::Func(func) => store.expect(func.store, "function"),
            Self::Global(global) => store.expect(global.store, "global"),
            Self::Table(table) => store.expect(table.store, "table"),
            Self::Tag(tag) => store.expect(tag.store, "tag"),
            Self::Memory(_) | Self::SharedMemory(_) => Ok(()),
        }
    }
}

impl<'a, W: CoreWasmtime> Export<'a, W> {
    #[cfg_attr(any(not(feature = "_runtime"), test), allow(dead_code, reason = "only majors call it"))]
    pub(crate) fn new(name: &'a str, definition: Extern<W>) -> Self {
        Self { name, definition }
    }

    /// The name of the export.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The type of the export.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the export belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<ExternType> {
        self.definition.ty(store)
    }

    /// The exported object.
    pub fn into_extern(self) -> Extern<W> {
        self.definition
    }
}

impl<W: CoreWasmtime> Clone for Export<'_, W> {
    fn clone(&self) -> Self {
        Self { name: self.name, definition: self.definition.clone() }
    }
}

impl<W: CoreWasmtime> fmt::Debug for Export<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("name", &self.name).field("definition", &self.definition).finish()
    }
}

/// What instances of a major export.
pub trait Externs: Instances {
    #[doc(hidden)]
    fn instance_exports<'a, T: Data>(
        instance: &'a Self::Instance,
        context: Self::StoreContextMut<'a, T>,
        store: StoreId,
    ) -> Vec<Export<'a, Self>>
    where
        Self: CoreWasmtime;
    #[doc(hidden)]
    fn instance_export<T: Data>(
        instance: &Self::Instance,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        name: &str,
    ) -> Option<Extern<Self>>
    where
        Self: CoreWasmtime;
    #[doc(hidden)]
    fn caller_export<T: Data>(caller: &mut Self::Caller<'_, T>, store: StoreId, name: &str) -> Option<Extern<Self>>
    where
        Self: CoreWasmtime;
}
