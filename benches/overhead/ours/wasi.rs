//! WASI over `W`: a round trip, and a stream of the host's own.

use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime_compat::wasi::{OutputStream, Stdout, WasiConfig};
use wasmtime_compat::{Config, Engine, Linker, Module, Store, Wasmtime};

use crate::guests::{ROOM, WRITE, WRITTEN};
use crate::measure::{Side, expect, timed};
use crate::shared::Result;

pub(crate) fn round_trip<W: Wasmtime>() -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    let module = Module::new(&engine, &wat::parse_str(WRITE)?)?;
    let mut linker = Linker::new(&engine);
    linker.add_wasi()?;
    let pre = linker.instantiate_pre(&module)?;
    let mut config = WasiConfig::new();
    config.stdout(Stdout::capture(ROOM));
    Ok(Box::new(move |iterations| {
        let mut store = Store::with_wasi(&engine, (), &config)?;
        let instance = pre.instantiate(&mut store)?;
        let write = instance.get_typed_func::<(), i32>(&mut store, "write")?;
        let elapsed = timed(iterations, || {
            black_box(write.call(&mut store, ())?);
            Ok(())
        })?;
        expect(store.stdout().map(|out| out.bytes.len()), Some(iterations as usize * WRITTEN))?;
        Ok(elapsed)
    }))
}

/// Counts bytes.
struct Counting(Arc<AtomicUsize>);

impl OutputStream for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }
}

pub(crate) fn stream<W: Wasmtime>() -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    let module = Module::new(&engine, &wat::parse_str(WRITE)?)?;
    let mut linker = Linker::new(&engine);
    linker.add_wasi()?;
    let pre = linker.instantiate_pre(&module)?;
    Ok(Box::new(move |iterations| {
        let count = Arc::new(AtomicUsize::new(0));
        let mut config = WasiConfig::new();
        config.stdout(Stdout::custom(Counting(Arc::clone(&count))));
        let mut store = Store::with_wasi(&engine, (), &config)?;
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
