//! Passing a type as another one, 36 and later: types say whether they may need memory of the guest.

pub(super) use crate::__forward_36 as forward;
