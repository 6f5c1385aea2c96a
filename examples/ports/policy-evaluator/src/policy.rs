//! A policy: an instance with its data, whose entrypoints are evaluated by name.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;
use wasmtime_compat::newest::{Instance, Linker, Memory, Module, Store};

use crate::abi::{self, AbiVersion};
use crate::builtins;
use crate::calls::{self, call, ready};
use crate::eval::{Base, Eval};
use crate::host::{self, Host};
use crate::json::Json;

/// A policy that is ready to evaluate.
pub struct Policy {
    store: Store<Host>,
    version: AbiVersion,
    entrypoints: BTreeMap<String, i32>,
    eval: Eval,
    base: Base,
}

impl Policy {
    /// Links and instantiates a policy on a synchronous engine, and loads the data.
    pub fn load(module: &Module, data: &Value) -> Result<Self> {
        ready(Self::new(module, data, false))
    }

    /// As `load`, on an async engine.
    pub async fn load_async(module: &Module, data: &Value) -> Result<Self> {
        Self::new(module, data, true).await
    }

    async fn new(module: &Module, data: &Value, waits: bool) -> Result<Self> {
        abi::check(module)?;
        let engine = module.engine();
        let mut store = Store::new(engine, Host { waits, ..Host::default() });
        let memory = calls::new_memory(&mut store, abi::memory_type(module)?).await?;
        let mut linker = Linker::new(engine);
        linker.define(&mut store, "env", "memory", memory)?;
        host::link(&mut linker, memory)?;
        if waits {
            host::link_async_builtins(&mut linker, memory)?;
        } else {
            host::link_builtins(&mut linker, memory)?;
        }
        let instance = calls::instantiate(&linker, &mut store, module).await?;
        let version = AbiVersion::of_instance(&mut store, &instance)?;
        let json = Json::of_instance(&mut store, &instance)?;

        for (name, id) in names(&mut store, &instance, memory, &json, "builtins").await? {
            let builtin = builtins::resolve(&name);
            let builtin = builtin.with_context(|| format!("the policy needs the builtin {name:?}"))?;
            store.data_mut().builtins.insert(id, (name, builtin));
        }
        let entrypoints = names(&mut store, &instance, memory, &json, "entrypoints").await?;

        let data = json.load(&mut store, memory, data).await?;
        let get_heap = instance.get_typed_func::<(), i32>(&mut store, "opa_heap_ptr_get")?;
        let heap = call(&mut store, &get_heap, ()).await?;
        let eval = Eval::of_instance(&mut store, &instance, version)?;
        Ok(Self { store, version, entrypoints, eval, base: Base { memory, json, data, heap } })
    }

    /// The result of an entrypoint for this input, if the result is defined.
    pub fn evaluate(&mut self, entrypoint: &str, input: &Value) -> Result<Option<Value>> {
        self.store.data_mut().waits = false;
        ready(self.result(entrypoint, input))
    }

    /// As `evaluate`, for a policy that was loaded with `load_async`.
    pub async fn evaluate_async(&mut self, entrypoint: &str, input: &Value) -> Result<Option<Value>> {
        self.store.data_mut().waits = true;
        self.result(entrypoint, input).await
    }

    async fn result(&mut self, entrypoint: &str, input: &Value) -> Result<Option<Value>> {
        let id = self.entrypoints.get(entrypoint);
        let id = *id.with_context(|| format!("the policy has no entrypoint {entrypoint:?}"))?;
        let results = self.eval.results(&mut self.store, &self.base, id, input).await?;
        Ok(results.get(0).and_then(|first| first.get("result")).cloned())
    }

    /// The lines that the policy has printed since the last time.
    pub fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.store.data_mut().log)
    }

    /// The version of the ABI that the policy uses.
    pub fn version(&self) -> AbiVersion {
        self.version
    }

    /// The names of the entrypoints.
    pub fn entrypoints(&self) -> impl Iterator<Item = &str> {
        self.entrypoints.keys().map(String::as_str)
    }

    /// The size of the memory in pages.
    pub fn pages(&self) -> u64 {
        self.base.memory.size(&self.store)
    }
}

/// The names and numbers that a function of the policy returns.
async fn names(
    store: &mut Store<Host>,
    instance: &Instance,
    memory: Memory,
    json: &Json,
    function: &str,
) -> Result<BTreeMap<String, i32>> {
    let list = instance.get_typed_func::<(), i32>(&mut *store, function)?;
    let value = call(&mut *store, &list, ()).await?;
    let names = serde_json::from_value(json.dump(store, memory, value).await?);
    names.with_context(|| format!("{function:?} does not return names and numbers"))
}
