//! The interface to a major: one trait for each type of this crate.
//!
//! The associated types are what crosses over to code that uses a major directly. The functions are the business of the
//! types over the traits and may change. All traits are sealed; [`CoreWasmtime`](crate::CoreWasmtime) and
//! [`Wasmtime`](crate::Wasmtime) put them together.

pub use crate::component::component::Components;
pub use crate::component::func::DynamicFuncs;
pub use crate::component::instance::{AsyncComponentInstances, ComponentInstances};
pub use crate::component::linker::ComponentLinkers;
pub use crate::component::linker_instance::ComponentLinkerInstances;
pub use crate::component::resource_any::ComponentResources;
pub use crate::component::typed_func::{AsyncComponentFuncs, ComponentFuncs};
pub use crate::core::{
    AnyRefs, AsyncDefinitions, AsyncExternRefs, AsyncExterns, AsyncFuncs, AsyncInstances, AsyncLinkers, AsyncMemories,
    AsyncTables, Definitions, ExternRefs, Externs, Funcs, Globals, Instances, Linkers, Memories, Modules,
    SharedMemories, Tables, Tags,
};
pub use crate::engine::Engines;
#[cfg(feature = "_http")]
pub use crate::http::Https;
pub use crate::proxies::Proxies;
pub use crate::store::{AsyncStores, Stores, Wasi};
