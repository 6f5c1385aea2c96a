;; Contracts that do not end by themselves. What they have written before is not kept.
(module
    (import "env" "storage_write" (func $storage_write (param i64 i64 i64 i64 i64) (result i64)))

    (memory (export "memory") 1)
    (data (i32.const 0) "spun")

    (func $write
        (drop (call $storage_write
            (i64.const 4) (i64.const 0) (i64.const 4) (i64.const 0) (i64.const 0))))

    ;; Runs out of gas in its own code.
    (func (export "spin")
        (call $write)
        (loop $again (br $again)))

    ;; Runs out of gas in a host function.
    (func (export "write_on")
        (loop $again
            (call $write)
            (br $again))))
