//! Hooks: core modules that see what tools are about to do, and may refuse it. Each query has an instance of its own.

use anyhow::{Context as _, Result, ensure};
use wasmtime_compat::{Caller, Engine, InstancePre, Linker, Module, Store, Trap, Wasmtime};

/// A hook that is loaded.
pub struct Hook<W: Wasmtime> {
    engine: Engine<W>,
    pre: InstancePre<W, Reason>,
}

/// The reason that a hook gave.
type Reason = Option<String>;

/// The response of a hook.
#[derive(Debug)]
pub enum Verdict {
    Allowed,
    Denied(String),
}

/// The fuel of a query.
const FUEL: u64 = 50_000;

impl<W: Wasmtime> Hook<W> {
    pub fn load(engine: &Engine<W>, wasm: &[u8]) -> Result<Self> {
        let module = Module::new(engine, wasm)?;
        let mut linker = Linker::new(engine);
        linker.func_wrap(
            "hook",
            "reason",
            |mut caller: Caller<'_, W, Reason>, address: u32, length: u32| -> Result<()> {
                let memory = caller.get_memory("memory").context("the hook exports no memory")?;
                let range = address as usize..address as usize + length as usize;
                let text = memory.data(&caller).get(range).context("the reason is not in the memory of the hook")?;
                *caller.data_mut() = Some(String::from_utf8_lossy(text).into_owned());
                Ok(())
            },
        )?;
        Ok(Self { engine: engine.clone(), pre: linker.instantiate_pre(&module)? })
    }

    /// Queries the hook. A hook that fails has denied the request.
    pub fn before_request(&self, url: &str) -> Verdict {
        match self.query(url) {
            Ok(verdict) => verdict,
            Err(error) => {
                let trap = error.downcast_ref::<wasmtime_compat::Error>().and_then(wasmtime_compat::Error::trap);
                Verdict::Denied(match trap {
                    Some(Trap::OutOfFuel) => "the hook used up its fuel".to_owned(),
                    _ => "the hook failed".to_owned(),
                })
            }
        }
    }

    fn query(&self, url: &str) -> Result<Verdict> {
        let mut store = Store::new(&self.engine, None);
        store.set_fuel(FUEL)?;
        store.set_epoch_deadline(u64::MAX / 2)?;
        let instance = self.pre.instantiate(&mut store)?;
        let memory = instance.get_memory(&mut store, "memory").context("the hook exports no memory")?;
        let input = instance.get_global(&mut store, "input").context("the hook exports no input")?;
        let address = input.get(&mut store)?.i32().context("the input is not an address")?;
        ensure!(url.len() <= 1024, "the address is too long for hooks");
        memory.write(&mut store, address as usize, url.as_bytes())?;
        let query = instance.get_typed_func::<u32, u32>(&mut store, "before_request")?;
        let is_allowed = query.call(&mut store, url.len() as u32)? != 0;
        Ok(match is_allowed {
            true => Verdict::Allowed,
            false => Verdict::Denied(store.data_mut().take().unwrap_or_else(|| "the hook gave no reason".to_owned())),
        })
    }
}

impl<W: Wasmtime> Clone for Hook<W> {
    fn clone(&self) -> Self {
        Self { engine: self.engine.clone(), pre: self.pre.clone() }
    }
}
