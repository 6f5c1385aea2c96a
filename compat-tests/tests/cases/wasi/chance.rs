//! Time and chance: clocks and sources of random bytes of the host's, and the preset that makes runs repeatable.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use compat_tests::imports::{Import, wasi_command};
use compat_tests::{Adapter, captured, component, run, run_both, wat};
use wasmtime_compat::wasi::{Deterministic, HostMonotonicClock, HostWallClock};
use wasmtime_compat::{Completed, Outcome, RunConfig};

use super::V;

/// A preview1 guest that writes 120 bytes: of both clocks the resolution and three readings, of which the last two are
/// adjacent, then 56 random bytes, requested as 3, 13 and 40.
fn observe() -> Vec<u8> {
    let clock = |id: u32, at: u32| {
        let read =
            |at: u32| format!("(if (call $time (i32.const {id}) (i64.const 1) (i32.const {at})) (then unreachable))");
        format!(
            "(if (call $resolution (i32.const {id}) (i32.const {at})) (then unreachable)) {}{}{}",
            read(at + 8),
            read(at + 16),
            read(at + 24)
        )
    };
    let random =
        |at: u32, len: u32| format!("(if (call $random (i32.const {at}) (i32.const {len})) (then unreachable))");
    wat(&format!(
        r#"(module
            (import "wasi_snapshot_preview1" "clock_res_get" (func $resolution (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "_start")
                {}{}{}{}{}
                (i32.store (i32.const 8) (i32.const 1024))
                (i32.store (i32.const 12) (i32.const 120))
                (if (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable))))"#,
        clock(0, 1024),
        clock(1, 1056),
        random(1088, 3),
        random(1091, 13),
        random(1104, 40),
    ))
}

/// What the guest has observed, with preview1 and as a component, on a synchronous and on an async engine alike: the numbers
/// of the clocks, and the random bytes.
#[track_caller]
fn observed(config: &RunConfig) -> ([u64; 8], Vec<u8>) {
    let mut seen = Vec::new();
    for wasm in [observe(), component(&observe(), Adapter::V24)] {
        seen.extend(run_both::<V>(&wasm, config).unwrap().map(|done| bytes(&done)));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
    let (clocks, random) = seen[0].split_at(64);
    let mut numbers = clocks.chunks_exact(8).map(|number| u64::from_le_bytes(number.try_into().unwrap()));
    ([(); 8].map(|()| numbers.next().unwrap()), random.to_vec())
}

#[track_caller]
fn bytes(done: &Completed) -> Vec<u8> {
    assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    assert_eq!(done.stdout.total, 120);
    done.stdout.bytes.clone()
}

#[test]
fn the_preset_is_the_same_on_every_major() {
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    let preset = Deterministic::new(42).start(Duration::from_secs(1_700_000_000)).step(Duration::from_millis(10));
    config.wasi.deterministic(preset);
    let (clocks, random) = observed(&config);
    let (step, start) = (10_000_000, 1_700_000_000_000_000_000);
    assert_eq!(clocks, [step, start, start + step, start + 2 * step, step, 0, step, 2 * step]);
    // The generator's own numbers, whatever the major.
    assert_eq!(random[..16], [123, 2, 238, 215, 165, 200, 187, 79, 15, 237, 158, 47, 20, 128, 245, 203]);
    // Each store starts at the beginning, also when the configuration is used again.
    assert_eq!(observed(&config), (clocks, random));
}

const CHANCE: &[Import<'_>] = &[
    ("number", "wasi:random/random", "get-random-u64"),
    ("insecure", "wasi:random/insecure", "get-insecure-random-u64"),
    ("seed", "wasi:random/insecure-seed", "insecure-seed"),
];

/// The secure number, the insecure number, and the low and the high half of the seed.
#[track_caller]
fn numbers(config: &RunConfig) -> [u64; 4] {
    let definitions = "(func $dump (param $at i32) (param $end i32)
        (loop $next
            (call $say (i32.load8_u (local.get $at)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $next (i32.ne (local.get $at) (local.get $end)))))";
    let body = "(i64.store (i32.const 1024) (call $number))
        (i64.store (i32.const 1032) (call $insecure))
        (call $seed (i32.const 1040))
        (call $dump (i32.const 1024) (i32.const 1056))";
    let [synchronous, asynchronous] =
        run_both::<V>(&wasi_command(CHANCE, definitions, body), config).unwrap().map(|done| {
            assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
            let mut numbers =
                done.stdout.bytes.chunks_exact(8).map(|number| u64::from_le_bytes(number.try_into().unwrap()));
            [(); 4].map(|()| numbers.next().unwrap())
        });
    assert_eq!(synchronous, asynchronous);
    synchronous
}

#[test]
fn numbers_of_the_preset_and_of_the_host() {
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config.wasi.deterministic(Deterministic::new(42));
    let expected =
        [5_745_406_364_259_058_299, 3_201_412_358_390_014_666, 12_933_668_939_759_105_464, 18_149_643_915_985_481_100];
    assert_eq!(numbers(&config), expected);
    config
        .wasi
        .secure_random(|bytes| bytes.fill(1))
        .insecure_random(|bytes| bytes.fill(2))
        .insecure_random_seed(3 << 64 | 4);
    assert_eq!(numbers(&config), [0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 4, 3]);
}

/// Stands still.
struct Noon;

impl HostWallClock for Noon {
    fn resolution(&self) -> Duration {
        Duration::new(1, 500)
    }

    fn now(&self) -> Duration {
        Duration::new(1_000_000, 7)
    }
}

/// Counts.
struct Count(AtomicU64);

impl HostMonotonicClock for Count {
    fn resolution(&self) -> u64 {
        3
    }

    fn now(&self) -> u64 {
        self.0.fetch_add(3, Ordering::Relaxed)
    }
}

#[test]
fn clocks_and_random_bytes_of_the_host() {
    let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
    config.wasi.wall_clock(Noon).monotonic_clock(Count(AtomicU64::new(0)));
    let noon = 1_000_000_000_000_007;
    // The clock of a configuration is one for all its stores.
    for first in [0, 9] {
        let done = bytes(&run::<V>(&observe(), &config).unwrap());
        let number = |at: usize| u64::from_le_bytes(done[at..at + 8].try_into().unwrap());
        assert_eq!([number(0), number(8), number(24)], [1_000_000_500, noon, noon]);
        assert_eq!([number(32), number(40), number(48), number(56)], [3, first, first + 3, first + 6]);
    }
    let mut next = 0_u8;
    config.wasi.secure_random(move |bytes| {
        for byte in bytes {
            *byte = next;
            next = next.wrapping_add(1);
        }
    });
    let done = bytes(&run::<V>(&observe(), &config).unwrap());
    assert_eq!(done[64..], (0..56).collect::<Vec<u8>>());
    // The source goes on for the next store, after the block that the first has begun.
    let done = bytes(&run::<V>(&observe(), &config).unwrap());
    assert_eq!(done[64..], (64..120).collect::<Vec<u8>>());
}
