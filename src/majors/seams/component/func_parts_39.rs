//! Types of functions of components, 39 and later: a function has one type with its parameters and results.

use super::wasmtime::AsContext;
use super::wasmtime::component::{Func, Type, types};

/// The parameters of a function type.
pub(super) fn params(ty: &types::ComponentFunc) -> Vec<(Box<str>, Type)> {
    ty.params().map(|(name, ty)| (name.into(), ty)).collect()
}

/// The parameters and results of a function.
pub(super) fn of(func: &Func, store: impl AsContext) -> (Vec<(Box<str>, Type)>, Vec<Type>) {
    let ty = func.ty(store);
    (params(&ty), ty.results().collect())
}
