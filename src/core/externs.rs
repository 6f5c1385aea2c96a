//! Owns `Extern` and `Export`: what instances export and modules import.

use std::fmt;

use super::{
    AsyncInstances, ExternType, Func, Global, Globals, Instance, Memories, Memory, Module, ModuleExport,
    SharedMemories, SharedMemory, Table, Tables, Tag, Tags, TypedFunc,
};
use crate::bounds::Data;
use crate::error::{Error, Result};
use crate::store::{AsContext, AsContextMut, Caller, StoreContextMut, StoreId};
use crate::{WasmParams, WasmResults};

/// An object that an instance exports or a module imports.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Extern, Linker, Module, Newest, Store};
///
/// // (module (memory (export "memory") 1))
/// let wasm = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x07\x0a\x01\x06memory\x02\0";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let Some(export) = instance.get_export(&mut store, "memory") else { panic!("the guest has no memory") };
/// assert_eq!(export.ty(&store)?.to_string(), "(memory 1)");
/// let Extern::Memory(memory) = export else { panic!("the export is no memory") };
/// assert_eq!(memory.size(&store), 1);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[non_exhaustive]
pub enum Extern<W: Externs> {
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
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
///
/// // (module (memory (export "memory") 1))
/// let wasm = b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x07\x0a\x01\x06memory\x02\0";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let names: Vec<_> = instance.exports(&mut store).map(|export| export.name()).collect();
/// assert_eq!(names, ["memory"]);
/// let memory = instance.exports(&mut store).find_map(|export| export.into_memory());
/// assert_eq!(memory.map(|memory| memory.size(&store)), Some(1));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct Export<'a, W: Externs> {
    name: &'a str,
    definition: Extern<W>,
}

macro_rules! kinds {
    ($($variant:ident $into:ident $text:literal)*) => {
        impl<W: Externs> Extern<W> {
            $(#[doc = concat!("The ", $text, ", if this is one.")]
            pub fn $into(self) -> Option<$variant<W>> {
                if let Self::$variant(object) = self { Some(object) } else { None }
            })*
        }

        impl<W: Externs> Export<'_, W> {
            $(#[doc = concat!("The ", $text, ", if this is one.")]
            pub fn $into(self) -> Option<$variant<W>> {
                self.definition.$into()
            })*
        }

        $(impl<W: Externs> From<$variant<W>> for Extern<W> {
            fn from(object: $variant<W>) -> Self {
                Self::$variant(object)
            }
        })*

        impl<W: Externs> Clone for Extern<W> {
            fn clone(&self) -> Self {
                match self {
                    $(Self::$variant(object) => Self::$variant(object.clone()),)*
                }
            }
        }

        impl<W: Externs> fmt::Debug for Extern<W> {
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

impl<W: Externs> Extern<W> {
    /// The type of the object.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the object belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<ExternType> {
        Ok(match self {
            Self::Func(func) => ExternType::Func(func.ty(store)?),
            Self::Global(global) => ExternType::Global(global.ty(store)?),
            Self::Table(table) => ExternType::Table(table.ty(store)?),
            Self::Memory(memory) => ExternType::Memory(memory.ty(store)?),
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
            Self::Memory(memory) => store.expect(memory.store, "memory"),
            Self::SharedMemory(_) => Ok(()),
        }
    }
}

impl<'a, W: Externs> Export<'a, W> {
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
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if the export belongs to another store.
    pub fn ty(&self, store: impl AsContext<W>) -> Result<ExternType> {
        self.definition.ty(store)
    }

    /// The exported object.
    pub fn into_extern(self) -> Extern<W> {
        self.definition
    }
}

impl<W: Externs> Clone for Export<'_, W> {
    fn clone(&self) -> Self {
        Self { name: self.name, definition: self.definition.clone() }
    }
}

impl<W: Externs> fmt::Debug for Export<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("name", &self.name).field("definition", &self.definition).finish()
    }
}

