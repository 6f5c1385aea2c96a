;; A plug-in for WASI that refuses names: `eval` is an error that it reports, and `debugger` one that ends it at once.
(module
    (import "env" "__set_transform_plugin_core_pkg_diag" (func $set_schema (param i32 i32)))
    (import "env" "__set_transform_result" (func $set_result (param i32 i32)))
    ;; The level (1: error, 2: fatal), the offset in the file, and the message.
    (import "env" "__emit_diagnostics" (func $emit (param i32 i32 i32 i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))

    (data (i32.const 0) "\02\00\00\00")
    ;; What fd_write takes: the address and the length of the line.
    (data (i32.const 8) "\40\00\00\00\0b\00\00\00")
    (data (i32.const 64) "names seen\n")
    (data (i32.const 96) "`eval` is not allowed")
    (data (i32.const 128) "`debugger` was left in the file")
    (data (i32.const 192) "1 name is not allowed")

    (func (export "__alloc") (param $size i32) (result i32)
        (local $address i32)
        (local.set $address (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get $size)))
        (block $fits
            (br_if $fits (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 0x10000))))
            (br_if $fits (i32.ne
                (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 0x10000)) (i32.const 1)))
                (i32.const -1)))
            unreachable)
        (local.get $address))

    (func (export "__free") (param $address i32) (param $size i32) (result i32) (i32.const 0))

    (func (export "__get_transform_plugin_core_pkg_diag") (result i32)
        (call $set_schema (i32.const 0) (i32.const 4))
        (i32.const 0))

    (func (export "__transform_plugin_process_impl")
        (param $tree i32) (param $size i32) (param $mark i32) (param $comments i32) (result i32)
        (local $at i32) (local $end i32) (local $length i32) (local $errors i32)
        (local.set $at (local.get $tree))
        (local.set $end (i32.add (local.get $tree) (local.get $size)))
        (block $done
            (loop $node
                (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
                (local.set $length (i32.load16_u offset=2 (local.get $at)))
                (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 4))
                    (then (local.set $errors (i32.add (local.get $errors)
                        (call $name (i32.add (local.get $at) (i32.const 8)) (local.get $length)
                            (i32.load offset=4 (local.get $at)))))))
                (local.set $at (i32.add (local.get $at) (i32.add (local.get $length) (i32.const 8))))
                (br $node)))
        (if (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 24)) (then unreachable))
        (if (local.get $errors)
            (then
                (call $set_result (i32.const 192) (i32.const 21))
                (return (i32.const 1))))
        (call $set_result (local.get $tree) (local.get $size))
        (i32.const 0))

    ;; Whether a name is an error.
    (func $name (param $text i32) (param $length i32) (param $offset i32) (result i32)
        (if (i32.and
                (i32.eq (local.get $length) (i32.const 4))
                (i32.eq (i32.load (local.get $text)) (i32.const 0x6c617665)))
            (then
                (call $emit (i32.const 1) (local.get $offset) (i32.const 96) (i32.const 21))
                (return (i32.const 1))))
        (if (i32.eq (local.get $length) (i32.const 8))
            (then (if (i64.eq (i64.load (local.get $text)) (i64.const 0x7265676775626564))
                (then (call $emit (i32.const 2) (local.get $offset) (i32.const 128) (i32.const 31))))))
        (i32.const 0)))
