//! Owns the host functions as a contract imports them: counted, paid for, and handed on to the logic.

use wasmtime_compat::{Caller, CoreWasmtime, HostParams, HostResults, Linker, Memory, Result, Trap};

use crate::limits::Limits;
use crate::logic::{Bytes, HostError, Logic};
use crate::protocol::Rules;

/// The data of the store of one contract call. Neither the frame nor its store is `Send`: the logic shares the state of the
/// node by an `Rc`.
pub struct Frame<W: CoreWasmtime> {
    pub logic: Logic,
    pub limits: Limits,
    pub memory: Option<Memory<W>>,
    /// The number of calls of host functions that have begun.
    pub host_calls: u64,
}

/// Defines the host functions of a protocol version.
pub fn link<W: CoreWasmtime>(linker: &mut Linker<W, Frame<W>>, rules: Rules) -> Result<()> {
    bind(linker, rules, "input", |logic, _, (register,)| logic.input(register))?;
    bind(linker, rules, "predecessor_account_id", |logic, _, (register,)| logic.predecessor_account_id(register))?;
    bind(linker, rules, "block_index", |logic, _, ()| logic.block_index())?;
    bind(linker, rules, "register_len", |logic, _, (register,)| logic.register_len(register))?;
    bind(linker, rules, "read_register", |logic, memory, (register, address)| {
        logic.read_register(memory, register, address)
    })?;
    bind(linker, rules, "storage_write", |logic, memory, (key_length, key, length, value, register)| {
        logic.storage_write(memory, at(key_length, key), at(length, value), register)
    })?;
    bind(linker, rules, "storage_read", |logic, memory, (length, key, register)| {
        logic.storage_read(memory, at(length, key), register)
    })?;
    if rules.has_storage_remove {
        bind(linker, rules, "storage_remove", |logic, memory, (length, key, register)| {
            logic.storage_remove(memory, at(length, key), register)
        })?;
    }
    bind(linker, rules, "value_return", |logic, memory, (length, value)| {
        logic.value_return(memory, at(length, value))
    })?;
    bind(linker, rules, "log_utf8", |logic, memory, (length, text)| logic.log_utf8(memory, at(length, text)))?;
    bind(linker, rules, "panic_utf8", |logic, memory, (length, text)| logic.panic_utf8(memory, at(length, text)))
}

/// Defines one host function: counts the call, charges for it, and runs the logic on the contract's memory.
fn bind<W, P, R, F>(linker: &mut Linker<W, Frame<W>>, rules: Rules, name: &str, run: F) -> Result<()>
where
    W: CoreWasmtime,
    P: HostParams,
    R: HostResults,
    F: Fn(&mut Logic, &mut [u8], P) -> std::result::Result<R, HostError> + Send + Sync + 'static,
{
    linker.func_wrap("env", name, move |mut caller: Caller<'_, W, Frame<W>>, params: P| -> anyhow::Result<R> {
        caller.data_mut().host_calls += 1;
        charge(&mut caller, rules.host_call)?;
        let memory = caller.data().memory.ok_or(HostError::NoMemory)?;
        let (bytes, frame) = memory.data_and_store_mut(&mut caller);
        let results = run(&mut frame.logic, bytes, params)?;
        let moved = frame.logic.take_moved();
        charge(&mut caller, moved.saturating_mul(rules.byte))?;
        Ok(results)
    })?;
    Ok(())
}

/// Takes gas from the caller; a contract that has less ends like one that has used up its gas by itself.
fn charge<W: CoreWasmtime>(caller: &mut Caller<'_, W, Frame<W>>, gas: u64) -> anyhow::Result<()> {
    let Some(left) = caller.get_fuel()?.checked_sub(gas) else {
        return Err(Trap::OutOfFuel.into());
    };
    Ok(caller.set_fuel(left)?)
}

fn at(length: u64, address: u64) -> Bytes {
    Bytes { length, address }
}
