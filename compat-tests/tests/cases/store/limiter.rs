//! Limiters of the user's own: beside the limits of the store, on both kinds of engines, with an error that is found again.

use std::fmt;
use std::rc::Rc;

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::{
    Engine, Error, ErrorKind, Exit, Instance, LimiterFuture, Linker, Memory, MemoryType, Module, Ref, RefType,
    ResourceLimiter, ResourceLimiterAsync, Result, Store, StoreLimits, Table, TableType, Trap,
};

use super::V;

const PAGE: usize = 1 << 16;

/// A memory of one page and a table of one element, both without a maximum of their own below 9.
const GUEST: &str = r#"(module
    (memory (export "memory") 1 9)
    (table 1 9 funcref)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "grow_table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))"#;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct TooMuch(usize);

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is too much", self.0)
    }
}

impl std::error::Error for TooMuch {}

/// Denies what is beyond a bound, and fails for what is beyond twice the bound.
#[derive(Debug)]
struct Bound {
    bytes: usize,
    elements: usize,
    counts: [usize; 3],
    seen: Vec<(usize, usize, Option<usize>)>,
    failed: usize,
    fail: Option<bool>,
}

impl Bound {
    fn new(pages: usize, elements: usize) -> Self {
        Self { bytes: pages * PAGE, elements, counts: [10; 3], seen: Vec::new(), failed: 0, fail: None }
    }

    fn judge(&mut self, bound: usize, asked: (usize, usize, Option<usize>)) -> anyhow::Result<bool> {
        self.seen.push(asked);
        if asked.1 > 2 * bound { Err(TooMuch(asked.1).into()) } else { Ok(asked.1 <= bound) }
    }

    fn failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        self.failed += 1;
        match self.fail {
            Some(true) => Err(error),
            Some(false) => Err(TooMuch(0).into()),
            None => Ok(()),
        }
    }
}

impl ResourceLimiter for Bound {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> anyhow::Result<bool> {
        self.judge(self.bytes, (current, desired, maximum))
    }

    fn memory_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        self.failed(error)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> anyhow::Result<bool> {
        self.judge(self.elements, (current, desired, maximum))
    }

    fn table_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        self.failed(error)
    }

    fn instances(&self) -> usize {
        self.counts[0]
    }

    fn memories(&self) -> usize {
        self.counts[1]
    }

    fn tables(&self) -> usize {
        self.counts[2]
    }
}

/// As the macro `async_trait` writes it.
impl ResourceLimiterAsync for Bound {
    fn memory_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> LimiterFuture<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.judge(self.bytes, (current, desired, maximum))
        })
    }

    fn table_growing<'life0, 'async_trait>(
        &'life0 mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> LimiterFuture<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move { self.judge(self.elements, (current, desired, maximum)) })
    }

    fn memory_grow_failed(&mut self, error: anyhow::Error) -> anyhow::Result<()> {
        self.failed(error)
    }

    fn instances(&self) -> usize {
        self.counts[0]
    }
}

/// Beside something that is not `Send`.
type Limited = (Bound, Rc<()>);

fn store(engine: &Engine<V>, bound: Bound) -> Store<V, Limited> {
    let mut store = Store::new(engine, (bound, Rc::new(())));
    store.limiter(|data| &mut data.0);
    store
}

fn instance(store: &mut Store<V, Limited>) -> Result<Instance<V>> {
    let engine = store.engine().clone();
    Linker::new(&engine).instantiate(store, &Module::new(&engine, &wat(GUEST)).unwrap())
}

fn grow(store: &mut Store<V, Limited>, instance: &Instance<V>, name: &str, by: i32) -> Result<i32> {
    instance.get_typed_func::<i32, i32>(&mut *store, name).unwrap().call(store, by)
}

#[track_caller]
fn assert_too_much(error: Option<Error>, most: usize) {
    let error = error.expect("it was allowed");
    assert_eq!((error.kind(), error.downcast_ref()), (ErrorKind::Host, Some(&TooMuch(most))), "{error:?}");
}

