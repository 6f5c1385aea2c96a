//! Components.

mod asynchronous;
mod bounds;
#[expect(clippy::module_inception, reason = "the file has the name of its type, as everywhere")]
mod component;
mod errors;
mod func;
mod host_func;
mod instance;
mod linker;
mod linker_instance;
mod precompiled;
mod resource;
mod resource_any;
mod resource_dynamic;
mod typed_func;
mod types;
mod val;

use super::types as core_types;
use super::{
    MAJOR, StoreData, V, component_images, dynamic, error, exports, forward, func_parts, handles, host_error,
    host_funcs, linking, reflection, values, wasmtime,
};

#[doc(hidden)]
pub use super::forward::forward as forward_value;

#[doc(hidden)]
pub use self::bounds::{Lift, LiftList, Lower, LowerList};
pub(in super::super) use self::host_func::{RawDynamic, Signature};
#[allow(unused_imports, reason = "from 25 on destructors can wait")]
pub(in super::super) use self::linker_instance::poll_destructor;
#[doc(hidden)]
pub use self::resource::{RawResourceType, host_resource_type};
#[doc(hidden)]
pub use self::resource_any::{RawResourceAny, resource_is_owned, resource_type_of};
#[doc(hidden)]
pub use self::resource_dynamic::dynamic_resource_type;
#[allow(unused_imports, reason = "from 23 on exports are found without the type of the component")]
pub(in super::super) use self::types::has_export;
