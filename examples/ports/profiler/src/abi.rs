//! Owns the two forms of a function, and how input and output get through each.

use anyhow::{Context, bail};
use wasmtime_compat::wasi::Captured;
use wasmtime_compat::{
    Caller, ExternType, FuncType, Instance, Linker, Module, Store, ValType, WasmBacktrace, Wasmtime,
};

use crate::context::FunctionContext;

/// The form of a function, by the type of its export.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// Takes nothing: reads standard input and writes standard output, as a preview1 command does.
    Command,
    /// Takes the address and the length of the input, and returns those of the output in one number.
    Bytes,
}

impl Form {
    pub fn of<W: Wasmtime>(module: &Module<W>, export: &str) -> anyhow::Result<Self> {
        let Some(ExternType::Func(ty)) = module.get_export(export) else {
            bail!("the module does not export a function {export:?}");
        };
        if ty == FuncType::new([], []) {
            Ok(Self::Command)
        } else if ty == FuncType::new([ValType::I32, ValType::I32], [ValType::I64]) {
            Ok(Self::Bytes)
        } else {
            bail!("the function {export:?} has the type {ty}: expected (func) or (func (param i32 i32) (result i64))")
        }
    }

    /// Calls the function, and returns its output.
    pub fn call<W: Wasmtime>(
        self,
        store: &mut Store<W, FunctionContext>,
        instance: &Instance<W>,
        export: &str,
        input: &[u8],
    ) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Command => {
                let func = instance.get_typed_func::<(), ()>(&mut *store, export)?;
                match func.call(&mut *store, ()) {
                    Err(error) if error.exit_code() == Some(0) => {}
                    result => result?,
                }
                Ok(kept(store.take_stdout()))
            }
            Self::Bytes => bytes(store, instance, export, input),
        }
    }
}

fn bytes<W: Wasmtime>(
    store: &mut Store<W, FunctionContext>,
    instance: &Instance<W>,
    export: &str,
    input: &[u8],
) -> anyhow::Result<Vec<u8>> {
    let memory = instance.get_memory(&mut *store, "memory").context("the module does not export its memory")?;
    let alloc = instance.get_typed_func::<i32, i32>(&mut *store, "alloc")?;
    let func = instance.get_typed_func::<(i32, i32), i64>(&mut *store, export)?;
    let length = i32::try_from(input.len()).context("the input is too long")?;
    let address = alloc.call(&mut *store, length)?;
    memory.write(&mut *store, address as u32 as usize, input)?;
    let output = func.call(&mut *store, (address, length))? as u64;
    let mut bytes = vec![0; usize::try_from(output & 0xffff_ffff)?];
    memory.read(&*store, usize::try_from(output >> 32)?, &mut bytes)?;
    Ok(bytes)
}

/// Defines what a function can import beside WASI.
pub fn link<W: Wasmtime>(linker: &mut Linker<W, FunctionContext>) -> anyhow::Result<()> {
    linker.func_wrap("runner", "log", log::<W>)?;
    Ok(())
}

/// Logs a line, and which function of the guest logs it.
fn log<W: Wasmtime>(mut caller: Caller<'_, W, FunctionContext>, (text, length): (u32, u32)) -> anyhow::Result<()> {
    let memory = caller.get_memory("memory").context("no memory")?;
    let (start, end) = (text as usize, (text as usize).saturating_add(length as usize));
    let text = memory.data(&caller).get(start..end).context("the text is beyond the memory")?;
    let text = String::from_utf8_lossy(text).into_owned();
    let backtrace = WasmBacktrace::force_capture(&caller);
    let place = backtrace.frames().first().and_then(|frame| frame.function.as_deref()).unwrap_or("?");
    let line = format!("{place}: {text}\n");
    caller.data_mut().logs.extend_from_slice(line.as_bytes());
    Ok(())
}

pub fn kept(captured: Option<Captured>) -> Vec<u8> {
    captured.map(|captured| captured.bytes).unwrap_or_default()
}
