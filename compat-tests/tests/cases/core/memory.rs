//! Linear memories: bounds, growth, and the ways to reach the bytes.

use compat_tests::{engine, wat};
use wasmtime_compat::{
    AsContext as _, AsContextMut as _, Config, CoreWasmtime as _, Engine, ErrorKind, Linker, Module, Proposal, Store,
};

use super::V;

#[test]
fn memory_is_bounds_checked_and_grows() {
    let engine = engine::<V>();
    let module = Module::new(&engine, &wat(r#"(module (memory (export "memory") 1 2))"#)).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert!(instance.get_memory(&mut store, "nope").is_none());
    assert_eq!((memory.data_size(&store), memory.size(&store)), (1 << 16, 1));
    assert_eq!(memory.write(&mut store, (1 << 16) - 2, b"abc").unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(memory.read(&mut store, usize::MAX, &mut [0; 2]).unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 1);
    memory.write(&mut store, (1 << 16) - 2, b"abc").unwrap();
    assert!(memory.grow(&mut store, 1).is_err());
}

#[test]
fn pages_have_a_size() {
    let page_size = |config: &Config, memory: &str| {
        let engine = Engine::<V>::new(config).unwrap();
        let module = Module::new(&engine, &wat(&format!(r#"(module (memory (export "memory") {memory}))"#))).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        assert_eq!(memory.data_size(&store) as u64, memory.size(&store) * memory.page_size(&store));
        memory.page_size(&store)
    };
    assert_eq!(page_size(&Config::new(), "0"), 1 << 16);
    if V::MAJOR >= 23 {
        let config = Config::new().proposal(Proposal::CustomPageSizes, true);
        assert_eq!(page_size(&config, "10 (pagesize 1)"), 1);
    }
}

/// Reading needs the store only for reading, whatever lends it.
#[test]
fn memory_is_read_through_shared_borrows() {
    let engine = engine::<V>();
    let module = Module::new(&engine, &wat(r#"(module (memory (export "memory") 1) (data (i32.const 7) "abc"))"#));
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module.unwrap()).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    memory.data_mut(&mut store)[8] = b'B';
    let shared = &store;
    let bytes: [&[u8]; 3] = [memory.data(shared), memory.data(shared.as_context()), memory.data(shared)];
    assert!(bytes.iter().all(|bytes| bytes[7..10] == *b"aBc"));
    let mut context = store.as_context_mut();
    assert_eq!(memory.data_size(&context), memory.data_size(context.as_context()));
    memory.data_mut(context.as_context_mut())[9] = b'C';
    let mut copy = [0; 3];
    memory.read(&context, 7, &mut copy).unwrap();
    assert_eq!(copy, *b"aBC");
}
