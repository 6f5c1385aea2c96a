//! Globals: made by hosts and by guests, read and written; misuse is a typed error.

use compat_tests::{engine, wat};
use wasmtime_compat::{ErrorKind, Func, Global, GlobalType, Linker, Module, Mutability, Store, V128, Val, ValType};

use super::V;

#[test]
fn values_of_every_scalar_type() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let values: [(ValType, Val<V>, Val<V>); 5] = [
        (ValType::I32, 1.into(), (-2).into()),
        (ValType::I64, 1_i64.into(), i64::MIN.into()),
        (ValType::F32, 1.5_f32.into(), Val::F32(0x7fa0_0001)),
        (ValType::F64, 1.5_f64.into(), Val::F64(0x7ff4_0000_0000_0001)),
        (ValType::V128, V128::from(1).into(), Val::V128(u128::MAX.into())),
    ];
    for (ty, before, after) in values {
        let global = Global::new(&mut store, GlobalType::new(ty.clone(), Mutability::Var), before.clone()).unwrap();
        assert_eq!(global.ty(&store).unwrap(), GlobalType::new(ty, Mutability::Var));
        assert_eq!(format!("{:?}", global.get(&mut store).unwrap()), format!("{before:?}"));
        global.set(&mut store, after.clone()).unwrap();
        assert_eq!(format!("{:?}", global.get(&mut store).unwrap()), format!("{after:?}"));
    }
}

#[test]
fn misuse_is_an_error() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let constant = GlobalType::new(ValType::I32, Mutability::Const);
    let global = Global::<V>::new(&mut store, constant.clone(), 1.into()).unwrap();
    assert_eq!(global.set(&mut store, 2.into()).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(Global::<V>::new(&mut store, constant, 1_i64.into()).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let mut other = Store::new(&engine, ());
    for error in [global.get(&mut other).err(), global.ty(&other).err(), global.set(&mut other, 2.into()).err()] {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.message().contains("another store"), "{error}");
    }
    let func = Func::wrap(&mut other, |_: wasmtime_compat::Caller<'_, V, ()>, (): ()| Ok(()));
    let ty = GlobalType::new(ValType::FUNCREF, Mutability::Var);
    assert_eq!(Global::new(&mut store, ty, func.into()).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(global.get(&mut store).unwrap().i32(), Some(1));
}

#[test]
fn functions_in_globals_of_guests() {
    let engine = engine::<V>();
    let guest = r#"(module
        (func $f (result i32) (i32.const 7))
        (global (export "g") (mut funcref) (ref.func $f)))"#;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wat(guest)).unwrap()).unwrap();
    let global = instance.get_global(&mut store, "g").unwrap();
    let Val::FuncRef(Some(func)) = global.get(&mut store).unwrap() else { panic!("no function") };
    assert_eq!(func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 7);
    global.set(&mut store, Val::null_func_ref()).unwrap();
    assert!(matches!(global.get(&mut store).unwrap(), Val::FuncRef(None)));
}