#[test]
fn what_is_denied_is_minus_one_and_an_error_is_found_again() {
    let mut store = store(&engine::<V>(), Bound::new(3, 3));
    let instance = instance(&mut store).unwrap();
    assert_eq!(grow(&mut store, &instance, "grow", 2).unwrap(), 1);
    assert_eq!(grow(&mut store, &instance, "grow", 1).unwrap(), -1);
    assert_eq!(grow(&mut store, &instance, "grow_table", 2).unwrap(), 1);
    assert_eq!(grow(&mut store, &instance, "grow_table", 1).unwrap(), -1);
    let bytes = |pages| pages * PAGE;
    let mut seen = std::mem::take(&mut store.data_mut().0.seen);
    // The order of tables and memories is not the same on every major.
    seen.sort_unstable();
    let max = Some(9);
    let memory =
        [(0, bytes(1)), (bytes(1), bytes(3)), (bytes(3), bytes(4))].map(|(from, to)| (from, to, Some(bytes(9))));
    let mut expected = [(0, 1, max), (1, 3, max), (3, 4, max)].into_iter().chain(memory).collect::<Vec<_>>();
    expected.sort_unstable();
    assert_eq!(seen, expected);

    assert_too_much(grow(&mut store, &instance, "grow", 5).err(), bytes(8));
    assert_too_much(grow(&mut store, &instance, "grow_table", 5).err(), 8);
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert_eq!(memory.grow(&mut store, 1).unwrap_err().kind(), ErrorKind::OutOfBounds);
    assert_too_much(memory.grow(&mut store, 5).err(), bytes(8));
    assert_eq!(memory.size(&store), 3);
}

#[test]
fn objects_of_the_host_and_instances() {
    let engine = engine::<V>();
    let mut store = store(&engine, Bound::new(1, 1));
    assert!(Memory::new(&mut store, MemoryType::new(2, None)).is_err());
    assert_too_much(Memory::new(&mut store, MemoryType::new(3, None)).err(), 3 * PAGE);
    let table =
        |store: &mut _, size| Table::<V>::new(store, TableType::new(RefType::FUNCREF, size, None), Ref::Func(None));
    assert!(table(&mut store, 2).is_err());
    assert_too_much(table(&mut store, 3).err(), 3);
    Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    instance(&mut store).unwrap();
    store.data_mut().0.bytes = PAGE / 4;
    assert_too_much(instance(&mut store).err(), PAGE);
}

#[test]
fn both_bounds_hold() {
    let mut store = store(&engine::<V>(), Bound::new(4, 4));
    // Also after the limiter was set, and the limiter stays.
    store.set_limits(&StoreLimits::new().memory_size(3 * PAGE).total_table_elements(3));
    let instance = instance(&mut store).unwrap();
    assert_eq!(grow(&mut store, &instance, "grow", 3).unwrap(), -1);
    assert_eq!(grow(&mut store, &instance, "grow_table", 3).unwrap(), -1);
    assert!(store.data().0.seen.iter().all(|seen| seen.0 == 0), "{:?}", store.data());
    store.data_mut().0 = Bound::new(2, 2);
    assert_eq!(grow(&mut store, &instance, "grow", 2).unwrap(), -1);
    assert_eq!(grow(&mut store, &instance, "grow_table", 2).unwrap(), -1);
    // What the limiter denied does not count: there is room for both in the limits of the store.
    store.data_mut().0 = Bound::new(9, 9);
    assert_eq!(grow(&mut store, &instance, "grow", 2).unwrap(), 1);
    assert_eq!(grow(&mut store, &instance, "grow_table", 2).unwrap(), 1);
    store.set_limits(&StoreLimits::new().memory_size(3 * PAGE).trap_on_grow_failure(true));
    let error = grow(&mut store, &instance, "grow", 1).unwrap_err();
    assert_eq!(error.trap(), Some(&Trap::LimitExceeded), "{error:?}");
    let exceeded = error.limit_exceeded().unwrap();
    assert_eq!((exceeded.what, exceeded.desired), ("memory", 4 * PAGE));
}

#[test]
fn the_lower_number_of_instances_memories_and_tables_counts() {
    for (counts, limits, fits) in [
        ([1, 10, 10], StoreLimits::new(), 1),
        ([10, 2, 10], StoreLimits::new(), 2),
        ([10, 10, 3], StoreLimits::new(), 3),
        ([10, 10, 10], StoreLimits::new().instances(4), 4),
        ([10, 10, 3], StoreLimits::new().tables(2), 2),
    ] {
        let mut store = Store::new(&engine::<V>(), (Bound { counts, ..Bound::new(100, 100) }, Rc::new(())));
        store.set_limits(&limits);
        store.limiter(|data| &mut data.0);
        let made = std::iter::from_fn(|| instance(&mut store).ok()).take(20).count();
        assert_eq!(made, fits, "{counts:?} {limits:?}");
    }
}

