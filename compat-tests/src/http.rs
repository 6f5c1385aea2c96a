//! Owns the guest that responds to HTTP requests: the path of a request decides what the guest does.

use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Resolve, WorldItem};

use crate::signatures::word;
use crate::wat;

/// A component of `wasi:http/proxy`. The first letter of a request's path says what is done:
///
/// * `/a`: responds with 200 and `hello`;
/// * `/e`: responds with 201, and sends the body back as it comes;
/// * `/s`: responds with the number of the method, then scheme, authority, path and the header `x-name`, a line each, and the
///   header `te`;
/// * `/t`: traps; `/T`: traps after it has responded with a piece of a body;
/// * `/n`: returns without a response; `/l`: loops forever; `/L`: responds, then loops forever;
/// * `/k`: responds with `hello`, then loops forever; `/w`: responds with the path in five pieces, 20 milliseconds apart;
/// * `/1`, with two more digits: responds with that status and `hello`;
/// * `/2`: responds twice; `/c`: responds with the code `loop-detected`;
/// * `/h`: responds with a header of 200,000 bytes; `/f`: makes more fields than there can be;
/// * `/r`: responds with the body `hello` and the trailer `x-end: done`; `/q`: responds with the trailer `x-end` of the request;
/// * `/o`: requests `http://upstream.test/up`, and responds with the status and the body of that, or with 502 and the number of the
///   error code in its body; `/p`: makes five such requests at a time, and responds with a byte for each, `k` or the number of the
///   error code.
pub fn handler() -> Vec<u8> {
    component(&[DROPS, DEFINITIONS, HANDLE].concat())
}

/// A component of `wasi:http/proxy` whose core module has these fields, beside the imported functions. The `$` names of those are
/// without brackets; that of a constructor begins with `$new-`.
pub(crate) fn component(fields: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("http.wit", include_str!("../wit/http.wit")).expect("the test's own WIT is valid");
    let world = resolve.select_world(&[package], Some("handler")).expect("the WIT has the world");
    let mut imports = String::new();
    for item in resolve.worlds[world].imports.values() {
        let WorldItem::Interface { id, .. } = item else { continue };
        let interface = resolve.id_of(*id).expect("interfaces of WASI have names");
        for function in resolve.interfaces[*id].functions.values() {
            let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
            let words = |types: &[WasmType]| types.iter().map(|ty| word(*ty)).collect::<Vec<_>>().join(" ");
            writeln!(
                imports,
                "(import \"{interface}\" \"{0}\" (func ${0} (param {1}) (result {2})))",
                function.name,
                words(&signature.params),
                words(&signature.results)
            )
            .expect("a string");
        }
    }
    // `$` names of functions cannot have brackets.
    let imports = imports.replace("(func $[constructor]", "(func $new-");
    let imports = imports.replace("(func $[method]", "(func $").replace("(func $[static]", "(func $");
    let mut module = wat(&format!("(module {imports} {fields})"));
    let mut encode = || {
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
        ComponentEncoder::default().validate(true).module(&module)?.encode()
    };
    encode().unwrap_or_else(|error| panic!("the test's own guest can be encoded: {error:#}"))
}

const DROPS: &str = r#"
    (import "wasi:io/streams@0.2.0" "[resource-drop]input-stream" (func $drop-input (param i32)))
    (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop-output (param i32)))
    (import "wasi:io/poll@0.2.0" "[resource-drop]pollable" (func $drop-pollable (param i32)))
"#;

