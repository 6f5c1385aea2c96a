//! Components that request too much of the standard streams.

use super::{Ending, Hostile, Setting, Source};
use crate::imports::Import;

/// The functions of WASI 0.2 that these guests use.
const STREAMS: &[Import<'_>] = &[
    ("stdin", "wasi:cli/stdin", "get-stdin"),
    ("read", "wasi:io/streams", "[method]input-stream.read"),
    ("blocking-read", "wasi:io/streams", "[method]input-stream.blocking-read"),
    ("skip", "wasi:io/streams", "[method]input-stream.skip"),
    ("blocking-skip", "wasi:io/streams", "[method]input-stream.blocking-skip"),
    ("write", "wasi:io/streams", "[method]output-stream.write"),
    ("zeroes", "wasi:io/streams", "[method]output-stream.write-zeroes"),
    ("blocking-write", "wasi:io/streams", "[method]output-stream.blocking-write-and-flush"),
    ("blocking-zeroes", "wasi:io/streams", "[method]output-stream.blocking-write-zeroes-and-flush"),
    ("splice", "wasi:io/streams", "[method]output-stream.splice"),
];

/// The global `$input` for standard input, and functions that check the result at 64: unless the result is an error,
/// the length of its list, or its number, must be at most 65536.
const DEFINITIONS: &str = "(global $input (mut i32) (i32.const 0))
    (func $few-bytes
        (if (i32.eqz (i32.load8_u (i32.const 64)))
            (then (if (i32.gt_u (i32.load (i32.const 72)) (i32.const 65536)) (then unreachable)))))
    (func $small-number
        (if (i32.eqz (i32.load8_u (i32.const 64)))
            (then (if (i64.gt_u (i64.load (i32.const 72)) (i64.const 65536)) (then unreachable)))))";

const HUGE: [&str; 2] = ["0x400000000000", "-1"];

fn p2(name: &'static str, ending: Ending, body: impl Into<String>) -> Hostile {
    Hostile::new(name, ending, Source::Wasi(STREAMS, DEFINITIONS, body.into()))
}

/// Requests 2^46 bytes and the highest number of bytes from standard input, by each function.
fn input(name: &'static str, setting: Setting, functions: &[&str]) -> Hostile {
    let call = |function: &str, length: &str| {
        let check = if function.ends_with("skip") { "$small-number" } else { "$few-bytes" };
        format!("(call ${function} (global.get $input) (i64.const {length}) (i32.const 64)) (call {check})")
    };
    let calls: String = functions.iter().flat_map(|function| HUGE.map(|length| call(function, length))).collect();
    p2(name, Ending::Code(0), format!("(global.set $input (call $stdin)) {calls}")).with(setting)
}

pub(super) fn all() -> Vec<Hostile> {
    let mut all = reported();
    all.extend(siblings());
    all
}

fn reported() -> Vec<Hostile> {
    const FUNCTIONS: [&str; 4] = ["read", "blocking-read", "skip", "blocking-skip"];
    let mut all = vec![
        input("input-of-a-file", Setting::InputOfFile, &FUNCTIONS),
        input("input-of-nothing", Setting::Usual, &FUNCTIONS),
        input("input-of-the-process", Setting::InheritedInput, &FUNCTIONS),
        p2(
            "splice-of-input",
            Ending::Code(0),
            "(call $splice (call $stdout) (call $stdin) (i64.const 0x400000000000) (i32.const 64)) (call $small-number)",
        )
        .with(Setting::InputOfFile),
        p2(
            "blocking-zeroes-64t",
            Ending::Stopped,
            "(call $blocking-zeroes (call $stdout) (i64.const 0x400000000000) (i32.const 64))",
        ),
        p2(
            "write-unchecked",
            Ending::Code(0),
            "(call $write (call $stdout) (i32.const 65536) (i32.const 900000) (i32.const 64))",
        )
        .with(Setting::Captured(1000)),
    ];
    if cfg!(unix) {
        all.push(input("input-of-dev-zero", Setting::InputOfZeroes, &FUNCTIONS));
    }
    all = all.into_iter().map(|guest| guest.reported("streams")).collect();
    all.push(
        p2(
            "inherited-stdout-zeroes-64t",
            Ending::Stopped,
            "(call $zeroes (call $stdout) (i64.const 0x400000000000) (i32.const 64))",
        )
        .with(Setting::InheritedOutput)
        .reported("p2-out-write-zeroes-big-inh"),
    );
    all
}

fn siblings() -> Vec<Hostile> {
    vec![
        p2(
            "inherited-stdout-zeroes-u64-max",
            Ending::Stopped,
            "(call $zeroes (call $stdout) (i64.const -1) (i32.const 64))",
        )
        .with(Setting::InheritedOutput),
        p2(
            "inherited-stdout-blocking-zeroes-64t",
            Ending::Stopped,
            "(call $blocking-zeroes (call $stdout) (i64.const 0x400000000000) (i32.const 64))",
        )
        .with(Setting::InheritedOutput),
        p2(
            "blocking-write-900k",
            Ending::Stopped,
            "(call $blocking-write (call $stdout) (i32.const 65536) (i32.const 900000) (i32.const 64))",
        ),
        p2(
            "blocking-write-out-of-bounds",
            Ending::Stopped,
            "(call $blocking-write (call $stdout) (i32.const 65536) (i32.const 0xfff00000) (i32.const 64))",
        ),
        p2(
            "splice-of-input-u64-max",
            Ending::Code(0),
            "(call $splice (call $stdout) (call $stdin) (i64.const -1) (i32.const 64)) (call $small-number)",
        )
        .with(Setting::InputOfFile),
    ]
}
