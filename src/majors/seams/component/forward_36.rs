//! Passing a type as another one, 36 and later: types say whether they may need memory of the guest.

#[doc(hidden)]
pub use crate::__forward_36 as forward;
