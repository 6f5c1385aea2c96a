//! The command `serve` as its clients and its user see it, on every major of the build: over TCP, on ports of the system's choice.

mod server;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::majors::enabled;
use serde_json::Value;
use tempfile::tempdir;

use self::server::{PATIENCE, Server, response, send};
use crate::handler::handler;
use crate::user::tool;

fn on_every_major(test: impl Fn(u64)) {
    enabled().iter().for_each(|wasmtime| test(wasmtime.major()));
}

#[test]
fn requests_are_served_side_by_side_and_logged() {
    on_every_major(|major| {
        let server = Server::new(major, &[]);
        thread::scope(|scope| {
            for client in 0..16 {
                let address = server.address;
                scope.spawn(move || {
                    for request in 0..4 {
                        let path = format!("/path/{client}/{request}?query");
                        assert_eq!(response(send(address, &path)), (200, path));
                    }
                });
            }
        });
        for _ in 0..64 {
            let event = server.events.recv_timeout(PATIENCE).unwrap();
            let path = event["path"].as_str().unwrap();
            let length = path.len() + "?query".len();
            assert_eq!((&event["event"], &event["method"]), (&"request".into(), &"GET".into()), "{event}");
            assert_eq!((&event["status"], &event["bytes"]), (&200.into(), &length.into()), "{event}");
            assert_eq!((&event["query"], &event["error"]), (&"query".into(), &Value::Null), "{event}");
            assert!(event["seconds"].as_f64().unwrap() > 0.0, "{event}");
        }
        assert_eq!(server.get("/new").0, 404);
    });
}

#[test]
fn a_connection_serves_several_requests() {
    on_every_major(|major| {
        let server = Server::new(major, &[]);
        let mut stream = server.connect();
        stream.write_all(b"GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"0\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            seen.push(byte[0]);
        }
        stream.write_all(b"HEAD /2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        assert_eq!(response(stream), (200, String::new()));
        assert!(server.request("/1")["error"].is_null());
        assert!(server.request("/2")["error"].is_null());
    });
}

#[test]
fn faults_of_a_guest_are_responses_and_the_server_lives_on() {
    on_every_major(|major| {
        let server = Server::new(major, &["--timeout", "700ms"]);
        for (path, status, kind) in [
            ("/trap", 500, Some("trap")),
            ("/silent", 500, Some("no-response")),
            ("/error", 502, Some("http")),
            ("/upgrade", 502, Some("http")),
            ("/loop", 504, Some("timed-out")),
            ("/good", 200, None),
        ] {
            let (found, body) = server.get(path);
            assert_eq!(found, status, "{path}: {body}");
            let event = server.request(path);
            assert_eq!((&event["status"], event["error_kind"].as_str()), (&status.into(), kind), "{event}");
            assert_eq!(event["error"].is_null(), kind.is_none(), "{event}");
        }
        // The status is sent before the guest fails: the body is cut.
        assert_eq!(server.get("/after"), (200, "/after".to_owned()));
        let event = server.request("/after");
        assert_eq!((&event["status"], &event["error_kind"]), (&200.into(), &"trap".into()), "{event}");
        assert_eq!(server.get("/good"), (200, "/good".to_owned()));
    });
}

#[test]
fn guests_that_hang_do_not_hold_up_others() {
    on_every_major(|major| {
        let server = Server::new(major, &["--timeout", "5s"]);
        let started = Instant::now();
        let hanging: Vec<TcpStream> = (0..4).map(|_| server.send("/loop")).collect();
        for _ in 0..4 {
            assert_eq!(server.get("/quick").0, 200);
        }
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "others waited for those that hang: {:?}",
            started.elapsed()
        );
        for stream in hanging {
            assert_eq!(response(stream).0, 504);
        }
    });
}

#[test]
fn clients_that_go_away_end_their_guests_only() {
    on_every_major(|major| {
        let server = Server::new(major, &["--timeout", "30s"]);
        // Nothing is sent, half a request is sent, and what is not a request is sent.
        drop(server.connect());
        server.connect().write_all(b"GET /half HTTP/1.1\r\nHo").unwrap();
        let mut nonsense = server.connect();
        nonsense.write_all(b"\x16\x03\x01nonsense\r\n\r\n").unwrap();
        let _ = nonsense.shutdown(Shutdown::Write);
        // A part of a response is read.
        for _ in 0..4 {
            let mut stream = server.send("/infinite");
            let mut part = [0; 20_000];
            stream.read_exact(&mut part).unwrap();
        }
        for _ in 0..4 {
            let event = server.request("/infinite");
            assert!(event["error"].as_str().unwrap().contains("went away"), "{event}");
            assert!(event["bytes"].as_u64().unwrap() > 10_000 && event["seconds"].as_f64().unwrap() < 25.0, "{event}");
        }
        // None of the response is read.
        drop(server.send("/loop"));
        let event = server.request("/loop");
        assert!(event["status"].is_null() && event["seconds"].as_f64().unwrap() < 25.0, "{event}");
        assert_eq!(server.get("/good"), (200, "/good".to_owned()));
    });
}

