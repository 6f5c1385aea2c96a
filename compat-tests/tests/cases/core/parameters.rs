//! Typed functions with 13 to 16 parameters and results. Only from 25 on Wasmtime has them with 17, so no code for every
//! major can.

use compat_tests::{engine, wat};
use wasmtime_compat::{ErrorKind, Linker, Module, Store};

use super::V;

/// The numbers 0, 1, 2 … as a tuple of that many.
macro_rules! numbers {
    ($ty:ty; $($place:literal)*) => {
        ($($place as $ty,)*)
    };
}

macro_rules! cases {
    ($($module:ident $count:literal: $($ty:ident)*, $($place:literal)*;)*) => {
        $(
            #[test]
            fn $module() {
                let types = "i64 ".repeat($count);
                let gets: String = (0..$count).map(|at| format!("(local.get {at}) ")).collect();
                let adds = "i64.add ".repeat($count - 1);
                let wasm = wat(&format!(
                    r#"(module
                        (func (export "same") (param {types}) (result {types}) {gets})
                        (func (export "sum") (param {types}) (result i64) {gets} {adds})
                        (func (export "last") (param {types}) (result i64) (local.get {})))"#,
                    $count - 1
                ));
                type Params = ($(cases!(@i64 $ty),)*);
                let engine = engine::<V>();
                let mut store = Store::new(&engine, ());
                let instance =
                    Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, &wasm).unwrap()).unwrap();
                let given: Params = numbers!(i64; $($place)*);
                let sum = instance.get_typed_func::<Params, i64>(&mut store, "sum").unwrap();
                assert_eq!(sum.call(&mut store, given).unwrap(), ($count * ($count - 1)) / 2);
                let last = instance.get_typed_func::<Params, i64>(&mut store, "last").unwrap();
                assert_eq!(last.call(&mut store, given).unwrap(), $count - 1);
                let same = instance.get_typed_func::<Params, Params>(&mut store, "same").unwrap();
                let ($($ty,)*) = same.call(&mut store, given).unwrap();
                assert_eq!([$($ty),*], [$($place),*]);
                let wrong = instance.get_typed_func::<(i64,), i64>(&mut store, "sum").unwrap_err();
                assert_eq!(wrong.kind(), ErrorKind::TypeMismatch);
            }
        )*
    };
    (@i64 $ty:ident) => { i64 };
}

cases! {
    module_13 13: a b c d e f g h i j k l m, 0 1 2 3 4 5 6 7 8 9 10 11 12;
    module_14 14: a b c d e f g h i j k l m n, 0 1 2 3 4 5 6 7 8 9 10 11 12 13;
    module_15 15: a b c d e f g h i j k l m n o, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
    module_16 16: a b c d e f g h i j k l m n o p, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15;
}