impl<W: Externs> Instance<W> {
    /// Instantiates a module with these imports, in the order in which the module declares them, and runs its start function.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Caller, Config, Engine, Func, Instance, Module, Newest, Store};
    ///
    /// // (module (import "host" "f" (func)))
    /// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x0a\x01\x04host\x01f\0\0";
    /// let engine = Engine::<Newest>::new(&Config::new())?;
    /// let mut store = Store::new(&engine, ());
    /// let func = Func::wrap(&mut store, |_: Caller<'_, Newest, ()>, (): ()| Ok(()));
    /// let module = Module::new(&engine, wasm)?;
    /// let instance = Instance::new(&mut store, &module, &[func.into()])?;
    /// assert_eq!(instance.exports(&mut store).len(), 0);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Link`](crate::ErrorKind::Link) if the number or a type of the imports is wrong;
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if an import belongs to another store, or the module
    /// to another engine; otherwise as [`InstancePre::instantiate`](crate::InstancePre::instantiate).
    pub fn new(mut store: impl AsContextMut<W>, module: &Module<W>, imports: &[Extern<W>]) -> Result<Self> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        let mode = context.ambient().mode;
        imports.iter().try_for_each(|item| item.expect_in(store))?;
        let raw = mode.sync(|| W::new_instance(context.raw, module.as_raw(), imports));
        Ok(Self::in_store(raw.map_err(|error| error.of_store(store))?, store))
    }

    /// The exports of the instance: none for a store that the instance does not belong to.
    pub fn exports<'a, T: Data>(
        &'a self,
        store: impl Into<StoreContextMut<'a, W, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a, W>> {
        let context = store.into();
        let store = context.ambient().id;
        let is_ours = store.expect(self.store, "instance").is_ok();
        let exports = if is_ours { W::instance_exports(&self.raw, context.raw, store) } else { Vec::new() };
        exports.into_iter()
    }

    /// An export, if there is one of that name; `None` for a store that the instance does not belong to.
    pub fn get_export(&self, mut store: impl AsContextMut<W>, name: &str) -> Option<Extern<W>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "instance").ok()?;
        W::instance_export(&self.raw, context.raw, store, name)
    }

    /// The export at a place of the module that this is an instance of, see [`Module::get_export_index`]; `None` if the place is
    /// one of another module, or for a store that the instance does not belong to.
    pub fn get_module_export(&self, mut store: impl AsContextMut<W>, export: &ModuleExport<W>) -> Option<Extern<W>> {
        let context = store.as_context_mut();
        let store = context.ambient().id;
        store.expect(self.store, "instance").ok()?;
        W::instance_module_export(&self.raw, context.raw, store, export.as_raw())
    }

    /// An exported function, if there is one of that name.
    pub fn get_func(&self, store: impl AsContextMut<W>, name: &str) -> Option<Func<W>> {
        self.get_export(store, name)?.into_func()
    }

    /// An exported global, if there is one of that name.
    pub fn get_global(&self, store: impl AsContextMut<W>, name: &str) -> Option<Global<W>> {
        self.get_export(store, name)?.into_global()
    }

    /// An exported table, if there is one of that name.
    pub fn get_table(&self, store: impl AsContextMut<W>, name: &str) -> Option<Table<W>> {
        self.get_export(store, name)?.into_table()
    }

    /// An exported tag, if there is one of that name. Tags exist from 31 on.
    pub fn get_tag(&self, store: impl AsContextMut<W>, name: &str) -> Option<Tag<W>> {
        self.get_export(store, name)?.into_tag()
    }
}

impl<W: AsyncExterns> Instance<W> {
    /// As [`Instance::new`], on an async engine.
    ///
    /// # Errors
    /// As [`Instance::new`]; [`ErrorKind::SyncAsyncMismatch`](crate::ErrorKind::SyncAsyncMismatch) on a synchronous engine.
    pub fn new_async(
        mut store: impl AsContextMut<W, Data: Send> + Send,
        module: &Module<W>,
        imports: &[Extern<W>],
    ) -> impl Future<Output = Result<Self>> + Send {
        async move {
            let context = store.as_context_mut();
            let store = context.ambient().id;
            context.ambient().mode.check_async()?;
            imports.iter().try_for_each(|item| item.expect_in(store))?;
            let raw = W::new_instance_async(context.raw, module.as_raw(), imports).await;
            Ok(Self::in_store(raw.map_err(|error| error.of_store(store))?, store))
        }
    }
}