#[test]
fn a_signal_ends_the_server_when_its_requests_have_ended() {
    on_every_major(|major| {
        let mut server = Server::new(major, &["--timeout", "1s"]);
        let idle = server.connect();
        let hanging = server.send("/loop");
        thread::sleep(Duration::from_millis(300));
        server.signal("TERM");
        assert_eq!(response(hanging).0, 504);
        assert_eq!(server.end().code(), Some(0));
        drop(idle);
        let event = server.events.iter().last().unwrap();
        assert_eq!((&event["event"], &event["requests"]), (&"stopped".into(), &1.into()), "{event}");
        assert!(TcpStream::connect(server.address).is_err(), "nothing listens any more");
    });
}

#[test]
fn a_request_that_outlives_the_grace_is_aborted() {
    on_every_major(|major| {
        let mut server = Server::new(major, &["--timeout", "60s", "--grace", "200ms"]);
        let hanging = server.send("/loop");
        thread::sleep(Duration::from_millis(300));
        server.signal("INT");
        assert_eq!(server.end().code(), Some(1));
        drop(hanging);
        let events: Vec<Value> = server.events.iter().collect();
        let stopped = events.iter().find(|event| event["event"] == "stopped").unwrap();
        assert_eq!(stopped["aborted"], 1, "{stopped}");
    });
}

#[test]
fn requests_beyond_the_limit_are_turned_away() {
    on_every_major(|major| {
        let server = Server::new(major, &["--timeout", "2s", "--max-requests", "1"]);
        let hanging = server.send("/loop");
        thread::sleep(Duration::from_millis(300));
        assert_eq!(server.get("/good").0, 503);
        assert_eq!(response(hanging).0, 504);
        assert_eq!(server.get("/good").0, 200);
    });
}

#[test]
fn a_guest_counts_until_it_ends() {
    on_every_major(|major| {
        let server = Server::new(major, &["--timeout", "3s", "--max-requests", "1"]);
        let started = Instant::now();
        assert_eq!(server.get("/keep"), (200, "/keep".to_owned()));
        assert_eq!(server.get("/good").0, 503);
        assert!(started.elapsed() < Duration::from_secs(3), "the response came with the end of its guest");
        thread::sleep(Duration::from_secs(3).saturating_sub(started.elapsed()) + Duration::from_millis(500));
        // One after the other: each guest has ended, or is about to, when the next request comes.
        for _ in 0..20 {
            assert_eq!(server.get("/good").0, 200);
        }
    });
}

#[test]
fn guests_that_go_on_have_the_grace() {
    on_every_major(|major| {
        let mut server = Server::new(major, &["--timeout", "60s", "--grace", "200ms"]);
        assert_eq!(server.get("/keep"), (200, "/keep".to_owned()));
        server.signal("TERM");
        assert_eq!(server.end().code(), Some(1));
        let event = server.events.iter().last().unwrap();
        assert_eq!((&event["event"], &event["aborted"]), (&"stopped".into(), &1.into()), "{event}");
    });
}

