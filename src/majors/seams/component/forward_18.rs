//! Passing a type as another one, 18 to 34: `lower`, `store`, `lift` and `load`.

#[doc(hidden)]
pub use crate::__forward_18 as forward;
