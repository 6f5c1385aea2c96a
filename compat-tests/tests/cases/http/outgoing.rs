//! Requests of guests: denied, answered by the host, changed, and sent over the network.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use compat_tests::runtime;
use wasmtime_compat::http::{Body, ErrorCode, HttpConfig, Outgoing, OutgoingRequest, http};

use super::V;
use super::proxy::{get, proxy, text};

/// The number of `HTTP-request-denied` in WIT, as the guest reports it.
const DENIED: &str = "\u{f}";

#[test]
fn requests_are_denied_unless_allowed() {
    let proxy = proxy::<()>();
    runtime().block_on(async {
        let denied = (502, DENIED.to_owned());
        assert_eq!(text(&proxy, &HttpConfig::new(), get("/o")).await.unwrap(), denied);
        let mut config = HttpConfig::new();
        config.outgoing(|_: OutgoingRequest| async { Outgoing::Deny(ErrorCode::DestinationNotFound) });
        assert_eq!(text(&proxy, &config, get("/o")).await.unwrap(), (502, "\u{2}".to_owned()));
        // A code with values.
        let code = ErrorCode::HttpRequestBodySize(Some(7));
        config.outgoing(move |_: OutgoingRequest| std::future::ready(Outgoing::Deny(code.clone())));
        assert_eq!(text(&proxy, &config, get("/o")).await.unwrap(), (502, "\u{11}".to_owned()));
    });
}

#[test]
fn a_hook_responds_itself() {
    let proxy = proxy::<()>();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut config = HttpConfig::new();
    let log = seen.clone();
    config.outgoing(move |outgoing: OutgoingRequest| {
        let log = log.clone();
        async move {
            let host = outgoing.request.headers().get("host").map(|host| host.to_str().unwrap().to_owned());
            log.lock().unwrap().push((outgoing.request.uri().to_string(), host));
            tokio::task::yield_now().await;
            Outgoing::Respond(http::Response::builder().status(203).body(Body::from("from the host")).unwrap())
        }
    });
    runtime().block_on(async {
        assert_eq!(text(&proxy, &config, get("/o")).await.unwrap(), (203, "from the host".to_owned()));
        // A response that is too large ends this guest.
        config.max_outgoing_response_body(5);
        assert!(text(&proxy, &config, get("/o")).await.is_err());
    });
    let expected = ("http://upstream.test/up".to_owned(), Some("upstream.test".to_owned()));
    assert_eq!(*seen.lock().unwrap(), [expected.clone(), expected]);
}

/// The number of `HTTP-response-header-section-size` in WIT.
const HEADERS_TOO_LARGE: &str = "\u{1a}";

#[test]
fn headers_of_a_response_are_bounded() {
    let proxy = proxy::<()>();
    let mut config = HttpConfig::new();
    config.outgoing(|_: OutgoingRequest| async {
        let large = http::Response::builder().header("x-large", "x".repeat(1000));
        Outgoing::Respond(large.body(Body::from("body")).unwrap())
    });
    runtime().block_on(async {
        for (most, expected) in [(2000, (200, "body")), (500, (502, HEADERS_TOO_LARGE))] {
            config.max_field_size(most);
            let (status, body) = text(&proxy, &config, get("/o")).await.unwrap();
            assert_eq!((status, body.as_str()), expected);
        }
    });
}

