//! Owns what is compared: the same work over `W: Wasmtime`, and against the crates of each major.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::shared::Result;

/// One side of a measurement: prepares, does its work so many times, checks what came out, and returns how long the
/// work took.
pub(crate) type Side = Box<dyn FnMut(u32) -> Result<Duration>>;

const ADD: &str = r#"(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;

/// `write` writes 64 bytes to standard output and returns WASI's error number.
const WRITE: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\40\00\00\00")
    (data (i32.const 16) "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n")
    (func (export "write") (result i32)
        (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))"#;
pub(crate) const WRITTEN: usize = 64;

/// Commands that say hello; the first returns, the second calls `proc_exit(0)`.
pub(crate) const RETURN: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "hello\n")
    (func (export "_start")
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
pub(crate) const EXIT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "hello\n")
    (func (export "_start")
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (call $proc_exit (i32.const 0))))"#;
const HELLO: &[u8] = b"hello\n";

/// The first command as a component, with an adapter that has known flaws.
fn component() -> Result<Vec<u8>> {
    let module = wat::parse_str(RETURN)?;
    let adapter = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
    let mut encoder = wit_component::ComponentEncoder::default();
    Ok(encoder.module(&module)?.adapter("wasi_snapshot_preview1", adapter)?.encode()?)
}

/// Whether the direct side asks for itself if a directory is one before it preopens it, as users of Wasmtime are advised
/// to (bytecodealliance/wasmtime#8552). Ours always does, and asks more.
#[derive(Clone, Copy)]
pub(crate) struct Careful(pub(crate) bool);

/// Room for everything that a command, or the longest sample of `WRITE`, writes.
const ROOM: usize = 64 << 20;

/// The generic layer: written once for every major.
pub(crate) mod ours {
    use std::path::Path;

    use wasmtime_compat::component::Component;
    use wasmtime_compat::wasi::{Preopen, Stdout, WasiConfig};
    use wasmtime_compat::{Command, Config, Engine, Linker, Module, Outcome, Precompiled, RunConfig, Store, Wasmtime};

    use super::*;

    pub(crate) fn call<W: Wasmtime>() -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let module = Module::new(&engine, &wat::parse_str(ADD)?)?;
        let pre = Linker::new(&engine).instantiate_pre(&module)?;
        Ok(Box::new(move |iterations| {
            let mut store = Store::new(&engine, ());
            let instance = pre.instantiate(&mut store)?;
            let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
            let start = Instant::now();
            for i in 0..iterations as i32 {
                black_box(add.call(&mut store, black_box((i, 1)))?);
            }
            Ok(start.elapsed())
        }))
    }

    pub(crate) fn wasi<W: Wasmtime>() -> Result<Side> {
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
            let start = Instant::now();
            for _ in 0..iterations {
                black_box(write.call(&mut store, ())?);
            }
            let elapsed = start.elapsed();
            assert_eq!(store.stdout().map(|out| out.bytes.len()), Some(iterations as usize * WRITTEN));
            Ok(elapsed)
        }))
    }

    pub(crate) fn instantiate<W: Wasmtime>() -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let module = Module::new(&engine, &wat::parse_str(ADD)?)?;
        let pre = Linker::new(&engine).instantiate_pre(&module)?;
        Ok(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                let mut store = Store::new(&engine, ());
                black_box(pre.instantiate(&mut store)?);
            }
            Ok(start.elapsed())
        }))
    }

    pub(crate) fn load<W: Wasmtime>() -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let component = component()?;
        Ok(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                let component = black_box(Component::new(&engine, &component)?);
                assert!(!component.adapter_warnings().is_empty());
            }
            Ok(start.elapsed())
        }))
    }

    #[expect(unsafe_code, reason = "that is how precompiled code is loaded")]
    pub(crate) fn deserialize<W: Wasmtime>() -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let bytes = engine.precompile(&component()?)?;
        Ok(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                // SAFETY: the bytes were made above.
                let trusted = unsafe { Precompiled::parse(&bytes)?.trust() };
                let component = black_box(Component::from_precompiled(&engine, &trusted)?);
                assert!(!component.adapter_warnings().is_empty());
            }
            Ok(start.elapsed())
        }))
    }

    pub(crate) fn command<W: Wasmtime>(wat: &str, directory: Option<&Path>) -> Result<Side> {
        let engine = Engine::<W>::new(&Config::new())?;
        let command = Command::new(&engine, &wat::parse_str(wat)?)?;
        let mut config = RunConfig::new();
        config.wasi.arg("hello").stdout(Stdout::capture(ROOM));
        config.wasi.preopens.extend(directory.map(|directory| Preopen::new(directory, "/work")));
        Ok(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                let completed = black_box(command.run(&config)?);
                assert!(matches!(completed.outcome, Outcome::Exited(0)));
                assert_eq!(completed.stdout.bytes, HELLO);
            }
            Ok(start.elapsed())
        }))
    }
}

