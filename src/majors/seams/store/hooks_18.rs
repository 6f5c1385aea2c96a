//! State of a store in an epoch callback, 18 to 49: all of the store.

pub(super) use super::wasmtime::StoreContextMut as HookState;
