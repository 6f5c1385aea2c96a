//! Waiting that takes no time: the clocks of the guest advance by the time that it would have waited.

use std::time::{Duration, Instant};

use compat_tests::imports::{Import, wasi_command};
use compat_tests::{Adapter, captured, component, run_both, wat};
use tempfile::tempdir;
use wasmtime_compat::wasi::{Deterministic, Preopen, Stdin};
use wasmtime_compat::{Completed, Outcome, RunConfig};

use super::V;

const SECOND: u64 = 1_000_000_000;
const HOUR: u64 = 3600 * SECOND;
/// What a reading advances a clock by, with [`preset`].
const STEP: u64 = 1000;
const START: u64 = 1_700_000_000 * SECOND;

/// A preview1 command. `body` can use:
/// * `$clock (number, id, timeout, flags)` and `$fd (number, what, fd)`, which make a subscription whose user data is its
///   number and 100;
/// * `$poll (count)`, which polls as many subscriptions and notes the number of events, then the user data and type of each;
/// * `$time (id)`, which notes a clock's time; and `$note`, which notes a number.
///
/// The numbers noted are written to standard output.
fn guest(body: &str) -> Vec<u8> {
    wat(&format!(
        r#"(module
            (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "path_open"
                (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 64) "f")
            (global $end (mut i32) (i32.const 8192))
            (func $note (param $number i64)
                (i64.store (global.get $end) (local.get $number))
                (global.set $end (i32.add (global.get $end) (i32.const 8))))
            (func $time (param $id i32)
                (if (call $clock_time_get (local.get $id) (i64.const 1) (i32.const 32)) (then unreachable))
                (call $note (i64.load (i32.const 32))))
            (func $subscription (param $number i32) (param $tag i32) (param $subject i32) (result i32) (local $at i32)
                (local.set $at (i32.add (i32.const 1024) (i32.mul (local.get $number) (i32.const 48))))
                (i64.store (local.get $at) (i64.extend_i32_u (i32.add (local.get $number) (i32.const 100))))
                (i32.store8 offset=8 (local.get $at) (local.get $tag))
                (i32.store offset=16 (local.get $at) (local.get $subject))
                (local.get $at))
            (func $clock (param $number i32) (param $id i32) (param $timeout i64) (param $flags i32) (local $at i32)
                (local.set $at (call $subscription (local.get $number) (i32.const 0) (local.get $id)))
                (i64.store offset=24 (local.get $at) (local.get $timeout))
                (i32.store16 offset=40 (local.get $at) (local.get $flags)))
            (func $fd (param $number i32) (param $what i32) (param $fd i32)
                (drop (call $subscription (local.get $number) (local.get $what) (local.get $fd))))
            (func $poll (param $count i32) (local $at i32) (local $errno i32)
                (local.set $errno
                    (call $poll_oneoff (i32.const 1024) (i32.const 4096) (local.get $count) (i32.const 32)))
                (if (local.get $errno) (then (call $note (i64.extend_i32_s (i32.sub (i32.const 0) (local.get $errno)))) (return)))
                (call $note (i64.load32_u (i32.const 32)))
                (local.set $at (i32.const 4096))
                (block $done (loop $next
                    (br_if $done (i32.eqz (i32.load (i32.const 32))))
                    (call $note (i64.load (local.get $at)))
                    (call $note (i64.load8_u offset=10 (local.get $at)))
                    (if (i32.load16_u offset=8 (local.get $at)) (then unreachable))
                    (local.set $at (i32.add (local.get $at) (i32.const 32)))
                    (i32.store (i32.const 32) (i32.sub (i32.load (i32.const 32)) (i32.const 1)))
                    (br $next))))
            (func (export "_start")
                {body}
                (i32.store (i32.const 8) (i32.const 8192))
                (i32.store (i32.const 12) (i32.sub (global.get $end) (i32.const 8192)))
                (if (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable))))"#
    ))
}

fn preset() -> RunConfig {
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config
        .wasi
        .deterministic(Deterministic::new(1).start(Duration::from_nanos(START)).step(Duration::from_nanos(STEP)));
    config
}

#[track_caller]
fn numbers(done: &Completed) -> Vec<u64> {
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    done.stdout.bytes.chunks_exact(8).map(|number| u64::from_le_bytes(number.try_into().unwrap())).collect()
}

/// The numbers that the guest notes on a synchronous and on an async engine, which are the same, in a time in which no
/// guest here could have waited.
#[track_caller]
fn noted(wasm: &[u8], config: &RunConfig) -> Vec<u64> {
    let start = Instant::now();
    let [synchronous, asynchronous] = run_both::<V>(wasm, config).unwrap().map(|done| numbers(&done));
    assert!(start.elapsed() < Duration::from_secs(600), "{:?}", start.elapsed());
    assert_eq!(synchronous, asynchronous);
    synchronous
}

