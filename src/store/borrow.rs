//! Owns borrowing from a store without a trait in scope.

use super::{Store, Stores};
use crate::bounds::Data;
use crate::store::{AsContext, AsContextMut, Caller, StoreContext, StoreContextMut};

/// The functions of [`AsContext`] and [`AsContextMut`], which need no import like this.
macro_rules! borrowed {
    ([$($lifetime:lifetime)?] $ty:ty) => {
        impl<$($lifetime,)? W: Stores, T: Data> $ty {
            /// Borrows the store for reading; the same as [`AsContext::as_context`].
            #[inline]
            pub fn as_context(&self) -> StoreContext<'_, W, T> {
                AsContext::as_context(self)
            }

            /// Borrows the store; the same as [`AsContextMut::as_context_mut`].
            #[inline]
            pub fn as_context_mut(&mut self) -> StoreContextMut<'_, W, T> {
                AsContextMut::as_context_mut(self)
            }
        }
    };
}

borrowed!([] Store<W, T>);
borrowed!(['a] Caller<'a, W, T>);
borrowed!(['a] StoreContextMut<'a, W, T>);
