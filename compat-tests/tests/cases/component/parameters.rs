//! Functions of components with 13 to 16 parameters. Only from 25 on Wasmtime has them with 17, so no code for every
//! major can.

use compat_tests::{engine, wat};
use wasmtime_compat::component::{self, Component};
use wasmtime_compat::{ErrorKind, Store};

use super::V;

/// The numbers 0, 1, 2 … as a tuple of that many.
macro_rules! numbers {
    ($ty:ty; $($place:literal)*) => {
        ($($place as $ty,)*)
    };
}

macro_rules! cases {
    ($($component:ident $count:literal: $($ty:ident)*, $($place:literal)*;)*) => {
        $(
            #[test]
            fn $component() {
                // More than 16 parameters are passed in memory.
                let params: String = (0..$count).map(|at| format!("(param \"p{at}\" u32) ")).collect();
                let flat = $count <= 16;
                let types = if flat { "i32 ".repeat($count) } else { "i32".to_owned() };
                let sum: String = (0..$count)
                    .map(|at| match flat {
                        true => format!("(local.get {at}) "),
                        false => format!("(i32.load offset={} (local.get 0)) ", at * 4),
                    })
                    .collect();
                let adds = "i32.add ".repeat($count - 1);
                let wasm = wat(&format!(
                    r#"(component
                        (core module $m
                            (memory (export "memory") 1)
                            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
                            (func (export "sum") (param {types}) (result i32) {sum} {adds}))
                        (core instance $i (instantiate $m))
                        (func (export "sum") {params} (result u32) (canon lift (core func $i "sum")
                            (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#
                ));
                type Params = ($(cases!(@u32 $ty),)*);
                let engine = engine::<V>();
                let mut store = Store::new(&engine, ());
                let linker = component::Linker::new(&engine);
                let pre = linker.instantiate_pre(&Component::new(&engine, &wasm).unwrap()).unwrap();
                let instance = pre.instantiate(&mut store).unwrap();
                let sum = instance.get_typed_func::<Params, (u32,)>(&mut store, "sum").unwrap();
                let given: Params = numbers!(u32; $($place)*);
                assert_eq!(sum.call(&mut store, given).unwrap(), (($count * ($count - 1)) / 2,));
                let wrong = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "sum").err().unwrap();
                assert_eq!(wrong.kind(), ErrorKind::TypeMismatch);
            }
        )*
    };
    (@u32 $ty:ident) => { u32 };
}

cases! {
    component_13 13: a b c d e f g h i j k l m, 0 1 2 3 4 5 6 7 8 9 10 11 12;
    component_14 14: a b c d e f g h i j k l m n, 0 1 2 3 4 5 6 7 8 9 10 11 12 13;
    component_15 15: a b c d e f g h i j k l m n o, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
    component_16 16: a b c d e f g h i j k l m n o p, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15;
}