/// Functions around the imports. Results are at 64.
const DEFINITIONS: &str = r#"
    (memory (export "memory") 8)
    (data (i32.const 1024) "hello")
    (data (i32.const 1040) "x-end")
    (data (i32.const 1056) "done")
    (data (i32.const 1072) "x-name")
    (data (i32.const 1088) "upstream.test")
    (data (i32.const 1104) "/up")
    (data (i32.const 1120) "\0a")
    (data (i32.const 1136) "x-large")
    (data (i32.const 1152) "te")
    (global $free (mut i32) (i32.const 65536))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $new i32)
        ;; Everything that comes in is used before the next.
        (if (i32.gt_u (i32.add (global.get $free) (local.get 3)) (i32.const 200000))
            (then (global.set $free (i32.const 65536))))
        (local.set $new (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
        (global.set $free (i32.add (local.get $new) (local.get 3)))
        (local.get $new))
    (func $ok (if (i32.load8_u (i32.const 64)) (then unreachable)))

    ;; Responds with a status and these headers; returns the body.
    (func $respond-with (param $out i32) (param $status i32) (param $fields i32) (result i32)
        (local $response i32) (local $body i32)
        (local.set $response (call $new-outgoing-response (local.get $fields)))
        (drop (call $outgoing-response.set-status-code (local.get $response) (local.get $status)))
        (call $outgoing-response.body (local.get $response) (i32.const 64))
        (call $ok)
        (local.set $body (i32.load (i32.const 68)))
        (call $response-outparam.set (local.get $out) (i32.const 0) (local.get $response) (i32.const 0) (i64.const 0)
            (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (local.get $body))
    (func $respond (param $out i32) (param $status i32) (result i32)
        (call $respond-with (local.get $out) (local.get $status) (call $new-fields)))

    ;; Writes in pieces of 4096 bytes, which is the most for one call.
    (func $write (param $stream i32) (param $ptr i32) (param $len i32) (local $piece i32)
        (block $done (loop $more
            (br_if $done (i32.eqz (local.get $len)))
            (local.set $piece
                (select (i32.const 4096) (local.get $len) (i32.gt_u (local.get $len) (i32.const 4096))))
            (call $output-stream.blocking-write-and-flush
                (local.get $stream) (local.get $ptr) (local.get $piece) (i32.const 64))
            (call $ok)
            (local.set $ptr (i32.add (local.get $ptr) (local.get $piece)))
            (local.set $len (i32.sub (local.get $len) (local.get $piece)))
            (br $more))))
    (func $stream (param $body i32) (result i32)
        (call $outgoing-body.write (local.get $body) (i32.const 64))
        (call $ok)
        (i32.load (i32.const 68)))
    (func $finish (param $body i32) (param $stream i32)
        (call $drop-output (local.get $stream))
        (call $outgoing-body.finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 64))
        (call $ok))
    (func $send (param $body i32) (param $ptr i32) (param $len i32) (local $stream i32)
        (local.set $stream (call $stream (local.get $body)))
        (call $write (local.get $stream) (local.get $ptr) (local.get $len))
        (call $finish (local.get $body) (local.get $stream)))

    ;; Sends the bytes of an incoming body on as they come.
    (func $copy (param $from i32) (param $body i32) (local $input i32) (local $output i32)
        (call $incoming-body.stream (local.get $from) (i32.const 64))
        (call $ok)
        (local.set $input (i32.load (i32.const 68)))
        (local.set $output (call $stream (local.get $body)))
        (block $end (loop $more
            (call $input-stream.blocking-read (local.get $input) (i64.const 65536) (i32.const 64))
            (if (i32.load8_u (i32.const 64))
                (then
                    ;; Anything but the end of the stream leaves the body unfinished.
                    (if (i32.eqz (i32.load8_u (i32.const 68))) (then unreachable))
                    (br $end)))
            (call $write (local.get $output) (i32.load (i32.const 68)) (i32.load (i32.const 72)))
            (br $more)))
        (call $drop-input (local.get $input))
        (call $finish (local.get $body) (local.get $output)))

    ;; A line with the string at an address, if the option before it has one.
    (func $line (param $stream i32) (param $option i32)
        (if (i32.load8_u (local.get $option))
            (then (call $write (local.get $stream)
                (i32.load offset=4 (local.get $option)) (i32.load offset=8 (local.get $option)))))
        (call $write (local.get $stream) (i32.const 1120) (i32.const 1)))
"#;

const HANDLE: &str = r#"
    (func $value (param $stream i32) (param $fields i32) (param $name i32) (param $len i32)
        (call $fields.get (local.get $fields) (local.get $name) (local.get $len) (i32.const 128))
        (if (i32.load (i32.const 132))
            (then (call $write (local.get $stream)
                (i32.load (i32.load (i32.const 128))) (i32.load offset=4 (i32.load (i32.const 128)))))))

    (func $see (param $request i32) (param $out i32) (local $body i32) (local $stream i32) (local $fields i32)
        (local.set $body (call $respond (local.get $out) (i32.const 200)))
        (local.set $stream (call $stream (local.get $body)))
        (call $incoming-request.method (local.get $request) (i32.const 128))
        (i32.store8 (i32.const 128) (i32.add (i32.load8_u (i32.const 128)) (i32.const 48)))
        (call $write (local.get $stream) (i32.const 128) (i32.const 1))
        (call $write (local.get $stream) (i32.const 1120) (i32.const 1))
        ;; An option of a variant: its number is at 4.
        (call $incoming-request.scheme (local.get $request) (i32.const 128))
        (i32.store8 (i32.const 132) (i32.add (i32.load8_u (i32.const 132)) (i32.const 48)))
        (call $write (local.get $stream) (i32.const 132) (i32.load8_u (i32.const 128)))
        (call $write (local.get $stream) (i32.const 1120) (i32.const 1))
        (call $incoming-request.authority (local.get $request) (i32.const 128))
        (call $line (local.get $stream) (i32.const 128))
        (call $incoming-request.path-with-query (local.get $request) (i32.const 128))
        (call $line (local.get $stream) (i32.const 128))
        (local.set $fields (call $incoming-request.headers (local.get $request)))
        (call $value (local.get $stream) (local.get $fields) (i32.const 1072) (i32.const 6))
        (call $write (local.get $stream) (i32.const 1120) (i32.const 1))
        (call $value (local.get $stream) (local.get $fields) (i32.const 1152) (i32.const 2))
        (call $finish (local.get $body) (local.get $stream)))

    (func $append (param $fields i32) (param $name i32) (param $len i32) (param $value i32) (param $size i32)
        (call $fields.append (local.get $fields) (local.get $name) (local.get $len)
            (local.get $value) (local.get $size) (i32.const 64))
        (call $ok))

    (func $trailers (param $out i32) (local $body i32) (local $stream i32) (local $fields i32)
        (local.set $body (call $respond (local.get $out) (i32.const 200)))
        (local.set $stream (call $stream (local.get $body)))
        (call $write (local.get $stream) (i32.const 1024) (i32.const 5))
        (call $drop-output (local.get $stream))
        (local.set $fields (call $new-fields))
        (call $append (local.get $fields) (i32.const 1040) (i32.const 5) (i32.const 1056) (i32.const 4))
        (call $outgoing-body.finish (local.get $body) (i32.const 1) (local.get $fields) (i32.const 64))
        (call $ok))

    (func $read-trailers (param $request i32) (param $out i32) (local $future i32) (local $pollable i32) (local $body i32)
        (call $incoming-request.consume (local.get $request) (i32.const 64))
        (call $ok)
        (local.set $future (call $incoming-body.finish (i32.load (i32.const 68))))
        (local.set $pollable (call $future-trailers.subscribe (local.get $future)))
        (call $pollable.block (local.get $pollable))
        (call $drop-pollable (local.get $pollable))
        (call $future-trailers.get (local.get $future) (i32.const 128))
        (local.set $body (call $respond (local.get $out) (i32.const 200)))
        ;; some, ok, ok, some
        (if (i32.eqz (i32.load8_u (i32.const 128))) (then unreachable))
        (if (i32.load8_u (i32.const 136)) (then unreachable))
        (if (i32.load8_u (i32.const 144)) (then unreachable))
        (if (i32.eqz (i32.load8_u (i32.const 152))) (then (call $send (local.get $body) (i32.const 1024) (i32.const 0)) (return)))
        (call $fields.get (i32.load (i32.const 156)) (i32.const 1040) (i32.const 5) (i32.const 256))
        (call $send (local.get $body)
            (i32.load (i32.load (i32.const 256))) (i32.load offset=4 (i32.load (i32.const 256)))))

    (func $failed (param $out i32) (param $code i32)
        (i32.store8 (i32.const 512) (local.get $code))
        (call $send (call $respond (local.get $out) (i32.const 502)) (i32.const 512) (i32.const 1)))

    (func $upstream (result i32) (local $request i32)
        (local.set $request (call $new-outgoing-request (call $new-fields)))
        (drop (call $outgoing-request.set-scheme (local.get $request)
            (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
        (drop (call $outgoing-request.set-authority (local.get $request)
            (i32.const 1) (i32.const 1088) (i32.const 13)))
        (drop (call $outgoing-request.set-path-with-query (local.get $request)
            (i32.const 1) (i32.const 1104) (i32.const 3)))
        (local.get $request))

    ;; Waits for the response, which is at 128 afterwards: the number of its result at 144, handle or code at 152.
    (func $await (param $future i32) (local $pollable i32)
        (local.set $pollable (call $future-incoming-response.subscribe (local.get $future)))
        (call $pollable.block (local.get $pollable))
        (call $drop-pollable (local.get $pollable))
        (call $future-incoming-response.get (local.get $future) (i32.const 128))
        (if (i32.eqz (i32.load8_u (i32.const 128))) (then unreachable))
        (if (i32.load8_u (i32.const 136)) (then unreachable)))

    (func $several (param $out i32) (local $at i32) (local $body i32)
        (loop $more
            (call $handle (call $upstream) (i32.const 0) (i32.const 0) (i32.const 64))
            (call $ok)
            (i32.store offset=2048 (i32.shl (local.get $at) (i32.const 2)) (i32.load (i32.const 72)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $at) (i32.const 5))))
        (local.set $at (i32.const 0))
        (loop $more
            (call $await (i32.load offset=2048 (i32.shl (local.get $at) (i32.const 2))))
            (i32.store8 offset=2100 (local.get $at)
                (select (i32.load8_u (i32.const 152)) (i32.const 0x6b) (i32.load8_u (i32.const 144))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $at) (i32.const 5))))
        (call $send (call $respond (local.get $out) (i32.const 200)) (i32.const 2100) (i32.const 5)))

    ;; The path is at 68 and 72.
    (func $slowly (param $out i32) (local $ptr i32) (local $len i32) (local $body i32) (local $stream i32) (local $pollable i32)
        (local $times i32)
        (local.set $ptr (i32.load (i32.const 68)))
        (local.set $len (i32.load (i32.const 72)))
        (local.set $body (call $respond (local.get $out) (i32.const 200)))
        (local.set $stream (call $stream (local.get $body)))
        (loop $more
            (call $write (local.get $stream) (local.get $ptr) (local.get $len))
            (local.set $pollable (call $subscribe-duration (i64.const 20000000)))
            (call $pollable.block (local.get $pollable))
            (call $drop-pollable (local.get $pollable))
            (local.set $times (i32.add (local.get $times) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $times) (i32.const 5))))
        (call $finish (local.get $body) (local.get $stream)))

    (func $fetch (param $out i32) (local $future i32) (local $response i32)
        (call $handle (call $upstream) (i32.const 0) (i32.const 0) (i32.const 64))
        (if (i32.load8_u (i32.const 64))
            (then (call $failed (local.get $out) (i32.load8_u (i32.const 72))) (return)))
        (local.set $future (i32.load (i32.const 72)))
        (call $await (local.get $future))
        (if (i32.load8_u (i32.const 144))
            (then (call $failed (local.get $out) (i32.load8_u (i32.const 152))) (return)))
        (local.set $response (i32.load (i32.const 152)))
        (call $incoming-response.consume (local.get $response) (i32.const 64))
        (call $ok)
        (call $copy (i32.load (i32.const 68))
            (call $respond (local.get $out) (call $incoming-response.status (local.get $response)))))

    (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
        (local $what i32) (local $body i32) (local $fields i32)
        (call $incoming-request.path-with-query (local.get $request) (i32.const 64))
        (local.set $what (i32.load8_u offset=1 (i32.load (i32.const 68))))
        (if (i32.eq (local.get $what) (i32.const 0x61)) ;; a
            (then (call $send (call $respond (local.get $out) (i32.const 200)) (i32.const 1024) (i32.const 5)) (return)))
        (if (i32.eq (local.get $what) (i32.const 0x65)) ;; e
            (then
                (call $incoming-request.consume (local.get $request) (i32.const 64))
                (call $ok)
                (call $copy (i32.load (i32.const 68)) (call $respond (local.get $out) (i32.const 201)))
                (return)))
        (if (i32.eq (local.get $what) (i32.const 0x73)) (then (call $see (local.get $request) (local.get $out)) (return))) ;; s
        (if (i32.eq (local.get $what) (i32.const 0x74)) (then unreachable)) ;; t
        (if (i32.eq (local.get $what) (i32.const 0x6e)) (then return)) ;; n
        (if (i32.eq (local.get $what) (i32.const 0x6c)) (then (loop (br 0)))) ;; l
        (if (i32.eq (local.get $what) (i32.const 0x72)) (then (call $trailers (local.get $out)) (return))) ;; r
        (if (i32.eq (local.get $what) (i32.const 0x71)) ;; q
            (then (call $read-trailers (local.get $request) (local.get $out)) (return)))
        (if (i32.eq (local.get $what) (i32.const 0x6f)) (then (call $fetch (local.get $out)) (return))) ;; o
        (if (i32.eq (local.get $what) (i32.const 0x70)) (then (call $several (local.get $out)) (return))) ;; p
        (if (i32.eq (local.get $what) (i32.const 0x77)) (then (call $slowly (local.get $out)) (return))) ;; w
        (if (i32.eq (local.get $what) (i32.const 0x6b)) ;; k
            (then
                (call $send (call $respond (local.get $out) (i32.const 200)) (i32.const 1024) (i32.const 5))
                (loop (br 0))))
        (if (i32.eq (local.get $what) (i32.const 0x31)) ;; 1
            (then
                (local.set $body (call $respond (local.get $out) (i32.add (i32.const 100) (i32.add
                    (i32.mul (i32.const 10) (i32.sub (i32.load8_u offset=2 (i32.load (i32.const 68))) (i32.const 48)))
                    (i32.sub (i32.load8_u offset=3 (i32.load (i32.const 68))) (i32.const 48))))))
                (call $send (local.get $body) (i32.const 1024) (i32.const 5))
                (return)))
        (if (i32.eq (local.get $what) (i32.const 0x63)) ;; c
            (then
                (call $response-outparam.set (local.get $out) (i32.const 1) (i32.const 36) (i32.const 0) (i64.const 0)
                    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
                (return)))
        (if (i32.eq (local.get $what) (i32.const 0x68)) ;; h
            (then
                (local.set $fields (call $new-fields))
                (memory.fill (i32.const 262144) (i32.const 0x78) (i32.const 200000))
                (call $append (local.get $fields) (i32.const 1136) (i32.const 7) (i32.const 262144) (i32.const 200000))
                (call $send (call $respond-with (local.get $out) (i32.const 200) (local.get $fields))
                    (i32.const 1024) (i32.const 5))
                (return)))
        (if (i32.eq (local.get $what) (i32.const 0x66)) ;; f
            (then
                (local.set $fields (call $new-fields))
                (local.set $body (i32.const 0))
                (loop $more
                    ;; A name of five letters for each number.
                    (i32.store8 (i32.const 2048) (i32.add (i32.const 0x61) (i32.and (local.get $body) (i32.const 15))))
                    (i32.store8 (i32.const 2049)
                        (i32.add (i32.const 0x61) (i32.and (i32.shr_u (local.get $body) (i32.const 4)) (i32.const 15))))
                    (i32.store8 (i32.const 2050)
                        (i32.add (i32.const 0x61) (i32.and (i32.shr_u (local.get $body) (i32.const 8)) (i32.const 15))))
                    (i32.store8 (i32.const 2051)
                        (i32.add (i32.const 0x61) (i32.and (i32.shr_u (local.get $body) (i32.const 12)) (i32.const 15))))
                    (i32.store8 (i32.const 2052) (i32.const 0x7a))
                    (call $append (local.get $fields) (i32.const 2048) (i32.const 5) (i32.const 1056) (i32.const 4))
                    (local.set $body (i32.add (local.get $body) (i32.const 1)))
                    (br_if $more (i32.lt_u (local.get $body) (i32.const 65536))))
                unreachable))
        ;; T, L, 2: with a piece of a body, which the host reads before the guest goes on.
        (local.set $body (call $respond (local.get $out) (i32.const 200)))
        (call $write (call $stream (local.get $body)) (i32.const 1024) (i32.const 5))
        (if (i32.eq (local.get $what) (i32.const 0x4c)) (then (loop (br 0))))
        (if (i32.eq (local.get $what) (i32.const 0x32)) (then (drop (call $respond (local.get $out) (i32.const 200)))))
        unreachable)
"#;
