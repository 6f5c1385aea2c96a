//! Passing flags that `flags!` of this crate declares, 18 to 34: the traits of values have functions with short names.

#[doc(hidden)]
pub use crate::__forward_flags_18 as forward_flags;
