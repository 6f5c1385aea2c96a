//! What modules import and export, and what is known of a module without an instance.

use compat_tests::{engine, wat};
use wasmtime_compat::{
    Config, CoreWasmtime as _, Engine, ErrorKind, ExternType, FuncType, GlobalType, GuestKind, Linker, MemoryType,
    Module, Mutability, Precompiled, Proposal, RefType, Store, TableType, ValType,
};

use super::V;

const EVERYTHING: &str = r#"(module $named
    (import "host" "log" (func (param i32 i64) (result f64)))
    (import "host" "limit" (global i32))
    (import "host" "" (memory 1 2))
    (table (export "table") 3 7 externref)
    (global (export "count") (mut f32) (f32.const 0))
    (memory 5)
    (func (export "run") (param funcref) (result i32 i32) (i32.const 1) (i32.const 2)))"#;

#[test]
fn imports_and_exports_have_types() {
    let proposals = Config::new().proposal(Proposal::MultiMemory, true);
    let module = Module::new(&Engine::<V>::new(&proposals).unwrap(), &wat(EVERYTHING)).unwrap();
    assert_eq!(module.name(), Some("named"));
    let log = FuncType::new([ValType::I32, ValType::I64], [ValType::F64]);
    let imports: Vec<_> = module.imports().map(|it| (it.module().to_owned(), it.name().to_owned(), it.ty())).collect();
    let host = |name: &str, ty: ExternType| ("host".to_owned(), name.to_owned(), ty);
    let limit = GlobalType::new(ValType::I32, Mutability::Const);
    let memory = MemoryType::new(1, Some(2));
    assert_eq!(imports, [host("log", log.into()), host("limit", limit.into()), host("", memory.into())]);
    let exports: Vec<_> = module.exports().map(|it| (it.name().to_owned(), it.ty())).collect();
    let table = TableType::new(RefType::EXTERNREF, 3, Some(7));
    let count = GlobalType::new(ValType::F32, Mutability::Var);
    let run = FuncType::new([ValType::FUNCREF], [ValType::I32, ValType::I32]);
    let named = |name: &str, ty: ExternType| (name.to_owned(), ty);
    assert_eq!(exports, [named("table", table.into()), named("count", count.into()), named("run", run.clone().into())]);
    assert_eq!(module.get_export("run").as_ref().and_then(ExternType::func), Some(&run));
    assert_eq!(module.get_export("nope"), None);
    let resources = module.resources_required();
    assert_eq!((resources.num_memories, resources.max_initial_memory_size), (1, Some(5)));
    assert_eq!((resources.num_tables, resources.max_initial_table_size), (1, Some(3)));
}

/// Types of newer proposals, on the majors that have the types.
#[test]
fn newer_types() {
    let ty = |config: Config, text: &str| {
        let module = Module::new(&Engine::<V>::new(&config).unwrap(), &wat(&format!("(module {text})"))).unwrap();
        module.get_export("it").unwrap().to_string()
    };
    let on = |proposal| Config::new().proposal(proposal, true);
    assert_eq!(ty(on(Proposal::Memory64), r#"(memory (export "it") i64 1 2)"#), "(memory i64 1 2)");
    assert_eq!(
        ty(on(Proposal::Threads).shared_memory(true), r#"(memory (export "it") 1 2 shared)"#),
        "(memory 1 2 shared)"
    );
    assert_eq!(ty(Config::new(), r#"(func (export "it") (param v128))"#), "(func (param v128))");
    if V::MAJOR >= 23 {
        let text = r#"(memory (export "it") 1 (pagesize 1))"#;
        assert_eq!(ty(on(Proposal::CustomPageSizes), text), "(memory 1 (pagesize 1))");
    }
    if V::MAJOR >= 32 {
        let config = on(Proposal::FunctionReferences).proposal(Proposal::Gc, true);
        let text =
            r#"(type $t (func)) (type $s (struct)) (func (export "it") (param (ref null i31) (ref $t) (ref $s)))"#;
        assert_eq!(ty(config, text), "(func (param (ref null i31) (ref (concrete func)) (ref (concrete struct))))");
    }
}

#[test]
fn validating_refuses_what_compiling_refuses() {
    let engine = engine::<V>();
    Module::validate(&engine, &wat("(module)")).unwrap();
    for (wasm, kind) in [
        (b"\0asm\x01\0\0\0\x01".to_vec(), ErrorKind::InvalidGuest),
        (b"module".to_vec(), ErrorKind::InvalidGuest),
        (wat("(component)"), ErrorKind::WrongGuestKind),
        // A body that leaves a value too few.
        (
            b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b".to_vec(),
            ErrorKind::InvalidGuest,
        ),
    ] {
        assert_eq!(Module::validate(&engine, &wasm).unwrap_err().kind(), kind);
        assert_eq!(Module::new(&engine, &wasm).unwrap_err().kind(), kind);
    }
}

#[test]
#[allow(unsafe_code, reason = "the bytes were made here")]
fn a_module_is_serialized_as_it_would_be_precompiled() {
    let engine = engine::<V>();
    let wasm = wat(r#"(module (import "host" "a::b" (func)) (import "" "" (func))
        (func (export "z") (result i32) (i32.const 7)) (memory (export "a") 1) (data (i32.const 0) "text"))"#);
    let bytes = Module::new(&engine, &wasm).unwrap().serialize().unwrap();
    let precompiled = engine.precompile_module(&wasm).unwrap();
    assert!(bytes == precompiled, "{:?} {:?}", Precompiled::parse(&bytes), Precompiled::parse(&precompiled));
    assert_eq!(Engine::<V>::detect_precompiled(&bytes), Some(GuestKind::Module));
    assert!(Engine::<V>::detect_precompiled(&wasm).is_none());
    std::thread::spawn(Engine::<V>::tls_eager_initialize).join().unwrap();
    // SAFETY: the bytes were made here.
    let trusted = unsafe { Precompiled::parse(&bytes).unwrap().trust() };
    let loaded = Module::from_precompiled(&engine, &trusted).unwrap();
    assert_eq!(loaded.exports().len(), 2);
    assert!(loaded.serialize().unwrap() == bytes);
}

#[test]
fn instances_know_their_modules() {
    let engine = engine::<V>();
    let module = Module::new(&engine, &wat(r#"(module $one (func (export "run")))"#)).unwrap();
    assert!(module.get_export_index("run").is_some());
    assert!(module.get_export_index("nope").is_none());
    let mut store = Store::new(&engine, ());
    let pre = Linker::new(&engine).instantiate_pre(&module).unwrap();
    assert_eq!(pre.module().name(), Some("one"));
    let instance = pre.instantiate(&mut store).unwrap();
    assert_eq!(instance.module(&store).unwrap().name(), Some("one"));
}
