//! Owns `WasmCoreDump`: what was in a store when a guest was stopped.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::{Global, Globals, Instance, Instances, Memories, Memory, Module};
use crate::bounds::Data;
use crate::error::{Error, ErrorKind, Frame, Result, WasmBacktrace};
use crate::store::{AsContext, AsContextMut, StoreId};

/// A core dump: the frames of a guest that was stopped, and what was in its store; from [`Error::wasm_core_dump`].
///
/// Frames and names are those of the moment. Memories and globals are handles into the store, and show what the store has now: a
/// dump should be serialized before the store is used again. Every function with a store takes the one that the guest was in;
/// another one is [`ErrorKind::InvalidArgument`], where Wasmtime panics.
///
/// [`Display`](fmt::Display) writes the names of the modules and a line per frame.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store};
///
/// let engine = Engine::<Newest>::new(&Config::new().coredump_on_trap(true))?;
/// // (module (func (export "f") unreachable))
/// let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x05\x01\x03\0\0\x0b";
/// let module = Module::new(&engine, wasm)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
/// let error = instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ()).unwrap_err();
///
/// let dump = error.wasm_core_dump().unwrap();
/// assert_eq!((dump.frames().len(), dump.modules(&store)?.len()), (1, 1));
/// let bytes = dump.serialize(&mut store, "plug-in")?;
/// assert!(bytes.starts_with(b"\0asm"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct WasmCoreDump {
    backtrace: WasmBacktrace,
    modules: Vec<Option<String>>,
    /// The error of the major that has the major's core dump.
    raw: RawDump,
    store: StoreId,
}

/// A core dump of a major, which only this major knows.
pub(crate) type RawDump = Arc<dyn Any + Send + Sync>;

impl WasmCoreDump {
    /// A core dump of a store that is not known yet.
    #[cfg_attr(any(not(feature = "_core"), test), allow(dead_code, reason = "only majors make them"))]
    pub(crate) fn new(backtrace: WasmBacktrace, modules: Vec<Option<String>>, raw: RawDump) -> Self {
        Self { backtrace, modules, raw, store: StoreId::UNKNOWN }
    }

    /// The frames of the guest, the innermost first.
    pub fn frames(&self) -> &[Frame] {
        self.backtrace.frames()
    }

    /// The frames as the backtrace of an error has them. If [`Config::backtraces`](crate::Config::backtraces) is off, they are there up
    /// to Wasmtime 42 only.
    pub fn backtrace(&self) -> &WasmBacktrace {
        &self.backtrace
    }

    /// The names of the modules that the store had, as far as modules have names: those of [`WasmCoreDump::modules`], for which no
    /// store is needed.
    pub fn module_names(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.modules.iter().map(Option::as_deref)
    }

    /// The modules that the store had.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the core dump is of another store.
    pub fn modules<W: CoreDumps>(&self, store: impl AsContext<W>) -> Result<Vec<Module<W>>> {
        let context = store.as_context();
        self.expect(context.ambient().id)?;
        let engine = context.engine();
        Ok(W::core_dump_modules(&self.raw).into_iter().map(|raw| Module::in_engine(raw, engine)).collect())
    }

    /// The instances that the store had.
    ///
    /// # Errors
    /// As [`WasmCoreDump::modules`], and [`ErrorKind::Unsupported`] before 34: Wasmtime panics there if their exports are looked up.
    pub fn instances<W: CoreDumps>(&self, store: impl AsContext<W>) -> Result<Vec<Instance<W>>> {
        let store = self.expect(store.as_context().ambient().id)?;
        Ok(W::core_dump_instances(&self.raw)?.into_iter().map(|raw| Instance::in_store(raw, store)).collect())
    }

    /// The globals that the store had, of guests and of the host.
    ///
    /// # Errors
    /// As [`WasmCoreDump::modules`].
    pub fn globals<W: CoreDumps>(&self, store: impl AsContext<W>) -> Result<Vec<Global<W>>> {
        let store = self.expect(store.as_context().ambient().id)?;
        Ok(W::core_dump_globals(&self.raw).into_iter().map(|raw| Global::in_store(raw, store)).collect())
    }

