//! Owns the work that is stressed: guests of one major, compiled once, and what each must do every time.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use compat_tests::{Adapter, PRINT, captured, command, command_with, component, print_preopens, wat};
use tokio::runtime::Runtime;
use wasmtime_compat::wasi::Preopen;
use wasmtime_compat::{
    Caller, Command, Completed, Config, Engine, InstancePre, Linker, Module, Outcome, RunConfig, Store, Trap, Wasmtime,
};

/// A kind of work, as one of [`WORK`].
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&dyn Load, &World) -> Result<()>,
}

/// All kinds of work.
pub(crate) const WORK: &[Kind] = &[
    Kind { name: "instantiate and call", run: |load, world| load.calls(world.thread) },
    Kind { name: "async host call", run: |load, world| load.async_calls(world) },
    Kind { name: "file to standard output", run: |load, world| load.file(world) },
    Kind { name: "component with a preopen", run: |load, world| load.component(world) },
    Kind { name: "trap: unreachable", run: |load, _| load.traps(0) },
    Kind { name: "trap: memory out of bounds", run: |load, _| load.traps(1) },
    Kind { name: "trap: division by zero", run: |load, _| load.traps(2) },
    Kind { name: "trap: integer overflow", run: |load, _| load.traps(3) },
    Kind { name: "trap: stack overflow", run: |load, _| load.traps(4) },
    Kind { name: "trap: call of null", run: |load, _| load.traps(5) },
    Kind { name: "trap: bad signature", run: |load, _| load.traps(6) },
    Kind { name: "trap: table out of bounds", run: |load, _| load.traps(7) },
    Kind { name: "out of fuel", run: |load, _| load.out_of_fuel() },
    Kind { name: "timeout", run: |load, _| load.timeout() },
];

/// What belongs to one thread: its directory, in which a file says whose it is, and its async runtime.
pub(crate) struct World {
    thread: usize,
    config: RunConfig,
    text: String,
    guest: String,
    runtime: Runtime,
}

impl World {
    pub(crate) fn new(root: &Path, thread: usize) -> Result<Self> {
        let (guest, text) = (format!("/thread-{thread}"), format!("this belongs to thread {thread}\n"));
        let directory = root.join(&guest[1..]);
        std::fs::create_dir(&directory)?;
        std::fs::write(directory.join("file"), &text)?;
        let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
        config.wasi.preopen(Preopen::new(directory, guest.as_str()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { thread, config, text, guest, runtime })
    }
}

/// One major, and its guests.
pub(crate) trait Load: Sync {
    fn major(&self) -> u64;
    fn calls(&self, seed: usize) -> Result<()>;
    fn async_calls(&self, world: &World) -> Result<()>;
    fn file(&self, world: &World) -> Result<()>;
    fn component(&self, world: &World) -> Result<()>;
    fn traps(&self, which: usize) -> Result<()>;
    fn out_of_fuel(&self) -> Result<()>;
    fn timeout(&self) -> Result<()>;
}

/// The guests of the major `W`, compiled.
pub(crate) struct Of<W: Wasmtime> {
    engine: Engine<W>,
    sum: InstancePre<W, ()>,
    async_engine: Engine<W>,
    twice: InstancePre<W, usize>,
    cat: Command<W>,
    component: Command<W>,
    traps: Vec<(Command<W>, Trap)>,
    fuel: Command<W>,
    spin: Command<W>,
}

/// Sums the numbers below its parameter, in memory.
const SUM: &str = r#"(module
    (memory 1)
    (func (export "sum") (param $n i32) (result i32)
        (i32.store (i32.const 0) (i32.const 0))
        (loop $next
            (if (local.get $n)
                (then
                    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get $n)))
                    (br $next))))
        (i32.load (i32.const 0))))"#;

const TWICE: &str = r#"(module
    (import "host" "double" (func $double (param i32) (result i32)))
    (func (export "twice") (param i32) (result i32) (call $double (call $double (local.get 0)))))"#;

/// Opens `file` in the first preopen and prints it.
const CAT: &str = r#"
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 200) (i32.const 4) (i32.const 0)
            (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 24)) (then unreachable))
    (i32.store (i32.const 32) (i32.const 4096))
    (i32.store (i32.const 36) (i32.const 4096))
    (if (call $fd_read (i32.load (i32.const 24)) (i32.const 32) (i32.const 1) (i32.const 40)) (then unreachable))
    (call $print (i32.const 4096) (i32.load (i32.const 40)))"#;

const TABLE: &str = "(table 1 funcref) (type $t (func)) (type $u (func (param i32)))";
const FILLED: &str = "(table 1 funcref) (type $t (func)) (func $f (param i32)) (elem (i32.const 0) $f)";

