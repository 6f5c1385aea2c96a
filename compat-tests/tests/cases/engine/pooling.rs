//! Pools: guests run from them, their limits hold, and what a major lacks or would end the process is refused.

use compat_tests::{command, runtime, wat};
use wasmtime_compat::{
    Command, Config, CoreWasmtime, Enabled, Engine, Error, ErrorKind, Instance, InstanceAllocationStrategy, Linker,
    Module, Outcome, PoolingAllocationConfig, RunConfig, Store,
};

use super::V;

/// Sets one limit of a pool.
type Set = fn(&mut PoolingAllocationConfig);

const GUEST: &str = r#"(module
    (memory (export "memory") 1)
    (table 4 funcref)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "dirty") (result i32)
        (i32.load (i32.const 8))
        (i32.store (i32.const 8) (i32.const 7))))"#;

/// A small pool, which reserves little.
fn small() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(2).total_tables(2).total_stacks(2).total_core_instances(2).total_component_instances(2);
    pool.max_memory_size(4 << 16).table_elements(100);
    pool
}

fn engine(pool: PoolingAllocationConfig) -> Engine<V> {
    Engine::new(&Config::new().allocation_strategy(pool)).unwrap()
}

fn instantiate(engine: &Engine<V>, module: &Module<V>) -> Result<(Store<V, ()>, Instance<V>), Error> {
    let mut store = Store::new(engine, ());
    let instance = Linker::new(engine).instantiate(&mut store, module)?;
    Ok((store, instance))
}

#[test]
fn every_slot_begins_empty() {
    let mut pool = small();
    // Not a multiple of a page.
    pool.linear_memory_keep_resident(5000).table_keep_resident(100).async_stack_keep_resident(1);
    for pool in [small(), pool] {
        let engine = engine(pool);
        let module = Module::new(&engine, wat(GUEST)).unwrap();
        for _ in 0..10 {
            let (mut store, instance) = instantiate(&engine, &module).unwrap();
            let dirty = instance.get_typed_func::<(), i32>(&mut store, "dirty").unwrap();
            assert_eq!(dirty.call(&mut store, ()).unwrap(), 0);
            assert_eq!(dirty.call(&mut store, ()).unwrap(), 7);
        }
    }
}

#[test]
fn a_pool_that_is_exhausted() {
    let engine = engine(small());
    let module = Module::new(&engine, wat(GUEST)).unwrap();
    let one = instantiate(&engine, &module).unwrap();
    let other = instantiate(&engine, &module).unwrap();
    let error = instantiate(&engine, &module).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolExhausted, "{error:?}");
    assert!(error.message().starts_with("the pool of the engine is exhausted: maximum concurrent "), "{error}");
    drop(one);
    instantiate(&engine, &module).unwrap();
    drop(other);
}

#[test]
fn memories_end_where_the_pool_says() {
    for bytes in [4 << 16, (3 << 16) + 1] {
        let mut pool = small();
        pool.max_memory_size(bytes);
        let engine = engine(pool);
        let module = Module::new(&engine, wat(GUEST)).unwrap();
        let (mut store, instance) = instantiate(&engine, &module).unwrap();
        let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow").unwrap();
        assert_eq!(grow.call(&mut store, 3).unwrap(), 1, "{bytes}");
        assert_eq!(grow.call(&mut store, 1).unwrap(), -1, "{bytes}");
    }
    let engine = engine(small());
    for text in [
        "(module (memory 5))",
        "(module (table 101 funcref))",
        "(module (memory 1) (table 1 funcref) (table 1 funcref))",
    ] {
        // Some majors refuse such a module when it is compiled, others when it is instantiated.
        let refused = Module::new(&engine, wat(text)).and_then(|module| instantiate(&engine, &module).map(drop));
        assert!(refused.is_err(), "{text}");
    }
}

#[test]
fn asynchronous_calls_and_components() {
    let mut pool = small();
    pool.max_tables_per_module(3).total_tables(20).total_memories(20).total_core_instances(20);
    let config = Config::new().allocation_strategy(pool);
    let wasm = compat_tests::component(&command("(call $exit (i32.const 1))"), compat_tests::Adapter::V24);
    for wasm in [wasm, command("(call $exit (i32.const 1))")] {
        let engine = Engine::<V>::new(&config.clone().async_support(true)).unwrap();
        let guest = Command::new(&engine, &wasm).unwrap();
        for _ in 0..5 {
            let done = runtime().block_on(guest.run_async(&RunConfig::new())).unwrap();
            assert!(matches!(done.outcome, Outcome::Exited(1)), "{:?}", done.outcome);
        }
        let engine = Engine::<V>::new(&config).unwrap();
        let done = Command::new(&engine, &wasm).unwrap().run(&RunConfig::new()).unwrap();
        assert!(matches!(done.outcome, Outcome::Exited(1)), "{:?}", done.outcome);
    }
}

#[test]
fn compiled_code_fits_both_strategies() {
    let on_demand = Engine::<V>::new(&Config::new()).unwrap();
    let pooling = engine(small());
    assert_eq!(on_demand.fingerprint(), pooling.fingerprint());
    let bytes = on_demand.precompile(wat(GUEST)).unwrap();
    let module = Module::from_precompiled(&pooling, &compat_tests::trusted(&bytes).unwrap()).unwrap();
    instantiate(&pooling, &module).unwrap();
}

