//! Types of functions, 18: they belong to no engine.

use super::wasmtime::{Engine, FuncType, ValType};

pub(super) fn new(_: &Engine, params: Vec<ValType>, results: Vec<ValType>) -> FuncType {
    FuncType::new(params, results)
}
