;; The guest of `wasmtime-compat compare` without a guest: it prints the name of each preopened directory on a line of
;; its own, then what `hello.txt` in the first one holds, and exits with 0 (or with the number of the step that failed).
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  ;; 0: prestat (tag, name length); 8: iovec (address, length); 16: bytes done; 20: descriptor; 1024: text
  (memory (export "memory") 1)
  (data (i32.const 32) "hello.txt")

  ;; Ends the guest with `step` if `errno` is an error.
  (func $check (param $errno i32) (param $step i32)
    (if (local.get $errno) (then (call $proc_exit (local.get $step)))))

  ;; Writes `length` bytes of the text to standard output.
  (func $print (param $length i32)
    (i32.store (i32.const 8) (i32.const 1024))
    (i32.store (i32.const 12) (local.get $length))
    (call $check (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)) (i32.const 2)))

  ;; Preopened directories are the descriptors from 3 on.
  (func $print_preopens
    (local $fd i32) (local $length i32)
    (local.set $fd (i32.const 3))
    (block $done
      (loop $next
        (br_if $done (call $fd_prestat_get (local.get $fd) (i32.const 0)))
        (local.set $length (i32.load (i32.const 4)))
        (call $check
          (call $fd_prestat_dir_name (local.get $fd) (i32.const 1024) (local.get $length))
          (i32.const 3))
        (i32.store8 offset=1024 (local.get $length) (i32.const 10))
        (call $print (i32.add (local.get $length) (i32.const 1)))
        (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
        (br $next))))

  (func $print_hello
    (call $check
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 9) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 20)) ;; rights: fd_read
      (i32.const 4))
    (i32.store (i32.const 8) (i32.const 1024))
    (i32.store (i32.const 12) (i32.const 4096))
    (call $check
      (call $fd_read (i32.load (i32.const 20)) (i32.const 8) (i32.const 1) (i32.const 16))
      (i32.const 5))
    (call $print (i32.load (i32.const 16))))

  (func (export "_start")
    (call $print_preopens)
    (call $print_hello)
    (call $proc_exit (i32.const 0))))
