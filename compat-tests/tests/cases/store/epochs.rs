//! Epoch deadlines: callbacks, yields, and timeouts beside them; fuel and deadlines of callers.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use compat_tests::{engine, wat};
use wasmtime_compat::{
    AsContext, AsContextMut, Caller, Config, Engine, Error, ErrorKind, Linker, Module, Result, Store, Trap, TypedFunc,
    UpdateDeadline,
};

use super::V;

/// Spins for ever, or a number of times; or calls the host first.
const GUEST: &str = r#"(module
    (import "host" "f" (func $f))
    (func $spin (export "spin") (loop $l (br $l)))
    (func (export "quick"))
    (func (export "call_and_spin") (call $f) (call $spin)))"#;

fn engine_with(is_async: bool) -> Engine<V> {
    Engine::new(&Config::new().epoch_interruption(true).async_support(is_async)).unwrap()
}

/// Advances the epoch of an engine until it is dropped.
struct Ticker(Arc<AtomicBool>, Option<std::thread::JoinHandle<()>>);

impl Ticker {
    fn new(engine: &Engine<V>) -> Self {
        let (stop, weak) = (Arc::new(AtomicBool::new(false)), engine.weak());
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                let Some(engine) = weak.upgrade() else { break };
                engine.increment_epoch();
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Self(stop, Some(thread))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
        self.1.take().map(std::thread::JoinHandle::join);
    }
}

fn func<T: 'static>(
    store: &mut Store<V, T>,
    name: &str,
    host: impl Fn(Caller<'_, V, T>) -> Result<()> + Send + Sync + 'static,
) -> TypedFunc<V, (), ()> {
    let engine = store.engine().clone();
    let mut linker = Linker::<V, T>::new(&engine);
    linker.func_wrap("host", "f", move |caller: Caller<'_, V, T>, (): ()| Ok(host(caller)?)).unwrap();
    let instance = linker.instantiate(&mut *store, &Module::new(&engine, &wat(GUEST)).unwrap()).unwrap();
    instance.get_typed_func(store, name).unwrap()
}

#[derive(Debug)]
struct Enough;

impl fmt::Display for Enough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("enough")
    }
}

impl std::error::Error for Enough {}

#[test]
fn a_callback_decides() {
    let engine = engine_with(false);
    let mut store = Store::new(&engine, 0);
    let spin = func(&mut store, "spin", |_| Ok(()));
    let _ticker = Ticker::new(&engine);
    store.set_epoch_deadline(1).unwrap();
    store
        .epoch_deadline_callback(|mut state| {
            *state.data_mut() += 1;
            assert_eq!(state.data(), state.as_context().data());
            Ok(match state.data() {
                ..10 => UpdateDeadline::Continue(1),
                _ => UpdateDeadline::Interrupt,
            })
        })
        .unwrap();
    let error = spin.call(&mut store, ()).unwrap_err();
    assert_eq!((error.trap(), *store.data()), (Some(&Trap::Interrupt), 10), "{error:?}");

    store.epoch_deadline_callback(|_| Err(Enough.into())).unwrap();
    store.set_epoch_deadline(1).unwrap();
    let error = spin.call(&mut store, ()).unwrap_err();
    assert!(error.kind() == ErrorKind::Host && error.downcast_ref::<Enough>().is_some(), "{error:?}");

    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1))).unwrap();
    let error = spin.call(&mut store, ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncAsyncMismatch, "{error:?}");

    store.epoch_deadline_trap().unwrap();
    assert_eq!(spin.call(&mut store, ()).unwrap_err().trap(), Some(&Trap::Interrupt));
}

