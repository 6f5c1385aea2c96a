//! State of a store in an epoch callback, 50 and later: the data, and the rest of the store for reading.

pub(super) use super::wasmtime::StoreHookState as HookState;