/// What a preview1 command notes, as a module and as a component alike.
#[track_caller]
fn assert_noted(body: &str, config: &RunConfig, expected: &[u64]) {
    let module = guest(body);
    assert_eq!(noted(&module, config), expected, "module");
    assert_eq!(noted(&component(&module, Adapter::V24), config), expected, "component");
}

#[test]
fn both_clocks_advance_by_the_time_waited() {
    assert_noted(
        &format!(
            "(call $time (i32.const 0)) (call $time (i32.const 1))
             (call $clock (i32.const 0) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
             (call $poll (i32.const 1))
             (call $time (i32.const 0)) (call $time (i32.const 1))
             (call $poll (i32.const 1))
             (call $time (i32.const 0)) (call $time (i32.const 1))"
        ),
        &preset(),
        &[
            START,
            0,
            1,
            100,
            0,
            START + HOUR + STEP,
            HOUR + STEP,
            1,
            100,
            0,
            START + 2 * HOUR + 2 * STEP,
            2 * HOUR + 2 * STEP,
        ],
    );
}

#[test]
fn waiting_until_a_moment() {
    // The clock is read once for the subscription, and once afterwards.
    assert_noted(
        &format!(
            "(call $clock (i32.const 0) (i32.const 1) (i64.const {HOUR}) (i32.const 1))
             (call $poll (i32.const 1))
             (call $time (i32.const 1))
             (call $poll (i32.const 1))
             (call $time (i32.const 1))"
        ),
        &preset(),
        &[1, 100, 0, HOUR + STEP, 1, 100, 0, HOUR + 3 * STEP],
    );
    assert_noted(
        &format!(
            "(call $clock (i32.const 0) (i32.const 0) (i64.const {}) (i32.const 1))
             (call $poll (i32.const 1))
             (call $time (i32.const 0))
             (call $time (i32.const 1))",
            START + HOUR
        ),
        &preset(),
        &[1, 100, 0, START + HOUR + STEP, HOUR],
    );
}

#[test]
fn the_earliest_of_several_clocks() {
    let module = guest(&format!(
        "(call $clock (i32.const 0) (i32.const 1) (i64.const {}) (i32.const 0))
         (call $clock (i32.const 1) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
         (call $clock (i32.const 2) (i32.const 0) (i64.const {HOUR}) (i32.const 0))
         (call $poll (i32.const 3))
         (call $time (i32.const 1))",
        2 * HOUR
    ));
    assert_eq!(noted(&module, &preset()), [2, 101, 0, 102, 0, HOUR]);
    // The list is as the guest made it, and can be used again.
    let module = guest(&format!(
        "(call $clock (i32.const 0) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
         (call $clock (i32.const 1) (i32.const 1) (i64.const {}) (i32.const 1))
         (call $poll (i32.const 2)) (call $time (i32.const 1))
         (call $poll (i32.const 2)) (call $time (i32.const 1))
         (call $note (i64.load offset=1048 (i32.const 0)))
         (call $note (i64.load offset=1064 (i32.const 0)))
         (call $note (i64.load offset=1096 (i32.const 0)))
         (call $note (i64.load offset=1112 (i32.const 0)))",
        3 * HOUR
    ));
    let expected = [1, 100, 0, HOUR + STEP, 1, 100, 0, 2 * HOUR + 3 * STEP, HOUR, 0, 3 * HOUR, 1];
    assert_eq!(noted(&module, &preset()), expected);
}

#[test]
fn a_stream_that_is_ready_comes_first() {
    let mut config = preset();
    config.wasi.stdin(Stdin::bytes("text"));
    for (what, fd) in [(1, 0), (2, 1)] {
        assert_noted(
            &format!(
                "(call $clock (i32.const 0) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
                 (call $fd (i32.const 1) (i32.const {what}) (i32.const {fd}))
                 (call $poll (i32.const 2))
                 (call $time (i32.const 1))"
            ),
            &config,
            &[1, 101, what, 0],
        );
    }
    // A clock whose time has come is reported behind the stream.
    let module = guest(
        "(call $clock (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 0))
         (call $fd (i32.const 1) (i32.const 2) (i32.const 1))
         (call $clock (i32.const 2) (i32.const 1) (i64.const 9) (i32.const 0))
         (call $poll (i32.const 3))
         (call $time (i32.const 1))",
    );
    assert_eq!(noted(&module, &config), [2, 101, 2, 100, 0, 0]);
}

#[test]
fn a_file_comes_first() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("f"), "text").unwrap();
    let mut config = preset();
    config.wasi.preopen(Preopen::new(root.path(), "/d"));
    let module = guest(&format!(
        "(if (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0)
            (i64.const 0x2) (i64.const 0) (i32.const 0) (i32.const 72)) (then unreachable))
         (call $clock (i32.const 0) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
         (call $fd (i32.const 1) (i32.const 1) (i32.load (i32.const 72)))
         (call $poll (i32.const 2))
         (call $time (i32.const 1))"
    ));
    assert_eq!(noted(&module, &config), [1, 101, 1, 0]);
}