#[test]
fn a_callback_is_called_at_its_ticks_only() {
    let engine = engine_with(false);
    let mut store = Store::new(&engine, 0);
    let quick = func(&mut store, "quick", |_| Ok(()));
    store
        .epoch_deadline_callback(|mut state| {
            *state.data_mut() += 1;
            Ok(UpdateDeadline::Continue(3))
        })
        .unwrap();
    store.set_epoch_deadline(2).unwrap();
    let calls: Vec<i32> = (0..9)
        .map(|_| {
            quick.call(&mut store, ()).unwrap();
            engine.increment_epoch();
            *store.data()
        })
        .collect();
    // Ticks are counted after each call: the callback runs in the calls after ticks 2, 5 and 8.
    assert_eq!(calls, [0, 0, 1, 1, 1, 2, 2, 2, 3]);
}

#[test]
fn a_timeout_beside_a_callback() {
    let engine = engine_with(false);
    for ticks in [true, false] {
        let mut store = Store::new(&engine, 0_u64);
        let spin = func(&mut store, "spin", |_| Ok(()));
        let _ticker = ticks.then(|| Ticker::new(&engine));
        store
            .epoch_deadline_callback(|mut state| {
                *state.data_mut() += 1;
                Ok(UpdateDeadline::Continue(1))
            })
            .unwrap();
        // In either order.
        if ticks {
            store.set_epoch_deadline(1).unwrap();
            store.set_timeout(Duration::from_millis(300)).unwrap();
        } else {
            store.set_timeout(Duration::from_millis(20)).unwrap();
            store.set_epoch_deadline(1).unwrap();
        }
        let error = spin.call(&mut store, ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error:?}");
        assert_eq!(*store.data() > 0, ticks, "{}", store.data());
    }
}

#[test]
fn a_deadline_before_the_timeout() {
    let engine = engine_with(false);
    let mut store = Store::new(&engine, ());
    let spin = func(&mut store, "spin", |_| Ok(()));
    let quick = func(&mut store, "quick", |_| Ok(()));
    store.set_timeout(Duration::from_secs(600)).unwrap();
    store.set_epoch_deadline(3).unwrap();
    for _ in 0..2 {
        engine.increment_epoch();
        quick.call(&mut store, ()).unwrap();
    }
    let ticker = Ticker::new(&engine);
    assert_eq!(spin.call(&mut store, ()).unwrap_err().trap(), Some(&Trap::Interrupt));
    drop(ticker);
    // Without the timeout the deadline is what it was: passed.
    store.set_timeout(Duration::MAX).unwrap();
    assert_eq!(quick.call(&mut store, ()).unwrap_err().trap(), Some(&Trap::Interrupt));
    store.set_epoch_deadline(1_000_000).unwrap();
    quick.call(&mut store, ()).unwrap();
    store.set_timeout(Duration::ZERO).unwrap();
    assert_eq!(spin.call(&mut store, ()).unwrap_err().kind(), ErrorKind::TimedOut);
    store.set_timeout(Duration::MAX).unwrap();
    quick.call(&mut store, ()).unwrap();
}

#[test]
fn host_functions_set_deadlines() {
    let engine = engine_with(false);
    let mut store = Store::new(&engine, ());
    let run = func(&mut store, "call_and_spin", |mut caller| {
        caller.epoch_deadline_trap()?;
        caller.as_context_mut().set_epoch_deadline(7)?;
        caller.set_epoch_deadline(1)
    });
    let _ticker = Ticker::new(&engine);
    assert_eq!(run.call(&mut store, ()).unwrap_err().trap(), Some(&Trap::Interrupt));

    // Beside a timeout that has passed meanwhile, and one that has not.
    for (timeout, waits) in [(5, 50), (100, 0)] {
        let mut store = Store::new(&engine, ());
        let run = func(&mut store, "call_and_spin", move |mut caller| {
            std::thread::sleep(Duration::from_millis(waits));
            caller.set_epoch_deadline(1_000_000_000)
        });
        store.set_timeout(Duration::from_millis(timeout)).unwrap();
        assert_eq!(run.call(&mut store, ()).unwrap_err().kind(), ErrorKind::TimedOut);
    }
}

