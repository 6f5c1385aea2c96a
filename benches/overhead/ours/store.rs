//! Stores over `W`: making one, limiters, and epochs.

use std::hint::black_box;
use std::time::Duration;

use wasmtime_compat::{Config, Engine, Linker, Module, ResourceLimiter, Store, UpdateDeadline, Wasmtime};

use crate::guests::{GROW, TICK};
use crate::measure::{Side, expect, timed, timed_once};
use crate::rows::GROWN;
use crate::shared::Result;

pub(crate) fn new<W: Wasmtime>() -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            black_box(Store::new(&engine, ()));
            Ok(())
        })
    }))
}

struct Limiter {
    allows: bool,
    queries: u32,
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> anyhow::Result<bool> {
        self.queries += 1;
        Ok(self.allows)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> anyhow::Result<bool> {
        Ok(true)
    }
}

pub(crate) fn limiter<W: Wasmtime>(allows: bool) -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    let module = Module::new(&engine, &wat::parse_str(GROW)?)?;
    let pre = Linker::<W, Limiter>::new(&engine).instantiate_pre(&module)?;
    let grow = move |count: u32| -> Result<Duration> {
        let mut store = Store::new(&engine, Limiter { allows: true, queries: 0 });
        store.limiter(|limiter| limiter);
        let instance = pre.instantiate(&mut store)?;
        let run = instance.get_typed_func::<u32, u32>(&mut store, "run")?;
        store.data_mut().allows = allows;
        let (elapsed, grown) = timed_once(|| Ok(run.call(&mut store, count)?))?;
        expect(grown, if allows { count } else { 0 })?;
        expect(store.data().queries, count + 1)?;
        Ok(elapsed)
    };
    Ok(Box::new(move |iterations| {
        let mut elapsed = Duration::ZERO;
        let mut rest = iterations;
        while rest > 0 {
            let count = if allows { rest.min(GROWN) } else { rest };
            elapsed += grow(count)?;
            rest -= count;
        }
        Ok(elapsed)
    }))
}

pub(crate) fn epoch_callback<W: Wasmtime>() -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new().epoch_interruption(true))?;
    let module = Module::new(&engine, &wat::parse_str(TICK)?)?;
    let mut linker = Linker::<W, u32>::new(&engine);
    let ticking = engine.clone();
    linker.func_wrap("host", "tick", move || ticking.increment_epoch())?;
    let pre = linker.instantiate_pre(&module)?;
    Ok(Box::new(move |iterations| {
        let mut store = Store::new(&engine, 0);
        store.set_epoch_deadline(1)?;
        store.epoch_deadline_callback(|mut state| {
            *state.data_mut() += 1;
            Ok(UpdateDeadline::Continue(1))
        })?;
        let instance = pre.instantiate(&mut store)?;
        let run = instance.get_typed_func::<u32, ()>(&mut store, "run")?;
        let (elapsed, ()) = timed_once(|| Ok(run.call(&mut store, iterations)?))?;
        // The guest does not check after the last tick.
        expect(*store.data() + 1, iterations)?;
        Ok(elapsed)
    }))
}
