;; Grows its memory.
(module
    (import "env" "storage_write" (func $storage_write (param i64 i64 i64 i64 i64) (result i64)))
    (import "env" "value_return" (func $value_return (param i64 i64)))

    (memory (export "memory") 1)
    (data (i32.const 0) "grown")

    ;; Returns the number of pages after growing by three.
    (func (export "some")
        (drop (memory.grow (i32.const 3)))
        (i64.store (i32.const 8) (i64.extend_i32_u (memory.size)))
        (call $value_return (i64.const 8) (i64.const 8)))

    ;; Grows until the limiter ends the contract: it does not get a -1.
    (func (export "too_much")
        (drop (call $storage_write
            (i64.const 5) (i64.const 0) (i64.const 5) (i64.const 0) (i64.const 0)))
        (loop $again
            (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))))
