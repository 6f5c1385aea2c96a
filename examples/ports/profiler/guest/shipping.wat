;; A function as an export: `rate` takes the address and the length of its input, which is in memory from `alloc`, and returns
;; the address (upper half) and the length (lower half) of its output.
(module $shipping
  (import "runner" "log" (func $log (param i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 16) "{\22rate\22:")
  (data (i32.const 32) "rated")
  (global $heap (mut i32) (i32.const 1024))
  (global $at (mut i32) (i32.const 0))
  (global $out (mut i32) (i32.const 512))

  (func $alloc (export "alloc") (param $size i32) (result i32)
    (local $start i32)
    (local.set $start (global.get $heap))
    (global.set $heap (i32.add (global.get $heap) (local.get $size)))
    (local.get $start))

  ;; The first number of the input is that of the parcels, the second that of the stops.
  (func $rate (export "rate") (param $input i32) (param $size i32) (result i64)
    (local $parcels i32) (local $stops i32)
    (global.set $at (local.get $input))
    (local.set $parcels (call $number))
    (local.set $stops (call $number))
    (i64.store (i32.const 512) (i64.load (i32.const 16)))
    (global.set $out (i32.const 520))
    (call $put_number (call $stack (local.get $parcels) (local.get $stops)))
    (i32.store8 (global.get $out) (i32.const 125))
    (call $report)
    (i64.or
      (i64.shl (i64.const 512) (i64.const 32))
      (i64.extend_i32_u (i32.sub (i32.add (global.get $out) (i32.const 1)) (i32.const 512)))))

  (func $report
    (call $log (i32.const 32) (i32.const 5)))

  ;; Puts parcels upon each other, one call deep for each, and then finds the route.
  (func $stack (param $parcels i32) (param $stops i32) (result i32)
    (if (i32.eqz (local.get $parcels)) (then (return (call $routes (local.get $stops)))))
    (i32.add (i32.const 1) (call $stack (i32.sub (local.get $parcels) (i32.const 1)) (local.get $stops))))

  ;; The number of routes with steps of one or two stops.
  (func $routes (param $stops i32) (result i32)
    (if (i32.lt_u (local.get $stops) (i32.const 2)) (then (return (i32.const 1))))
    (i32.add
      (call $routes (i32.sub (local.get $stops) (i32.const 1)))
      (call $routes (i32.sub (local.get $stops) (i32.const 2)))))

  (func $number (result i32)
    (local $value i32) (local $digit i32)
    (loop $skip
      (local.set $digit (i32.sub (i32.load8_u (global.get $at)) (i32.const 48)))
      (if (i32.gt_u (local.get $digit) (i32.const 9))
        (then
          (global.set $at (i32.add (global.get $at) (i32.const 1)))
          (br $skip))))
    (loop $digits
      (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 10)) (local.get $digit)))
      (global.set $at (i32.add (global.get $at) (i32.const 1)))
      (local.set $digit (i32.sub (i32.load8_u (global.get $at)) (i32.const 48)))
      (br_if $digits (i32.le_u (local.get $digit) (i32.const 9))))
    (local.get $value))

  (func $put_number (param $value i32)
    (if (i32.ge_u (local.get $value) (i32.const 10))
      (then (call $put_number (i32.div_u (local.get $value) (i32.const 10)))))
    (i32.store8 (global.get $out) (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10))))
    (global.set $out (i32.add (global.get $out) (i32.const 1)))))