/// A hook sends the request elsewhere: to a server of the test.
#[test]
fn a_request_is_changed_and_sent() {
    let proxy = proxy::<()>();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut bytes, mut buffer) = (Vec::new(), [0; 1024]);
        while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = stream.read(&mut buffer).unwrap();
            assert_ne!(count, 0);
            bytes.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\nConnection: close\r\n\r\nback").unwrap();
        String::from_utf8(bytes).unwrap()
    });
    let mut config = HttpConfig::new();
    config.outgoing(move |mut outgoing: OutgoingRequest| async move {
        *outgoing.request.uri_mut() = format!("http://{address}/changed").parse().unwrap();
        outgoing.request.headers_mut().insert("x-by", "hook".parse().unwrap());
        Outgoing::Send(outgoing)
    });
    let response = runtime().block_on(text(&proxy, &config, get("/o")));
    assert_eq!(response.unwrap(), (202, "back".to_owned()));
    let request = server.join().unwrap();
    assert!(request.starts_with("GET /changed HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("x-by: hook\r\n"), "{request}");
    assert!(request.contains("host: upstream.test\r\n"), "{request}");
}

/// Where nothing listens, the guest gets a code.
#[test]
fn a_connection_that_is_refused() {
    let proxy = proxy::<()>();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut config = HttpConfig::new();
    config.allow_outgoing();
    config.outgoing(move |mut outgoing: OutgoingRequest| async move {
        *outgoing.request.uri_mut() = format!("http://{address}/").parse().unwrap();
        Outgoing::Send(outgoing)
    });
    let response = runtime().block_on(text(&proxy, &config, get("/o"))).unwrap();
    assert_eq!(response, (502, "\u{6}".to_owned()));
}

/// A guest makes five requests and keeps the responses: those beyond the limit fail with `connection-limit-reached`.
#[test]
fn the_number_of_requests_at_a_time_is_bounded() {
    let proxy = proxy::<()>();
    let runtime = runtime();
    let counts = |config: &HttpConfig| {
        let (status, bytes) = runtime.block_on(text(&proxy, config, get("/p"))).unwrap();
        assert_eq!(status, 200);
        let count = |wanted: char| bytes.chars().filter(|byte| *byte == wanted).count();
        assert_eq!(count('k') + count('\u{b}'), 5, "{bytes:?}");
        count('k')
    };
    let mut config = HttpConfig::new();
    config.outgoing(|_: OutgoingRequest| async { Outgoing::Respond(http::Response::new(Body::from("kept"))) });
    assert_eq!(counts(&config), 5);
    config.max_outgoing_requests(3);
    // A guest that has ended has none any more.
    assert_eq!([(); 3].map(|()| counts(&config)), [3; 3]);
    config.max_outgoing_requests(10).max_outgoing_requests_total(2);
    assert_eq!([(); 3].map(|()| counts(&config.clone())), [2; 3]);
    // Another store with the same configuration has a place: its guest waits for a decision that does not come.
    let mut waiting = config.clone();
    waiting.outgoing(|_: OutgoingRequest| std::future::pending::<Outgoing>());
    let beside = runtime.block_on(async {
        let waits = text(&proxy, &waiting, get("/o"));
        let beside = async {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            text(&proxy, &config, get("/p")).await
        };
        tokio::select! {
            found = waits => panic!("there was no decision: {found:?}"),
            found = beside => found.unwrap(),
        }
    });
    assert_eq!(beside.1.matches('k').count(), 1, "{beside:?}");
    config.max_outgoing_requests(0);
    assert_eq!(counts(&config), 0);
    // Denied requests do not count.
    let (_, denied) = runtime.block_on(text(&proxy, HttpConfig::new().max_outgoing_requests(0), get("/p"))).unwrap();
    assert_eq!(denied, DENIED.repeat(5));
}

/// Responses over the network count until they have been read.
#[test]
fn responses_from_the_network_count() {
    let proxy = proxy::<()>();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 1024]);
                // The body does not end.
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart");
                let _ = stream.read(&mut [0; 1024]);
            });
        }
    });
    let mut config = HttpConfig::new();
    config.max_outgoing_requests(2).outgoing(move |mut outgoing: OutgoingRequest| async move {
        *outgoing.request.uri_mut() = format!("http://{address}/").parse().unwrap();
        Outgoing::Send(outgoing)
    });
    let (status, bytes) = runtime().block_on(text(&proxy, &config, get("/p"))).unwrap();
    assert_eq!((status, bytes.matches('k').count(), bytes.matches('\u{b}').count()), (200, 2, 3), "{bytes:?}");
}
