//! Passing flags that `flags!` of this crate declares, 35 and later: the traits of values have functions with long names.

#[doc(hidden)]
pub use crate::__forward_flags_35 as forward_flags;