/// The same against one major's own crates, as its plain user would write it.
macro_rules! direct {
    ($name:ident: $major:ident, $p1:ident, $($pipe:ident)::+, $($permissions:expr),+) => {
        pub(crate) mod $name {
            use std::path::Path;

            use wasmtime_compat::$major::{wasmtime, wasmtime_wasi};

            use wasmtime::{Engine, Linker, Module, Store};
            use wasmtime_wasi::$($pipe)::+::MemoryOutputPipe;
            use wasmtime_wasi::$p1::{WasiP1Ctx, add_to_linker_sync};
            use wasmtime_wasi::{I32Exit, WasiCtxBuilder};

            use super::*;

            pub(crate) fn call() -> Result<Side> {
                let engine = Engine::default();
                let module = Module::new(&engine, wat::parse_str(ADD)?)?;
                let pre = Linker::new(&engine).instantiate_pre(&module)?;
                Ok(Box::new(move |iterations| {
                    let mut store = Store::new(&engine, ());
                    let instance = pre.instantiate(&mut store)?;
                    let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
                    let start = Instant::now();
                    for i in 0..iterations as i32 {
                        black_box(add.call(&mut store, black_box((i, 1)))?);
                    }
                    Ok(start.elapsed())
                }))
            }

            pub(crate) fn wasi() -> Result<Side> {
                let engine = Engine::default();
                let module = Module::new(&engine, wat::parse_str(WRITE)?)?;
                let mut linker = Linker::<WasiP1Ctx>::new(&engine);
                add_to_linker_sync(&mut linker, |ctx| ctx)?;
                let pre = linker.instantiate_pre(&module)?;
                Ok(Box::new(move |iterations| {
                    let stdout = MemoryOutputPipe::new(ROOM);
                    let ctx = WasiCtxBuilder::new().stdout(stdout.clone()).build_p1();
                    let mut store = Store::new(&engine, ctx);
                    let instance = pre.instantiate(&mut store)?;
                    let write = instance.get_typed_func::<(), i32>(&mut store, "write")?;
                    let start = Instant::now();
                    for _ in 0..iterations {
                        black_box(write.call(&mut store, ())?);
                    }
                    let elapsed = start.elapsed();
                    assert_eq!(stdout.contents().len(), iterations as usize * WRITTEN);
                    Ok(elapsed)
                }))
            }

            pub(crate) fn instantiate() -> Result<Side> {
                let engine = Engine::default();
                let module = Module::new(&engine, wat::parse_str(ADD)?)?;
                let pre = Linker::new(&engine).instantiate_pre(&module)?;
                Ok(Box::new(move |iterations| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        let mut store = Store::new(&engine, ());
                        black_box(pre.instantiate(&mut store)?);
                    }
                    Ok(start.elapsed())
                }))
            }

            pub(crate) fn load() -> Result<Side> {
                let engine = Engine::default();
                let component = component()?;
                Ok(Box::new(move |iterations| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        black_box(wasmtime::component::Component::new(&engine, &component)?);
                    }
                    Ok(start.elapsed())
                }))
            }

            #[expect(unsafe_code, reason = "that is how precompiled code is loaded")]
            pub(crate) fn deserialize() -> Result<Side> {
                use wasmtime::component::Component;

                let engine = Engine::default();
                let bytes = engine.precompile_component(&component()?)?;
                Ok(Box::new(move |iterations| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        // SAFETY: the bytes were made above.
                        black_box(unsafe { Component::deserialize(&engine, &bytes) }?);
                    }
                    Ok(start.elapsed())
                }))
            }

            pub(crate) fn command(wat: &str, directory: Option<&Path>, careful: Careful) -> Result<Side> {
                let engine = Engine::default();
                let module = Module::new(&engine, wat::parse_str(wat)?)?;
                let mut linker = Linker::<WasiP1Ctx>::new(&engine);
                add_to_linker_sync(&mut linker, |ctx| ctx)?;
                let pre = linker.instantiate_pre(&module)?;
                let directory = directory.map(Path::to_owned);
                Ok(Box::new(move |iterations| {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        let stdout = MemoryOutputPipe::new(ROOM);
                        let mut builder = WasiCtxBuilder::new();
                        builder.arg("hello").stdout(stdout.clone());
                        if let Some(directory) = &directory {
                            if careful.0 && !directory.is_dir() {
                                return Err(format!("not a directory: {directory:?}").into());
                            }
                            builder.preopened_dir(directory, "/work", $($permissions),+)?;
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
                    }
                    Ok(start.elapsed())
                }))
            }
        }
    };
}

direct!(direct_24: v24, preview1, pipe, wasmtime_wasi::DirPerms::all(), wasmtime_wasi::FilePerms::all());
direct!(direct_48: v48, p1, p2::pipe, wasmtime_wasi::FsPerms::ReadWrite);
