//! Types of functions of components, 28 to 38: parameters have names.

use super::wasmtime::AsContext;
use super::wasmtime::component::{Func, Type, types};

/// The parameters of a function type.
pub(super) fn params(ty: &types::ComponentFunc) -> Vec<(Box<str>, Type)> {
    ty.params().map(|(name, ty)| (name.into(), ty)).collect()
}

/// The parameters and results of a function.
pub(super) fn of(func: &Func, store: impl AsContext) -> (Vec<(Box<str>, Type)>, Vec<Type>) {
    let params = func.params(&store).into_vec().into_iter().map(|(name, ty)| (name.into(), ty)).collect();
    (params, func.results(&store).into_vec())
}
