;; A function as a preview1 command: reads a cart from standard input, and writes the discount to standard output.
(module $discount
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  ;; 0: a vector for input and output, and at 8 its result; 512: the output; 1024: the input.
  (memory (export "memory") 1)
  (data (i32.const 16) "\22price\22")
  (data (i32.const 32) "\22quantity\22")
  (data (i32.const 48) "{\22discount\22:")
  (data (i32.const 64) ",\22total\22:")
  (data (i32.const 80) "}")
  (data (i32.const 96) "the cart has no items\n")
  (global $length (mut i32) (i32.const 0))
  (global $at (mut i32) (i32.const 1024))
  (global $out (mut i32) (i32.const 512))

  (func $_start (export "_start")
    (local $total i64)
    (drop (memory.grow (i32.const 2)))
    (call $read_input)
    (local.set $total (call $total))
    (if (i64.eqz (local.get $total)) (then (call $refuse)))
    (call $put_text (i32.const 48) (i32.const 12))
    (call $put_number (call $discount (local.get $total)))
    (call $put_text (i32.const 64) (i32.const 9))
    (call $put_number (local.get $total))
    (call $put_text (i32.const 80) (i32.const 1))
    (call $write (i32.const 1) (i32.const 512) (i32.sub (global.get $out) (i32.const 512))))

  (func $refuse
    (call $write (i32.const 2) (i32.const 96) (i32.const 22))
    (call $proc_exit (i32.const 1)))

  (func $read_input
    (loop $more
      (i32.store (i32.const 0) (i32.add (i32.const 1024) (global.get $length)))
      (i32.store (i32.const 4) (i32.const 4096))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $proc_exit (i32.const 2))))
      (global.set $length (i32.add (global.get $length) (i32.load (i32.const 8))))
      (br_if $more (i32.load (i32.const 8)))))

  ;; The sum of all items.
  (func $total (result i64)
    (local $sum i64)
    (loop $items
      (if (call $find (i32.const 16) (i32.const 7))
        (then
          (local.set $sum (i64.add (local.get $sum) (call $line_item)))
          (br $items))))
    (local.get $sum))

  (func $line_item (result i64)
    (local $price i64)
    (local.set $price (call $number))
    (drop (call $find (i32.const 32) (i32.const 10)))
    (i64.mul (local.get $price) (call $number)))

  ;; A tenth from 10000 on.
  (func $discount (param $total i64) (result i64)
    (if (result i64) (i64.ge_u (local.get $total) (i64.const 10000))
      (then (i64.div_u (local.get $total) (i64.const 10)))
      (else (i64.const 0))))

  ;; Moves behind the next occurrence of a key; 0 if there is none.
  (func $find (param $key i32) (param $size i32) (result i32)
    (loop $next
      (if (i32.gt_u (i32.add (global.get $at) (local.get $size)) (i32.add (i32.const 1024) (global.get $length)))
        (then (return (i32.const 0))))
      (if (call $matches (local.get $key) (local.get $size))
        (then
          (global.set $at (i32.add (global.get $at) (local.get $size)))
          (return (i32.const 1))))
      (global.set $at (i32.add (global.get $at) (i32.const 1)))
      (br $next))
    (unreachable))

  (func $matches (param $key i32) (param $size i32) (result i32)
    (local $index i32)
    (loop $next
      (if (i32.ne
            (i32.load8_u (i32.add (global.get $at) (local.get $index)))
            (i32.load8_u (i32.add (local.get $key) (local.get $index))))
        (then (return (i32.const 0))))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $index) (local.get $size))))
    (i32.const 1))

  ;; The next number. If there is none, the function reads beyond the end of the memory and traps.
  (func $number (result i64)
    (local $value i64) (local $digit i32)
    (loop $skip
      (local.set $digit (i32.sub (i32.load8_u (global.get $at)) (i32.const 48)))
      (if (i32.gt_u (local.get $digit) (i32.const 9))
        (then
          (global.set $at (i32.add (global.get $at) (i32.const 1)))
          (br $skip))))
    (loop $digits
      (local.set $value (i64.add (i64.mul (local.get $value) (i64.const 10)) (i64.extend_i32_u (local.get $digit))))
      (global.set $at (i32.add (global.get $at) (i32.const 1)))
      (local.set $digit (i32.sub (i32.load8_u (global.get $at)) (i32.const 48)))
      (br_if $digits (i32.le_u (local.get $digit) (i32.const 9))))
    (local.get $value))

  (func $put_text (param $text i32) (param $size i32)
    (loop $bytes
      (i32.store8 (global.get $out) (i32.load8_u (local.get $text)))
      (global.set $out (i32.add (global.get $out) (i32.const 1)))
      (local.set $text (i32.add (local.get $text) (i32.const 1)))
      (local.set $size (i32.sub (local.get $size) (i32.const 1)))
      (br_if $bytes (local.get $size))))

  (func $put_number (param $value i64)
    (if (i64.ge_u (local.get $value) (i64.const 10))
      (then (call $put_number (i64.div_u (local.get $value) (i64.const 10)))))
    (i32.store8 (global.get $out) (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $value) (i64.const 10)))))
    (global.set $out (i32.add (global.get $out) (i32.const 1))))

  (func $write (param $file i32) (param $start i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $start))
    (i32.store (i32.const 4) (local.get $size))
    (drop (call $fd_write (local.get $file) (i32.const 0) (i32.const 1) (i32.const 8)))))
