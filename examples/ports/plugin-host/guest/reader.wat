;; Returns a file of the directory that the host has opened for it, and writes on standard output what it does.
(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "host" "error" (func $error (param i32 i32)))

    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 4096))
    (global $live (export "live") (mut i32) (i32.const 0))
    ;; 0: a buffer for WASI, 8: the number of bytes read or written, 12: a descriptor, 1024: what is read.
    (data (i32.const 64) "opening ")
    (data (i32.const 72) "\n")
    (data (i32.const 80) "the file cannot be opened")

    (func $alloc (export "alloc") (param $size i32) (result i32)
        (global.get $top)
        (global.set $top (i32.and (i32.add (i32.add (global.get $top) (local.get $size)) (i32.const 7)) (i32.const -8)))
        (global.set $live (i32.add (global.get $live) (i32.const 1)))
        (if (i32.gt_u (global.get $top) (i32.shl (memory.size) (i32.const 16))) (then unreachable)))

    ;; With the last allocation all memory is free again.
    (func $dealloc (export "dealloc") (param $at i32) (param $size i32)
        (global.set $live (i32.sub (global.get $live) (i32.const 1)))
        (if (i32.eqz (global.get $live)) (then (global.set $top (i32.const 4096)))))

    (func $buffer (param $at i32) (param $length i32)
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $length)))

    (func $print (param $at i32) (param $length i32)
        (call $buffer (local.get $at) (local.get $length))
        (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable)))

    (func (export "read") (param $path i32) (param $length i32) (result i64)
        (local $size i32) (local $out i32)
        (call $print (i32.const 64) (i32.const 8))
        (call $print (local.get $path) (local.get $length))
        (call $print (i32.const 72) (i32.const 1))
        ;; In the first directory (3), without following links, with the right to read (2).
        (if (call $path_open
                (i32.const 3) (i32.const 0) (local.get $path) (local.get $length) (i32.const 0)
                (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 12))
            (then
                (call $error (i32.const 80) (i32.const 25))
                (return (i64.const -1))))
        (call $buffer (i32.const 1024) (i32.const 3072))
        (if (call $fd_read (i32.load (i32.const 12)) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
        (if (call $fd_close (i32.load (i32.const 12))) (then unreachable))
        (local.set $size (i32.load (i32.const 8)))
        (local.set $out (call $alloc (local.get $size)))
        (memory.copy (local.get $out) (i32.const 1024) (local.get $size))
        (i64.or
            (i64.shl (i64.extend_i32_u (local.get $out)) (i64.const 32))
            (i64.extend_i32_u (local.get $size)))))
