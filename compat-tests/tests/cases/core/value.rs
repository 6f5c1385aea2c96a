//! Functions on values whose types are known when the program runs: the guest's and the host's.

use compat_tests::{async_engine, engine, runtime, wat};
use wasmtime_compat::{Caller, ErrorKind, Func, FuncType, Linker, Module, Store, V128, Val, ValType};

use super::V;

const MIRROR: &str = r#"(module
    (func (export "mirror") (param i32 i64 f32 f64 v128 funcref) (result funcref v128 f64 f32 i64 i32)
        local.get 5 local.get 4 local.get 3 local.get 2 local.get 1 local.get 0))"#;

#[test]
fn guests_take_and_return_values() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wat(MIRROR)).unwrap()).unwrap();
    let mirror = instance.get_func(&mut store, "mirror").unwrap();
    let ty = mirror.ty(&store).unwrap();
    assert_eq!((ty.param(4), ty.result(5)), (Some(ValType::V128), Some(ValType::I32)));
    let vector = V128::from(5);
    let params = [1.into(), 2_i64.into(), 3.5_f32.into(), 4.5_f64.into(), vector.into(), Val::FuncRef(Some(mirror))];
    let mut results = vec![Val::I32(0); 6];
    mirror.call(&mut store, &params, &mut results).unwrap();
    assert!(matches!(results[0].funcref(), Some(Some(_))));
    assert_eq!((results[1].v128(), results[2].f64(), results[3].f32()), (Some(vector), Some(4.5), Some(3.5)));
    assert_eq!((results[4].i64(), results[5].i32(), results[5].i64()), (Some(2), Some(1), None));
    // The function that came back is the function.
    let Val::FuncRef(Some(again)) = results[0] else { panic!("no function") };
    again.call(&mut store, &params, &mut results).unwrap();
}

#[test]
fn values_that_do_not_fit() {
    let engine = engine::<V>();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let ty = FuncType::new([ValType::I32, ValType::FUNCREF], [ValType::I32]);
    let func = Func::<V>::new(&mut store, ty, |_, _, _| Ok(())).unwrap();
    let (null, foreign) =
        (Val::null_func_ref(), Val::from(Func::wrap(&mut other, |_: Caller<'_, V, ()>, (): ()| Ok(()))));
    let mut results = [Val::I32(0), Val::I32(0)];
    for (params, len) in
        [(&[][..], 1), (&[1.into(), null.clone()], 2), (&[1_i64.into(), null.clone()], 1), (&[1.into(), foreign], 1)]
    {
        let error = func.call(&mut store, params, &mut results[..len]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{params:?}: {error}");
    }
    let error = func.call(&mut other, &[1.into(), null.clone()], &mut results[..1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(func.typed::<i32, ()>(&store).unwrap_err().kind(), ErrorKind::TypeMismatch);
    // A result that the host function does not set has the wrong type.
    assert!(func.call(&mut store, &[1.into(), null], &mut results[..1]).is_err());
}

const RUN: &str = r#"(module
    (import "host" "sum" (func $sum (param i32 i64) (result i64 i32)))
    (func (export "run") (result i64)
        (call $sum (i32.const 3) (i64.const 4))
        drop))"#;

fn sum_type() -> FuncType {
    FuncType::new([ValType::I32, ValType::I64], [ValType::I64, ValType::I32])
}

fn sum(params: &[Val<V>], results: &mut [Val<V>]) -> anyhow::Result<()> {
    let [Val::I32(first), Val::I64(second)] = params else { anyhow::bail!("other values") };
    anyhow::ensure!(*first != 0, "zero");
    results[0] = (i64::from(*first) + second).into();
    results[1] = (*first).into();
    Ok(())
}

#[test]
fn host_functions_on_values() {
    let engine = engine::<V>();
    let mut linker = Linker::new(&engine);
    linker
        .func_new("host", "sum", sum_type(), |mut caller: Caller<'_, V, u32>, params, results| {
            *caller.data_mut() += 1;
            sum(params, results)
        })
        .unwrap();
    let taken = linker.func_new("host", "sum", sum_type(), |_, _, _| Ok(())).err().unwrap();
    assert_eq!(taken.kind(), ErrorKind::Link);
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &Module::new(&engine, &wat(RUN)).unwrap()).unwrap();
    let run = instance.get_typed_func::<(), i64>(&mut store, "run").unwrap();
    assert_eq!((run.call(&mut store, ()).unwrap(), *store.data()), (7, 1));
    // The host's own error reaches the host.
    let func = linker.get(&mut store, "host", "sum").unwrap().into_func().unwrap();
    let mut results = [Val::I32(0), Val::I32(0)];
    let error = func.call(&mut store, &[0.into(), 0_i64.into()], &mut results).unwrap_err();
    assert_eq!((error.kind(), format!("{error:#}").contains("zero")), (ErrorKind::Host, true), "{error:#}");
}

#[test]
fn host_functions_on_values_return_values_of_their_type() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let ty = FuncType::new([], [ValType::I32]);
    let wrong = Func::<V>::new(&mut store, ty, |_, _, results| {
        results[0] = 1_i64.into();
        Ok(())
    });
    assert!(wrong.unwrap().call(&mut store, &[], &mut [Val::I32(0)]).is_err());
}

#[test]
fn asynchronous_host_functions_on_values() {
    let engine = async_engine::<V>();
    let mut linker = Linker::new(&engine);
    linker
        .func_new_async("host", "sum", sum_type(), |_: Caller<'_, V, ()>, params, results| {
            Box::new(async move {
                tokio::task::yield_now().await;
                sum(params, results)
            })
        })
        .unwrap();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, &wat(RUN)).unwrap();
    let mut results = [Val::I32(0), Val::I32(0)];
    runtime().block_on(async {
        let instance = linker.instantiate_async(&mut store, &module).await.unwrap();
        let run = instance.get_func(&mut store, "run").unwrap();
        run.call_async(&mut store, &[], &mut results[..1]).await.unwrap();
        assert_eq!(results[0].i64(), Some(7));
        let func = Func::<V>::new_async(&mut store, sum_type(), |_, params, results| {
            Box::new(async move { sum(params, results) })
        });
        func.unwrap().call_async(&mut store, &[1.into(), 2_i64.into()], &mut results).await.unwrap();
        assert_eq!((results[0].i64(), results[1].i32()), (Some(3), Some(1)));
        let error = run.call(&mut store, &[], &mut results[..1]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SyncAsyncMismatch);
    });
}
