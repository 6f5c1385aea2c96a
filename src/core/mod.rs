//! Owns core modules: compiled, linked, instantiated and called.

mod any_ref;
mod core_dump;
mod definitions;
mod extern_ref;
mod externs;
mod func;
mod global;
mod instance;
mod into_func;
mod linker;
mod memory;
mod module;
mod shared_memory;
mod table;
mod tag;
mod types;
mod value;

pub use self::any_ref::{AnyRef, AnyRefs, I31};
#[cfg_attr(any(not(feature = "_core"), test), allow(unused_imports, reason = "only majors take it"))]
pub(crate) use self::core_dump::RawDump;
pub use self::core_dump::{CoreDumps, WasmCoreDump};
#[cfg_attr(any(not(feature = "_runtime"), test), allow(unused_imports, reason = "only majors take it"))]
pub(crate) use self::definitions::AsyncDynamicFunc;
pub use self::definitions::{AsyncDefinitions, Definitions};
pub use self::extern_ref::{AsyncExternRefs, ExternRef, ExternRefs};
pub use self::externs::{AsyncExterns, Export, Extern, Externs};
pub use self::func::{AsyncFuncs, Func, Funcs, TypedFunc};
pub use self::global::{Global, Globals};
pub use self::instance::{AsyncInstances, Instance, InstancePre, Instances};
pub use self::into_func::{IntoFunc, WasmRet};
#[cfg_attr(any(not(feature = "_runtime"), test), allow(unused_imports, reason = "only majors take it"))]
pub(crate) use self::linker::AsyncHostFunc;
use self::linker::AsyncWrapped;
pub use self::linker::{AsyncLinkers, HostFuture, Linker, Linkers};
pub use self::memory::{AsyncMemories, Memories, Memory};
pub use self::module::{Module, ModuleExport, Modules, ResourcesRequired};
pub use self::shared_memory::{SharedMemories, SharedMemory};
pub use self::table::{AsyncTables, Table, Tables};
pub use self::tag::{Tag, Tags};
pub use self::types::{
    ExportType, ExternType, FuncType, GlobalType, HeapType, ImportType, MemoryType, MemoryTypeBuilder, Mutability,
    RefType, TableType, TagType, ValType,
};
pub use self::value::{Ref, Val};
#[cfg_attr(any(not(feature = "_runtime"), test), allow(unused_imports, reason = "only majors take them"))]
pub(crate) use self::value::{expect_in, fit, not_a_value};
