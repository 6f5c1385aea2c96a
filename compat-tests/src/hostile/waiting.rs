//! Guests that wait: for clocks, for a named pipe, or by yielding without an end. Their timeout ends all of them.

use super::{Ending, Hostile, Source};
use crate::imports::Import;

/// The functions of WASI 0.2 that these guests use.
const CLOCK: &[Import<'_>] = &[
    ("after", "wasi:clocks/monotonic-clock", "subscribe-duration"),
    ("until", "wasi:clocks/monotonic-clock", "subscribe-instant"),
    ("block", "wasi:io/poll", "[method]pollable.block"),
    ("poll", "wasi:io/poll", "poll"),
];

/// A module of preview1 that polls a clock: its number, the time, and 1 if the time is absolute.
fn poll(id: u32, time: &str, flags: u32) -> String {
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "_start")
                (i32.store (i32.const 1040) (i32.const {id}))
                (i64.store (i32.const 1048) (i64.const {time}))
                (i32.store16 (i32.const 1064) (i32.const {flags}))
                (if (call $poll (i32.const 1024) (i32.const 4096) (i32.const 1) (i32.const 8)) (then unreachable))))"#
    )
}

fn p1(name: &'static str, text: String) -> Hostile {
    Hostile::text(name, Ending::TimedOut, text)
}

fn adapted(name: &'static str, text: String) -> Hostile {
    Hostile::new(name, Ending::TimedOut, Source::Adapted(text))
}

fn p2(name: &'static str, body: &str) -> Hostile {
    Hostile::new(name, Ending::TimedOut, Source::Wasi(CLOCK, "", body.to_owned()))
}

/// A preview1 command that yields without an end.
const YIELD: &str = r#"(module
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (memory (export "memory") 1)
    (func (export "_start") (loop $again (drop (call $yield)) (br $again))))"#;

pub(super) fn all() -> Vec<Hostile> {
    let mut all = clocks();
    all.extend(yielding());
    all.extend(pipes());
    all
}

fn clocks() -> Vec<Hostile> {
    let (realtime, monotonic) = (0, 1);
    let list = |pollables: &str| {
        format!(
            "{pollables} (call $poll (i32.const 512) (i32.const 2) (i32.const 480))
             (if (i32.eqz (i32.load (i32.const 484))) (then unreachable))"
        )
    };
    let both = list(
        "(i32.store (i32.const 512) (call $after (i64.const -1))) (i32.store (i32.const 516) (call $until (i64.const -1)))",
    );
    vec![
        p1("poll-realtime-until-u64-max", poll(realtime, "-1", 1)).reported("p1-poll-rt-abs"),
        adapted("poll-realtime-until-u64-max-adapted", poll(realtime, "-1", 1)).reported("p1-poll-rt-abs"),
        p1("poll-monotonic-until-u64-max", poll(monotonic, "-1", 1)).reported("timeouts"),
        p1("poll-realtime-for-u64-max", poll(realtime, "-1", 0)),
        p1("poll-monotonic-for-u64-max", poll(monotonic, "-1", 0)).reported("timeouts"),
        p1("poll-realtime-until-i64-max", poll(realtime, "0x7fffffffffffffff", 1)),
        adapted("poll-monotonic-for-u64-max-adapted", poll(monotonic, "-1", 0)),
        p2("wait-for-u64-max", "(call $block (call $after (i64.const -1)))").reported("timeouts"),
        p2("wait-until-u64-max", "(call $block (call $until (i64.const -1)))").reported("timeouts"),
        p2("wait-for-i64-max", "(call $block (call $after (i64.const 0x7fffffffffffffff)))"),
        p2("wait-for-two-clocks", &both),
    ]
}

fn yielding() -> Vec<Hostile> {
    let again = |body: &str| {
        format!("(i32.store (i32.const 512) (call $after (i64.const 0))) (loop $again {body} (br $again))")
    };
    vec![
        p1("yield-loop", YIELD.to_owned()).reported("timeouts"),
        adapted("yield-loop-adapted", YIELD.to_owned()),
        p2("block-loop", &again("(call $block (i32.load (i32.const 512)))")).reported("timeouts"),
    ]
}

/// The other end of the pipe is not opened by anything.
#[cfg(unix)]
fn pipes() -> Vec<Hostile> {
    let open = |rights: u32, after: &str| {
        format!(
            r#"(module
                (import "wasi_snapshot_preview1" "path_open"
                    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
                (memory (export "memory") 1)
                (data (i32.const 0) "\80\00\00\00\05\00\00\00")
                (data (i32.const 64) "pipe")
                (func (export "_start")
                    (if (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 0)
                            (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 72))
                        (then unreachable))
                    {after}))"#
        )
    };
    let read = "(drop (call $read (i32.load (i32.const 72)) (i32.const 0) (i32.const 1) (i32.const 8)))";
    let open_at = "(i32.store (i32.const 64) (i32.const 0x65706970))
        (call $open (i32.load (i32.load (i32.const 0))) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 0)
            (i32.const 1) (i32.const 16))
        (i32.const 0)";
    vec![
        p1("pipe-opened-for-reading", open(2, "")).reported("timeouts"),
        Hostile::new("pipe-opened-for-reading-0.2", Ending::TimedOut, Source::Preview2(open_at.to_owned()))
            .reported("timeouts"),
        p1("pipe-opened-for-writing", open(0x40, "")),
        // The guest has both ends of the pipe open, so opening does not wait, and reading does not wait either.
        Hostile::text("pipe-opened-for-both-and-read", Ending::Code(0), open(0x42, read)),
    ]
}

#[cfg(not(unix))]
fn pipes() -> Vec<Hostile> {
    Vec::new()
}