#[test]
fn zero_ticks_are_another_check_at_once() {
    let engine = engine_with(false);
    for timeout in [None, Some(Duration::from_secs(600))] {
        let mut store = Store::new(&engine, 0);
        let spin = func(&mut store, "spin", |_| Ok(()));
        if let Some(timeout) = timeout {
            store.set_timeout(timeout).unwrap();
        }
        store
            .epoch_deadline_callback(|mut state| {
                *state.data_mut() += 1;
                Ok(if *state.data() < 10 { UpdateDeadline::Continue(0) } else { UpdateDeadline::Interrupt })
            })
            .unwrap();
        // No thread advances the epoch.
        store.set_epoch_deadline(0).unwrap();
        let error = spin.call(&mut store, ()).unwrap_err();
        assert_eq!((error.trap(), *store.data()), (Some(&Trap::Interrupt), 10), "{timeout:?}: {error:?}");
    }
}

#[test]
fn deadlines_and_timeouts_are_lifted() {
    let engine = engine_with(false);
    let mut store = Store::new(&engine, ());
    let quick = func(&mut store, "quick", |_| Ok(()));
    store.clear_timeout();
    store.set_epoch_deadline(0).unwrap();
    assert_eq!(quick.call(&mut store, ()).unwrap_err().trap(), Some(&Trap::Interrupt));
    store.clear_epoch_deadline().unwrap();
    engine.increment_epoch();
    quick.call(&mut store, ()).unwrap();

    store.set_timeout(Duration::ZERO).unwrap();
    assert_eq!(quick.call(&mut store, ()).unwrap_err().kind(), ErrorKind::TimedOut);
    store.clear_timeout();
    engine.increment_epoch();
    quick.call(&mut store, ()).unwrap();

    // Each stays when the other is lifted.
    store.set_timeout(Duration::ZERO).unwrap();
    store.set_epoch_deadline(1).unwrap();
    store.as_context_mut().clear_epoch_deadline().unwrap();
    assert_eq!(quick.call(&mut store, ()).unwrap_err().kind(), ErrorKind::TimedOut);
    store.set_epoch_deadline(1).unwrap();
    store.clear_timeout();
    quick.call(&mut store, ()).unwrap();
    engine.increment_epoch();
    assert_eq!(quick.call(&mut store, ()).unwrap_err().trap(), Some(&Trap::Interrupt));

    // A host function lifts the deadline of its caller.
    let run = func(&mut store, "call_and_spin", |mut caller| caller.clear_epoch_deadline());
    store.set_epoch_deadline(50).unwrap();
    store.set_timeout(Duration::from_millis(1000)).unwrap();
    let _ticker = Ticker::new(&engine);
    assert_eq!(run.call(&mut store, ()).unwrap_err().kind(), ErrorKind::TimedOut);
}

#[test]
fn engines_without_epochs() {
    let mut store = Store::new(&engine::<V>(), ());
    store.clear_timeout();
    let errors: [Option<Error>; 5] = [
        store.set_epoch_deadline(1).err(),
        store.clear_epoch_deadline().err(),
        store.epoch_deadline_trap().err(),
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Interrupt)).err(),
        store.as_context_mut().set_epoch_deadline(1).err(),
    ];
    for error in errors {
        assert_eq!(error.unwrap().kind(), ErrorKind::Config);
    }
    let run = func(&mut store, "call_and_spin", |mut caller| caller.set_epoch_deadline(1));
    assert_eq!(run.call(&mut store, ()).unwrap_err().kind(), ErrorKind::Config);
}

