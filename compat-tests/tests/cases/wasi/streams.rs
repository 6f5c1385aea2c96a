//! Streams of the host's own: output that is pushed to the host, input that the host feeds, and captured output that is
//! drained while a store lives on.

use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use compat_tests::{
    Adapter, PREVIEW1, PRINT, async_engine, captured, cat, command_with, component, engine, run, run_both, runtime, wat,
};
use tempfile::tempdir;
use wasmtime_compat::wasi::{InputStream, OutputStream, Stdin, Stdout, WasiConfig};
use wasmtime_compat::{Caller, Completed, Engine, ErrorKind, Linker, Module, Outcome, RunConfig, Store};

use super::V;

fn guests() -> [Vec<u8>; 2] {
    [cat(), component(&cat(), Adapter::V24)]
}

/// Copies `text` through a guest with this output, twice on each kind of engine.
#[track_caller]
fn copy(text: &str, stdout: &Stdout) {
    for wasm in guests() {
        let mut config = RunConfig::new();
        config.wasi.stdin(Stdin::bytes(text)).stdout(stdout.clone());
        run_both::<V>(&wasm, &config).unwrap().iter().for_each(assert_exited);
    }
}

#[track_caller]
fn assert_exited(done: &Completed) {
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
}

type Log = Arc<Mutex<Vec<u8>>>;

fn text_of(log: &Log) -> String {
    String::from_utf8(std::mem::take(&mut *log.lock().unwrap())).unwrap()
}

/// A writer into memory.
struct Memory(Log);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn output_to_a_callback_and_to_a_writer() {
    let text = "line\n".repeat(3000);
    let log = Log::default();
    let calls = log.clone();
    copy(&text, &Stdout::callback(move |bytes| calls.lock().unwrap().extend(bytes)));
    assert_eq!(text_of(&log), text.repeat(4));
    copy(&text, &Stdout::writer(Memory(log.clone())));
    assert_eq!(text_of(&log), text.repeat(4));
}

/// Takes up to seven bytes at a time, and nothing every other time; it is ready again when it was waited for.
struct Hesitant {
    log: Log,
    is_ready: bool,
    unflushed: bool,
    flushes: Arc<Mutex<usize>>,
}

impl OutputStream for Hesitant {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !std::mem::take(&mut self.is_ready) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = bytes.len().min(7);
        self.log.lock().unwrap().extend(&bytes[..count]);
        self.unflushed = true;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.unflushed) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        *self.flushes.lock().unwrap() += 1;
        Ok(())
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // Another thread says so, later.
        if !self.is_ready {
            self.is_ready = true;
            let waker = context.waker().clone();
            thread::spawn(move || waker.wake());
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

#[test]
fn output_to_a_stream_that_makes_the_guest_wait() {
    let text = "some words\n".repeat(20);
    let (log, flushes) = (Log::default(), Arc::new(Mutex::new(0)));
    let stream = Hesitant { log: log.clone(), is_ready: false, unflushed: false, flushes: flushes.clone() };
    copy(&text, &Stdout::custom(stream));
    assert_eq!(text_of(&log), text.repeat(4));
    assert!(*flushes.lock().unwrap() >= 4);
}

/// Never takes anything, or fails.
struct Refusing(io::ErrorKind);

impl OutputStream for Refusing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<()> {
        if self.0 == io::ErrorKind::WouldBlock { Poll::Pending } else { Poll::Ready(()) }
    }
}

#[test]
fn output_to_a_stream_that_takes_nothing() {
    for wasm in guests() {
        let mut config = RunConfig { timeout: Some(Duration::from_millis(100)), ..RunConfig::new() };
        config.wasi.stdin(Stdin::bytes("text")).stdout(Stdout::custom(Refusing(io::ErrorKind::WouldBlock)));
        // No timeout ends a call of the host on a synchronous engine.
        let engine = Engine::<V>::new(&config.engine_config().async_support(true)).unwrap();
        let command = wasmtime_compat::Command::new(&engine, &wasm).unwrap();
        let done = runtime().block_on(command.run_async(&config)).unwrap();
        assert!(matches!(done.outcome, Outcome::TimedOut), "{:?}", done.outcome);
    }
}

