//! Owns the host functions: a table of names with their types, and the state that they change.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result};
use wasmtime_compat::ValType;

use crate::runtime::{Call, Import, Value};
use crate::tree::Kind;

/// The state that host functions read and change while a plug-in transforms a file.
#[derive(Default)]
pub struct Host {
    pub config: Option<String>,
    pub schema: Option<u32>,
    pub result: Vec<u8>,
    pub diagnostics: Vec<Diagnostic>,
    pub counts: BTreeMap<&'static str, i64>,
    pub metrics: Vec<(String, f64)>,
}

/// A message of a plug-in about a place in the file.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub offset: usize,
    pub message: String,
}

/// The error of a plug-in that ended itself with a fatal diagnostic.
#[derive(Clone, Debug)]
pub struct Fatal(pub Diagnostic);

impl fmt::Display for Fatal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Fatal {}

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;
const F64: ValType = ValType::F64;

/// The host functions, with types that the backend reads when the program runs.
pub const IMPORTS: &[Import] = &[
    Import {
        name: "__set_transform_plugin_core_pkg_diag",
        params: &[I32, I32],
        results: &[],
        call: |call| {
            let bytes = call.bytes(0)?.try_into().ok().context("a version of the schema has 4 bytes")?;
            call.host().schema = Some(u32::from_le_bytes(bytes));
            Ok(None)
        },
    },
    Import {
        name: "__set_transform_result",
        params: &[I32, I32],
        results: &[],
        call: |call| {
            let bytes = call.bytes(0)?;
            call.host().result = bytes;
            Ok(None)
        },
    },
    Import { name: "__get_transform_plugin_config", params: &[I32], results: &[I32], call: get_config },
    Import { name: "__emit_diagnostics", params: &[I32, I32, I32, I32], results: &[], call: emit_diagnostics },
    Import {
        name: "__count_node_proxy",
        params: &[I32, I64],
        results: &[I64],
        call: |call| {
            let kind = Kind::of(call.i32(0)?).context("a plug-in counted a node of an unknown kind")?;
            let name = match kind {
                Kind::Program => "program",
                Kind::Let => "let",
                Kind::Call => "call",
                Kind::Identifier => "identifier",
                Kind::Number => "number",
            };
            let letters = call.i64(1)?;
            let counts = &mut call.host().counts;
            *counts.entry(name).or_default() += 1;
            *counts.entry("letters").or_default() += letters;
            let nodes = counts.entry("all nodes").or_default();
            *nodes += 1;
            Ok(Some(Value::I64(*nodes)))
        },
    },
    Import {
        name: "__report_metric_proxy",
        params: &[I32, I32, F64],
        results: &[],
        call: |call| {
            let metric = (call.text(0)?, call.f64(2)?);
            call.host().metrics.push(metric);
            Ok(None)
        },
    },
];

/// Copies the configuration into memory that the plug-in allocates, and stores its address and length at the address in the parameter.
fn get_config(call: Call<'_>) -> Result<Option<Value>> {
    let Some(config) = call.host().config.clone() else { return Ok(Some(Value::I32(0))) };
    let target = call.i32(0)?;
    let size = i32::try_from(config.len())?;
    let address = call.caller.alloc(size)?;
    call.caller.write(address, config.as_bytes())?;
    call.caller.write(target, &[address.to_le_bytes(), size.to_le_bytes()].concat())?;
    Ok(Some(Value::I32(1)))
}

/// Keeps a diagnostic; a fatal one ends the plug-in.
fn emit_diagnostics(call: Call<'_>) -> Result<Option<Value>> {
    let diagnostic = Diagnostic { offset: usize::try_from(call.i32(1)?)?, message: call.text(2)? };
    if call.i32(0)? > 1 {
        return Err(Fatal(diagnostic).into());
    }
    call.host().diagnostics.push(diagnostic);
    Ok(None)
}
