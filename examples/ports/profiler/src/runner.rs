//! Owns the run of a function: its engine, its store, its limits, and the profiler around the call.

use anyhow::Context;
use guest_profiler::{ProfilerBuilder, Sampling, WeightUnit};
use wasmtime_compat::wasi::{Deterministic, Stdin, Stdout, WasiConfig};
use wasmtime_compat::{Config, Engine, Linker, Module, Store, Wasmtime};

use crate::abi::{self, Form};
use crate::context::FunctionContext;
use crate::report::Report;

/// The fuel of a function, in place of a timeout: the same function with the same input uses the same fuel.
const FUEL: u64 = 1_000_000_000;

/// The bytes that are kept of each output.
const OUTPUT: usize = 1 << 20;

pub struct Function<'a> {
    pub name: &'a str,
    /// A binary, or the text format.
    pub wasm: &'a [u8],
    pub export: &'a str,
    pub profiling: Option<Profiling>,
}

/// How a function is profiled.
#[derive(Clone, Copy)]
pub struct Profiling {
    pub sampling: Sampling,
    pub weight_unit: WeightUnit,
    pub merge_recursion: bool,
}

impl Function<'_> {
    /// Runs the function once. What the function does wrong is in the report.
    pub fn run<W: Wasmtime>(&self, input: &[u8]) -> anyhow::Result<Report> {
        serde_json::from_slice::<serde_json::Value>(input).context("the input is not JSON")?;
        let wasm = wat::parse_bytes(self.wasm)?;
        let engine = Engine::<W>::new(&Config::new().consume_fuel(true).epoch_interruption(true))?;
        let module = Module::new(&engine, &wasm)?;
        let form = Form::of(&module, self.export)?;
        let mut linker = Linker::<W, FunctionContext>::new(&engine);
        linker.add_wasi()?;
        abi::link(&mut linker)?;

        let mut wasi = WasiConfig::new();
        wasi.stdin(Stdin::bytes(input)).stdout(Stdout::capture(OUTPUT)).stderr(Stdout::capture(OUTPUT));
        wasi.deterministic(Deterministic::new(0));
        let mut store = Store::with_wasi(&engine, FunctionContext::default(), &wasi)?;
        store.limiter(|context| &mut context.limiter);
        store.set_fuel(FUEL)?;
        let instance = linker.instantiate(&mut store, &module)?;

        let call = |store: &mut Store<W, FunctionContext>| form.call(store, &instance, self.export, input);
        let (output, profile) = match self.profiling {
            Some(profiling) => {
                let (output, profile) = ProfilerBuilder::new(&mut store)
                    .sampling(profiling.sampling)
                    .weight_unit(profiling.weight_unit)
                    .merge_recursion(profiling.merge_recursion)
                    .profile(call)?;
                (output, Some(profile))
            }
            None => (call(&mut store), None),
        };
        let mut logs = abi::kept(store.take_stderr());
        let instructions = FUEL.saturating_sub(store.get_fuel()?);
        let context = store.into_data();
        logs.extend_from_slice(&context.logs);
        Ok(Report {
            name: self.name.to_owned(),
            size: wasm.len(),
            memory_usage: context.limiter.max_memory_bytes,
            instructions,
            logs: String::from_utf8_lossy(&logs).into_owned(),
            output: output.map(|output| serde_json::from_slice(&output).map_err(|error| (output, error))),
            profile,
        })
    }
}
