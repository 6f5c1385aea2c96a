//! Instances made of given imports, and their exports by place and by name; another store is an error, never a panic.

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::{
    Caller, CoreWasmtime, Engine, ErrorKind, Extern, Func, Instance, Linker, Memory, MemoryType, Module, Store, Val,
};

use super::V;

const GUEST: &str = r#"(module
    (import "host" "f" (func $f (result i32)))
    (import "host" "m" (memory 1))
    (global (export "global") i32 (i32.const 3))
    (memory $own 2)
    (export "memory" (memory $own))
    (func (export "run") (result i32) (i32.add (call $f) (i32.load8_u 0 (i32.const 1)))))"#;

fn imports(store: &mut Store<V, ()>) -> [Extern<V>; 2] {
    let func = Func::wrap(&mut *store, |_: Caller<'_, V, ()>, (): ()| Ok(7));
    let memory = Memory::new(&mut *store, MemoryType::new(1, None)).unwrap();
    memory.write(store, 1, &[5]).unwrap();
    [func.into(), memory.into()]
}

fn module(engine: &Engine<V>) -> Module<V> {
    Module::new(engine, &wat(GUEST)).unwrap()
}

#[test]
fn given_imports() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let module = module(&engine);
    let imports = imports(&mut store);
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run").unwrap().call(&mut store, ()).unwrap(), 12);

    // Exports by their places in the module.
    let place = module.get_export_index("global").unwrap();
    let global = instance.get_module_export(&mut store, &place).unwrap().into_global().unwrap();
    assert_eq!(global.get(&mut store).unwrap().i32(), Some(3));
    let other = Module::new(&engine, &wat(r#"(module (func (export "a")))"#)).unwrap();
    assert!(instance.get_module_export(&mut store, &other.get_export_index("a").unwrap()).is_none());

    let trap = Module::new(&engine, &wat("(module (func $f unreachable) (start $f))")).unwrap();
    assert_eq!(Instance::new(&mut store, &trap, &[]).unwrap_err().kind(), ErrorKind::Trap);
}

#[test]
fn imports_that_do_not_fit() {
    let engine = engine::<V>();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let module = module(&engine);
    let ([func, memory], foreign) = (imports(&mut store), imports(&mut other));
    let foreign_memory = [func.clone(), foreign[1].clone()];
    for (imports, kind) in [
        (&[func.clone()][..], ErrorKind::Link),
        (&[func.clone(), memory.clone(), memory.clone()], ErrorKind::Link),
        (&[memory.clone(), func.clone()], ErrorKind::Link),
        (&foreign, ErrorKind::InvalidArgument),
        (&foreign_memory, ErrorKind::InvalidArgument),
    ] {
        let error = Instance::new(&mut store, &module, imports).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    let strange = self::module(&compat_tests::engine::<V>());
    let error = Instance::new(&mut store, &strange, &[func, memory]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}

#[test]
fn another_store() {
    let engine = engine::<V>();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let module = module(&engine);
    let imports = imports(&mut store);
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").unwrap();

    let place = module.get_export_index("global").unwrap();
    assert!(instance.get_export(&mut other, "run").is_none());
    assert!(instance.get_func(&mut other, "run").is_none());
    assert!(instance.get_memory(&mut other, "memory").is_none());
    assert!(instance.get_shared_memory(&mut other, "memory").is_none());
    assert!(instance.get_module_export(&mut other, &place).is_none());
    assert_eq!(instance.exports(&mut other).len(), 0);
    assert_eq!((memory.data(&other).len(), memory.data_mut(&mut other).len(), memory.data_size(&other)), (0, 0, 0));
    assert_eq!((memory.size(&other), memory.page_size(&other)), (0, 0));
    let mut linker = Linker::new(&engine);
    for error in [
        run.call(&mut other, ()).err(),
        instance.get_typed_func::<(), i32>(&mut other, "run").err(),
        instance.module(&other).err(),
        linker.instance(&mut other, "it", instance).err(),
        linker.define(&mut other, "it", "memory", memory).err(),
        memory.ty(&other).err(),
        memory.read(&other, 0, &mut [0]).err(),
        memory.write(&mut other, 0, &[0]).err(),
        memory.grow(&mut other, 0).err(),
        Extern::from(memory).ty(&other).err(),
    ] {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
    // The objects are as they were.
    assert_eq!(run.call(&mut store, ()).unwrap(), 12);
    assert_eq!(memory.size(&store), 2);
    assert_eq!(instance.exports(&mut store).len(), 3);
    linker.instance(&mut store, "it", instance).unwrap();
}

#[test]
fn names_of_a_linker() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let module = module(&engine);
    let [func, memory] = imports(&mut store);
    let mut linker = Linker::new(&engine);
    linker.define(&mut store, "host", "f", func).unwrap();
    linker.define(&mut store, "host", "m", memory).unwrap();
    linker.func_wrap("commands", "", |_: Caller<'_, V, ()>, (): ()| Ok(())).unwrap();
    let found: Vec<_> = module.imports().map(|import| linker.get_by_import(&mut store, &import)).collect();
    let found: Vec<_> = found.into_iter().map(Option::unwrap).collect();
    assert_eq!(Instance::new(&mut store, &module, &found).unwrap().exports(&mut store).len(), 3);
    let other = Module::new(&engine, &wat(r#"(module (import "host" "other" (func)))"#)).unwrap();
    assert!(linker.get_by_import(&mut store, &other.imports().next().unwrap()).is_none());

    let mut names: Vec<_> = linker.iter(&mut store).map(|(module, name, _)| (module, name)).collect();
    names.sort_unstable();
    assert_eq!(names, [("commands", ""), ("host", "f"), ("host", "m")]);
    let (.., memory) = linker.iter(&mut store).find(|(_, name, _)| *name == "m").unwrap();
    assert_eq!(memory.into_memory().unwrap().data(&store)[1], 5);

    for module in ["commands", "nothing"] {
        let func = linker.get_default(&mut store, module).unwrap();
        func.typed::<(), ()>(&store).unwrap().call(&mut store, ()).unwrap();
    }
    linker
        .define(&mut store, "odd", "", Memory::new(&mut Store::new(&engine, ()), MemoryType::new(0, None)).unwrap())
        .unwrap_err();
    let memory = Memory::new(&mut store, MemoryType::new(0, None)).unwrap();
    linker.define(&mut store, "odd", "", memory).unwrap();
    assert_eq!(linker.get_default(&mut store, "odd").unwrap_err().kind(), ErrorKind::Link);
    let mut strange = Store::new(&compat_tests::engine::<V>(), ());
    assert_eq!(linker.iter(&mut strange).len(), 0);
    assert_eq!(linker.get_default(&mut strange, "odd").unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn asynchronously() {
    let engine = async_engine::<V>();
    let mut store = Store::new(&engine, 1);
    let guest = r#"(module
        (import "host" "f" (func $f (param i32 i32) (result i32)))
        (func (export "run") (result i32) (call $f (i32.const 3) (i32.const 4))))"#;
    let module = Module::new(&engine, &wat(guest)).unwrap();
    let func = Func::wrap_async(&mut store, |mut caller: Caller<'_, V, i32>, (a, b): (i32, i32)| {
        Box::new(async move {
            tokio::task::yield_now().await;
            *caller.data_mut() += 1;
            Ok(a * b + *caller.data())
        })
    })
    .unwrap();
    let result = runtime().block_on(async {
        let instance = Instance::new_async(&mut store, &module, &[func.into()]).await?;
        let run = instance.get_func(&mut store, "run").unwrap();
        let mut results = [Val::I32(0)];
        run.call_async(&mut store, &[], &mut results).await?;
        Ok::<_, wasmtime_compat::Error>(results[0].i32())
    });
    assert_eq!(result.unwrap(), Some(14));
    assert_eq!(Instance::new(&mut store, &module, &[]).unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);

    let mut store = Store::new(&compat_tests::engine::<V>(), 1);
    let error = Func::wrap_async(&mut store, |_: Caller<'_, V, i32>, (): ()| Box::new(async { Ok(()) })).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncAsyncMismatch);
    let error = runtime().block_on(Instance::new_async(&mut store, &module, &[])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SyncAsyncMismatch);
}

#[test]
fn the_module_of_an_instance_without_functions_of_its_own() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let module =
        Module::new(&engine, &wat(r#"(module $one (import "host" "f" (func)) (export "f" (func 0)))"#)).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "f", || {}).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    match instance.module(&store) {
        Ok(module) => assert_eq!(module.name(), Some("one")),
        Err(error) => {
            assert!(V::MAJOR < 40, "{error}");
            assert_eq!(error.unsupported().and_then(|it| it.since), Some(40));
        }
    }
    instance.get_typed_func::<(), ()>(&mut store, "f").unwrap().call(&mut store, ()).unwrap();
}
