//! The traits by which functions take a store, for code that uses the types of one major.

use super::V;

/// A type that a store of this major can be borrowed from for reading; see [`crate::AsContext`].
pub trait AsContext: crate::AsContext<V> {}

/// A type that a store of this major can be borrowed from; see [`crate::AsContextMut`].
pub trait AsContextMut: crate::AsContextMut<V> + AsContext {}

impl<C: crate::AsContext<V>> AsContext for C {}
impl<C: crate::AsContextMut<V>> AsContextMut for C {}
