//! Functions of components with their types: where a type that was compared once is relied on.
#![expect(unsafe_code, reason = "Wasmtime leaves it to its caller not to repeat the comparison of types")]

use super::wasmtime::component::{Func, TypedFunc};
use crate::component::CheckedFunc;
use crate::neutral::{ComponentLift, ComponentLower};

/// Keeps that the function has this type.
pub(super) fn checked<P: ComponentLower, R: ComponentLift>(func: TypedFunc<P, R>) -> CheckedFunc<Func, P, R> {
    // SAFETY: the major has made the typed function, which it does after comparing the types.
    unsafe { CheckedFunc::new(*func.func()) }
}

/// The function with its type.
#[inline]
pub(super) fn func<P: ComponentLower, R: ComponentLift>(func: &CheckedFunc<Func, P, R>) -> TypedFunc<P, R> {
    // SAFETY: `checked` made it of a function of this type. Lifetimes in `P` may be shorter since; Wasmtime compares
    // types without lifetimes, and copies what is borrowed during the call.
    unsafe { TypedFunc::new_unchecked(*func.func()) }
}
