;; Keeps and removes a note. `storage_remove` exists from protocol version 2 on.
(module
    (import "env" "input" (func $input (param i64)))
    (import "env" "register_len" (func $register_len (param i64) (result i64)))
    (import "env" "read_register" (func $read_register (param i64 i64)))
    (import "env" "storage_write" (func $storage_write (param i64 i64 i64 i64 i64) (result i64)))
    (import "env" "storage_remove" (func $storage_remove (param i64 i64 i64) (result i64)))
    (import "env" "log_utf8" (func $log (param i64 i64)))
    (import "env" "panic_utf8" (func $panic (param i64 i64)))

    (memory (export "memory") 1)
    (data (i32.const 0) "note")
    (data (i32.const 16) "there is no note")

    (func (export "keep")
        (call $input (i64.const 0))
        (call $read_register (i64.const 0) (i64.const 64))
        (drop (call $storage_write
            (i64.const 4) (i64.const 0) (call $register_len (i64.const 0)) (i64.const 64) (i64.const 1))))

    (func (export "erase")
        (if (i64.eqz (call $storage_remove (i64.const 4) (i64.const 0) (i64.const 1)))
            (then (call $panic (i64.const 16) (i64.const 16))))
        (call $read_register (i64.const 1) (i64.const 64))
        (call $log (call $register_len (i64.const 1)) (i64.const 64))))
