//! Owns guests that use sockets in several cases.

use crate::imports::{Import, wasi_command};

/// Imports of guests that use TCP.
pub const TCP: &[Import<'_>] = &[
    ("network", "wasi:sockets/instance-network", "instance-network"),
    ("block", "wasi:io/poll", "[method]pollable.block"),
    ("write", "wasi:io/streams", "[method]output-stream.blocking-write-and-flush"),
    ("create", "wasi:sockets/tcp-create-socket", "create-tcp-socket"),
    ("start-bind", "wasi:sockets/tcp", "[method]tcp-socket.start-bind"),
    ("finish-bind", "wasi:sockets/tcp", "[method]tcp-socket.finish-bind"),
    ("start-listen", "wasi:sockets/tcp", "[method]tcp-socket.start-listen"),
    ("finish-listen", "wasi:sockets/tcp", "[method]tcp-socket.finish-listen"),
    ("start-connect", "wasi:sockets/tcp", "[method]tcp-socket.start-connect"),
    ("finish-connect", "wasi:sockets/tcp", "[method]tcp-socket.finish-connect"),
    ("accept", "wasi:sockets/tcp", "[method]tcp-socket.accept"),
    ("local-address", "wasi:sockets/tcp", "[method]tcp-socket.local-address"),
    ("subscribe", "wasi:sockets/tcp", "[method]tcp-socket.subscribe"),
];

/// Listens, and accepts a connection of its own.
pub fn listen() -> Vec<u8> {
    let (any, own) = (address("(i32.const 0)"), address("(global.get $port)"));
    let body = format!(
        "(call $create (i32.const 0) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $listener (i32.load (i32.const 68)))
        (call $start-bind (global.get $listener) (call $network) {any} (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $finish-bind (global.get $listener) (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $start-listen (global.get $listener) (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $finish-listen (global.get $listener) (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $local-address (global.get $listener) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $port (i32.load16_u (i32.const 72)))
        (call $create (i32.const 0) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $socket (i32.load (i32.const 68)))
        (call $start-connect (global.get $socket) (call $network) {own} (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $block (call $subscribe (global.get $socket)))
        (call $finish-connect (global.get $socket) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (call $block (call $subscribe (global.get $listener)))
        (call $accept (global.get $listener) (global.get $at))
        (br_if $done (call $note (i32.const 4)))"
    );
    let globals = ["socket", "listener", "port"].map(|name| format!("(global ${name} (mut i32) (i32.const 0))"));
    wasi_command(TCP, &globals.concat(), &body)
}

/// A socket address of IPv4 as the parameters of a call.
pub fn address(port: impl std::fmt::Display) -> String {
    let rest = "(i32.const 0) ".repeat(6);
    format!("(i32.const 0) {port} (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1) {rest}")
}
