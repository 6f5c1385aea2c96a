//! Components.

mod asynchronous;
mod bounds;
#[expect(clippy::module_inception, reason = "the file has the name of its type, as everywhere")]
mod component;
mod errors;
mod func;
mod instance;
mod linker;
mod precompiled;

use super::{MAJOR, StoreData, V, error, exports, host_error, wasmtime};

#[doc(hidden)]
pub use super::flags::forward_flags;

#[doc(hidden)]
pub use self::bounds::{Lift, LiftList, Lower, LowerList};
