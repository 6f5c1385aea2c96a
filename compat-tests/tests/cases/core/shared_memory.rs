//! Memories that threads share: made by the host, imported by guests of two stores.

use std::sync::atomic::{AtomicU8, Ordering};

use compat_tests::wat;
use wasmtime_compat::{
    Cache, CacheConfig, Config, Engine, ErrorKind, Linker, MemoryType, Module, Proposal, SharedMemory, Store, Trap,
};

use super::V;

fn engine() -> Engine<V> {
    Engine::new(&Config::new().shared_memory(true).proposal(Proposal::Threads, true)).unwrap()
}

#[test]
fn shared_memory_of_the_host() {
    let memory = SharedMemory::<V>::new(&engine(), MemoryType::shared(1, 3)).unwrap();
    assert_eq!((memory.size(), memory.page_size(), memory.data_size()), (1, 1 << 16, 1 << 16));
    assert_eq!(memory.grow(1).unwrap(), 1);
    assert_eq!((memory.size(), memory.data().len()), (2, 2 << 16));
    assert_eq!(memory.grow(5).unwrap_err().kind(), ErrorKind::OutOfBounds);
    assert_eq!(memory.clone().ty().maximum(), Some(3));
    assert!(memory.ty().is_shared());
    assert_eq!(memory.atomic_notify(4, 1).unwrap(), 0);
    let error = memory.atomic_notify(1 << 20, 1).unwrap_err();
    assert_eq!(error.trap(), Some(&Trap::MemoryOutOfBounds));
}

#[test]
fn wrong_types_of_shared_memories_are_refused() {
    let refused = |ty| SharedMemory::<V>::new(&engine(), ty).unwrap_err().kind();
    assert_eq!(refused(MemoryType::new(1, Some(2))), ErrorKind::InvalidArgument);
    assert_eq!(refused(MemoryType::shared(2, 1)), ErrorKind::InvalidArgument);
}

#[test]
fn shared_memories_are_off_by_default() {
    let config = Config::new().proposal(Proposal::Threads, true);
    let made = wat("(module (memory 1 1 shared))");
    let imported = wat(r#"(module (import "host" "memory" (memory 1 1 shared)))"#);
    for off in [config.clone(), config.clone().shared_memory(false), config.allow_complex_guests(true)] {
        let engine = Engine::<V>::new(&off).unwrap();
        for error in [
            SharedMemory::<V>::new(&engine, MemoryType::shared(1, 1)).unwrap_err(),
            Module::new(&engine, &made).unwrap_err(),
            Module::validate(&engine, &made).unwrap_err(),
            engine.precompile_module(&made).unwrap_err(),
        ] {
            assert!(error.unsupported().is_some(), "{error:?}");
            assert_eq!(error.hint(), Some("Config::shared_memory(true) switches them on"));
        }
        assert!(Module::new(&engine, &imported).is_ok(), "the memory is the host's");
    }
}

/// What an engine with shared memories has put into a cache is not taken by one without.
#[test]
fn cached_modules_with_shared_memories() {
    let directory = tempfile::tempdir().unwrap();
    let mut cache = CacheConfig::new();
    cache.with_directory(directory.path());
    let cache = Cache::new(cache).unwrap();
    let config = Config::new().proposal(Proposal::Threads, true).cache(Some(cache));
    let made = wat("(module (memory 1 1 shared))");
    for _ in 0..2 {
        assert!(Module::new(&Engine::<V>::new(&config.clone().shared_memory(true)).unwrap(), &made).is_ok());
        let error = Module::new(&Engine::<V>::new(&config).unwrap(), &made).unwrap_err();
        assert!(error.unsupported().is_some(), "{error:?}");
    }
}

/// Guests on another thread see what the host writes.
#[test]
fn exported_shared_memories() {
    let engine = engine();
    let text = r#"(module (memory (export "memory") 1 1 shared)
        (func (export "read") (result i32) (i32.atomic.load8_u (i32.const 100))))"#;
    let module = Module::new(&engine, &wat(text)).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    let memory = instance.get_shared_memory(&mut store, "memory").unwrap();
    assert!(instance.get_shared_memory(&mut store, "read").is_none());
    let read = instance.get_typed_func::<(), i32>(&mut store, "read").unwrap();
    std::thread::scope(|scope| {
        let guest = scope.spawn(|| {
            loop {
                let value = read.call(&mut store, ()).unwrap();
                if value != 0 {
                    return value;
                }
            }
        });
        // SAFETY: the byte lives as long as `memory`, and both sides access it atomically.
        #[allow(unsafe_code, reason = "bytes that threads share are reached through cells")]
        let byte = unsafe { AtomicU8::from_ptr(memory.data()[100].get()) };
        byte.store(7, Ordering::SeqCst);
        assert_eq!(guest.join().unwrap(), 7);
    });
}
