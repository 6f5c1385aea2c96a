//! Components: compiled, linked, instantiated and called. The names are those of Wasmtime's own module `component`.

#[expect(clippy::module_inception, reason = "the file has the name of its type, as everywhere")]
pub(crate) mod component;
pub(crate) mod export;
pub(crate) mod func;
mod host_func;
pub(crate) mod instance;
pub(crate) mod linker;
pub(crate) mod linker_instance;
mod resource;
pub(crate) mod resource_any;
mod resource_table;
pub(crate) mod typed_func;
pub mod types;
mod val;
mod wave;

pub use self::component::Component;
pub(crate) use self::component::Components;
pub use self::export::{ComponentExportIndex, ExportLookup};
pub(crate) use self::func::DynamicFuncs;
pub use self::func::Func;
#[doc(hidden)]
pub use self::host_func::{AsyncComponentFunc, AsyncDynamicHostFunc, Definition, DynamicHostFunc, Item};
pub(crate) use self::instance::{AsyncComponentInstances, ComponentInstances};
pub use self::instance::{Instance, InstancePre};
pub(crate) use self::linker::ComponentLinkers;
pub use self::linker::Linker;
pub(crate) use self::linker_instance::ComponentLinkerInstances;
pub use self::linker_instance::LinkerInstance;
#[doc(hidden)]
pub use self::resource::InResourceType;
pub use self::resource::{Resource, ResourceType};
pub(crate) use self::resource_any::ComponentResources;
#[doc(hidden)]
pub use self::resource_any::InResourceAny;
pub use self::resource_any::ResourceAny;
pub use self::resource_table::{ResourceTable, ResourceTableError};
#[doc(hidden)]
pub use self::typed_func::CheckedFunc;
pub use self::typed_func::TypedFunc;
pub(crate) use self::typed_func::{AsyncComponentFuncs, ComponentFuncs};
pub use self::val::Val;
pub use crate::bounds::{Lift, Lower};
