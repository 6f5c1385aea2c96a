//! Errors of bodies, 18 to 47: error codes.

pub(super) use super::web::{from_wit as from_body_error, to_wit as to_body_error};
