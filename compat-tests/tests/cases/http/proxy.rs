//! Guests that respond to HTTP requests: what they see, what they respond with, and how they end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use compat_tests::http::handler;
use compat_tests::{assert_known_difference, async_engine, engine, runtime, wat};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;
use wasmtime_compat::component::{Component, Linker};
use wasmtime_compat::http::{Body, ErrorCode, HttpConfig, ProxyPre, Request, Response, http};
use wasmtime_compat::wasi::WasiConfig;
use wasmtime_compat::{Config, CoreWasmtime, Engine, Error, ErrorKind, Result, RunConfig, Store, Trap, by_major};

use super::V;

/// The handler on an engine that checks epochs.
pub(super) fn proxy<T: Send + 'static>() -> ProxyPre<V, T> {
    let config = Config::new().async_support(true).epoch_interruption(true);
    let engine = Engine::<V>::new(&config).unwrap();
    prepare(&engine, &handler()).unwrap()
}

fn prepare<T: Send + 'static>(engine: &Engine<V>, wasm: &[u8]) -> Result<ProxyPre<V, T>> {
    let mut linker = Linker::new(engine);
    linker.add_wasi_http()?;
    linker.add_wasi()?;
    ProxyPre::new(linker.instantiate_pre(&Component::new(engine, wasm)?)?)
}

pub(super) fn get(path: &str) -> Request {
    post(path, Body::empty())
}

fn post(path: &str, body: Body) -> Request {
    http::Request::post(format!("http://example.test{path}")).body(body).unwrap()
}

/// Sends one request to a new instance.
pub(super) async fn respond(proxy: &ProxyPre<V, ()>, config: &HttpConfig, request: Request) -> Result<Response> {
    let mut store = Store::with_wasi(proxy.engine(), (), &WasiConfig::new())?;
    store.set_http(config);
    proxy.handle(store, request).await
}

/// Status and body of the response, or the error of either.
pub(super) async fn text(proxy: &ProxyPre<V, ()>, config: &HttpConfig, request: Request) -> Result<(u16, String)> {
    let response = respond(proxy, config, request).await?;
    let status = response.status().as_u16();
    let bytes = response.into_body().collect(1 << 24).await?;
    Ok((status, String::from_utf8(bytes.to_vec()).unwrap()))
}

/// A body that a test writes while it is read.
struct Channel(mpsc::Receiver<Bytes>);

