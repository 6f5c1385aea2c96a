//! Guests that ask for too much of `wasi:http` while they respond to a request, and what becomes of them on every major.

use crate::http::component;

/// A guest that asks for too much.
#[derive(Debug)]
pub struct Hostile {
    /// A short name.
    pub name: &'static str,
    /// The guest.
    pub wasm: Vec<u8>,
    /// The expected outcome, the same on every major.
    pub ending: Ending,
}

/// An expected outcome of a hostile guest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// It is stopped for exceeding a limit.
    Limit,
    /// It is stopped for writing more at once than it may.
    Budget,
    /// It is stopped for a list or a string that is not in its memory.
    OutOfBounds,
    /// Its calls end as it checks; it returns without a response.
    Survives,
}

/// Drops, and functions that check results. Results are at 64. Everything that comes in is put at the same place.
const DEFINITIONS: &str = r#"
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 131072))
    (data (i32.const 1024) "x-name")
    (data (i32.const 1032) "b")
    (data (i32.const 1034) "/")
    (func $ok (if (i32.load8_u (i32.const 64)) (then unreachable)))
    ;; An error of fields: 0 is a syntax error.
    (func $invalid
        (if (i32.eqz (i32.load8_u (i32.const 64))) (then unreachable))
        (if (i32.load8_u (i32.const 68)) (then unreachable)))
    (func $name (param $fields i32) (param $ptr i32) (param $size i32)
        (call $fields.append (local.get $fields) (i32.const 1024) (i32.const 6) (local.get $ptr) (local.get $size)
            (i32.const 64)))
    ;; A list of so many pairs at `$to`, all of the same name and the same value.
    (func $pairs (param $to i32) (param $count i32) (param $value i32) (param $size i32)
        (loop $more
            (i32.store (local.get $to) (i32.const 1024))
            (i32.store offset=4 (local.get $to) (i32.const 6))
            (i32.store offset=8 (local.get $to) (local.get $value))
            (i32.store offset=12 (local.get $to) (local.get $size))
            (local.set $to (i32.add (local.get $to) (i32.const 16)))
            (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
    ;; A list of so many values.
    (func $values (param $to i32) (param $count i32) (param $value i32) (param $size i32)
        (loop $more
            (i32.store (local.get $to) (local.get $value))
            (i32.store offset=4 (local.get $to) (local.get $size))
            (local.set $to (i32.add (local.get $to) (i32.const 8)))
            (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
    ;; Fields with one value of 100,000 bytes.
    (func $large (result i32) (local $fields i32)
        (local.set $fields (call $new-fields))
        (memory.fill (i32.const 131072) (i32.const 0x78) (i32.const 100000))
        (call $name (local.get $fields) (i32.const 131072) (i32.const 100000))
        (call $ok)
        (local.get $fields))
    (func $request (result i32) (call $new-outgoing-request (call $new-fields)))
    ;; A request for `http://b`, which no URI can be made of, and for `http://b/`.
    (func $incomplete (result i32) (local $request i32)
        (local.set $request (call $request))
        (drop (call $outgoing-request.set-scheme (local.get $request)
            (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
        (drop (call $outgoing-request.set-authority (local.get $request) (i32.const 1) (i32.const 1032) (i32.const 1)))
        (local.get $request))
    (func $complete (result i32) (local $request i32)
        (local.set $request (call $incomplete))
        (drop (call $outgoing-request.set-path-with-query (local.get $request)
            (i32.const 1) (i32.const 1034) (i32.const 1)))
        (local.get $request))
"#;

const DROPS: &str = r#"
    (import "wasi:http/types@0.2.0" "[resource-drop]fields" (func $drop-fields (param i32)))
    (import "wasi:http/types@0.2.0" "[resource-drop]outgoing-request" (func $drop-request (param i32)))
    (import "wasi:http/types@0.2.0" "[resource-drop]outgoing-response" (func $drop-response (param i32)))
    (import "wasi:io/poll@0.2.0" "[resource-drop]pollable" (func $drop-pollable (param i32)))
    (import "wasi:http/types@0.2.0" "[resource-drop]incoming-body" (func $drop-incoming-body (param i32)))
    (import "wasi:http/types@0.2.0" "[resource-drop]outgoing-body" (func $drop-body (param i32)))
    (import "wasi:http/types@0.2.0" "[resource-drop]future-incoming-response" (func $drop-future (param i32)))
"#;

fn hostile(name: &'static str, pages: u32, ending: Ending, body: &str) -> Hostile {
    let wasm = component(&format!(
        r#"{DROPS} (memory (export "memory") {pages}) {DEFINITIONS}
        (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $incoming i32) (param $out i32)
            (local $fields i32) (local $request i32) (local $count i32) (local $body i32)
            {body})"#
    ));
    Hostile { name, wasm, ending }
}

/// Repeats something without an end.
fn forever(body: &str) -> String {
    format!("(loop $again {body} (br $again))")
}

/// Repeats something.
fn times(count: u32, body: &str) -> String {
    format!(
        "(local.set $count (i32.const {count}))
        (loop $again {body} (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))"
    )
}

/// Pages of 256 MiB.
const LARGE: u32 = 4096;

/// Every hostile guest, by name.
pub fn all() -> Vec<Hostile> {
    let mut all = fields();
    all.extend(requests());
    all.extend(handles());
    all.extend(chunks());
    all
}

fn fields() -> Vec<Hostile> {
    let from_list = "(call $fields.from-list (i32.const 65536) (i32.const {count}) (i32.const 64))";
    let from_list = |count: &str| from_list.replace("{count}", count);
    let set = "(call $fields.set (call $new-fields) (i32.const 1024) (i32.const 6)
        (i32.const 65536) (i32.const {count}) (i32.const 64))";
    let set = |count: &str| set.replace("{count}", count);
    vec![
        // 60 GB of a memory of 2 MiB.
        hostile(
            "from-list-overlapping",
            32,
            Ending::Limit,
            &format!(
                "(memory.fill (i32.const 1048576) (i32.const 0x78) (i32.const 1048576))
                (call $pairs (i32.const 65536) (i32.const 60000) (i32.const 1048576) (i32.const 1048576)) {}",
                from_list("60000")
            ),
        ),
        // The list is its own value: 96 MB of two pages.
        hostile(
            "from-list-two-pages",
            2,
            Ending::Limit,
            &format!(
                "(memory.fill (i32.const 98304) (i32.const 0x78) (i32.const 32768))
                (call $pairs (i32.const 65536) (i32.const 2000) (i32.const 98304) (i32.const 32768)) {}",
                from_list("2000")
            ),
        ),
        hostile(
            "from-list-empty-values",
            LARGE,
            Ending::Limit,
            &format!(
                "(call $pairs (i32.const 65536) (i32.const 1000000) (i32.const 0) (i32.const 0)) {}",
                from_list("1000000")
            ),
        ),
        // A million names that are empty.
        hostile(
            "from-list-zeroes",
            LARGE,
            Ending::Survives,
            &format!("{} (call $invalid)", from_list("1000000")),
        ),
        hostile("from-list-16m", LARGE, Ending::Limit, &from_list("16000000")),
        hostile("from-list-out-of-bounds", 2, Ending::OutOfBounds, &from_list("0x0fffffff")),
        hostile(
            "from-list-value-out-of-bounds",
            2,
            Ending::OutOfBounds,
            &format!("(call $pairs (i32.const 65536) (i32.const 1) (i32.const 0) (i32.const -1)) {}", from_list("1")),
        ),
        hostile(
            "append-loop",
            2,
            Ending::Limit,
            &format!(
                "(local.set $fields (call $new-fields)) (memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 4096)) {}",
                forever("(call $name (local.get $fields) (i32.const 65536) (i32.const 4096)) (call $ok)")
            ),
        ),
        hostile(
            "append-empty-loop",
            2,
            Ending::Limit,
            &format!(
                "(local.set $fields (call $new-fields)) {}",
                forever("(call $name (local.get $fields) (i32.const 0) (i32.const 0)) (call $ok)")
            ),
        ),
        hostile(
            "append-200m",
            LARGE,
            Ending::Limit,
            "(call $name (call $new-fields) (i32.const 65536) (i32.const 200000000))",
        ),
        // 100 MB may be copied. They are not a value.
        hostile(
            "append-zeroes",
            LARGE,
            Ending::Survives,
            "(call $name (call $new-fields) (i32.const 65536) (i32.const 100000000)) (call $invalid)",
        ),
        hostile(
            "append-and-delete",
            2,
            Ending::Survives,
            &format!(
                "(local.set $fields (call $new-fields)) (memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 60000)) {}",
                times(
                    5000,
                    "(call $name (local.get $fields) (i32.const 65536) (i32.const 60000)) (call $ok)
                    (call $fields.delete (local.get $fields) (i32.const 1024) (i32.const 6) (i32.const 64)) (call $ok)"
                )
            ),
        ),
        hostile(
            "set-overlapping",
            32,
            Ending::Limit,
            &format!(
                "(memory.fill (i32.const 1048576) (i32.const 0x78) (i32.const 1048576))
                (call $values (i32.const 65536) (i32.const 100000) (i32.const 1048576) (i32.const 1048576)) {}",
                set("100000")
            ),
        ),
        hostile("set-16m-empty", LARGE, Ending::Limit, &set("16000000")),
        hostile("set-30m-empty", LARGE, Ending::Limit, &set("30000000")),
        hostile("set-out-of-bounds", 2, Ending::OutOfBounds, &set("0x1fffffff")),
        hostile(
            "get-200m",
            LARGE,
            Ending::Limit,
            "(memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 200000000))
            (call $fields.get (call $new-fields) (i32.const 65536) (i32.const 200000000) (i32.const 64))",
        ),
        hostile(
            "has-200m",
            LARGE,
            Ending::Limit,
            "(memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 200000000))
            (drop (call $fields.has (call $new-fields) (i32.const 65536) (i32.const 200000000)))",
        ),
        hostile(
            "delete-200m",
            LARGE,
            Ending::Limit,
            "(memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 200000000))
            (call $fields.delete (call $new-fields) (i32.const 65536) (i32.const 200000000) (i32.const 64))",
        ),
        // A list of 24 MB, of fields of 64,000 bytes.
        hostile(
            "entries-loop",
            LARGE,
            Ending::Survives,
            &format!(
                "(local.set $fields (call $new-fields)) (memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 40000))
                {}
                (local.set $count (i32.const 5))
                (loop $list
                    (call $fields.entries (local.get $fields) (i32.const 64))
                    (br_if $list (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))",
                times(
                    600,
                    "(call $fields.append (local.get $fields) (i32.const 65536) (i32.const 40000)
                        (i32.const 0) (i32.const 0) (i32.const 64)) (call $ok)"
                )
            ),
        ),
        hostile(
            "clone-loop",
            4,
            Ending::Limit,
            &format!(
                "(local.set $fields (call $large)) {}",
                forever("(drop (call $fields.clone (local.get $fields)))")
            ),
        ),
        hostile(
            "clone-and-drop",
            4,
            Ending::Survives,
            &format!(
                "(local.set $fields (call $large)) {}",
                times(20000, "(call $drop-fields (call $fields.clone (local.get $fields)))")
            ),
        ),
    ]
}

fn requests() -> Vec<Hostile> {
    // A string of letters behind a slash, and the four functions that take one.
    let text = |size: u32| {
        format!(
            "(memory.fill (i32.const 65536) (i32.const 0x78) (i32.const {size})) (i32.store8 (i32.const 65536) (i32.const 0x2f))
            (local.set $request (call $request))"
        )
    };
    let path = |size: u32| {
        format!(
            "(call $outgoing-request.set-path-with-query (local.get $request) (i32.const 1) (i32.const 65536) (i32.const {size}))"
        )
    };
    let authority = |size: u32| {
        format!(
            "(call $outgoing-request.set-authority (local.get $request) (i32.const 1) (i32.const 65537) (i32.const {size}))"
        )
    };
    let scheme = |size: u32| {
        format!(
            "(call $outgoing-request.set-scheme (local.get $request)
                (i32.const 1) (i32.const 2) (i32.const 65537) (i32.const {size}))"
        )
    };
    let method = |size: u32| {
        format!(
            "(call $outgoing-request.set-method (local.get $request) (i32.const 9) (i32.const 65537) (i32.const {size}))"
        )
    };
    let refused = |call: String| format!("(if (i32.eqz {call}) (then unreachable))");
    let accepted = |call: String| format!("(if {call} (then unreachable))");
    let code = |size: u32| {
        format!(
            "(memory.fill (i32.const 65536) (i32.const 0x78) (i32.const {size}))
            (call $response-outparam.set (local.get $out) (i32.const 1) (i32.const 38) (i32.const 1) (i64.const 65536)
                (i32.const {size}) (i32.const 0) (i32.const 0) (i32.const 0))"
        )
    };
    let mut all = vec![
        hostile(
            "texts-too-long",
            32,
            Ending::Survives,
            &[
                text(1_000_000),
                refused(path(1_000_000)),
                refused(authority(65_535)),
                refused(scheme(900_000)),
                refused(method(65_535)),
                accepted(path(65_534)),
                accepted(authority(65_534)),
                accepted(method(65_534)),
            ]
            .concat(),
        ),
        hostile(
            "paths-loop",
            4,
            Ending::Limit,
            &forever(&[text(65_000), accepted(path(65_000)), accepted(authority(60_000))].concat()),
        ),
        hostile("path-again", 4, Ending::Survives, &[text(65_000), times(2_000, &accepted(path(65_000)))].concat()),
        hostile("code-200m", LARGE, Ending::Limit, &code(200_000_000)),
    ];
    let long: [(&str, &dyn Fn(u32) -> String); 4] =
        [("path-200m", &path), ("authority-200m", &authority), ("scheme-200m", &scheme), ("method-200m", &method)];
    for (name, call) in long {
        all.push(hostile(
            name,
            LARGE,
            Ending::Limit,
            &[text(200_000_001), format!("(drop {})", call(200_000_000))].concat(),
        ));
    }
    all
}

/// Guests that write a chunk of 4 MiB into a body, and one of 1 MiB.
fn chunks() -> [Hostile; 2] {
    let write = |bytes: u32| {
        format!(
            "(local.set $fields (call $new-outgoing-response (call $new-fields)))
            (call $outgoing-response.body (local.get $fields) (i32.const 64)) (call $ok)
            (call $outgoing-body.write (i32.load (i32.const 68)) (i32.const 64)) (call $ok)
            (call $output-stream.write (i32.load (i32.const 68)) (i32.const 65536) (i32.const {bytes}) (i32.const 64))
            (call $ok)"
        )
    };
    [
        hostile("chunk-4m", 128, Ending::Budget, &write(4 << 20)),
        hostile("chunk-1m", 128, Ending::Survives, &write(1 << 20)),
    ]
}

/// Guests that keep 200 times a part of what they drop: the fields of a request, the response whose body was read, and copies of
/// fields that had many names.
pub fn keeping() -> [Hostile; 3] {
    let each_name = |body: &str| {
        let letter = |place: u32| {
            format!(
                "(i32.store8 (i32.const {}) (i32.add (i32.const 0x61)
                    (i32.and (i32.shr_u (local.get $count) (i32.const {})) (i32.const 15))))",
                2048 + place,
                4 * place
            )
        };
        times(1500, &format!("{} {} {} {body}", letter(0), letter(1), letter(2)))
    };
    let copies = [
        "(local.set $fields (call $new-fields))".to_owned(),
        each_name(
            "(call $fields.append (local.get $fields) (i32.const 2048) (i32.const 3)
                (i32.const 0) (i32.const 0) (i32.const 64)) (call $ok)",
        ),
        each_name("(call $fields.delete (local.get $fields) (i32.const 2048) (i32.const 3) (i32.const 64)) (call $ok)"),
        times(200, "(drop (call $fields.clone (local.get $fields)))"),
    ]
    .join("\n");
    let headers = "(local.set $request (call $new-outgoing-request (call $large)))
        (drop (call $outgoing-request.headers (local.get $request)))
        (call $drop-request (local.get $request))";
    let responses = "(call $handle (call $complete) (i32.const 0) (i32.const 0) (i32.const 64)) (call $ok)
        (local.set $body (i32.load (i32.const 72)))
        (local.set $request (call $future-incoming-response.subscribe (local.get $body)))
        (call $pollable.block (local.get $request))
        (call $drop-pollable (local.get $request))
        (call $future-incoming-response.get (local.get $body) (i32.const 128))
        ;; some, ok, ok
        (if (i32.eqz (i32.load8_u (i32.const 128))) (then unreachable))
        (if (i32.load8_u (i32.const 136)) (then unreachable))
        (if (i32.load8_u (i32.const 144)) (then unreachable))
        (call $drop-future (local.get $body))
        (call $incoming-response.consume (i32.load (i32.const 152)) (i32.const 64)) (call $ok)
        (call $drop-incoming-body (i32.load (i32.const 68)))";
    [
        hostile("headers-that-outlive-their-request", 4, Ending::Limit, &times(200, headers)),
        hostile("responses-without-their-bodies", 4, Ending::Limit, &times(200, responses)),
        hostile("copies-of-what-was-removed", 4, Ending::Limit, &copies),
    ]
}

/// A guest that makes a thousand requests with options, and keeps none.
pub fn options() -> Hostile {
    let handle = "(call $handle (call $complete) (i32.const 1) (call $new-request-options) (i32.const 64)) (call $ok)
        (call $drop-future (i32.load (i32.const 72)))";
    hostile("options-that-are-used", 2, Ending::Survives, &times(1000, handle))
}

fn handles() -> Vec<Hostile> {
    let body = "(local.set $fields (call $new-outgoing-response (call $new-fields)))
        (call $outgoing-response.body (local.get $fields) (i32.const 64)) (call $ok)";
    let request = "(call $outgoing-request.body (call $request) (i32.const 64)) (call $ok)";
    let handle = "(call $handle (call $complete) (i32.const 0) (i32.const 0) (i32.const 64)) (call $ok)";
    let trailers =
        "(call $outgoing-body.finish (i32.load (i32.const 68)) (i32.const 1) (call $large) (i32.const 64)) (call $ok)";
    vec![
        hostile("fields", 2, Ending::Limit, &forever("(drop (call $new-fields))")),
        hostile("requests", 2, Ending::Limit, &forever("(drop (call $request))")),
        hostile("responses", 2, Ending::Limit, &forever("(drop (call $new-outgoing-response (call $new-fields)))")),
        hostile("options", 2, Ending::Limit, &forever("(drop (call $new-request-options))")),
        hostile("headers", 2, Ending::Limit, &forever("(drop (call $incoming-request.headers (local.get $incoming)))")),
        hostile("bodies", 2, Ending::Limit, &forever(body)),
        hostile("request-bodies", 2, Ending::Limit, &forever(request)),
        hostile("trailers", 4, Ending::Limit, &forever(&[body, trailers].concat())),
        // Denied, which the guest could find out.
        hostile("futures", 2, Ending::Limit, &forever(handle)),
        // The code of a request that is wrong, HTTP-protocol-error.
        hostile(
            "request-without-path",
            2,
            Ending::Survives,
            "(call $handle (call $incomplete) (i32.const 0) (i32.const 0) (i32.const 64))
            (if (i32.ne (i32.load8_u (i32.const 64)) (i32.const 1)) (then unreachable))
            (if (i32.ne (i32.load8_u (i32.const 72)) (i32.const 35)) (then unreachable))",
        ),
        hostile(
            "bodies-that-are-dropped",
            2,
            Ending::Survives,
            &times(
                2000,
                &format!(
                    "{body} (call $drop-body (i32.load (i32.const 68))) (call $drop-response (local.get $fields))"
                ),
            ),
        ),
        hostile(
            "requests-that-are-dropped",
            2,
            Ending::Survives,
            &times(20_000, "(call $drop-request (call $request))"),
        ),
        hostile(
            "futures-that-are-dropped",
            2,
            Ending::Survives,
            &times(2000, &format!("{handle} (call $drop-future (i32.load (i32.const 72)))")),
        ),
    ]
}
