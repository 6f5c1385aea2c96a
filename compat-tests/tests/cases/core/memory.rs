//! Linear memories: bounds, growth, and the ways to reach the bytes.

use compat_tests::{engine, wat};
use wasmtime_compat::{
    AsContext as _, AsContextMut as _, Caller, Config, CoreWasmtime as _, Engine, ErrorKind, Linker, Memory,
    MemoryType, Module, Proposal, Store, StoreLimits,
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
    assert_eq!(memory.write(&mut store, (1 << 16) - 2, b"abc").unwrap_err().kind(), ErrorKind::OutOfBounds);
    assert_eq!(memory.read(&mut store, usize::MAX, &mut [0; 2]).unwrap_err().kind(), ErrorKind::OutOfBounds);
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 1);
    memory.write(&mut store, (1 << 16) - 2, b"abc").unwrap();
    assert_eq!(memory.grow(&mut store, 1).unwrap_err().kind(), ErrorKind::OutOfBounds);
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

#[test]
fn memories_of_the_host() {
    let mut store = Store::new(&engine::<V>(), 1);
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(2))).unwrap();
    assert_eq!(memory.ty(&store).unwrap(), MemoryType::new(1, Some(2)));
    memory.write(&mut store, 3, b"abc").unwrap();
    let (bytes, data) = memory.data_and_store_mut(&mut store);
    *data += i32::from(bytes[3]);
    assert_eq!(*store.data(), 1 + i32::from(b'a'));
    assert_eq!(memory.data_ptr(&store).cast_const(), memory.data(&store).as_ptr());
    assert_eq!(memory.grow(&mut store, 1).unwrap(), 1);
    // The type is as it was; the size is another one.
    assert_eq!((memory.ty(&store).unwrap().minimum(), memory.size(&store)), (1, 2));
    assert!(memory.grow(&mut store, 1).is_err());
    let other = Memory::new(&mut store, MemoryType::new64(1, None)).unwrap();
    assert!(other.ty(&store).unwrap().is_64());
}

#[test]
fn memories_of_the_host_count_for_the_limits() {
    let mut store = Store::new(&engine::<V>(), ());
    store.set_limits(&StoreLimits::new().memory_size(1 << 16).total_memory_bytes(1 << 16));
    assert_eq!(Memory::new(&mut store, MemoryType::new(2, None)).unwrap_err().kind(), ErrorKind::Other);
    Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    assert_eq!(Memory::new(&mut store, MemoryType::new(1, None)).unwrap_err().kind(), ErrorKind::Other);
}

#[test]
fn wrong_types_of_memories_are_refused() {
    let mut store = Store::new(&engine::<V>(), ());
    let mut refused = |ty: MemoryType| Memory::new(&mut store, ty).unwrap_err().kind();
    assert_eq!(refused(MemoryType::new(2, Some(1))), ErrorKind::InvalidArgument);
    assert_eq!(refused(MemoryType::new(70_000, None)), ErrorKind::InvalidArgument);
    assert_eq!(refused(MemoryType::new64(u64::MAX, None)), ErrorKind::InvalidArgument);
    assert_eq!(refused(MemoryType::shared(1, 1)), ErrorKind::InvalidArgument);
    let bytes = MemoryType::builder().min(1).page_size_log2(0).build().unwrap();
    let memory = Memory::new(&mut store, bytes);
    match V::MAJOR {
        ..23 => assert_eq!(memory.unwrap_err().kind(), ErrorKind::Unsupported),
        _ => assert_eq!(memory.unwrap().page_size(&store), 1),
    }
}

/// A host function reaches the memory of its caller and the data of the store at once.
#[test]
fn memory_and_data_of_a_caller() {
    let engine = engine::<V>();
    let mut linker = Linker::new(&engine);
    let take = |mut caller: Caller<'_, V, Vec<u8>>, (from, len): (u32, u32)| {
        let memory = caller.get_memory("memory").ok_or_else(|| anyhow::anyhow!("no memory"))?;
        let (bytes, data) = memory.data_and_store_mut(&mut caller);
        data.extend(&bytes[from as usize..][..len as usize]);
        bytes[from as usize] = b'_';
        Ok(())
    };
    linker.func_wrap("host", "take", take).unwrap();
    let text = r#"(module (import "host" "take" (func $take (param i32 i32))) (memory (export "memory") 1)
        (data (i32.const 5) "abc") (func (export "run") (call $take (i32.const 5) (i32.const 3))))"#;
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &wat(text)).unwrap()).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    run.call(&mut store, ()).unwrap();
    run.call(&mut store, ()).unwrap();
    assert_eq!(store.data(), b"abc_bc");
}