#[test]
fn growth_that_fails_is_reported() {
    let mut store = store(&engine::<V>(), Bound::new(100, 100));
    let instance = instance(&mut store).unwrap();
    // Beyond the maximum of the memory.
    assert_eq!(grow(&mut store, &instance, "grow", 9).unwrap(), -1);
    assert_eq!(store.data().0.failed, 1);
    assert_eq!(grow(&mut store, &instance, "grow_table", 9).unwrap(), -1);
    assert_eq!(store.data().0.failed, 2);
    for name in ["grow", "grow_table"] {
        // The error that was reported, and one of the limiter's own.
        store.data_mut().0.fail = Some(true);
        let error = grow(&mut store, &instance, name, 9).unwrap_err();
        assert!(error.kind() == ErrorKind::OutOfBounds && error.message().contains("cannot grow"), "{error:?}");
        store.data_mut().0.fail = Some(false);
        assert_too_much(grow(&mut store, &instance, name, 9).err(), 0);
    }
}

/// A limiter behind a reference to a trait, as some hosts have it.
struct Boxed(Box<dyn ResourceLimiter>);

impl Boxed {
    fn limiter(&mut self) -> &mut dyn ResourceLimiter {
        &mut *self.0
    }
}

struct Exits;

impl ResourceLimiter for Exits {
    fn memory_growing(&mut self, current: usize, _: usize, _: Option<usize>) -> anyhow::Result<bool> {
        if current > 0 { Err(Exit(3).into()) } else { Ok(true) }
    }

    fn table_growing(&mut self, current: usize, _: usize, _: Option<usize>) -> anyhow::Result<bool> {
        if current > 0 { Err(Trap::OutOfFuel.into()) } else { Ok(true) }
    }
}

#[test]
fn exits_and_traps_of_a_limiter() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, Boxed(Box::new(Exits)));
    store.limiter(|data| data.limiter());
    let module = Module::new(&engine, &wat(GUEST)).unwrap();
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    let call = |store: &mut Store<V, Boxed>, name| {
        instance.get_typed_func::<i32, i32>(&mut *store, name).unwrap().call(store, 1).unwrap_err()
    };
    assert_eq!(call(&mut store, "grow").exit_code(), Some(3));
    assert_eq!(call(&mut store, "grow_table").trap(), Some(&Trap::OutOfFuel));
}

#[test]
fn limiters_on_async_engines() {
    let engine = async_engine::<V>();
    let module = Module::new(&engine, &wat(GUEST)).unwrap();
    for waits in [false, true] {
        let mut store = Store::new(&engine, Bound::new(3, 3));
        if waits {
            store.limiter_async(|data| data).unwrap();
        } else {
            store.limiter(|data| data);
        }
        store.set_limits(&StoreLimits::new().total_memory_bytes(5 * PAGE));
        let results: Result<_> = runtime().block_on(async {
            let instance = Linker::new(&engine).instantiate_async(&mut store, &module).await?;
            let memory = instance.get_memory(&mut store, "memory").unwrap();
            memory.grow_async(&mut store, 1).await?;
            let mut results = Vec::new();
            for (name, by) in [("grow", 1), ("grow", 1), ("grow_table", 2), ("grow_table", 1), ("grow", 4), ("grow", 9)]
            {
                let grow = instance.get_typed_func::<i32, i32>(&mut store, name)?;
                results.push(grow.call_async(&mut store, by).await);
            }
            Ok(results)
        });
        let mut results = results.unwrap();
        assert!(results.pop().unwrap().is_ok_and(|result| result == -1), "beyond the limits of the store");
        assert!(results.pop().unwrap().is_ok_and(|result| result == -1), "beyond the limits of the store, too");
        let results: Vec<i32> = results.into_iter().map(Result::unwrap).collect();
        assert_eq!(results, [2, -1, 1, -1], "{:?}", store.data());
        store.set_limits(&StoreLimits::unlimited());
        let error = runtime().block_on(async {
            let instance = Linker::new(&engine).instantiate_async(&mut store, &module).await?;
            instance.get_typed_func::<i32, i32>(&mut store, "grow")?.call_async(&mut store, 7).await
        });
        assert_too_much(error.err(), 8 * PAGE);
    }
    let mut store = Store::new(&engine_without_async(), Bound::new(1, 1));
    assert_eq!(store.limiter_async(|data| data).unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);
}

fn engine_without_async() -> Engine<V> {
    engine::<V>()
}
