//! Owns the promise that stores, and what is borrowed from them, can be sent to another thread when their data can.
#![expect(
    unsafe_code,
    reason = "an associated type cannot be `Send` on a condition, so the types around it promise it"
)]

use std::marker::PhantomData;

use super::{Caller, StoreContextMut, Stores};
use crate::bounds::Data;

/// Proof that `X` is `Send`: there is no other way to make a value of this type.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct IsSend<X>(PhantomData<fn() -> X>);

impl<X: Send> IsSend<X> {
    #[allow(dead_code, reason = "only majors make one")]
    pub(crate) const PROOF: Self = Self(PhantomData);
}

/// The store of a major: apart from the other fields of [`Store`](super::Store), for which the compiler decides.
pub(crate) struct RawStore<W: Stores, T: Data>(pub(crate) W::Store<T>);

// SAFETY: every major has to return the proof that its own store is `Send` from `Stores::are_send`, for the same `T`;
// this type has no other field.
unsafe impl<W: Stores, T: Data + Send> Send for RawStore<W, T> {}

// SAFETY: as for the store; the context of the major is the only field.
unsafe impl<W: Stores, T: Data + Send> Send for StoreContextMut<'_, W, T> {}

// SAFETY: as for the store; the caller of the major is the only field.
unsafe impl<W: Stores, T: Data + Send> Send for Caller<'_, W, T> {}
