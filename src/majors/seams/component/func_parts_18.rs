//! Types of functions of components, 18 to 27: parameters have no names.

use super::wasmtime::AsContext;
use super::wasmtime::component::{Func, Type, types};

/// The parameters of a function type.
pub(super) fn params(ty: &types::ComponentFunc) -> Vec<(Box<str>, Type)> {
    ty.params().map(|ty| (Box::default(), ty)).collect()
}

/// The parameters and results of a function.
pub(super) fn of(func: &Func, store: impl AsContext) -> (Vec<(Box<str>, Type)>, Vec<Type>) {
    let params = func.params(&store).into_vec().into_iter().map(|ty| (Box::default(), ty)).collect();
    (params, func.results(&store).into_vec())
}