    /// The memories that the store had, of guests and of the host, but for those that threads share.
    ///
    /// # Errors
    /// As [`WasmCoreDump::modules`].
    pub fn memories<W: CoreDumps>(&self, store: impl AsContext<W>) -> Result<Vec<Memory<W>>> {
        let context = store.as_context();
        let store = self.expect(context.ambient().id)?;
        let memories = W::core_dump_memories(&self.raw, context.raw).into_iter();
        Ok(memories.map(|raw| Memory::in_store(raw, store)).collect())
    }

    /// The core dump in the [common form](https://github.com/WebAssembly/tool-conventions/blob/main/Coredump.md), a module whose sections
    /// debuggers read: frames, instances, and what memories and globals have now. `name` is the name of the program.
    ///
    /// Wasmtime recovers no locals, and writes references as null and memories that threads share not at all.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the core dump is of another store.
    ///
    /// [`ErrorKind::Unsupported`] for a store that Wasmtime would write wrongly or panic for: up to 48 with components that call each
    /// other, or with globals that hold exceptions or continuations; up to 39 with a module that imports functions and defines none;
    /// up to 35, but for 24, with memories that threads share; up to 25 with 64-bit memories. [`ErrorKind::HostPanic`] if Wasmtime
    /// panics nevertheless.
    pub fn serialize<W: CoreDumps>(&self, mut store: impl AsContextMut<W>, name: &str) -> Result<Vec<u8>> {
        let context = store.as_context_mut();
        self.expect(context.ambient().id)?;
        W::core_dump_serialize(&self.raw, context.raw, name)
    }

    fn expect(&self, store: StoreId) -> Result<StoreId> {
        if store == self.store {
            return Ok(store);
        }
        Err(Error::new(ErrorKind::InvalidArgument, "the core dump is of another store"))
    }
}

impl Error {
    /// The core dump, if the error came out of a guest and the engine was made with
    /// [`Config::coredump_on_trap`](crate::Config::coredump_on_trap): the guest trapped, or a host function or a callback failed. The
    /// exit of a guest has none.
    pub fn wasm_core_dump(&self) -> Option<&WasmCoreDump> {
        self.attachment()
    }

    /// Notes the store of the core dump, if the error has a new one.
    #[cold]
    pub(crate) fn of_store(mut self, store: StoreId) -> Self {
        match self.attachment_mut::<WasmCoreDump>() {
            Some(dump) if dump.store == StoreId::UNKNOWN => dump.store = store,
            _ => {}
        }
        self
    }
}

impl fmt::Display for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("modules:")?;
        for name in self.module_names() {
            write!(f, " {}", name.unwrap_or("(without a name)"))?;
        }
        for (index, frame) in self.frames().iter().enumerate() {
            write!(f, "\n{index}: {frame}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("WasmCoreDump");
        debug.field("modules", &self.modules).field("backtrace", &self.backtrace).finish_non_exhaustive()
    }
}

/// Core dumps of a major.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Wasmtime major compiled into this build",
    label = "no cargo feature of `wasmtime-compat` turns this major on",
    note = "turn on the major you want, for example `wasmtime-compat = {{ version = \"…\", features = [\"wasmtime-48\"] }}`"
)]
pub trait CoreDumps: Instances + Memories + Globals {
    #[doc(hidden)]
    fn core_dump_modules(raw: &RawDump) -> Vec<Self::Module>;
    #[doc(hidden)]
    fn core_dump_instances(raw: &RawDump) -> Result<Vec<Self::Instance>>;
    #[doc(hidden)]
    fn core_dump_globals(raw: &RawDump) -> Vec<Self::Global>;
    #[doc(hidden)]
    fn core_dump_memories<T: Data>(raw: &RawDump, context: Self::StoreContext<'_, T>) -> Vec<Self::Memory>;
    #[doc(hidden)]
    fn core_dump_serialize<T: Data>(
        raw: &RawDump,
        context: Self::StoreContextMut<'_, T>,
        name: &str,
    ) -> Result<Vec<u8>>;
}
