//! The majors themselves: each row written once, and compiled for each of them.

pub(crate) mod v24;
pub(crate) mod v36;
pub(crate) mod v48;
