//! Passing a type as another one, 35: the functions have longer names, such as `linear_lower_to_flat`.

#[doc(hidden)]
pub use crate::__forward_35 as forward;
