//! The host functions that a policy imports, for synchronous and for async engines.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result};
use wasmtime_compat::newest::{Caller, Linker, Memory};

use crate::builtins::Builtin;
use crate::calls::ready;
use crate::json::{Json, text};

/// The data of the store of a policy.
#[derive(Default)]
pub struct Host {
    /// Whether calls may wait: whether the engine is an async one.
    pub waits: bool,
    /// The builtins that the policy has declared, by their numbers.
    pub builtins: BTreeMap<i32, (String, Builtin)>,
    /// The lines that the policy has printed.
    pub log: Vec<String>,
}

/// The error of an evaluation that the policy itself has stopped.
#[derive(Debug)]
pub struct Aborted(pub String);

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policy aborted: {}", self.0)
    }
}

impl std::error::Error for Aborted {}

/// Defines the functions that do not wait on any engine.
pub fn link(linker: &mut Linker<Host>, memory: Memory) -> Result<()> {
    linker
        .func_wrap("env", "opa_abort", move |caller: Caller<'_, Host>, message: i32| -> Result<()> {
            Err(Aborted(text(memory.data(&caller), message)?.to_owned()).into())
        })?
        .func_wrap("env", "opa_println", move |mut caller: Caller<'_, Host>, message: i32| -> Result<()> {
            let (bytes, host) = memory.data_and_store_mut(&mut caller);
            host.log.push(text(bytes, message)?.to_owned());
            Ok(())
        })?;
    Ok(())
}

/// Defines the builtins by their number of operands, on a synchronous engine.
pub fn link_builtins(linker: &mut Linker<Host>, memory: Memory) -> Result<()> {
    linker
        .func_wrap("env", "opa_builtin0", move |caller: Caller<'_, Host>, id: i32, _context: i32| {
            ready(builtin(caller, memory, id, []))
        })?
        .func_wrap("env", "opa_builtin1", move |caller: Caller<'_, Host>, id: i32, _context: i32, a: i32| {
            ready(builtin(caller, memory, id, [a]))
        })?
        .func_wrap("env", "opa_builtin2", move |caller: Caller<'_, Host>, id: i32, _context: i32, a: i32, b: i32| {
            ready(builtin(caller, memory, id, [a, b]))
        })?
        .func_wrap(
            "env",
            "opa_builtin3",
            move |caller: Caller<'_, Host>, id: i32, _context: i32, a: i32, b: i32, c: i32| {
                ready(builtin(caller, memory, id, [a, b, c]))
            },
        )?
        .func_wrap(
            "env",
            "opa_builtin4",
            move |caller: Caller<'_, Host>, id: i32, _context: i32, a: i32, b: i32, c: i32, d: i32| {
                ready(builtin(caller, memory, id, [a, b, c, d]))
            },
        )?;
    Ok(())
}

/// Defines the builtins by their number of operands, on an async engine.
pub fn link_async_builtins(linker: &mut Linker<Host>, memory: Memory) -> Result<()> {
    linker.func_wrap_async("env", "opa_builtin0", move |caller, (id, _context): (i32, i32)| {
        Box::new(builtin(caller, memory, id, []))
    })?;
    linker.func_wrap_async("env", "opa_builtin1", move |caller, (id, _context, a): (i32, i32, i32)| {
        Box::new(builtin(caller, memory, id, [a]))
    })?;
    linker.func_wrap_async("env", "opa_builtin2", move |caller, (id, _context, a, b): (i32, i32, i32, i32)| {
        Box::new(builtin(caller, memory, id, [a, b]))
    })?;
    linker.func_wrap_async(
        "env",
        "opa_builtin3",
        move |caller, (id, _context, a, b, c): (i32, i32, i32, i32, i32)| {
            Box::new(builtin(caller, memory, id, [a, b, c]))
        },
    )?;
    linker.func_wrap_async(
        "env",
        "opa_builtin4",
        move |caller, (id, _context, a, b, c, d): (i32, i32, i32, i32, i32, i32)| {
            Box::new(builtin(caller, memory, id, [a, b, c, d]))
        },
    )?;
    Ok(())
}

/// Calls a builtin: the operands and the result are values of the policy, which its own functions convert from and to JSON.
async fn builtin<const N: usize>(
    mut caller: Caller<'_, Host>,
    memory: Memory,
    id: i32,
    operands: [i32; N],
) -> Result<i32> {
    let declared = caller.data().builtins.get(&id).cloned();
    let (name, builtin) = declared.with_context(|| format!("the policy declares no builtin {id}"))?;
    let json = Json::of_caller(&mut caller)?;
    let mut values = Vec::with_capacity(N);
    for operand in operands {
        values.push(json.dump(&mut caller, memory, operand).await?);
    }
    if caller.data().waits {
        // Where a builtin would wait for another service, other evaluations go on.
        tokio::task::yield_now().await;
    }
    let result = builtin(&values).with_context(|| format!("builtin {name} failed"))?;
    json.load(&mut caller, memory, &result).await
}
