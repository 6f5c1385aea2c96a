;; Makes NaNs in different ways. Hardware gives them different bits; canonical ones are the same everywhere.
;; Conversions are left out: Wasmtime 18 and 19 do not make the results of `f32.demote_f64` and `f64.promote_f32` canonical.
(module
    (import "env" "value_return" (func $value_return (param i64 i64)))

    (memory (export "memory") 1)
    ;; 0: zero, 8: infinity, 16: a NaN with a sign and a payload, and so is the f32 in its upper half.
    (data (i32.const 8) "\00\00\00\00\00\00\f0\7f\01\02\00\00\00\00\f8\ff")

    (func (export "not_a_number")
        (f64.store (i32.const 64) (f64.div (f64.load (i32.const 0)) (f64.load (i32.const 0))))
        (f64.store (i32.const 72) (f64.sub (f64.load (i32.const 8)) (f64.load (i32.const 8))))
        (f64.store (i32.const 80) (f64.add (f64.load (i32.const 16)) (f64.const 1)))
        (f64.store (i32.const 88) (f64.sqrt (f64.const -1)))
        (f32.store (i32.const 96) (f32.add (f32.load (i32.const 20)) (f32.const 1)))
        (call $value_return (i64.const 36) (i64.const 64))))