#[test]
fn output_to_a_stream_that_fails() {
    for kind in [io::ErrorKind::StorageFull, io::ErrorKind::BrokenPipe] {
        for wasm in guests() {
            let mut config = RunConfig::new();
            config.wasi.stdin(Stdin::bytes("text")).stdout(Stdout::custom(Refusing(kind)));
            for done in run_both::<V>(&wasm, &config).unwrap() {
                // The guest traps when a write fails.
                assert!(matches!(done.outcome, Outcome::Trapped { .. }), "{:?}", done.outcome);
            }
        }
    }
}

#[test]
fn inherited_output_bounds_zeroes() {
    let mut config = RunConfig::new();
    config.wasi.stdout(Stdout::Inherit);
    for done in run_both::<V>(&compat_tests::zeroes(1 << 46), &config).unwrap() {
        assert!(
            matches!(done.outcome, Outcome::Trapped { trap: wasmtime_compat::Trap::InvalidOperation, .. }),
            "{:?}",
            done.outcome
        );
    }
}

#[test]
fn input_from_a_reader() {
    let text = "line\n".repeat(50_000);
    for wasm in guests() {
        let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
        config.wasi.stdin(Stdin::reader(Cursor::new(text.clone())));
        let done = run::<V>(&wasm, &config).unwrap();
        assert_exited(&done);
        assert_eq!(done.stdout.text(), text);
        // The reader is at its end for every guest.
        assert_eq!(run::<V>(&wasm, &config).unwrap().stdout.total, 0);
    }
}

/// Every letter, one at a time.
struct Letters(u8);

impl InputStream for Letters {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.0 > b'z' {
            return Ok(0);
        }
        bytes[0] = self.0;
        self.0 += 1;
        Ok(1)
    }
}

#[test]
fn input_from_a_stream() {
    for wasm in guests() {
        let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
        config.wasi.stdin(Stdin::custom(Letters(b'a')));
        let done = run::<V>(&wasm, &config).unwrap();
        assert_exited(&done);
        assert_eq!(done.stdout.text(), "abcdefghijklmnopqrstuvwxyz");
    }
}

#[test]
fn input_that_the_host_feeds() {
    let text = "line\n".repeat(2000);
    for wasm in guests() {
        for is_async in [false, true] {
            let (mut writer, stdin) = Stdin::pipe(100);
            let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
            config.wasi.stdin(stdin);
            let engine = Engine::<V>::new(&config.engine_config().async_support(is_async)).unwrap();
            let command = wasmtime_compat::Command::new(&engine, &wasm).unwrap();
            let done = if is_async {
                runtime().block_on(async {
                    let feed = async {
                        writer.write_all_async(text.as_bytes()).await.unwrap();
                        writer.close();
                    };
                    tokio::join!(command.run_async(&config), feed).0
                })
            } else {
                let text = text.clone();
                let feed = thread::spawn(move || writer.write_all(text.as_bytes()).unwrap());
                let done = command.run(&config);
                feed.join().unwrap();
                done
            };
            let done = done.unwrap();
            assert_exited(&done);
            assert_eq!(done.stdout.text(), text);
        }
    }
}

/// A library whose `read` returns how many bytes it got at once, and copies them to standard output.
fn library() -> Vec<u8> {
    wat(&format!(
        r#"(module {PREVIEW1}
            (import "host" "tell" (func $tell))
            (memory (export "memory") 1)
            {PRINT}
            (func (export "read") (result i32) (local $len i32)
                (i32.store (i32.const 8) (i32.const 4096))
                (i32.store (i32.const 12) (i32.const 4096))
                (if (call $fd_read (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable))
                (local.set $len (i32.load (i32.const 16)))
                (call $print (i32.const 4096) (local.get $len))
                (call $tell)
                (local.get $len)))"#
    ))
}

