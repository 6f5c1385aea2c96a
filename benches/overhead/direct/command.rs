//! Commands on the major itself, from their options to their exit code.

use std::hint::black_box;
use std::path::Path;

use super::p1::{WasiP1Ctx, add_to_linker_sync};
use super::wasmtime::{Engine, Linker, Module, Store};
use super::wasmtime_wasi::{I32Exit, WasiCtxBuilder};
use super::{MemoryOutputPipe, preopen};
use crate::guests::{HELLO, ROOM};
use crate::measure::{Side, timed};
use crate::rows::Careful;
use crate::shared::Result;

pub(crate) fn command(wat: &str, directory: Option<&Path>, careful: Careful) -> Result<Side> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(wat)?)?;
    let mut linker = Linker::<WasiP1Ctx>::new(&engine);
    add_to_linker_sync(&mut linker, |ctx| ctx)?;
    let pre = linker.instantiate_pre(&module)?;
    let directory = directory.map(Path::to_owned);
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            let stdout = MemoryOutputPipe::new(ROOM);
            let mut builder = WasiCtxBuilder::new();
            builder.arg("hello").stdout(stdout.clone());
            if let Some(directory) = &directory {
                if careful.0 && !directory.is_dir() {
                    return Err(format!("not a directory: {directory:?}").into());
                }
                preopen(&mut builder, directory)?;
            }
            let mut store = Store::new(&engine, builder.build_p1());
            let instance = pre.instantiate(&mut store)?;
            let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
            let code = match start.call(&mut store, ()) {
                Ok(()) => 0,
                Err(error) => error.downcast::<I32Exit>()?.0,
            };
            drop(store);
            assert_eq!(black_box(code), 0);
            assert_eq!(black_box(stdout.try_into_inner()).as_deref(), Some(HELLO));
            Ok(())
        })
    }))
}
