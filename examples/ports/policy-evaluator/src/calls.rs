//! Calls that wait or do not: the evaluator is written once, as async functions, for synchronous and for async engines. On a
//! synchronous engine none of these functions waits, and `ready` runs them.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use anyhow::{Result, bail};
use wasmtime_compat::newest::{
    AsContextMut, Instance, Linker, Memory, MemoryType, Module, TypedFunc, WasmParams, WasmResults,
};

use crate::host::Host;

/// Runs a future that does not wait.
pub fn ready<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => bail!("a synchronous evaluation cannot wait"),
    }
}

/// Calls a function of a policy.
pub async fn call<P: WasmParams, R: WasmResults>(
    store: impl AsContextMut<Data = Host> + Send,
    func: &TypedFunc<P, R>,
    params: P,
) -> Result<R> {
    let waits = store.as_context().data().waits;
    Ok(if waits { func.call_async(store, params).await? } else { func.call(store, params)? })
}

/// Instantiates a policy.
pub async fn instantiate(
    linker: &Linker<Host>,
    store: impl AsContextMut<Data = Host> + Send,
    module: &Module,
) -> Result<Instance> {
    let waits = store.as_context().data().waits;
    Ok(if waits { linker.instantiate_async(store, module).await? } else { linker.instantiate(store, module)? })
}

/// Creates the memory that a policy imports.
pub async fn new_memory(store: impl AsContextMut<Data = Host> + Send, ty: MemoryType) -> Result<Memory> {
    let waits = store.as_context().data().waits;
    Ok(if waits { Memory::new_async(store, ty).await? } else { Memory::new(store, ty)? })
}

/// Grows this memory by a number of pages.
pub async fn grow(store: impl AsContextMut<Data = Host> + Send, memory: Memory, pages: u64) -> Result<u64> {
    let waits = store.as_context().data().waits;
    Ok(if waits { memory.grow_async(store, pages).await? } else { memory.grow(store, pages)? })
}
