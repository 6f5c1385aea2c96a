//! Owns the view that host functions have of a plug-in: its values and its memory, without the major that runs it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use wasmtime_compat::ValType;

use crate::host::Host;

/// A parameter or a result of a host function.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    I32(i32),
    I64(i64),
    F64(f64),
}

/// The memory of a plug-in.
pub trait Caller {
    /// Copies bytes out of the memory.
    fn read(&self, address: i32, length: i32) -> Result<Vec<u8>>;

    /// Copies bytes into the memory.
    fn write(&mut self, address: i32, bytes: &[u8]) -> Result<()>;

    /// Calls the allocator of the plug-in.
    fn alloc(&mut self, size: i32) -> Result<i32>;

    /// Frees memory of [`Caller::alloc`].
    fn free(&mut self, address: i32, size: i32) -> Result<()>;
}

/// A host function: plug-ins import it from the module `env`.
pub struct Import {
    pub name: &'static str,
    pub params: &'static [ValType],
    pub results: &'static [ValType],
    pub call: fn(Call<'_>) -> Result<Option<Value>>,
}

/// A call of a host function.
pub struct Call<'a> {
    pub caller: &'a mut dyn Caller,
    pub host: &'a Mutex<Host>,
    pub params: &'a [Value],
}

impl Call<'_> {
    /// A parameter that the type of the function has as an `i32`.
    pub fn i32(&self, index: usize) -> Result<i32> {
        match self.params.get(index) {
            Some(Value::I32(value)) => Ok(*value),
            _ => Err(missing(index)),
        }
    }

    /// A parameter that the type of the function has as an `i64`.
    pub fn i64(&self, index: usize) -> Result<i64> {
        match self.params.get(index) {
            Some(Value::I64(value)) => Ok(*value),
            _ => Err(missing(index)),
        }
    }

    /// A parameter that the type of the function has as an `f64`.
    pub fn f64(&self, index: usize) -> Result<f64> {
        match self.params.get(index) {
            Some(Value::F64(value)) => Ok(*value),
            _ => Err(missing(index)),
        }
    }

    /// The bytes at the address in one parameter, whose length is in the next.
    pub fn bytes(&self, index: usize) -> Result<Vec<u8>> {
        self.caller.read(self.i32(index)?, self.i32(index + 1)?).context("a plug-in passed a wrong address")
    }

    /// The bytes as text.
    pub fn text(&self, index: usize) -> Result<String> {
        String::from_utf8(self.bytes(index)?).context("a plug-in passed text that is not UTF-8")
    }

    /// The state of the host. It must not stay locked while the plug-in is called.
    pub fn host(&self) -> MutexGuard<'_, Host> {
        lock(self.host)
    }
}

/// Locks, also after a thread has panicked.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn missing(index: usize) -> anyhow::Error {
    anyhow::anyhow!("the parameter {index} has another type")
}
