//! An evaluator of OPA policies: the same policy on a synchronous and on an async engine.

mod abi;
mod builtins;
mod calls;
mod eval;
mod host;
mod json;
mod policy;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use wasmtime_compat::newest::{Config, Engine, Module};

use crate::host::Aborted;
use crate::policy::Policy;

const POLICY: &str = include_str!("../guest/policy.wat");

/// Modules that are refused: not a policy; an import, a memory and a version of the ABI that the host does not have.
const REFUSED: [&str; 4] = [
    r#"(module (func (export "eval")))"#,
    r#"(module (import "env" "opa_builtin5" (func (param i32))) (export "f" (func 0))
        (global (export "opa_wasm_abi_version") i32 (i32.const 1))
        (global (export "opa_wasm_abi_minor_version") i32 (i32.const 0)))"#,
    r#"(module (import "env" "memory" (memory 100))
        (global (export "opa_wasm_abi_version") i32 (i32.const 1))
        (global (export "opa_wasm_abi_minor_version") i32 (i32.const 0)))"#,
    r#"(module (import "env" "memory" (memory 2))
        (global (export "opa_wasm_abi_version") i32 (i32.const 2))
        (global (export "opa_wasm_abi_minor_version") i32 (i32.const 0)))"#,
];

fn main() -> Result<()> {
    let engine = Engine::new(&Config::new())?;
    let module = Module::new(&engine, wat::parse_str(POLICY)?)?;
    describe(&module);

    let mut policy = Policy::load(&module, &data())?;
    println!("ABI {}, entrypoints: {}", policy.version(), policy.entrypoints().collect::<Vec<_>>().join(", "));
    let mut expected = Vec::new();
    for (entrypoint, input) in requests() {
        let outcome = outcome(policy.evaluate(entrypoint, &input));
        println!("{entrypoint} {input}\n  = {outcome}");
        policy.take_log().iter().for_each(|line| println!("  print: {line}"));
        expected.push(outcome);
    }
    for kibibytes in [200, 2000] {
        let before = policy.pages();
        let input = json!({ "note": "x".repeat(kibibytes << 10), "role": "admin" });
        let outcome = outcome(policy.evaluate("example/allow", &input));
        println!("an input of {kibibytes} KiB: {outcome}; pages: {before}, then {}", policy.pages());
    }

    // An older OPA compiles the same policy without `opa_eval`.
    let older = POLICY.replace(r#"_minor_version") i32 (i32.const 2)"#, r#"_minor_version") i32 (i32.const 1)"#);
    let mut policy = Policy::load(&Module::new(&engine, wat::parse_str(older)?)?, &data())?;
    let outcomes = requests().map(|(entrypoint, input)| outcome(policy.evaluate(entrypoint, &input)));
    println!("ABI {}: the same results: {}", policy.version(), expected == outcomes);

    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(on_async_engine(&expected))?;

    for text in REFUSED {
        let module = Module::new(&engine, wat::parse_str(text)?)?;
        refused(Policy::load(&module, &data()));
    }
    let unknown = POLICY.replace("hex.encode", "hex.decode");
    refused(Policy::load(&Module::new(&engine, wat::parse_str(unknown)?)?, &data()));
    Ok(())
}

/// Evaluates the same requests with two policies at the same time: each waits in its builtins while the other goes on.
async fn on_async_engine(expected: &[String]) -> Result<()> {
    let engine = Engine::new(&Config::new().async_support(true))?;
    let module = Module::new(&engine, wat::parse_str(POLICY)?)?;
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let mut policy = Policy::load_async(&module, &data()).await?;
        tasks.push(tokio::spawn(async move {
            let mut outcomes = Vec::new();
            for (entrypoint, input) in requests() {
                outcomes.push(outcome(policy.evaluate_async(entrypoint, &input).await));
            }
            (outcomes, policy)
        }));
    }
    for (number, task) in tasks.into_iter().enumerate() {
        let (outcomes, mut policy) = task.await.context("a task ended early")?;
        println!("async policy {number}: the same results: {}", expected == outcomes);
        println!("  print: {}", policy.take_log().join(", "));
        if number == 1 {
            let (entrypoint, input) = &requests()[0];
            println!("  a synchronous evaluation: {}", outcome(policy.evaluate(entrypoint, input)));
        }
    }
    refused(Policy::load(&module, &data()));
    Ok(())
}

fn data() -> Value {
    json!({ "blocked": ["mallory"], "minimum": "1.2.0" })
}

/// Entrypoints with their inputs. The keys are sorted, as `serde_json` writes them with and without its feature `preserve_order`.
fn requests() -> [(&'static str, Value); 13] {
    [
        ("example/allow", json!({ "path": "/private/plan", "role": "admin", "user": "alice" })),
        ("example/allow", json!({ "path": "/private/plan", "role": "admin", "user": "mallory" })),
        ("example/allow", json!({ "path": "/private/plan", "role": "guest", "user": "bob" })),
        ("example/allow", json!({ "path": "/public/index", "role": "guest", "user": "bob" })),
        ("example/allow", json!({ "path": "/public/a/b", "role": "guest", "user": "bob" })),
        ("example/allow", json!({ "resource": "urn:docs:guide", "user": "bob" })),
        ("example/audit", json!({ "user": "alice" })),
        ("example/outdated", json!({ "version": "1.1.9" })),
        ("example/outdated", json!({ "version": "1.10.0" })),
        ("example/outdated", json!({})),
        ("example/outdated", json!({ "version": "newest" })),
        ("example/conflict", json!({})),
        ("example/unknown", json!({})),
    ]
}

/// The result of an evaluation in one line.
fn outcome(result: Result<Option<Value>>) -> String {
    match result {
        Ok(Some(value)) => value.to_string(),
        Ok(None) => "undefined".to_owned(),
        Err(error) => match error.chain().find_map(|cause| cause.downcast_ref::<Aborted>()) {
            Some(Aborted(message)) => format!("aborted: {message}"),
            None => format!("failed: {error:#}"),
        },
    }
}

fn refused(policy: Result<Policy>) {
    match policy {
        Ok(policy) => println!("loaded a policy of ABI {}", policy.version()),
        Err(error) => println!("refused: {error:#}"),
    }
}

/// What the module imports and exports.
fn describe(module: &Module) {
    for import in module.imports() {
        println!("import {}.{} {}", import.module(), import.name(), import.ty());
    }
    let (globals, functions): (Vec<_>, Vec<_>) = module.exports().partition(|export| export.ty().global().is_some());
    for global in globals {
        println!("export {} {}", global.name(), global.ty());
    }
    println!("export {} functions", functions.len());
}