impl HttpBody for Channel {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[test]
fn a_guest_responds() {
    let proxy = proxy();
    runtime().block_on(async {
        let config = HttpConfig::new();
        for _ in 0..3 {
            assert_eq!(text(&proxy, &config, get("/a")).await.unwrap(), (200, "hello".to_owned()));
        }
        // Two at once.
        let (one, two) = tokio::join!(text(&proxy, &config, get("/a")), text(&proxy, &config, post("/e", "x".into())));
        assert_eq!((one.unwrap().1, two.unwrap().1), ("hello".to_owned(), "x".to_owned()));
    });
}

#[test]
fn a_guest_sees_the_request() {
    let proxy = proxy();
    runtime().block_on(async {
        let config = HttpConfig::new();
        let request = http::Request::put("https://example.test:81/s?x=1").header("X-Name", "Ada");
        let seen = text(&proxy, &config, request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(seen.1, "3\n1\nexample.test:81\n/s?x=1\nAda\n");
        // As servers get requests: scheme and authority are not in the URI.
        let request = http::Request::get("/s").header("Host", "there.test");
        let seen = text(&proxy, &config, request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(seen.1, "0\n0\nthere.test\n/s\n\n");
        let request = http::Request::get("http://there.test/s").header("TE", "trailers");
        let seen = text(&proxy, &config, request.body(Body::empty()).unwrap()).await.unwrap();
        assert_known_difference::<V>("http-te", !seen.1.ends_with("\ntrailers"));
    });
}

#[test]
fn bodies_are_streams_in_both_directions() {
    let proxy = proxy();
    runtime().block_on(async {
        let config = HttpConfig::new();
        let (sender, receiver) = mpsc::channel(1);
        let response = respond(&proxy, &config, post("/e", Body::new(Channel(receiver)))).await.unwrap();
        assert_eq!(response.status(), 201);
        let mut body = response.into_body();
        for piece in ["one", "two", "three"] {
            // The guest passes each piece on before it can have seen the next.
            sender.send(Bytes::from(piece)).await.unwrap();
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), piece);
        }
        drop(sender);
        assert!(body.frame().await.is_none());

        let large: String = "0123456789".repeat(30_000);
        assert_eq!(text(&proxy, &config, post("/e", large.clone().into())).await.unwrap(), (201, large));
    });
}

#[test]
fn trailers_are_passed_in_both_directions() {
    let proxy = proxy();
    runtime().block_on(async {
        let config = HttpConfig::new();
        let body = respond(&proxy, &config, get("/r")).await.unwrap().into_body();
        let all = body.collect_frames().await;
        assert_eq!((all.0.as_str(), all.1.as_deref()), ("hello", Some("done")));

        let trailers = http::HeaderMap::from_iter([(http::HeaderName::from_static("x-end"), "here".parse().unwrap())]);
        let frames = http_body_util::Full::new(Bytes::from("x"))
            .with_trailers(async move { Some(Ok::<_, std::convert::Infallible>(trailers)) });
        assert_eq!(text(&proxy, &config, post("/q", Body::new(frames))).await.unwrap().1, "here");
    });
}

/// All bytes, and the trailer `x-end`.
trait Frames {
    async fn collect_frames(self) -> (String, Option<String>);
}

impl Frames for Body {
    async fn collect_frames(mut self) -> (String, Option<String>) {
        let (mut text, mut end) = (String::new(), None);
        while let Some(frame) = self.frame().await {
            match frame.unwrap().into_data() {
                Ok(bytes) => text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Err(frame) => {
                    end = frame.into_trailers().unwrap().get("x-end").map(|end| end.to_str().unwrap().to_owned());
                }
            }
        }
        (text, end)
    }
}

#[test]
fn a_guest_that_does_not_respond_is_a_typed_error() {
    let proxy = proxy();
    runtime().block_on(async {
        let config = HttpConfig::new();
        let trapped = text(&proxy, &config, get("/t")).await.unwrap_err();
        assert_eq!((trapped.kind(), trapped.trap()), (ErrorKind::Trap, Some(&Trap::Unreachable)));
        assert_eq!(text(&proxy, &config, get("/n")).await.unwrap_err().kind(), ErrorKind::NoResponse);
        let refused = text(&proxy, &config, get("/c")).await.unwrap_err();
        assert_eq!((refused.kind(), refused.http_error_code()), (ErrorKind::Http, Some(&ErrorCode::LoopDetected)));
        // After a response: its body ends with the error.
        for path in ["/T", "/2"] {
            let response = respond(&proxy, &config, get(path)).await.unwrap();
            assert_eq!(response.status(), 200);
            let error = response.into_body().collect(1000).await.unwrap_err();
            assert_eq!(error.kind(), if path == "/T" { ErrorKind::Trap } else { error.kind() }, "{error:?}");
        }
        // The others are served meanwhile.
        assert_eq!(text(&proxy, &config, get("/a")).await.unwrap().1, "hello");
    });
}

#[test]
fn timeouts_end_guests() {
    let proxy = proxy();
    runtime().block_on(async {
        let mut config = HttpConfig::new();
        config.timeout(Duration::from_millis(200));
        assert_eq!(text(&proxy, &config, get("/l")).await.unwrap_err().kind(), ErrorKind::TimedOut);
        let response = respond(&proxy, &config, get("/L")).await.unwrap();
        assert_eq!(response.into_body().collect(1000).await.unwrap_err().kind(), ErrorKind::TimedOut);
        // A guest that waits for a body that does not come.
        let (_sender, receiver) = mpsc::channel(1);
        let response = respond(&proxy, &config, post("/e", Body::new(Channel(receiver)))).await.unwrap();
        assert_eq!(response.into_body().collect(1000).await.unwrap_err().kind(), ErrorKind::TimedOut);

        let mut config = HttpConfig::new();
        config.first_byte_timeout(Duration::from_millis(200));
        assert_eq!(text(&proxy, &config, get("/l")).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(text(&proxy, &config, get("/a")).await.unwrap().1, "hello");

        let mut config = HttpConfig::new();
        config.between_bytes_timeout(Duration::from_millis(200));
        let (_sender, receiver) = mpsc::channel(1);
        let response = respond(&proxy, &config, post("/e", Body::new(Channel(receiver)))).await.unwrap();
        assert!(response.into_body().collect(1000).await.is_err());
    });
}

/// After an informational status a client waits for another response, or speaks another protocol.
#[test]
fn a_status_that_is_not_final_is_a_typed_error() {
    let proxy = proxy();
    runtime().block_on(async {
        let config = HttpConfig::new();
        for path in ["/100", "/101", "/103", "/199"] {
            let error = text(&proxy, &config, get(path)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Http, "{path}: {error:?}");
            assert_eq!(error.http_error_code(), Some(&ErrorCode::HttpProtocolError), "{path}: {error:?}");
            assert!(error.to_string().contains(&path[1..]), "{error}");
        }
        assert_eq!(text(&proxy, &config, get("/a")).await.unwrap().1, "hello");
    });
}

/// A guest ends when nobody waits for its response, and its store with it.
#[test]
fn clients_that_go_away_end_guests() {
    let proxy = proxy::<Arc<()>>();
    // A guest that loops holds a worker, and another one is needed for the runtime's clock.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    runtime.block_on(async {
        let alive = Arc::new(());
        let start = |path: &str| {
            let store = Store::with_wasi(proxy.engine(), alive.clone(), &WasiConfig::new()).unwrap();
            let (sender, receiver) = mpsc::channel(1);
            (proxy.handle(store, post(path, Body::new(Channel(receiver)))), sender)
        };
        // While it runs before it responds, while it runs afterwards, and while it waits.
        let (response, _sender) = start("/l");
        assert!(tokio::time::timeout(Duration::from_millis(100), response).await.is_err());
        gone(&alive).await;
        for path in ["/L", "/e"] {
            let (response, _sender) = start(path);
            let response = response.await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            drop(response);
            gone(&alive).await;
        }
    });
}

