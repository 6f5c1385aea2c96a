//! Components: compiled, linked, instantiated and called. The names are those of Wasmtime's own module `component`.

#[expect(clippy::module_inception, reason = "the file has the name of its type, as everywhere")]
pub(crate) mod component;
pub(crate) mod export;
pub(crate) mod func;
mod has_data;
mod host_func;
pub(crate) mod instance;
pub(crate) mod linker;
pub(crate) mod linker_instance;
mod resource;
pub(crate) mod resource_any;
mod resource_dynamic;
mod resource_table;
pub(crate) mod typed_func;
pub mod types;
mod val;
mod wave;

pub use self::component::Component;
pub(crate) use self::component::Components;
#[doc(hidden)]
pub use self::export::NamedIndex;
pub use self::export::{ComponentExportIndex, ExportLookup};
pub(crate) use self::func::DynamicFuncs;
pub use self::func::Func;
pub use self::has_data::{HasData, HasSelf};
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
pub use self::resource_dynamic::ResourceDynamic;
pub use self::resource_table::{ResourceTable, ResourceTableError};
#[doc(hidden)]
pub use self::typed_func::CheckedFunc;
pub use self::typed_func::TypedFunc;
pub(crate) use self::typed_func::{AsyncComponentFuncs, ComponentFuncs};
pub use self::val::Val;
#[cfg(all(feature = "_runtime", not(test)))]
#[allow(unused_imports, reason = "18 and 19 alone convert lists otherwise")]
pub(crate) use self::val::push_value;
pub use crate::bounds::{Lift, Lower};
/// A value of components for a type of your own, which is the same Rust type on every major: a record, a variant, an enum or
/// flags of WIT.
///
/// ```
/// use wasmtime_compat::component::{ComponentType, Instance, Lift, Lower, flags};
/// use wasmtime_compat::{Result, Store, Wasmtime};
///
/// #[derive(Clone, ComponentType, Debug, Lift, Lower)]
/// #[component(record)]
/// struct Person {
///     id: u32,
///     #[component(name = "full-name")]
///     full_name: String,
///     access: Access,
/// }
///
/// flags! {
///     Access {
///         #[component(name = "read")]
///         const READ;
///         #[component(name = "write")]
///         const WRITE;
///     }
/// }
///
/// fn rename<W: Wasmtime>(store: &mut Store<W, ()>, instance: &Instance<W>, person: &Person) -> Result<Person> {
///     let rename = instance.get_typed_func::<(&Person,), (Person,)>(&mut *store, "rename")?;
///     Ok(rename.call(store, (person,))?.0)
/// }
/// ```
///
/// The type must be declared where items are, and each of its fields must be of a type with the same derives, or of a neutral one.
#[cfg(feature = "derive")]
pub use wasmtime_compat_macros::ComponentType;
#[cfg(feature = "derive")]
pub use wasmtime_compat_macros::{Lift, Lower, flags};