#[test]
fn the_clock_comes_before_a_stream_that_is_not_ready() {
    let body = format!(
        "(call $fd (i32.const 0) (i32.const 1) (i32.const 0))
         (call $clock (i32.const 1) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
         (call $poll (i32.const 2))
         (call $time (i32.const 1))"
    );
    let mut config = preset();
    // The writer lives on, and writes nothing.
    let (_writer, stdin) = Stdin::pipe(16);
    config.wasi.stdin(stdin);
    assert_noted(&body, &config, &[1, 101, 0, HOUR]);
}

#[test]
fn a_list_that_is_refused_is_left_as_it_was() {
    let module = guest(&format!(
        "(call $clock (i32.const 0) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
         (call $fd (i32.const 1) (i32.const 1) (i32.const 77))
         (call $poll (i32.const 2))
         (call $note (i64.load offset=1048 (i32.const 0)))
         (call $time (i32.const 1))"
    ));
    assert_eq!(noted(&module, &preset()), [8_u64.wrapping_neg(), HOUR, 0]);
}

#[test]
fn a_wait_without_end() {
    let module = guest(
        "(call $clock (i32.const 0) (i32.const 1) (i64.const -1) (i32.const 0))
         (call $poll (i32.const 1))
         (call $time (i32.const 1))
         (call $poll (i32.const 1))
         (call $time (i32.const 1))",
    );
    assert_eq!(noted(&module, &preset()), [1, 100, 0, u64::MAX, 1, 100, 0, u64::MAX]);
}

/// The host's own clocks advance as well.
#[test]
fn clocks_of_the_host() {
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config.wasi.virtual_sleep(true);
    let module = guest(&format!(
        "(call $time (i32.const 0)) (call $time (i32.const 1))
         (call $clock (i32.const 0) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
         (call $poll (i32.const 1))
         (call $time (i32.const 0)) (call $time (i32.const 1))"
    ));
    let start = Instant::now();
    for wasm in [module.clone(), component(&module, Adapter::V24)] {
        for done in run_both::<V>(&wasm, &config).unwrap() {
            let seen = numbers(&done);
            assert!(seen[0] > START && (HOUR..2 * HOUR).contains(&(seen[5] - seen[0])), "{seen:?}");
            assert!((HOUR..2 * HOUR).contains(&(seen[6] - seen[1])), "{seen:?}");
        }
    }
    assert!(start.elapsed() < Duration::from_secs(600));
}

/// The preset, with waiting in real time: the clocks stand still meanwhile.
#[test]
fn waiting_in_real_time() {
    let mut config = preset();
    config.wasi.virtual_sleep(false);
    let wait = Duration::from_millis(50);
    let module = guest(&format!(
        "(call $clock (i32.const 0) (i32.const 1) (i64.const {}) (i32.const 0))
         (call $poll (i32.const 1))
         (call $time (i32.const 1))",
        wait.as_nanos()
    ));
    for wasm in [module.clone(), component(&module, Adapter::V24)] {
        let start = Instant::now();
        assert_eq!(noted(&wasm, &config), [1, 100, 0, 0]);
        assert!(start.elapsed() >= 2 * wait, "{:?}", start.elapsed());
    }
}

const CLOCK: &[Import<'_>] = &[
    ("now", "wasi:clocks/monotonic-clock", "now"),
    ("after", "wasi:clocks/monotonic-clock", "subscribe-duration"),
    ("until", "wasi:clocks/monotonic-clock", "subscribe-instant"),
    ("block", "wasi:io/poll", "[method]pollable.block"),
    ("ready", "wasi:io/poll", "[method]pollable.ready"),
    ("poll", "wasi:io/poll", "poll"),
    ("stdin", "wasi:cli/stdin", "get-stdin"),
    ("readable", "wasi:io/streams", "[method]input-stream.subscribe"),
];

/// What a command of WASI 0.2 notes. `body` can use the functions of [`CLOCK`], `$tell` to note a number, and `$list` to put
/// a pollable into the list at 512.
#[track_caller]
fn noted_of_p2(body: &str, config: &RunConfig) -> Vec<u64> {
    let definitions = "(func $tell (param $number i64) (local $left i32)
            (local.set $left (i32.const 8))
            (loop $next
                (call $say (i32.wrap_i64 (local.get $number)))
                (local.set $number (i64.shr_u (local.get $number) (i64.const 8)))
                (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
        (func $list (param $index i32) (param $pollable i32)
            (i32.store (i32.add (i32.const 512) (i32.mul (local.get $index) (i32.const 4))) (local.get $pollable)))
        ;; Notes the number of pollables that are ready, and the sum of their indices.
        (func $wait (param $count i32) (local $sum i64) (local $at i32) (local $left i32)
            (call $poll (i32.const 512) (local.get $count) (i32.const 480))
            (local.set $left (i32.load (i32.const 484)))
            (local.set $at (i32.load (i32.const 480)))
            (call $tell (i64.extend_i32_u (local.get $left)))
            (loop $next
                (local.set $sum (i64.add (local.get $sum) (i64.load32_u (local.get $at))))
                (local.set $at (i32.add (local.get $at) (i32.const 4)))
                (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
            (call $tell (local.get $sum)))
        (global $pollable (mut i32) (i32.const 0))";
    noted(&wasi_command(CLOCK, definitions, body), config)
}

#[test]
fn blocking_on_a_clock_of_wasi_0_2() {
    let seen = noted_of_p2(
        &format!(
            "(call $tell (call $now))
             (global.set $pollable (call $after (i64.const {HOUR})))
             (call $tell (i64.extend_i32_u (call $ready (global.get $pollable))))
             (call $tell (call $now))
             (call $block (global.get $pollable))
             (call $tell (i64.extend_i32_u (call $ready (global.get $pollable))))
             (call $tell (call $now))
             (call $block (call $until (i64.const {})))
             (call $tell (call $now))",
            2 * HOUR
        ),
        &preset(),
    );
    assert_eq!(seen, [0, 0, STEP, 1, HOUR + 2 * STEP, 2 * HOUR + STEP]);
}

#[test]
fn polling_clocks_of_wasi_0_2() {
    let seen = noted_of_p2(
        &format!(
            "(call $list (i32.const 0) (call $after (i64.const {})))
             (call $list (i32.const 1) (call $after (i64.const {HOUR})))
             (call $list (i32.const 2) (call $after (i64.const {HOUR})))
             (call $wait (i32.const 3))
             (call $tell (call $now))
             (call $wait (i32.const 1))
             (call $tell (call $now))",
            2 * HOUR
        ),
        &preset(),
    );
    assert_eq!(seen, [2, 3, HOUR, 1, 0, 2 * HOUR + STEP]);
}

#[test]
fn polling_clocks_and_streams_of_wasi_0_2() {
    let body = format!(
        "(call $list (i32.const 0) (call $after (i64.const {HOUR})))
         (call $list (i32.const 1) (call $readable (call $stdin)))
         (call $wait (i32.const 2))
         (call $tell (call $now))"
    );
    let mut config = preset();
    config.wasi.stdin(Stdin::bytes("text"));
    assert_eq!(noted_of_p2(&body, &config), [1, 1, 0]);
    let (_writer, stdin) = Stdin::pipe(16);
    config.wasi.stdin(stdin);
    assert_eq!(noted_of_p2(&body, &config), [1, 0, HOUR]);
}

/// A date is awaited, and the guest's list is as it was; up to 45 Wasmtime's own function panics, or waits for centuries.
#[test]
fn waiting_until_a_date_of_the_real_clock() {
    const WAIT: u64 = SECOND / 5;
    let config = RunConfig { wasi: captured(), timeout: Some(Duration::from_secs(60)), ..RunConfig::new() };
    let module = guest(&format!(
        "(call $time (i32.const 0))
        (call $clock (i32.const 0) (i32.const 0) (i64.add (i64.load (i32.const 32)) (i64.const {WAIT})) (i32.const 1))
        (call $clock (i32.const 1) (i32.const 0) (i64.add (i64.load (i32.const 32)) (i64.const {HOUR})) (i32.const 1))
        (call $poll (i32.const 2))
        (call $time (i32.const 0))
        (call $note (i64.load offset=24 (i32.const 1024))) (call $note (i64.load offset=40 (i32.const 1024)))"
    ));
    for wasm in [component(&module, Adapter::V24), module] {
        for done in run_both::<V>(&wasm, &config).unwrap() {
            let [before, 1, 100, 0, after, date, 1] = numbers(&done)[..] else { panic!("{done:?}") };
            assert_eq!(date, before + WAIT);
            assert!((date..date + 30 * SECOND).contains(&after), "{before} {after}");
        }
    }
}

/// A date in the past has come, for a module; adapters refuse it.
#[test]
fn dates_in_the_past_have_come() {
    let config = RunConfig { wasi: captured(), timeout: Some(Duration::from_secs(60)), ..RunConfig::new() };
    let module = guest(&format!(
        "(call $clock (i32.const 0) (i32.const 0) (i64.const {SECOND}) (i32.const 1)) (call $poll (i32.const 1))"
    ));
    for done in run_both::<V>(&module, &config).unwrap() {
        assert_eq!(numbers(&done), [1, 100, 0]);
    }
}
