;; Responds with the path of the request. The first letter of the path decides about more:
;; `trap` and `loop` at once, `silent` without a response, `error` with an error code, `new` with 404, `after` traps after a part of
;; the body, `infinite` sends as long as there is a reader.
(module
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[resource-drop]incoming-request" (func $drop-request (param i32)))
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.set-status-code"
    (func $status (param i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-body.write" (func $stream (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[static]response-outparam.set"
    (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop-stream (param i32)))
  (memory (export "memory") 2)
  (global $free (mut i32) (i32.const 65536))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $place i32)
    (local.set $place (global.get $free))
    (global.set $free (i32.add (global.get $free) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
    (local.get $place))
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $letter i32) (local $answer i32) (local $content i32) (local $to i32)
    (call $path (local.get $request) (i32.const 0))
    (call $drop-request (local.get $request))
    (local.set $letter (i32.load8_u offset=1 (i32.load offset=4 (i32.const 0))))
    (if (i32.eq (local.get $letter) (i32.const 0x74)) (then unreachable))
    (if (i32.eq (local.get $letter) (i32.const 0x6c)) (then (loop $l (br $l))))
    (if (i32.eq (local.get $letter) (i32.const 0x73)) (then return))
    (if (i32.eq (local.get $letter) (i32.const 0x65))
      (then
        ;; connection-refused
        (call $set (local.get $out) (i32.const 1) (i32.const 6) (i32.const 0) (i64.const 0) (i32.const 0)
          (i32.const 0) (i32.const 0) (i32.const 0))
        return))
    (local.set $answer (call $response (call $fields)))
    (if (i32.eq (local.get $letter) (i32.const 0x6e))
      (then (drop (call $status (local.get $answer) (i32.const 404)))))
    (call $body (local.get $answer) (i32.const 16))
    (local.set $content (i32.load offset=4 (i32.const 16)))
    (call $set (local.get $out) (i32.const 0) (local.get $answer) (i32.const 0) (i64.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0))
    (call $stream (local.get $content) (i32.const 32))
    (local.set $to (i32.load offset=4 (i32.const 32)))
    (if (i32.eq (local.get $letter) (i32.const 0x69))
      (then
        (loop $more
          (call $write (local.get $to) (i32.const 1024) (i32.const 4096) (i32.const 48))
          (br_if $more (i32.eqz (i32.load8_u (i32.const 48)))))
        unreachable))
    (call $write (local.get $to) (i32.load offset=4 (i32.const 0)) (i32.load offset=8 (i32.const 0)) (i32.const 48))
    (if (i32.eq (local.get $letter) (i32.const 0x61)) (then unreachable))
    (call $drop-stream (local.get $to))
    (call $finish (local.get $content) (i32.const 0) (i32.const 0) (i32.const 128))))
