//! The network: nothing is reachable unless it is allowed, TCP, UDP and name lookup each on its own, on every major.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::time::Duration;

use compat_tests::imports::{Import, reported, wasi_command};
use compat_tests::{assert_known_difference, run_both, wat};
use tempfile::tempdir;
use wasmtime_compat::wasi::{Network, Preopen, Stdout};
use wasmtime_compat::{Outcome, RunConfig};

use super::V;

/// Long enough for anything on this machine, short enough for a test that fails.
const PATIENCE: Duration = Duration::from_secs(10);

const TCP: &[Import<'_>] = &[
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

const UDP: &[Import<'_>] = &[
    ("network", "wasi:sockets/instance-network", "instance-network"),
    ("create", "wasi:sockets/udp-create-socket", "create-udp-socket"),
    ("start-bind", "wasi:sockets/udp", "[method]udp-socket.start-bind"),
    ("finish-bind", "wasi:sockets/udp", "[method]udp-socket.finish-bind"),
    ("stream", "wasi:sockets/udp", "[method]udp-socket.stream"),
    ("block", "wasi:io/poll", "[method]pollable.block"),
    ("subscribe", "wasi:sockets/udp", "[method]outgoing-datagram-stream.subscribe"),
    ("check-send", "wasi:sockets/udp", "[method]outgoing-datagram-stream.check-send"),
    ("send", "wasi:sockets/udp", "[method]outgoing-datagram-stream.send"),
];

const NAMES: &[Import<'_>] = &[
    ("network", "wasi:sockets/instance-network", "instance-network"),
    ("block", "wasi:io/poll", "[method]pollable.block"),
    ("resolve", "wasi:sockets/ip-name-lookup", "resolve-addresses"),
    ("next", "wasi:sockets/ip-name-lookup", "[method]resolve-address-stream.resolve-next-address"),
    ("subscribe", "wasi:sockets/ip-name-lookup", "[method]resolve-address-stream.subscribe"),
];

const DEFINITIONS: &str =
    r#"(data (i32.const 0) "hello") (data (i32.const 8) "localhost") (data (i32.const 24) "127.0.0.1")"#;

/// A socket address of IPv4 as the parameters of a call.
fn address(port: impl std::fmt::Display) -> String {
    let rest = "(i32.const 0) ".repeat(6);
    format!("(i32.const 0) {port} (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1) {rest}")
}

/// Connects to a port and writes a word.
fn connect(port: u16) -> Vec<u8> {
    let address = address(format!("(i32.const {port})"));
    let body = format!(
        "(call $create (i32.const 0) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $socket (i32.load (i32.const 68)))
        (call $start-connect (global.get $socket) (call $network) {address} (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $block (call $subscribe (global.get $socket)))
        (call $finish-connect (global.get $socket) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (call $write (i32.load (i32.const 72)) (i32.const 0) (i32.const 5) (global.get $at))
        (br_if $done (call $note (i32.const 4)))"
    );
    wasi_command(TCP, &format!("{DEFINITIONS} (global $socket (mut i32) (i32.const 0))"), &body)
}

/// Listens, and accepts a connection of its own.
fn listen() -> Vec<u8> {
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

/// Sends a datagram with a word to a port.
fn send(port: u16) -> Vec<u8> {
    let (any, peer) = (address("(i32.const 0)"), address(format!("(i32.const {port})")));
    let body = format!(
        "(call $create (i32.const 0) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $socket (i32.load (i32.const 68)))
        (call $start-bind (global.get $socket) (call $network) {any} (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $finish-bind (global.get $socket) (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $stream (global.get $socket) (i32.const 1) {peer} (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $socket (i32.load (i32.const 72)))
        (i32.store (i32.const 1028) (i32.const 5))
        ;; Until the system takes the datagram.
        (loop $again
            (call $block (call $subscribe (global.get $socket)))
            (call $check-send (global.get $socket) (global.get $at))
            (br_if $again (i64.eqz (i64.load (i32.const 72))))
            (call $send (global.get $socket) (i32.const 1024) (i32.const 1) (global.get $at))
            (if (i32.eqz (i32.load8_u (global.get $at)))
                (then (br_if $again (i64.eqz (i64.load (i32.const 72)))))))
        (br_if $done (call $note (i32.const 8)))"
    );
    wasi_command(UDP, &format!("{DEFINITIONS} (global $socket (mut i32) (i32.const 0))"), &body)
}

/// Looks up a name, or an address in text.
fn look_up(name: &str) -> Vec<u8> {
    let (at, len) = if name == "localhost" { (8, 9) } else { (24, 9) };
    let body = format!(
        "(call $resolve (call $network) (i32.const {at}) (i32.const {len}) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $stream (i32.load (i32.const 68)))
        (call $block (call $subscribe (global.get $stream)))
        (call $next (global.get $stream) (global.get $at))
        (br_if $done (call $note (i32.const 2)))
        (call $say (i32.add (i32.const 128) (i32.load8_u (i32.const 66))))"
    );
    wasi_command(NAMES, &format!("{DEFINITIONS} (global $stream (mut i32) (i32.const 0))"), &body)
}

/// What the guest reports, on a synchronous and on an async engine alike.
#[track_caller]
fn reports(wasm: &[u8], network: Network) -> Vec<String> {
    let mut config = RunConfig { timeout: Some(PATIENCE), ..RunConfig::new() };
    config.wasi.network = network;
    config.wasi.stdout(Stdout::capture(100));
    let [synchronous, asynchronous] = run_both::<V>(wasm, &config).unwrap().map(|done| {
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
        reported("wasi:sockets/network", &done)
    });
    assert_eq!(synchronous, asynchronous);
    synchronous
}

/// Everything but `but`.
fn all_but(but: fn(Network) -> Network) -> [Network; 2] {
    [Network::none(), but(Network::inherit())]
}

/// A socket is refused when it is created, or where a socket can be created without a network, when it is used.
#[track_caller]
fn assert_denied(reports: &[String]) {
    let late = reports == ["ok", "access-denied"];
    assert!(late || reports == ["access-denied"], "{reports:?}");
    assert_known_difference::<V>("sockets-without-network", late);
}

#[test]
fn tcp_connects_only_where_it_is_allowed() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let wasm = connect(listener.local_addr().unwrap().port());
    for network in all_but(|all| all.tcp(false)) {
        assert_denied(&reports(&wasm, network));
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
    assert_eq!(reports(&wasm, Network::none().tcp(true)), ["ok"; 4]);
    // Once from a synchronous engine, once from an async one.
    for _ in 0..2 {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut word = String::new();
        stream.read_to_string(&mut word).unwrap();
        assert_eq!(word, "hello");
    }
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn tcp_listens_only_where_it_is_allowed() {
    let wasm = listen();
    for network in all_but(|all| all.tcp(false)) {
        assert_denied(&reports(&wasm, network));
    }
    assert_eq!(reports(&wasm, Network::none().tcp(true)), ["ok"; 10]);
}

#[test]
fn udp_sends_only_where_it_is_allowed() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_nonblocking(true).unwrap();
    let wasm = send(socket.local_addr().unwrap().port());
    let mut word = [0; 10];
    for network in all_but(|all| all.udp(false)) {
        assert_denied(&reports(&wasm, network));
        assert_eq!(socket.recv(&mut word).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
    assert_eq!(reports(&wasm, Network::none().udp(true)), ["ok"; 5]);
    socket.set_nonblocking(false).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    for _ in 0..2 {
        let len = socket.recv(&mut word).unwrap();
        assert_eq!(word.get(..len), Some(&b"hello"[..]));
    }
}

#[test]
fn names_are_looked_up_only_where_it_is_allowed() {
    for name in ["localhost", "127.0.0.1"] {
        let wasm = look_up(name);
        for network in all_but(|all| all.ip_name_lookup(false)) {
            assert_eq!(reports(&wasm, network), ["permanent-resolver-failure"], "{name}");
        }
        assert_eq!(reports(&wasm, Network::none().ip_name_lookup(true)), ["ok", "ok", "what 1"], "{name}");
    }
}

/// preview1 cannot create a socket, and a guest is given none: its functions on sockets fail with every descriptor,
/// whatever is allowed.
#[test]
fn preview1_has_no_sockets() {
    let wasm = wat(r#"(module
        (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "sock_recv" (func $recv (param i32 i32 i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "sock_shutdown" (func $shutdown (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func $must-fail (param $errno i32) (if (i32.eqz (local.get $errno)) (then (call $exit (i32.const 1)))))
        (func (export "_start") (local $fd i32)
            (loop $next
                (call $must-fail (call $accept (local.get $fd) (i32.const 0) (i32.const 64)))
                (call $must-fail (call $recv (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 64)
                    (i32.const 68)))
                (call $must-fail (call $send (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 64)))
                (call $must-fail (call $shutdown (local.get $fd) (i32.const 3)))
                (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $fd) (i32.const 100))))))"#);
    let root = tempdir().unwrap();
    for network in [Network::none(), Network::inherit()] {
        let mut config = RunConfig::new();
        config.wasi.network = network;
        config.wasi.preopen(Preopen::new(root.path(), "/d"));
        for done in run_both::<V>(&wasm, &config).unwrap() {
            assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
        }
    }
}
