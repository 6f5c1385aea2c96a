;; Reads the file that its parameters name, and returns the first line. It writes to standard error, by WASI.
(module
    (import "agent:tools/host@0.3.0" "workspace-read" (func $read (param i32 i32 i32)))
    (import "agent:tools/host@0.3.0" "now-millis" (func $now (result i64)))
    (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $get-stderr (result i32)))
    (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
        (func $write (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop-stream (param i32)))

    ;; prelude

    (data (i32.const 1024) "reader")
    (data (i32.const 1040) "reads the first line of a file")
    (data (i32.const 1080) "there is no such file")
    (data (i32.const 4096) "reading ")

    (func (export "agent:tools/tool@0.3.0#describe") (result i32)
        (call $description (i32.const 1024) (i32.const 6) (i32.const 1040) (i32.const 30)))

    (func (export "agent:tools/tool@0.3.0#execute")
        (param $parameters i32) (param $length i32) (param $has-context i32) (param i32 i32) (result i32)
        (local $stream i32) (local $text i32) (local $end i32) (local $at i32)
        (memory.copy (i32.const 4104) (local.get $parameters) (local.get $length))
        (i32.store8 (i32.add (i32.const 4104) (local.get $length)) (i32.const 10))
        (local.set $stream (call $get-stderr))
        (call $write (local.get $stream) (i32.const 4096) (i32.add (local.get $length) (i32.const 9)) (i32.const 96))
        (call $drop-stream (local.get $stream))
        ;; The host's clock goes forward.
        (if (i64.ge_u (call $now) (call $now)) (then (unreachable)))
        (call $read (local.get $parameters) (local.get $length) (i32.const 96))
        (if (i32.eqz (i32.load8_u (i32.const 96)))
            (then (return (call $result (i32.const 1) (i32.const 1080) (i32.const 21)))))
        (local.set $text (i32.load (i32.const 100)))
        (local.set $end (i32.add (local.get $text) (i32.load (i32.const 104))))
        (local.set $at (local.get $text))
        (block $done
            (loop $more
                (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
                (br_if $done (i32.eq (i32.load8_u (local.get $at)) (i32.const 10)))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br $more)))
        (call $result (i32.const 0) (local.get $text) (i32.sub (local.get $at) (local.get $text)))))
