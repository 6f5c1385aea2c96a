//! JSON on its way into the memory of a policy and out of it, by the policy's own functions.

use std::ffi::CStr;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use wasmtime_compat::newest::{AsContextMut, Caller, Instance, Memory, TypedFunc, WasmParams, WasmResults};

use crate::calls::call;
use crate::host::Host;

/// The functions of a policy that allocate memory, and that make values from JSON and JSON from values.
pub struct Json {
    malloc: TypedFunc<i32, i32>,
    free: TypedFunc<i32, ()>,
    parse: TypedFunc<(i32, i32), i32>,
    dump: TypedFunc<i32, i32>,
}

impl Json {
    /// The functions of an instance.
    pub fn of_instance(mut store: impl AsContextMut<Data = Host>, instance: &Instance) -> Result<Self> {
        Ok(Self {
            malloc: instance.get_typed_func(&mut store, "opa_malloc")?,
            free: instance.get_typed_func(&mut store, "opa_free")?,
            parse: instance.get_typed_func(&mut store, "opa_json_parse")?,
            dump: instance.get_typed_func(&mut store, "opa_json_dump")?,
        })
    }

    /// The functions of the policy that called a host function.
    pub fn of_caller(caller: &mut Caller<'_, Host>) -> Result<Self> {
        Ok(Self {
            malloc: export(caller, "opa_malloc")?,
            free: export(caller, "opa_free")?,
            parse: export(caller, "opa_json_parse")?,
            dump: export(caller, "opa_json_dump")?,
        })
    }

    /// Makes a value of the policy from JSON; returns the address of the value.
    pub async fn load(
        &self,
        mut store: impl AsContextMut<Data = Host> + Send,
        memory: Memory,
        json: &Value,
    ) -> Result<i32> {
        let json = serde_json::to_vec(json)?;
        let length = i32::try_from(json.len())?;
        let text = call(&mut store, &self.malloc, length).await?;
        memory.write(&mut store, offset(text), &json)?;
        let value = call(&mut store, &self.parse, (text, length)).await?;
        ensure!(value != 0, "the policy did not accept the JSON text");
        call(&mut store, &self.free, text).await?;
        Ok(value)
    }

    /// The JSON of a value of the policy.
    pub async fn dump(
        &self,
        mut store: impl AsContextMut<Data = Host> + Send,
        memory: Memory,
        value: i32,
    ) -> Result<Value> {
        let at = call(&mut store, &self.dump, value).await?;
        Ok(serde_json::from_str(text(memory.data(&store), at)?)?)
    }
}

/// An exported function of the policy that called a host function.
fn export<P: WasmParams, R: WasmResults>(caller: &mut Caller<'_, Host>, name: &str) -> Result<TypedFunc<P, R>> {
    let func = caller.get_func(name);
    let func = func.with_context(|| format!("the policy exports no function {name:?}"))?;
    Ok(func.typed(&*caller)?)
}

/// The text at an address, which ends with a zero byte.
pub fn text(memory: &[u8], at: i32) -> Result<&str> {
    let bytes =
        memory.get(offset(at)..).with_context(|| format!("the address {at} is beyond the end of the memory"))?;
    Ok(CStr::from_bytes_until_nul(bytes)?.to_str()?)
}

/// An address as an offset: addresses are unsigned.
pub fn offset(address: i32) -> usize {
    address as u32 as usize
}
