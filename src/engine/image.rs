//! Owns `Image`: which compiled code a frame of a guest belongs to.

/// The address of the code that a module, or a component with all its modules, was compiled to. It identifies the guest
/// while the guest is loaded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Image(pub(crate) usize);