impl<W: Wasmtime> Of<W> {
    pub(crate) fn new() -> Result<Self> {
        let plain = RunConfig::new();
        let engine = Engine::new(&plain.engine_config())?;
        let sum = Linker::new(&engine).instantiate_pre(&Module::new(&engine, &wat(SUM))?)?;

        let async_engine = Engine::new(&Config::new().async_support(true))?;
        let mut linker = Linker::new(&async_engine);
        linker.func_wrap_async("host", "double", |mut caller: Caller<'_, W, usize>, (n,): (i32,)| {
            Box::new(async move {
                tokio::task::yield_now().await;
                *caller.data_mut() += 1;
                Ok(n * 2)
            })
        })?;
        let twice = linker.instantiate_pre(&Module::new(&async_engine, &wat(TWICE))?)?;

        let traps = [
            (command("unreachable"), Trap::Unreachable),
            (command("(drop (i32.load (i32.const 0x7fffffff)))"), Trap::MemoryOutOfBounds),
            (command("(drop (i32.div_s (i32.const 1) (i32.const 0)))"), Trap::IntegerDivisionByZero),
            (command("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))"), Trap::IntegerOverflow),
            (command_with("(func $f (call $f))", "(call $f)"), Trap::StackOverflow),
            (command_with(TABLE, "(call_indirect (type $t) (i32.const 0))"), Trap::IndirectCallToNull),
            (command_with(FILLED, "(call_indirect (type $t) (i32.const 0))"), Trap::BadSignature),
            (command_with(TABLE, "(call_indirect (type $t) (i32.const 9))"), Trap::TableOutOfBounds),
        ];
        let traps = traps.into_iter().map(|(wasm, trap)| anyhow::Ok((Command::new(&engine, &wasm)?, trap)));
        let limited = |config: &RunConfig, wasm: &[u8]| Command::new(&Engine::new(&config.engine_config())?, wasm);
        let spin = command("(loop $l (br $l))");
        Ok(Self {
            traps: traps.collect::<Result<_>>()?,
            cat: Command::new(&engine, &command_with(&format!(r#"{PRINT} (data (i32.const 200) "file")"#), CAT))?,
            component: Command::new(&engine, &component(&print_preopens(), Adapter::V24))?,
            fuel: limited(&fuel(), &spin)?,
            spin: limited(&timeout(), &spin)?,
            engine,
            sum,
            async_engine,
            twice,
        })
    }
}

fn fuel() -> RunConfig {
    RunConfig { fuel: Some(10_000), ..RunConfig::new() }
}

fn timeout() -> RunConfig {
    RunConfig { timeout: Some(Duration::from_millis(5)), ..RunConfig::new() }
}

fn prints(done: &Completed, text: &str) -> Result<()> {
    ensure!(matches!(done.outcome, Outcome::Exited(0)), "{}", done.outcome);
    ensure!(done.stdout.text() == text, "printed {:?} instead of {text:?}", done.stdout.text());
    Ok(())
}

impl<W: Wasmtime> Load for Of<W> {
    fn major(&self) -> u64 {
        W::MAJOR
    }

    fn calls(&self, seed: usize) -> Result<()> {
        let mut store = Store::new(&self.engine, ());
        let instance = self.sum.instantiate(&mut store)?;
        let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum")?;
        for n in 0..100 {
            let n = n + i32::try_from(seed)?;
            let got = sum.call(&mut store, n)?;
            ensure!(got == n * (n - 1) / 2, "the sum below {n} is not {got}");
        }
        Ok(())
    }

    fn async_calls(&self, world: &World) -> Result<()> {
        world.runtime.block_on(async {
            let mut store = Store::new(&self.async_engine, 0);
            let instance = self.twice.instantiate_async(&mut store).await?;
            let twice = instance.get_typed_func::<i32, i32>(&mut store, "twice")?;
            let n = i32::try_from(world.thread)?;
            let got = twice.call_async(&mut store, n).await?;
            ensure!(got == n * 4 && *store.data() == 2, "twice {n} is not {got}, after {} calls", store.data());
            Ok(())
        })
    }

    fn file(&self, world: &World) -> Result<()> {
        prints(&self.cat.run(&world.config)?, &world.text)
    }

    fn component(&self, world: &World) -> Result<()> {
        prints(&self.component.run(&world.config)?, &format!("{}\n", world.guest))
    }

    fn traps(&self, which: usize) -> Result<()> {
        let (command, expected) = self.traps.get(which).context("no such trap")?;
        let done = command.run(&RunConfig::new())?;
        ensure!(matches!(&done.outcome, Outcome::Trapped { trap, .. } if trap == expected), "{}", done.outcome);
        Ok(())
    }

    fn out_of_fuel(&self) -> Result<()> {
        let done = self.fuel.run(&fuel())?;
        ensure!(matches!(done.outcome, Outcome::Trapped { trap: Trap::OutOfFuel, .. }), "{}", done.outcome);
        ensure!(matches!(done.fuel_consumed, Some(9_990..=10_000)), "{:?} fuel", done.fuel_consumed);
        Ok(())
    }

    fn timeout(&self) -> Result<()> {
        let done = self.spin.run(&timeout())?;
        ensure!(matches!(done.outcome, Outcome::TimedOut), "{}", done.outcome);
        Ok(())
    }
}