#[test]
fn connections_beyond_the_limit_wait() {
    on_every_major(|major| {
        let server = Server::new(major, &["--timeout", "3s", "--max-connections", "2"]);
        let started = Instant::now();
        let hanging = [server.send("/loop"), server.send("/loop")];
        let waiting: Vec<TcpStream> = (0..4).map(|_| server.send("/good")).collect();
        let responses: Vec<_> = waiting.into_iter().map(response).collect();
        assert!(started.elapsed() >= Duration::from_millis(2900), "they did not wait: {:?}", started.elapsed());
        assert_eq!(responses, vec![(200, "/good".to_owned()); 4]);
        hanging.into_iter().for_each(|stream| assert_eq!(response(stream).0, 504));

        // Connections on which nothing happens make room: idle ones, and those with a part of a request.
        for begun in [&b""[..], b"GET /half HTTP/1.1\r\nHo"] {
            let idle = [(); 2].map(|()| {
                let mut stream = server.connect();
                stream.write_all(begun).unwrap();
                stream
            });
            let started = Instant::now();
            assert_eq!(server.get("/good").0, 200);
            assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
            drop(idle);
        }
        // Without others they stay.
        let mut stream = server.connect();
        thread::sleep(Duration::from_millis(1500));
        stream.write_all(b"GET /delayed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        assert_eq!(response(stream), (200, "/delayed".to_owned()));
    });
}

#[test]
fn lines_of_guests_are_events() {
    on_every_major(|major| {
        let server = Server::new(major, &[]);
        thread::scope(|scope| {
            for client in 0..8 {
                let address = server.address;
                scope.spawn(move || {
                    let path = format!("/write/{client}");
                    assert_eq!(response(send(address, &path)), (200, path));
                });
            }
        });
        let (mut written, mut requested) = (Vec::new(), Vec::new());
        let mut parts = 0;
        while requested.len() < 8 || written.len() < 8 || parts < 24 {
            let event = server.events.recv_timeout(PATIENCE).unwrap();
            let id = event["id"].as_u64().unwrap();
            match (event["event"].as_str().unwrap(), event["stream"].as_str()) {
                ("request", _) => requested.push((id, event["path"].as_str().unwrap().to_owned())),
                ("output", Some("stdout")) => {
                    assert_eq!(event["cut"], false, "{event}");
                    written.push((id, event["text"].as_str().unwrap().to_owned()));
                }
                ("output", Some("stderr")) => {
                    let length = event["text"].as_str().unwrap().len();
                    let expected = if event["cut"] == true { 4096 } else { 10_000 - 2 * 4096 };
                    assert_eq!(length, expected, "{event}");
                    parts += 1;
                }
                _ => panic!("{event}"),
            }
        }
        written.sort_unstable();
        requested.sort_unstable();
        assert_eq!(written, requested);
    });
}

#[test]
fn headers_that_are_not_a_request_of_this_host_are_refused() {
    let server = Server::new(enabled().last().unwrap().major(), &[]);
    let mut stream = server.connect();
    stream.write_all(b"GET /good HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(response(stream).0, 400);
    for hosts in ["Host: localhost\r\nHost: elsewhere", "Host: user@localhost"] {
        let mut stream = server.connect();
        write!(stream, "GET /good HTTP/1.1\r\n{hosts}\r\nConnection: close\r\n\r\n").unwrap();
        assert_eq!(response(stream).0, 400, "{hosts:?}");
    }
    let mut stream = server.connect();
    let long = "x".repeat(200_000);
    write!(stream, "GET /good HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Long: {long}\r\n\r\n").unwrap();
    assert_eq!(response(stream).0, 431);
}

#[test]
fn without_json_the_address_is_data_and_the_log_is_not() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("handler.wasm"), handler()).unwrap();
    let mut child = tool()
        .args(["serve", "--no-advisories", "--addr", "127.0.0.1:0", "handler.wasm"])
        .current_dir(root.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line:?}"));
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET /x?y HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(response(stream), (200, "/x?y".to_owned()));
    assert_eq!(response(send(address.parse().unwrap(), "/write")), (200, "/write".to_owned()));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    let has = |start: &str, part: &str| log.lines().any(|line| line.starts_with(start) && line.contains(part));
    assert!(has("[1] 127.0.0.1:", " GET /x?y 200 4 bytes "), "{log}");
    assert!(has("[2] guest stdout: /write", ""), "{log}");
    assert!(has(&format!("[2] guest stderr: {}…", ".".repeat(4096)), ""), "{log}");
    assert!(log.contains("stopped after 2 requests"), "{log}");
    assert_eq!(output.status.code(), Some(0), "{log}");
}

#[test]
fn what_does_not_handle_requests_is_refused() {
    let root = tempdir().unwrap();
    let run = r#"(component
        (core module $m (func (export "run") (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func $run (result (result)) (canon lift (core func $i "run")))
        (instance $r (export "run" (func $run)))
        (export "wasi:cli/run@0.2.0" (instance $r)))"#;
    let guests = [
        ("command.wat", r#"(module (func (export "_start")))"#, "run` runs commands"),
        ("run.wat", run, "run` runs commands"),
        ("module.wat", "(module)", "component new"),
        ("empty.wat", "(component)", "inspect` shows"),
    ];
    for (name, text, hint) in guests {
        std::fs::write(root.path().join(name), text).unwrap();
        let output = tool().args(["serve", "--json", name]).current_dir(root.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(126), "{name}");
        let failure: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(failure["error"].as_str().unwrap().contains("wasi:http/incoming-handler@0.2."), "{failure}");
        assert!(failure["hint"].as_str().unwrap().contains(hint), "{failure}");
    }
    std::fs::write(root.path().join("handler.wasm"), handler()).unwrap();
    let serve = |flags: &[&str]| {
        let output = tool().args(["serve"]).args(flags).arg("handler.wasm").current_dir(root.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, text) = serve(&["--dir", "missing::/x"]);
    assert!(code == Some(126) && text.contains("missing"), "{text}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, text) = serve(&["--addr", &taken.local_addr().unwrap().to_string()]);
    assert!(code == Some(2) && text.contains("cannot listen on"), "{text}");
    let (code, text) = serve(&["--addr", "nowhere"]);
    assert!(code == Some(2) && text.contains("HOST:PORT"), "{text}");
}

/// As `nohup` and shells start processes in the background.
#[test]
fn a_server_starts_with_signals_ignored() {
    on_every_major(|major| {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("handler.wasm"), crate::handler::handler()).unwrap();
        let script = r#"trap '' INT HUP; exec "$@""#;
        let mut child = std::process::Command::new("sh")
            .args(["-c", script, "sh", env!("CARGO_BIN_EXE_wasmtime-compat"), "serve", "--json", "--no-advisories"])
            .args(["--addr", "127.0.0.1:0", "--wasmtime", &major.to_string(), "handler.wasm"])
            .current_dir(root.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut lines = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut lines, &mut first).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(first.contains("\"listening\""), "{first}");
    });
}
