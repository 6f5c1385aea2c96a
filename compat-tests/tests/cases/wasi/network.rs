//! The network: nothing is reachable unless it is allowed, TCP, UDP and name lookup each on its own, on every major.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use compat_tests::hostile::peak;
use compat_tests::imports::{Import, reported, wasi_command};
use compat_tests::sockets::{TCP, address, listen};
use compat_tests::{assert_known_difference, run_both, wat};
use tempfile::tempdir;
use wasmtime_compat::wasi::{Network, Preopen, SocketAddrUse, Stdout};
use wasmtime_compat::{Outcome, RunConfig, StoreLimits, Trap};

use super::V;

/// Long enough for anything on this machine, short enough for a test that fails.
const PATIENCE: Duration = Duration::from_secs(10);

const UDP: &[Import<'_>] = &[
    ("network", "wasi:sockets/instance-network", "instance-network"),
    ("create", "wasi:sockets/udp-create-socket", "create-udp-socket"),
    ("start-bind", "wasi:sockets/udp", "[method]udp-socket.start-bind"),
    ("finish-bind", "wasi:sockets/udp", "[method]udp-socket.finish-bind"),
    ("stream", "wasi:sockets/udp", "[method]udp-socket.stream"),
    ("block", "wasi:io/poll", "[method]pollable.block"),
    ("subscribe", "wasi:sockets/udp", "[method]outgoing-datagram-stream.subscribe"),
    ("subscribe-receive", "wasi:sockets/udp", "[method]incoming-datagram-stream.subscribe"),
    ("subscribe-socket", "wasi:sockets/udp", "[method]udp-socket.subscribe"),
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

/// A guest with a UDP socket in `$udp`, its streams in `$in` and `$out`, a TCP socket in `$tcp` and a stream of addresses in
/// `$names`, which then runs `body`.
fn with_sockets(body: &str) -> Vec<u8> {
    let any = address("(i32.const 0)");
    let globals = ["udp", "in", "out", "tcp", "names"].map(|name| format!("(global ${name} (mut i32) (i32.const 0))"));
    let body = format!(
        "(call $create (i32.const 0) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $udp (i32.load (i32.const 68)))
        (call $start-bind (global.get $udp) (call $network) {any} (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $finish-bind (global.get $udp) (global.get $at))
        (br_if $done (call $note (i32.const 1)))
        (call $stream (global.get $udp) (i32.const 0) {any} (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $in (i32.load (i32.const 68)))
        (global.set $out (i32.load (i32.const 72)))
        (call $create-tcp (i32.const 0) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $tcp (i32.load (i32.const 68)))
        (call $resolve (call $network) (i32.const 24) (i32.const 9) (global.get $at))
        (br_if $done (call $note (i32.const 4)))
        (global.set $names (i32.load (i32.const 68)))
        {body}"
    );
    let more: &[Import<'_>] = &[
        ("create-tcp", "wasi:sockets/tcp-create-socket", "create-tcp-socket"),
        ("subscribe-tcp", "wasi:sockets/tcp", "[method]tcp-socket.subscribe"),
        ("resolve", "wasi:sockets/ip-name-lookup", "resolve-addresses"),
        ("subscribe-names", "wasi:sockets/ip-name-lookup", "[method]resolve-address-stream.subscribe"),
    ];
    wasi_command(&[UDP, more].concat(), &format!("{DEFINITIONS} {}", globals.concat()), &body)
}

/// How such a guest ends with the whole network and 100 handles.
#[track_caller]
fn outcomes(wasm: &[u8]) -> [Outcome; 2] {
    let mut config = RunConfig { timeout: Some(PATIENCE), limits: StoreLimits::new().handles(100), ..RunConfig::new() };
    config.wasi.network = Network::inherit();
    run_both::<V>(wasm, &config).unwrap().map(|done| done.outcome)
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
    reports_with(wasm, config)
}

/// The same, with everything allowed that the check permits; and what was checked.
#[track_caller]
fn checked(wasm: &[u8], check: fn(SocketAddrUse) -> bool) -> (Vec<String>, Vec<(u16, SocketAddrUse)>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut config = RunConfig { timeout: Some(PATIENCE), ..RunConfig::new() };
    config.wasi.network = Network::inherit();
    let uses = seen.clone();
    config.wasi.socket_addr_check(move |address, purpose| {
        uses.lock().unwrap().push((address.port(), purpose));
        check(purpose)
    });
    let reports = reports_with(wasm, config);
    let seen = seen.lock().unwrap().clone();
    (reports, seen)
}

#[track_caller]
fn reports_with(wasm: &[u8], mut config: RunConfig) -> Vec<String> {
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

/// A socket is refused when it is created.
#[track_caller]
fn assert_denied(reports: &[String]) {
    assert_eq!(reports, ["access-denied"]);
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

#[test]
fn each_address_is_checked_before_it_is_connected() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let wasm = connect(port);
    let (reports, seen) = checked(&wasm, |purpose| purpose != SocketAddrUse::TcpConnect);
    assert_eq!(reports.last().unwrap(), "access-denied", "{reports:?}");
    assert!(seen.contains(&(port, SocketAddrUse::TcpConnect)), "{seen:?}");
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    // A guest that connects need not be permitted to bind.
    let (reports, seen) = checked(&wasm, |purpose| purpose == SocketAddrUse::TcpConnect);
    assert_eq!(reports, ["ok"; 4]);
    assert_eq!(seen, [(port, SocketAddrUse::TcpConnect); 2]);
}

#[test]
fn a_guest_listens_only_where_it_may_bind_and_listen() {
    let wasm = listen();
    for denied in [
        |purpose| purpose != SocketAddrUse::TcpListen,
        |purpose| purpose != SocketAddrUse::TcpBind,
        |purpose| purpose == SocketAddrUse::TcpConnect,
    ] {
        let (reports, _) = checked(&wasm, denied);
        assert_eq!(reports.last().unwrap(), "access-denied", "{reports:?}");
        assert!(reports.len() <= 6, "{reports:?}");
    }
    let (reports, seen) = checked(&wasm, |_| true);
    assert_eq!(reports, ["ok"; 10]);
    for purpose in [SocketAddrUse::TcpBind, SocketAddrUse::TcpListen, SocketAddrUse::TcpConnect] {
        assert!(seen.iter().any(|(_, seen)| *seen == purpose), "{purpose:?}: {seen:?}");
    }
}

#[test]
fn each_address_is_checked_before_a_datagram_is_sent() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_nonblocking(true).unwrap();
    let port = socket.local_addr().unwrap().port();
    let wasm = send(port);
    for denied in [|purpose| purpose != SocketAddrUse::UdpSend, |purpose| purpose != SocketAddrUse::UdpBind] {
        let (reports, _) = checked(&wasm, denied);
        assert_eq!(reports.last().unwrap(), "access-denied", "{reports:?}");
        assert_eq!(socket.recv(&mut [0; 10]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
    let (reports, seen) = checked(&wasm, |_| true);
    assert_eq!(reports, ["ok"; 5]);
    for expected in [(0, SocketAddrUse::UdpBind), (port, SocketAddrUse::UdpSend), (port, SocketAddrUse::UdpReceive)] {
        assert!(seen.contains(&expected), "{expected:?}: {seen:?}");
    }
}

#[test]
fn a_check_does_not_turn_anything_on() {
    let mut config = RunConfig { timeout: Some(PATIENCE), ..RunConfig::new() };
    config.wasi.network = Network::none().udp(true);
    config.wasi.socket_addr_check(|_, _| true);
    assert_denied(&reports_with(&connect(1), config));
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

/// What sockets make counts as resources of the store.
#[test]
fn resources_of_sockets_are_counted() {
    let repeated = |times: u32, call: &str| {
        with_sockets(&format!(
            "(global.set $end (i32.const 32768))
            (loop $again
                {call}
                (i32.store (i32.const 2048) (i32.add (i32.load (i32.const 2048)) (i32.const 1)))
                (br_if $again (i32.lt_u (i32.load (i32.const 2048)) (i32.const {times}))))"
        ))
    };
    for call in [
        "(drop (call $subscribe-socket (global.get $udp)))",
        "(drop (call $subscribe-receive (global.get $in)))",
        "(drop (call $subscribe (global.get $out)))",
        "(drop (call $subscribe-tcp (global.get $tcp)))",
        "(drop (call $subscribe-names (global.get $names)))",
        "(call $resolve (call $network) (i32.const 24) (i32.const 9) (global.get $at))",
    ] {
        for outcome in outcomes(&repeated(200, call)) {
            assert!(matches!(outcome, Outcome::Trapped { trap: Trap::LimitExceeded, .. }), "{call}: {outcome:?}");
        }
        for outcome in outcomes(&repeated(20, call)) {
            assert!(matches!(outcome, Outcome::Exited(0)), "{call}: {outcome:?}");
        }
    }
}

/// A list of datagrams that all name the same bytes would take many times the guest's memory (RUSTSEC-2026-0020).
#[test]
fn datagrams_of_one_call_are_bounded() {
    let listed = |count: u32| {
        with_sockets(&format!(
            "(loop $again
                (i32.store
                    (i32.add (i32.const 131076) (i32.mul (i32.load (i32.const 2048)) (i32.const 44)))
                    (i32.const 0xf0000))
                (i32.store (i32.const 2048) (i32.add (i32.load (i32.const 2048)) (i32.const 1)))
                (br_if $again (i32.lt_u (i32.load (i32.const 2048)) (i32.const {count}))))
            (call $send (global.get $out) (i32.const 131072) (i32.const {count}) (global.get $at))"
        ))
    };
    peak();
    let before = peak();
    for outcome in outcomes(&listed(2000)) {
        assert!(matches!(outcome, Outcome::Trapped { .. }), "{outcome:?}");
    }
    assert!(peak() < before + (512 << 20), "{} MiB", (peak() - before) >> 20);
}