#[test]
fn a_store_that_is_fed_and_drained_between_calls() {
    for engine in [engine::<V>(), async_engine::<V>()] {
        let (writer, stdin) = Stdin::pipe(8);
        let mut wasi = WasiConfig::new();
        wasi.stdin(stdin).stdout(Stdout::capture(4));
        let mut linker = Linker::<V, Vec<String>>::new(&engine);
        linker.add_wasi().unwrap();
        linker
            .func_wrap("host", "tell", |mut caller: Caller<'_, V, Vec<String>>, (): ()| {
                let taken = caller.take_stdout().unwrap();
                caller.data_mut().push(format!("{} of {}", taken.text(), taken.total));
                Ok(())
            })
            .unwrap();
        let mut store = Store::with_wasi(&engine, Vec::new(), &wasi).unwrap();
        let module = Module::new(&engine, &library()).unwrap();
        let runtime = runtime();
        let instance = if engine.is_async() {
            runtime.block_on(linker.instantiate_async(&mut store, &module)).unwrap()
        } else {
            linker.instantiate(&mut store, &module).unwrap()
        };
        let read = instance.get_typed_func::<(), i32>(&mut store, "read").unwrap();
        let read = |store: &mut Store<V, Vec<String>>| {
            if engine.is_async() { runtime.block_on(read.call_async(store, ())) } else { read.call(store, ()) }.unwrap()
        };
        assert_eq!(writer.try_write(b"abcdefghi").unwrap(), 8);
        assert_eq!(read(&mut store), 8);
        assert_eq!(writer.try_write(b"ij").unwrap(), 2);
        assert_eq!(read(&mut store), 2);
        writer.close();
        assert_eq!(read(&mut store), 0);
        writer.reopen();
        assert_eq!(writer.try_write(b"k").unwrap(), 1);
        assert_eq!(read(&mut store), 1);
        assert_eq!(*store.data(), ["abcd of 8", "ij of 2", " of 0", "k of 1"]);
        // All of it was taken; without output to capture there is nothing to take.
        assert_eq!((store.stdout(), store.take_stdout()), (Some(Default::default()), Some(Default::default())));
        assert_eq!(store.take_stderr(), None);
        drop((store, wasi));
        assert_eq!(writer.try_write(b"l").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}

#[test]
fn both_outputs_and_several_guests_share_a_writer() {
    let log = Log::default();
    let output = Stdout::writer(Memory(log.clone()));
    let write = |fd: u32| {
        format!("(if (call $fd_write (i32.const {fd}) (i32.const 24) (i32.const 1) (i32.const 16)) (then unreachable))")
    };
    let definitions = r#"(data (i32.const 24) "\c8\00\00\00\02\00\00\00") (data (i32.const 200) "x\n")"#;
    let wasm = command_with(definitions, &(write(1) + &write(2)));
    let mut config = RunConfig::new();
    config.wasi.stdout(output.clone()).stderr(output);
    run_both::<V>(&wasm, &config).unwrap().iter().for_each(assert_exited);
    assert_eq!(text_of(&log), "x\n".repeat(4));
}

#[test]
fn input_from_a_device_and_not_from_a_directory() {
    let root = tempdir().unwrap();
    let device = if cfg!(windows) { &["NUL", r"\\.\NUL"][..] } else { &["/dev/null"] };
    for guest in guests() {
        for device in device {
            let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
            config.wasi.stdin(Stdin::File(device.into()));
            let done = run::<V>(&guest, &config).unwrap();
            assert_exited(&done);
            assert_eq!(done.stdout.total, 0);
        }
        let mut config = RunConfig::new();
        config.wasi.stdin(Stdin::File(root.path().into()));
        let error = run::<V>(&guest, &config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error:?}");
        let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<io::Error>());
        assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::IsADirectory), "{error:?}");
    }
}
