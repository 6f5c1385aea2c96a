//! Types of functions, 19 and later: they are registered with an engine.

use super::wasmtime::{Engine, FuncType, ValType};

pub(super) fn new(engine: &Engine, params: Vec<ValType>, results: Vec<ValType>) -> FuncType {
    FuncType::new(engine, params, results)
}
