//! What functions of preview1 do, where majors differ: the newest major's behaviour is the meaning.

use compat_tests::{run_both, wat};
use tempfile::tempdir;
use wasmtime_compat::wasi::{Preopen, Stdout};
use wasmtime_compat::{Outcome, RunConfig, StoreLimits, Trap};

use super::V;

/// A module that has the file `f` of its directory, descriptor 3, open for reading and writing as descriptor 4. It exits
/// with 0 unless `body` exits with another code.
fn guest(body: &str) -> Vec<u8> {
    wat(&format!(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_readdir"
                (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "path_readlink"
                (func $readlink (param i32 i32 i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_renumber" (func $renumber (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_fdstat_set_rights" (func $rights (param i32 i64 i64) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 64) "f")
            (func $is (param $found i32) (param $expected i32) (param $code i32)
                (if (i32.ne (local.get $found) (local.get $expected))
                    (then (call $exit (i32.add (local.get $code) (local.get $found))))))
            ;; Subscription `number` of a list at 1024: reading (1) or writing (2) a descriptor.
            (func $subscribe (param $number i32) (param $what i32) (param $fd i32) (local $at i32)
                (local.set $at (i32.add (i32.const 1024) (i32.mul (local.get $number) (i32.const 48))))
                (i64.store (local.get $at) (i64.extend_i32_u (local.get $number)))
                (i32.store8 offset=8 (local.get $at) (local.get $what))
                (i32.store offset=16 (local.get $at) (local.get $fd)))
            (func $poll-all (param $count i32) (result i32)
                (call $poll (i32.const 1024) (i32.const 2048) (local.get $count) (i32.const 80)))
            (func (export "_start") (local $left i32)
                (call $is (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0)
                    (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 72)) (i32.const 0) (i32.const 100))
                {body}))"#
    ))
}

/// Asserts that `body` finds what it expects.
#[track_caller]
fn assert_expected(body: &str, limits: StoreLimits) {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("f"), "text").unwrap();
    let mut config = RunConfig { limits, ..RunConfig::new() };
    config.wasi.preopens.push(Preopen::new(root.path(), "/d"));
    config.wasi.stdout(Stdout::capture(100)).stderr(Stdout::capture(100));
    for done in run_both::<V>(&guest(body), &config).unwrap() {
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
    }
}

#[test]
fn what_was_polled_can_be_closed() {
    assert_expected(
        "(call $subscribe (i32.const 0) (i32.const 2) (i32.const 1))
         (call $subscribe (i32.const 1) (i32.const 1) (i32.const 0))
         (call $subscribe (i32.const 2) (i32.const 1) (i32.const 4))
         (call $is (call $poll-all (i32.const 3)) (i32.const 0) (i32.const 1))
         (call $is (call $close (i32.const 4)) (i32.const 0) (i32.const 20))
         (call $is (call $close (i32.const 1)) (i32.const 0) (i32.const 30))
         (call $is (call $close (i32.const 0)) (i32.const 0) (i32.const 40))
         (call $is (call $close (i32.const 0)) (i32.const 8) (i32.const 50))",
        StoreLimits::new(),
    );
}

#[test]
fn what_was_polled_first_can_be_closed() {
    // Before its first call nothing is known of the guest's descriptors.
    let wasm = wat(r#"(module
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
            (i32.store8 (i32.const 8) (i32.const 2))
            (i32.store (i32.const 16) (i32.const 1))
            (if (call $poll (i32.const 0) (i32.const 104) (i32.const 1) (i32.const 200)) (then unreachable))
            (if (call $close (i32.const 1)) (then unreachable))))"#);
    for output in [Stdout::Null, Stdout::capture(100)] {
        let mut config = RunConfig::new();
        config.wasi.stdout(output);
        for done in run_both::<V>(&wasm, &config).unwrap() {
            assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
        }
    }
}