impl<W: Externs, T: Data> Caller<'_, W, T> {
    /// An export of the calling instance, if there is one of that name. Every kind of export is found, also the functions by
    /// which guests allocate memory.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() {
    /// use wasmtime_compat::{Caller, CoreWasmtime, Data};
    ///
    /// /// Memory for this number of bytes, from the allocator of the guest that called.
    /// fn allocate<W: CoreWasmtime>(caller: &mut Caller<'_, W, impl Data>, len: i32) -> anyhow::Result<i32> {
    ///     let malloc = caller.get_export("malloc").and_then(|export| export.into_func());
    ///     let malloc = malloc.ok_or_else(|| anyhow::anyhow!("the guest exports no function `malloc`"))?;
    ///     Ok(malloc.typed::<i32, i32>(&mut *caller)?.call(caller, len)?)
    /// }
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn get_export(&mut self, name: &str) -> Option<Extern<W>> {
        let store = self.as_context().ambient().id;
        W::caller_export(&mut self.raw, store, name)
    }

    /// The export of the calling instance at a place of its module, see [`Module::get_export_index`]; `None` if the place is one
    /// of another module. Wasmtime has this function since 27; up to 26 the export is looked up by its name, so that a place of
    /// another module finds an export of the same name.
    pub fn get_module_export(&mut self, export: &ModuleExport<W>) -> Option<Extern<W>> {
        let store = self.as_context().ambient().id;
        W::caller_module_export(&mut self.raw, store, export.as_raw(), export.name())
    }

    /// An exported function of the calling instance, if there is one of that name.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() {
    /// use wasmtime_compat::{Caller, CoreWasmtime, Data, Val};
    ///
    /// /// Calls the function of the guest that called the host, whatever its type is.
    /// fn call_back<W: CoreWasmtime>(caller: &mut Caller<'_, W, impl Data>, name: &str) -> anyhow::Result<Vec<Val<W>>> {
    ///     let func = caller.get_func(name).ok_or_else(|| anyhow::anyhow!("the guest exports no function `{name}`"))?;
    ///     let ty = func.ty(&*caller)?;
    ///     let mut results = vec![Val::I32(0); ty.results().len()];
    ///     func.call(caller, &[], &mut results)?;
    ///     Ok(results)
    /// }
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    pub fn get_func(&mut self, name: &str) -> Option<Func<W>> {
        self.get_export(name)?.into_func()
    }

    /// An exported function of the calling instance with these parameter and result types.
    ///
    /// # Errors
    /// [`ErrorKind::Export`](crate::ErrorKind::Export) if the instance exports no function of that name;
    /// [`ErrorKind::TypeMismatch`](crate::ErrorKind::TypeMismatch) if the function has another type.
    pub fn get_typed_func<P: WasmParams, R: WasmResults>(&mut self, name: &str) -> Result<TypedFunc<W, P, R>> {
        let func = self.get_func(name).ok_or_else(|| Error::no_function(name, ""))?;
        func.typed(&*self)
    }

    /// An exported global of the calling instance, if there is one of that name.
    pub fn get_global(&mut self, name: &str) -> Option<Global<W>> {
        self.get_export(name)?.into_global()
    }

    /// An exported table of the calling instance, if there is one of that name.
    pub fn get_table(&mut self, name: &str) -> Option<Table<W>> {
        self.get_export(name)?.into_table()
    }

    /// An exported tag of the calling instance, if there is one of that name. Tags exist from 31 on.
    pub fn get_tag(&mut self, name: &str) -> Option<Tag<W>> {
        self.get_export(name)?.into_tag()
    }
}

/// What instances of a major export.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait Externs: Globals + Tables + Memories + SharedMemories + Tags {
    #[doc(hidden)]
    fn instance_exports<'a, T: Data>(
        instance: &'a Self::Instance,
        context: Self::StoreContextMut<'a, T>,
        store: StoreId,
    ) -> Vec<Export<'a, Self>>;
    #[doc(hidden)]
    fn instance_export<T: Data>(
        instance: &Self::Instance,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        name: &str,
    ) -> Option<Extern<Self>>;
    #[doc(hidden)]
    fn new_instance<T: Data>(
        context: Self::StoreContextMut<'_, T>,
        module: &Self::Module,
        imports: &[Extern<Self>],
    ) -> Result<Self::Instance>;
    #[doc(hidden)]
    fn instance_module_export<T: Data>(
        instance: &Self::Instance,
        context: Self::StoreContextMut<'_, T>,
        store: StoreId,
        export: &Self::ModuleExport,
    ) -> Option<Extern<Self>>;
    #[doc(hidden)]
    fn caller_export<T: Data>(caller: &mut Self::Caller<'_, T>, store: StoreId, name: &str) -> Option<Extern<Self>>;
    #[doc(hidden)]
    fn caller_module_export<T: Data>(
        caller: &mut Self::Caller<'_, T>,
        store: StoreId,
        export: &Self::ModuleExport,
        name: Option<&str>,
    ) -> Option<Extern<Self>>;
}

/// Asynchronous instantiation by a major with given imports.
pub trait AsyncExterns: Externs + AsyncInstances {
    #[doc(hidden)]
    fn new_instance_async<T: Data + Send>(
        context: Self::StoreContextMut<'_, T>,
        module: &Self::Module,
        imports: &[Extern<Self>],
    ) -> impl Future<Output = Result<Self::Instance>> + Send;
}
