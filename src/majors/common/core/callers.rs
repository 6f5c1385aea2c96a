//! Callers, lent to host functions whose results are converted afterwards.
#![expect(unsafe_code, reason = "Wasmtime has no public function that borrows a caller from a caller")]

use super::{StoreData, wasmtime};
use wasmtime::Caller;

/// A caller borrowed from a caller, as Wasmtime makes one for itself (`Caller::sub_caller`).
pub(super) fn reborrow<'a, T>(caller: &'a mut Caller<'_, StoreData<T>>) -> Caller<'a, StoreData<T>> {
    const { assert!(!std::mem::needs_drop::<Caller<'_, StoreData<T>>>()) };
    // SAFETY: a caller is a mutable borrow of the store and the instance that called. The result has the lifetime of the
    // borrow of `caller`, which therefore cannot be used while the result can: as if each field had been borrowed anew. The
    // type is covariant in its lifetime, which can only become shorter here, and has nothing to drop twice.
    unsafe { std::ptr::read(caller) }
}