#[test]
fn what_was_polled_can_be_renumbered() {
    assert_expected(
        "(call $subscribe (i32.const 0) (i32.const 2) (i32.const 1))
         (call $is (call $poll-all (i32.const 1)) (i32.const 0) (i32.const 1))
         (call $is (call $renumber (i32.const 1) (i32.const 4)) (i32.const 0) (i32.const 20))
         (call $is (call $close (i32.const 4)) (i32.const 0) (i32.const 30))",
        StoreLimits::new(),
    );
}

#[test]
fn polls_leave_no_resources_behind() {
    assert_expected(
        "(call $subscribe (i32.const 0) (i32.const 1) (i32.const 4))
         (call $subscribe (i32.const 1) (i32.const 2) (i32.const 1))
         (local.set $left (i32.const 2000))
         (loop $again
            (call $is (call $poll-all (i32.const 2)) (i32.const 0) (i32.const 1))
            (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))",
        StoreLimits::new().handles(100),
    );
}

#[test]
fn a_poll_that_fails_leaves_nothing_behind() {
    assert_expected(
        "(call $subscribe (i32.const 0) (i32.const 2) (i32.const 1))
         (call $subscribe (i32.const 1) (i32.const 1) (i32.const 77))
         (call $is (call $poll-all (i32.const 2)) (i32.const 8) (i32.const 1))
         (call $is (call $close (i32.const 1)) (i32.const 0) (i32.const 20))",
        StoreLimits::new(),
    );
}

#[test]
fn rights_cannot_be_set() {
    assert_expected(
        "(call $is (call $rights (i32.const 4) (i64.const 0) (i64.const 0)) (i32.const 58) (i32.const 1))
         (call $is (call $rights (i32.const 77) (i64.const 0) (i64.const 0)) (i32.const 8) (i32.const 20))",
        StoreLimits::new(),
    );
}

/// Flags of `sock_send` are a number of which no bit has a meaning.
#[test]
fn no_descriptor_is_a_socket() {
    assert_expected(
        "(call $is (call $send (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0xffff) (i32.const 80))
            (i32.const 57) (i32.const 1))
         (call $is (call $send (i32.const 77) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 80))
            (i32.const 8) (i32.const 60))",
        StoreLimits::new(),
    );
}

/// The buffer begins in the memory and ends behind it. Up to 20 Wasmtime looks at it after it has read.
#[test]
fn buffers_are_checked_before_a_file_is_read() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("f"), "text").unwrap();
    let mut config = RunConfig::new();
    config.wasi.preopens.push(Preopen::new(root.path(), "/d"));
    for rights in ["2", "0x40"] {
        let wasm = guest(&format!(
            "(call $is (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0)
                (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 72)) (i32.const 0) (i32.const 100))
            (i32.store (i32.const 0) (i32.const 0xf000))
            (i32.store (i32.const 4) (i32.const 0x2000))
            (drop (call $read (i32.load (i32.const 72)) (i32.const 0) (i32.const 1) (i32.const 80)))"
        ));
        for done in run_both::<V>(&wasm, &config).unwrap() {
            let out_of_bounds = matches!(done.outcome, Outcome::Trapped { trap: Trap::PointerOutOfBounds, .. });
            assert!(out_of_bounds, "{rights}: {:?}", done.outcome);
        }
    }
}

/// The pointer to a buffer of no bytes may lead anywhere; what else is wrong with the call is still found.
#[test]
fn pointers_to_empty_buffers_are_not_checked() {
    assert_expected(
        "(call $is (call $readdir (i32.const 3) (i32.const -8) (i32.const 0) (i64.const 0) (i32.const 104)) (i32.const 0)
            (i32.const 110))
        (call $is (i32.load (i32.const 104)) (i32.const 0) (i32.const 120))
        (call $is (call $readdir (i32.const 77) (i32.const -8) (i32.const 0) (i64.const 0) (i32.const 104)) (i32.const 8)
            (i32.const 130))
        (call $is (call $readlink (i32.const 3) (i32.const 64) (i32.const 1) (i32.const -8) (i32.const 0) (i32.const 104))
            (i32.const 28) (i32.const 140))",
        StoreLimits::new(),
    );
}
