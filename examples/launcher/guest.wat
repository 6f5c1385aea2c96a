;; A guest that needs two directories: it lists nothing and opens nothing, it writes how many directories it was given.
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "0 directories\n")
  (func (export "_start")
    (local $fd i32)
    ;; Preopened directories have the descriptors from 3 on.
    (local.set $fd (i32.const 3))
    (block $end
      (loop $next
        (br_if $end (call $prestat (local.get $fd) (i32.const 0)))
        (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
        (br $next)))
    (i32.store8 (i32.const 32) (i32.add (i32.const 45) (local.get $fd)))
    (i32.store (i32.const 8) (i32.const 32))
    (i32.store (i32.const 12) (i32.const 14))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
    ;; Without the directory that is required there would be nothing to do.
    (call $exit (i32.eq (local.get $fd) (i32.const 3)))))
