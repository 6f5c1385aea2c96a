;; Misbehaves in three ways: does not end, returns what is not in its memory, and gives the host what is not in its memory.
(module
    (import "host" "log" (func $log (param i32 i32 i32)))

    (memory (export "memory") 1)

    (func (export "alloc") (param i32) (result i32) (i32.const 4096))

    (func (export "dealloc") (param i32 i32))

    (func (export "spin") (param i32 i32) (result i64)
        (loop $forever (br $forever))
        unreachable)

    ;; 16 MiB at the end of the address space.
    (func (export "lie") (param i32 i32) (result i64)
        (i64.const 0xff00000001000000))

    (func (export "poke") (param i32 i32) (result i64)
        (call $log (i32.const 1) (i32.const -8) (i32.const 16))
        (i64.const 0)))
