//! The two ways of the ABI to evaluate an entrypoint: in one call, or in steps.

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;
use wasmtime_compat::newest::{Error, ErrorKind, Instance, Memory, Store, TypedFunc};

use crate::abi::AbiVersion;
use crate::calls::{call, grow};
use crate::host::Host;
use crate::json::{Json, offset, text};

/// `opa_eval`: a reserved parameter, the entrypoint, the data, the address and the length of the input, the heap, and the
/// format of the result.
type OneCall = TypedFunc<(i32, i32, i32, i32, i32, i32, i32), i32>;

/// The functions of a policy that evaluate.
pub enum Eval {
    OneCall(OneCall),
    Steps(Steps),
}

/// The functions of ABI 1.0 and 1.1.
pub struct Steps {
    set_heap: TypedFunc<i32, ()>,
    new_context: TypedFunc<(), i32>,
    set_input: TypedFunc<(i32, i32), ()>,
    set_data: TypedFunc<(i32, i32), ()>,
    set_entrypoint: TypedFunc<(i32, i32), ()>,
    eval: TypedFunc<i32, i32>,
    result: TypedFunc<i32, i32>,
}

/// The state that each evaluation starts from.
pub struct Base {
    pub memory: Memory,
    pub json: Json,
    /// The address of the data.
    pub data: i32,
    /// The end of the heap after the data was loaded: an evaluation overwrites the memory of the one before.
    pub heap: i32,
}

impl Eval {
    /// The functions of an instance.
    pub fn of_instance(store: &mut Store<Host>, instance: &Instance, version: AbiVersion) -> Result<Self> {
        if version >= AbiVersion::ONE_CALL {
            return Ok(Self::OneCall(instance.get_typed_func(store, "opa_eval")?));
        }
        Ok(Self::Steps(Steps {
            set_heap: instance.get_typed_func(&mut *store, "opa_heap_ptr_set")?,
            new_context: instance.get_typed_func(&mut *store, "opa_eval_ctx_new")?,
            set_input: instance.get_typed_func(&mut *store, "opa_eval_ctx_set_input")?,
            set_data: instance.get_typed_func(&mut *store, "opa_eval_ctx_set_data")?,
            set_entrypoint: instance.get_typed_func(&mut *store, "opa_eval_ctx_set_entrypoint")?,
            eval: instance.get_typed_func(&mut *store, "eval")?,
            result: instance.get_typed_func(&mut *store, "opa_eval_ctx_get_result")?,
        }))
    }

    /// The results of an entrypoint for this input, as JSON.
    pub async fn results(&self, store: &mut Store<Host>, base: &Base, entrypoint: i32, input: &Value) -> Result<Value> {
        match self {
            Self::OneCall(eval) => in_one_call(eval, store, base, entrypoint, input).await,
            Self::Steps(steps) => steps.results(store, base, entrypoint, input).await,
        }
    }
}

impl Steps {
    async fn results(&self, store: &mut Store<Host>, base: &Base, entrypoint: i32, input: &Value) -> Result<Value> {
        call(&mut *store, &self.set_heap, base.heap).await?;
        let input = base.json.load(&mut *store, base.memory, input).await?;
        let context = call(&mut *store, &self.new_context, ()).await?;
        call(&mut *store, &self.set_input, (context, input)).await?;
        call(&mut *store, &self.set_data, (context, base.data)).await?;
        call(&mut *store, &self.set_entrypoint, (context, entrypoint)).await?;
        let status = call(&mut *store, &self.eval, context).await?;
        ensure!(status == 0, "eval returned the status {status}");
        let results = call(&mut *store, &self.result, context).await?;
        base.json.dump(store, base.memory, results).await
    }
}

async fn in_one_call(
    eval: &OneCall,
    store: &mut Store<Host>,
    base: &Base,
    entrypoint: i32,
    input: &Value,
) -> Result<Value> {
    let input = serde_json::to_vec(input)?;
    reserve(store, base, input.len()).await?;
    base.memory.write(&mut *store, offset(base.heap), &input)?;
    let length = i32::try_from(input.len())?;
    let heap = base.heap.checked_add(length).context("the input is too long")?;
    let params = (0, entrypoint, base.data, base.heap, length, heap, 0);
    let results = call(&mut *store, eval, params).await?;
    Ok(serde_json::from_str(text(base.memory.data(&*store), results)?)?)
}

/// Grows the memory until this number of bytes fits at the end of the heap.
async fn reserve(store: &mut Store<Host>, base: &Base, length: usize) -> Result<()> {
    let end = offset(base.heap).saturating_add(length);
    let missing = end.saturating_sub(base.memory.data_size(&*store)) as u64;
    if missing > 0 {
        let pages = missing.div_ceil(base.memory.page_size(&*store));
        grow(store, base.memory, pages).await.map_err(|error| {
            match error.downcast_ref::<Error>().map(Error::kind) {
                Some(ErrorKind::OutOfBounds) => {
                    anyhow!("the memory of the policy cannot hold an input of {length} bytes")
                }
                _ => error,
            }
        })?;
    }
    Ok(())
}