/// Waits until only the test has the value.
async fn gone(alive: &Arc<()>) {
    for _ in 0..500 {
        if Arc::strong_count(alive) == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the store lives on");
}

#[test]
fn sizes_are_bounded() {
    let proxy = proxy();
    runtime().block_on(async {
        let mut config = HttpConfig::new();
        config.max_request_body(10).max_response_body(4);
        assert_eq!(text(&proxy, &config, post("/e", "abc".into())).await.unwrap().1, "abc");
        let code = |error: Error| error.http_error_code().cloned();
        let large = text(&proxy, &config, get("/a")).await.unwrap_err();
        assert_eq!(code(large), Some(ErrorCode::HttpResponseBodySize(Some(4))));
        // The guest's stream fails, which ends this guest.
        assert!(text(&proxy, &config, post("/e", "0123456789x".into())).await.is_err());

        let config = HttpConfig::new();
        let mut request = get("/a");
        request.headers_mut().insert("x-large", "x".repeat(200_000).parse().unwrap());
        let refused = text(&proxy, &config, request).await.unwrap_err();
        assert!(matches!(code(refused), Some(ErrorCode::HttpRequestHeaderSectionSize(Some(_)))));
        let error = text(&proxy, &config, get("/h")).await.unwrap_err();
        assert_eq!(error.trap(), Some(&Trap::LimitExceeded));
        let mut config = HttpConfig::new();
        config.max_field_size(1 << 20);
        let response = respond(&proxy, &config, get("/h")).await.unwrap();
        assert_eq!(response.headers()["x-large"].len(), 200_000);
    });
}

/// `handle_then` reports how a guest ended, also after its response.
#[test]
fn the_end_of_a_guest() {
    let proxy = proxy();
    runtime().block_on(async {
        for (path, ends_well) in [("/a", true), ("/T", false), ("/t", false)] {
            let mut store = Store::with_wasi(proxy.engine(), 7, &WasiConfig::new()).unwrap();
            store.set_http(&HttpConfig::new());
            let (sender, receiver) = tokio::sync::oneshot::channel();
            let end = move |store: &mut Store<V, i32>, result: Result<(), &Error>| {
                let _ = sender.send((*store.data(), result.map_err(|error| error.trap().cloned())));
            };
            let response = proxy.handle_then(store, get(path), end).await;
            if let Ok(response) = response {
                assert_eq!(response.into_body().collect(100).await.is_ok(), ends_well, "{path}");
            }
            let result = if ends_well { Ok(()) } else { Err(Some(Trap::Unreachable)) };
            assert_eq!(receiver.await.unwrap(), (7, result), "{path}");
        }
    });
}

/// RUSTSEC-2026-0021: with too many names the map of the crate `http` panics, on the majors' own functions.
#[test]
fn too_many_fields_are_a_trap() {
    let proxy = proxy();
    runtime().block_on(async {
        let mut config = HttpConfig::new();
        config.max_field_size(usize::MAX / 2);
        let error = text(&proxy, &config, get("/f")).await.unwrap_err();
        assert_eq!(error.trap(), Some(&Trap::LimitExceeded), "{error:?}");
        let error = text(&proxy, &HttpConfig::new(), get("/f")).await.unwrap_err();
        assert_eq!(error.trap(), Some(&Trap::LimitExceeded), "{error:?}");
        assert_eq!(text(&proxy, &config, get("/a")).await.unwrap().1, "hello");
    });
}

#[test]
fn misuse_is_a_typed_error() {
    let no_handler = wat("(component)");
    assert_eq!(prepare::<()>(&async_engine(), &no_handler).map(drop).unwrap_err().kind(), ErrorKind::Export);
    let config = HttpConfig::new();
    runtime().block_on(async {
        let synchronous = prepare(&engine(), &handler()).unwrap();
        assert_eq!(text(&synchronous, &config, get("/a")).await.unwrap_err().kind(), ErrorKind::SyncAsyncMismatch);
        let proxy = proxy::<()>();
        let request = http::Request::get("/a").body(Body::empty()).unwrap();
        assert_eq!(text(&proxy, &config, request).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
        let store = Store::with_wasi(&async_engine(), (), &WasiConfig::new()).unwrap();
        assert_eq!(proxy.handle(store, get("/a")).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
        // A timeout needs epochs.
        let plain = prepare(&async_engine(), &handler()).unwrap();
        let mut limited = HttpConfig::new();
        limited.timeout(Duration::from_secs(1));
        assert_eq!(text(&plain, &limited, get("/a")).await.unwrap_err().kind(), ErrorKind::Config);
        assert_eq!(text(&plain, &config, get("/a")).await.unwrap().1, "hello");
    });
    let without_time = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let found = without_time.block_on(text(&proxy::<()>(), &config, get("/a")));
    assert_eq!(found.unwrap_err().kind(), ErrorKind::InvalidArgument);
    let mut linker = Linker::<V, ()>::new(&engine());
    linker.add_wasi_http().unwrap();
    assert_eq!(linker.add_wasi_http().unwrap_err().kind(), ErrorKind::Link);
}

#[test]
fn a_handler_of_a_major_that_is_chosen_at_run_time() {
    let run = RunConfig { timeout: Some(Duration::from_millis(200)), ..RunConfig::new() };
    let major = by_major(V::MAJOR).unwrap();
    let proxy = major.proxy(&handler(), &run).unwrap();
    assert_eq!(proxy.major(), V::MAJOR);
    runtime().block_on(async {
        let response = proxy.handle(&run, &HttpConfig::new(), get("/a")).await.unwrap();
        assert_eq!(response.into_body().collect(100).await.unwrap(), "hello");
        let late = proxy.handle(&run, &HttpConfig::new(), get("/l")).await.unwrap_err();
        assert_eq!(late.kind(), ErrorKind::TimedOut);
    });
    // What belongs to the end of a guest is kept until then, after a whole response and after a client that went away.
    runtime().block_on(async {
        let alive = Arc::new(());
        for path in ["/k", "/L"] {
            let kept = alive.clone();
            let end = Box::new(move |_: Result<(), &Error>| drop(kept));
            let response = proxy.handle_then(&run, &HttpConfig::new(), get(path), end).await.unwrap();
            assert_eq!(Arc::strong_count(&alive), 2, "{path}");
            if path == "/k" {
                assert_eq!(response.into_body().collect(100).await.unwrap(), "hello");
                assert_eq!(Arc::strong_count(&alive), 2, "{path}");
            }
            gone(&alive).await;
        }
    });
    assert!(matches!(major.compile(&handler(), &run).unwrap_err().kind(), ErrorKind::Export));
}
