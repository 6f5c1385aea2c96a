;; Makes NaNs in different ways. Hardware gives them different bits; canonical ones are the same everywhere.
(module
    (import "env" "value_return" (func $value_return (param i64 i64)))

    (memory (export "memory") 1)
    ;; 0: zero, 8: infinity, 16: a NaN with a sign and a payload.
    (data (i32.const 8) "\00\00\00\00\00\00\f0\7f\01\02\00\00\00\00\f8\ff")

    (func (export "not_a_number")
        (f64.store (i32.const 64) (f64.div (f64.load (i32.const 0)) (f64.load (i32.const 0))))
        (f64.store (i32.const 72) (f64.sub (f64.load (i32.const 8)) (f64.load (i32.const 8))))
        (f64.store (i32.const 80) (f64.add (f64.load (i32.const 16)) (f64.const 1)))
        (f64.store (i32.const 88) (f64.sqrt (f64.const -1)))
        (f32.store (i32.const 96) (f32.demote_f64 (f64.load (i32.const 16))))
        (call $value_return (i64.const 36) (i64.const 64))))
