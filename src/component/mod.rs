//! Components: compiled, linked, instantiated and called. The names are those of Wasmtime's own module `component`.

#[expect(clippy::module_inception, reason = "the file has the name of its type, as everywhere")]
pub(crate) mod component;
pub(crate) mod func;
mod has_data;
pub(crate) mod instance;
pub(crate) mod linker;

pub use self::component::Component;
pub(crate) use self::component::Components;
#[doc(hidden)]
pub use self::func::CheckedFunc;
pub use self::func::TypedFunc;
pub(crate) use self::func::{AsyncComponentFuncs, ComponentFuncs};
pub(crate) use self::instance::{AsyncComponentInstances, ComponentInstances};
pub use self::instance::{Instance, InstancePre};
pub use self::has_data::{HasData, HasSelf};
pub(crate) use self::linker::ComponentLinkers;
pub use self::linker::Linker;
pub use crate::bounds::{Lift, Lower};
/// Derives and a macro for values of components that are the same Rust type on every major.
#[cfg(feature = "derive")]
pub use wasmtime_compat_macros::{ComponentType, Lift, Lower, flags};