/// The error of a guest, unless a task beside the guest came to run `most` times before; and how often it did.
fn beside(most: u64, run: impl Future<Output = Result<()>>) -> (Option<Error>, u64) {
    let runs = AtomicU64::new(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(async {
        let other = async {
            while runs.fetch_add(1, Ordering::SeqCst) < most {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            result = run => Some(result.unwrap_err()),
            () = other => None,
        }
    });
    (error, runs.into_inner())
}

/// A guest on an async engine.
async fn async_func<T: Send + 'static>(store: &mut Store<V, T>, wasm: &str) -> TypedFunc<V, (), ()> {
    let engine = store.engine().clone();
    let module = Module::new(&engine, &wat(wasm)).unwrap();
    let instance = Linker::new(&engine).instantiate_async(&mut *store, &module).await.unwrap();
    instance.get_typed_func(store, "spin").unwrap()
}

const SPIN: &str = r#"(module (func (export "spin") (loop $l (br $l))))"#;

#[test]
fn guests_yield_at_their_deadline() {
    let engine = engine_with(true);
    let _ticker = Ticker::new(&engine);
    let (error, _) = beside(20, async {
        let mut store = Store::new(&engine, ());
        let spin = async_func(&mut store, SPIN).await;
        store.set_epoch_deadline(1)?;
        store.epoch_deadline_async_yield_and_update(1)?;
        store.set_timeout(Duration::from_secs(600))?;
        spin.call_async(&mut store, ()).await
    });
    assert!(error.is_none(), "{error:?}");
    let (error, _) = beside(u64::MAX, async {
        let mut store = Store::new(&engine, ());
        let spin = async_func(&mut store, SPIN).await;
        store.set_epoch_deadline(1)?;
        store.epoch_deadline_async_yield_and_update(1)?;
        store.set_timeout(Duration::from_millis(20))?;
        spin.call_async(&mut store, ()).await
    });
    assert!(error.as_ref().is_some_and(|error| error.kind() == ErrorKind::TimedOut), "{error:?}");
    let (error, runs) = beside(u64::MAX, async {
        let mut store = Store::new(&engine, 0);
        let spin = async_func(&mut store, SPIN).await;
        store.set_epoch_deadline(1)?;
        store.epoch_deadline_callback(|mut state| {
            *state.data_mut() += 1;
            Ok(if *state.data() < 10 { UpdateDeadline::Yield(1) } else { UpdateDeadline::Interrupt })
        })?;
        spin.call_async(&mut store, ()).await
    });
    assert!(error.is_some_and(|error| error.trap() == Some(&Trap::Interrupt)) && runs > 2, "{runs}");

    let mut store = Store::new(&engine_with(false), ());
    let error = store.epoch_deadline_async_yield_and_update(1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncAsyncMismatch);
}

#[test]
fn guests_yield_after_fuel() {
    let config = |is_async| Config::new().consume_fuel(true).async_support(is_async);
    let engine = Engine::<V>::new(&config(true)).unwrap();
    let (error, runs) = beside(u64::MAX, async {
        let mut store = Store::new(&engine, ());
        store.set_fuel(100_000)?;
        store.fuel_async_yield_interval(Some(1000))?;
        async_func(&mut store, SPIN).await.call_async(&mut store, ()).await
    });
    assert!(error.is_some_and(|error| error.trap() == Some(&Trap::OutOfFuel)) && runs > 50, "{runs}");
    let mut store = Store::new(&engine, ());
    assert_eq!(store.fuel_async_yield_interval(Some(0)).unwrap_err().kind(), ErrorKind::Config);
    let mut store = Store::new(&Engine::<V>::new(&config(false)).unwrap(), ());
    assert_eq!(store.fuel_async_yield_interval(Some(1)).unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);
    let mut store = Store::new(&engine_with(true), ());
    assert_eq!(store.fuel_async_yield_interval(Some(1)).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn host_functions_see_fuel() {
    let engine = Engine::<V>::new(&Config::new().consume_fuel(true)).unwrap();
    let mut store = Store::new(&engine, 0);
    store.set_fuel(10_000).unwrap();
    let run = func(&mut store, "call_and_spin", |mut caller| {
        let fuel = caller.get_fuel()?;
        *caller.data_mut() = fuel;
        caller.set_fuel(10)?;
        assert_eq!(caller.as_context_mut().get_fuel()?, 10);
        Ok(())
    });
    assert_eq!(run.call(&mut store, ()).unwrap_err().trap(), Some(&Trap::OutOfFuel));
    assert!((9_000..10_000).contains(store.data()), "{}", store.data());
    assert_eq!(store.get_fuel().unwrap(), 0);
}