#[test]
fn limits_that_a_major_lacks() {
    let set: [(&str, u64, Set); 3] = [
        ("total_gc_heaps", 20, |pool| {
            pool.total_gc_heaps(2);
        }),
        ("decommit_batch_size", 22, |pool| {
            pool.decommit_batch_size(2);
        }),
        ("pagemap_scan", 37, |pool| {
            pool.pagemap_scan(Enabled::Auto);
        }),
    ];
    for (name, since, set) in set {
        let mut pool = small();
        set(&mut pool);
        match Engine::<V>::new(&Config::new().allocation_strategy(pool)) {
            Ok(_) => assert!(V::MAJOR >= since, "{name}"),
            Err(error) => {
                let unsupported = error.unsupported().unwrap();
                assert!(V::MAJOR < since, "{name}");
                assert_eq!((unsupported.major, unsupported.since), (V::MAJOR, Some(since)));
                assert!(unsupported.what.contains(name), "{error}");
            }
        }
    }
}

/// With keys where the machine has them, and without where it has none.
#[test]
fn memory_protection_keys() {
    let available = PoolingAllocationConfig::are_memory_protection_keys_available::<V>();
    for enable in [Enabled::Auto, Enabled::No, Enabled::Yes] {
        for count in [None, Some(0), Some(2), Some(usize::MAX)] {
            let mut pool = small();
            pool.memory_protection_keys(enable);
            if let Some(count) = count {
                pool.max_memory_protection_keys(count);
            }
            match Engine::<V>::new(&Config::new().allocation_strategy(pool)) {
                Ok(engine) => {
                    assert!(available || enable != Enabled::Yes);
                    let module = Module::new(&engine, wat(GUEST)).unwrap();
                    let (mut store, instance) = instantiate(&engine, &module).unwrap();
                    let dirty = instance.get_typed_func::<(), i32>(&mut store, "dirty").unwrap();
                    assert_eq!(dirty.call(&mut store, ()).unwrap(), 0);
                }
                Err(error) => {
                    assert!(!available && enable == Enabled::Yes, "{error:?}");
                    let unsupported = error.unsupported().unwrap();
                    assert!(unsupported.what.contains("memory protection keys"), "{error}");
                    assert!(error.hint().unwrap().contains("processor"), "{error:?}");
                }
            }
        }
    }
}

#[test]
fn limits_beyond_all_reason() {
    let set: [(&str, Set); 6] = [
        ("total_memories", |pool| {
            pool.total_memories(u32::MAX);
        }),
        ("total_tables", |pool| {
            pool.total_tables(u32::MAX);
        }),
        ("total_stacks", |pool| {
            pool.total_stacks(u32::MAX);
        }),
        ("total_gc_heaps", |pool| {
            pool.total_gc_heaps(u32::MAX);
        }),
        ("table_elements", |pool| {
            pool.table_elements(usize::MAX);
        }),
        ("max_memory_size", |pool| {
            pool.max_memory_size(usize::MAX);
        }),
    ];
    for (name, set) in set {
        let mut pool = small();
        set(&mut pool);
        let error = Engine::<V>::new(&Config::new().allocation_strategy(pool)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.message().contains(name), "{error}");
    }
    // More than there is, in numbers that are possible one by one.
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(1 << 20).total_tables(1 << 20);
    let error = Engine::<V>::new(&Config::new().allocation_strategy(pool)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

#[test]
fn limits_that_are_none() {
    let mut pool = small();
    pool.max_core_instance_size(usize::MAX).max_component_instance_size(usize::MAX).max_unused_warm_slots(u32::MAX);
    pool.linear_memory_keep_resident(usize::MAX).table_keep_resident(usize::MAX).async_stack_keep_resident(usize::MAX);
    pool.max_core_instances_per_component(u32::MAX).max_memories_per_component(u32::MAX);
    pool.max_tables_per_component(u32::MAX).max_tables_per_module(u32::MAX).max_memories_per_module(u32::MAX);
    let engine = engine(pool);
    let module = Module::new(&engine, wat(GUEST)).unwrap();
    for _ in 0..3 {
        instantiate(&engine, &module).unwrap();
    }
}

#[test]
fn a_pool_of_nothing() {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(0).total_tables(0).total_stacks(0).total_core_instances(0).total_component_instances(0);
    pool.max_memory_size(0).table_elements(0).max_core_instance_size(0).max_component_instance_size(0);
    for config in [Config::new(), Config::new().async_support(true)] {
        let made = Engine::<V>::new(&config.allocation_strategy(pool.clone()));
        let refused = made.and_then(|engine| {
            let module = Module::new(&engine, wat("(module)"))?;
            let mut store = Store::new(&engine, ());
            Linker::new(&engine).instantiate(&mut store, &module).map(drop)
        });
        assert!(refused.is_err());
    }
}

#[test]
fn on_demand_is_the_default() {
    let engine = Engine::<V>::new(&Config::new().allocation_strategy(InstanceAllocationStrategy::OnDemand)).unwrap();
    let module = Module::new(&engine, wat(GUEST)).unwrap();
    let all: Vec<_> = (0..5).map(|_| instantiate(&engine, &module).unwrap()).collect();
    assert_eq!(all.len(), 5);
}
