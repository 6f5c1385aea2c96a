;; Reads comma-separated values: fetches the text at the option "url" and fills one row for each line, by the kinds of the columns.
(module
    (import "tables:wrapper/types@0.1.0" "[method]context.get-option" (func $get-option (param i32 i32 i32 i32)))
    (import "tables:wrapper/types@0.1.0" "[method]context.columns" (func $columns (param i32 i32)))
    (import "tables:wrapper/types@0.1.0" "[resource-drop]context" (func $drop-context (param i32)))
    (import "tables:wrapper/types@0.1.0" "[method]column.kind" (func $kind (param i32) (result i32)))
    (import "tables:wrapper/types@0.1.0" "[resource-drop]column" (func $drop-column (param i32)))
    (import "tables:wrapper/types@0.1.0" "[method]row.push" (func $push (param i32 i32 i32 i64 i32)))
    (import "tables:wrapper/types@0.1.0" "[resource-drop]row" (func $drop-row (param i32)))
    (import "tables:wrapper/remote@0.1.0" "fetch" (func $fetch (param i32 i32 i32)))

    ;; prelude

    (data (i32.const 1024) "url")
    (data (i32.const 1040) "the table has no option \"url\"")
    (data (i32.const 1080) "a number is malformed")

    ;; What is left of the text, and the number of columns, whose kinds are from 2048 on.
    (global $at (mut i32) (i32.const 0))
    (global $end (mut i32) (i32.const 0))
    (global $width (mut i32) (i32.const 0))
    ;; The number that was parsed last: its digits, and ten to the power of those behind the point.
    (global $digits (mut i64) (i64.const 0))
    (global $scale (mut f64) (f64.const 1))

    (func (export "tables:wrapper/routines@0.1.0#begin-scan") (param $context i32) (result i32)
        (local $result i32)
        (local.set $result (call $begin (local.get $context)))
        (call $drop-context (local.get $context))
        (local.get $result))

    (func $begin (param $context i32) (result i32)
        (local $list i32) (local $column i32)
        ;; What the last statement has left in memory is not needed any more.
        (global.set $next (i32.const 16384))
        (call $get-option (local.get $context) (i32.const 1024) (i32.const 3) (i32.const 32))
        (if (i32.eqz (i32.load8_u (i32.const 32)))
            (then (return (call $fail (i32.const 1040) (i32.const 29)))))
        (call $fetch (i32.load (i32.const 36)) (i32.load (i32.const 40)) (i32.const 32))
        (if (i32.load8_u (i32.const 32))
            (then (return (call $fail (i32.load (i32.const 36)) (i32.load (i32.const 40))))))
        (global.set $at (i32.load (i32.const 36)))
        (global.set $end (i32.add (global.get $at) (i32.load (i32.const 40))))
        (call $columns (local.get $context) (i32.const 32))
        (local.set $list (i32.load (i32.const 32)))
        (global.set $width (i32.const 0))
        (loop $more
            (if (i32.lt_u (global.get $width) (i32.load (i32.const 36)))
                (then
                    (local.set $column
                        (i32.load (i32.add (local.get $list) (i32.shl (global.get $width) (i32.const 2)))))
                    (i32.store8 (i32.add (i32.const 2048) (global.get $width)) (call $kind (local.get $column)))
                    (call $drop-column (local.get $column))
                    (global.set $width (i32.add (global.get $width) (i32.const 1)))
                    (br $more))))
        (call $ok))

    (func (export "tables:wrapper/routines@0.1.0#next-row") (param $context i32) (param $row i32) (result i32)
        (local $result i32)
        (local.set $result (call $line (local.get $row)))
        (call $drop-context (local.get $context))
        (call $drop-row (local.get $row))
        (local.get $result))

    ;; Fills a row from the next line.
    (func $line (param $row i32) (result i32)
        (local $column i32) (local $start i32)
        (if (i32.ge_u (global.get $at) (global.get $end)) (then (return (call $found (i32.const 0)))))
        (loop $more
            (if (i32.lt_u (local.get $column) (global.get $width))
                (then
                    (local.set $start (global.get $at))
                    (call $skip)
                    (if (i32.eqz
                            (call $field
                                (local.get $row)
                                (i32.load8_u (i32.add (i32.const 2048) (local.get $column)))
                                (local.get $start)
                                (i32.sub (global.get $at) (local.get $start))))
                        (then (return (call $fail (i32.const 1080) (i32.const 21)))))
                    (global.set $at (i32.add (global.get $at) (i32.const 1)))
                    (local.set $column (i32.add (local.get $column) (i32.const 1)))
                    (br $more))))
        (call $found (i32.const 1)))

    ;; Goes on to the next comma or end of a line.
    (func $skip
        (local $byte i32)
        (block $done
            (loop $more
                (br_if $done (i32.ge_u (global.get $at) (global.get $end)))
                (local.set $byte (i32.load8_u (global.get $at)))
                (br_if $done (i32.eq (local.get $byte) (i32.const 44)))
                (br_if $done (i32.eq (local.get $byte) (i32.const 10)))
                (global.set $at (i32.add (global.get $at) (i32.const 1)))
                (br $more))))

    ;; Adds a value to the row; 0 if the text is no value of its kind. No text is NULL.
    (func $field (param $row i32) (param $kind i32) (param $text i32) (param $length i32) (result i32)
        (if (i32.eqz (local.get $length))
            (then
                (call $push (local.get $row) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0))
                (return (i32.const 1))))
        (if (i32.eqz (local.get $kind))
            (then
                (call $push (local.get $row) (i32.const 1) (local.get $kind)
                    (i64.extend_i32_u (i32.eq (i32.load8_u (local.get $text)) (i32.const 116)))
                    (i32.const 0))
                (return (i32.const 1))))
        (if (i32.eq (local.get $kind) (i32.const 3))
            (then
                (call $push (local.get $row) (i32.const 1) (local.get $kind)
                    (i64.extend_i32_u (local.get $text))
                    (local.get $length))
                (return (i32.const 1))))
        (if (i32.eqz (call $number (local.get $text) (local.get $length))) (then (return (i32.const 0))))
        (call $push (local.get $row) (i32.const 1) (local.get $kind)
            (select
                (global.get $digits)
                (i64.reinterpret_f64 (f64.div (f64.convert_i64_s (global.get $digits)) (global.get $scale)))
                (i32.eq (local.get $kind) (i32.const 1)))
            (i32.const 0))
        (i32.const 1))

    ;; Parses a number; 0 if there is something else than digits and a point.
    (func $number (param $text i32) (param $length i32) (result i32)
        (local $byte i32) (local $fraction i32)
        (global.set $digits (i64.const 0))
        (global.set $scale (f64.const 1))
        (loop $more
            (if (i32.eqz (local.get $length)) (then (return (i32.const 1))))
            (local.set $byte (i32.load8_u (local.get $text)))
            (if (i32.eq (local.get $byte) (i32.const 46))
                (then (local.set $fraction (i32.const 1)))
                (else
                    (local.set $byte (i32.sub (local.get $byte) (i32.const 48)))
                    (if (i32.ge_u (local.get $byte) (i32.const 10)) (then (return (i32.const 0))))
                    (global.set $digits
                        (i64.add (i64.mul (global.get $digits) (i64.const 10)) (i64.extend_i32_u (local.get $byte))))
                    (if (local.get $fraction)
                        (then (global.set $scale (f64.mul (global.get $scale) (f64.const 10)))))))
            (local.set $text (i32.add (local.get $text) (i32.const 1)))
            (local.set $length (i32.sub (local.get $length) (i32.const 1)))
            (br $more))
        (unreachable))

    (func (export "tables:wrapper/routines@0.1.0#end-scan") (param $context i32) (result i32)
        (call $drop-context (local.get $context))
        (call $ok)))
