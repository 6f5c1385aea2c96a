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
