//! Owns core modules: compiled, linked, instantiated and called.

mod func;
mod instance;
mod linker;
mod memory;
mod module;
mod shared_memory;
mod types;

pub use self::func::{AsyncFuncs, Funcs, TypedFunc};
pub use self::instance::{AsyncInstances, Instance, InstancePre, Instances};
#[cfg_attr(any(not(feature = "_runtime"), test), allow(unused_imports, reason = "only majors take it"))]
pub(crate) use self::linker::AsyncHostFunc;
pub use self::linker::{AsyncLinkers, HostFuture, Linker, Linkers};
pub use self::memory::{AsyncMemories, Memories, Memory};
pub use self::module::{Module, ModuleExport, Modules, ResourcesRequired};
pub use self::shared_memory::{SharedMemories, SharedMemory};
pub use self::types::{
    ExportType, ExternType, FuncType, GlobalType, HeapType, ImportType, MemoryType, MemoryTypeBuilder, Mutability,
    RefType, TableType, TagType, ValType,
};
