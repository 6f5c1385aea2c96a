//! WASI on the major itself: a round trip, and a stream of the host's own.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::MemoryOutputPipe;
use super::p1::{WasiP1Ctx, add_to_linker_sync};
use super::stream::Counting;
use super::wasmtime::{Engine, InstancePre, Linker, Module, Store};
use super::wasmtime_wasi::WasiCtxBuilder;
use crate::guests::{ROOM, WRITE, WRITTEN};
use crate::measure::{Side, expect, timed};
use crate::shared::Result;

fn prepared() -> Result<(Engine, InstancePre<WasiP1Ctx>)> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(WRITE)?)?;
    let mut linker = Linker::<WasiP1Ctx>::new(&engine);
    add_to_linker_sync(&mut linker, |ctx| ctx)?;
    let pre = linker.instantiate_pre(&module)?;
    Ok((engine, pre))
}

pub(crate) fn round_trip() -> Result<Side> {
    let (engine, pre) = prepared()?;
    Ok(Box::new(move |iterations| {
        let stdout = MemoryOutputPipe::new(ROOM);
        let ctx = WasiCtxBuilder::new().stdout(stdout.clone()).build_p1();
        let mut store = Store::new(&engine, ctx);
        let instance = pre.instantiate(&mut store)?;
        let write = instance.get_typed_func::<(), i32>(&mut store, "write")?;
        let elapsed = timed(iterations, || {
            black_box(write.call(&mut store, ())?);
            Ok(())
        })?;
        expect(stdout.contents().len(), iterations as usize * WRITTEN)?;
        Ok(elapsed)
    }))
}

pub(crate) fn stream() -> Result<Side> {
    let (engine, pre) = prepared()?;
    Ok(Box::new(move |iterations| {
        let count = Arc::new(AtomicUsize::new(0));
        let ctx = WasiCtxBuilder::new().stdout(Counting(Arc::clone(&count))).build_p1();
        let mut store = Store::new(&engine, ctx);
        let instance = pre.instantiate(&mut store)?;
        let write = instance.get_typed_func::<(), i32>(&mut store, "write")?;
        let elapsed = timed(iterations, || {
            black_box(write.call(&mut store, ())?);
            Ok(())
        })?;
        expect(count.load(Ordering::Relaxed), iterations as usize * WRITTEN)?;
        Ok(elapsed)
    }))
}
