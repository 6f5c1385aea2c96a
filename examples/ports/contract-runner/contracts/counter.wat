;; A counter in the storage of its account. The input of `increment` is the step: 8 bytes, little-endian.
(module
    (import "env" "input" (func $input (param i64)))
    (import "env" "block_index" (func $block_index (result i64)))
    (import "env" "predecessor_account_id" (func $predecessor (param i64)))
    (import "env" "register_len" (func $register_len (param i64) (result i64)))
    (import "env" "read_register" (func $read_register (param i64 i64)))
    (import "env" "storage_read" (func $storage_read (param i64 i64 i64) (result i64)))
    (import "env" "storage_write" (func $storage_write (param i64 i64 i64 i64 i64) (result i64)))
    (import "env" "value_return" (func $value_return (param i64 i64)))
    (import "env" "log_utf8" (func $log (param i64 i64)))
    (import "env" "panic_utf8" (func $panic (param i64 i64)))

    (memory (export "memory") 1)
    (data (i32.const 0) "count")
    (data (i32.const 16) "the step must have 8 bytes")
    (data (i32.const 128) "increment by ")
    ;; 64: the count, 72: the step, 80: the block; 141: the account that calls.

    (func $log_caller
        (call $predecessor (i64.const 2))
        (call $read_register (i64.const 2) (i64.const 141))
        (call $log
            (i64.add (i64.const 13) (call $register_len (i64.const 2)))
            (i64.const 128)))

    (func (export "increment")
        (call $input (i64.const 0))
        (if (i64.ne (call $register_len (i64.const 0)) (i64.const 8))
            (then (call $panic (i64.const 26) (i64.const 16))))
        (call $read_register (i64.const 0) (i64.const 72))
        (if (i64.eq (call $storage_read (i64.const 5) (i64.const 0) (i64.const 1)) (i64.const 1))
            (then (call $read_register (i64.const 1) (i64.const 64))))
        (i64.store (i32.const 64) (i64.add (i64.load (i32.const 64)) (i64.load (i32.const 72))))
        (drop (call $storage_write
            (i64.const 5) (i64.const 0) (i64.const 8) (i64.const 64) (i64.const 1)))
        (i64.store (i32.const 80) (call $block_index))
        (call $log_caller)
        (call $value_return (i64.const 8) (i64.const 64))))
