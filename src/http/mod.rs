//! HTTP: guests that respond to requests (`wasi:http/incoming-handler`), and guests that make requests.
//!
//! A major has it with its cargo feature `wasmtime-NN-http`. Requests and responses are those of the crate [`http`], with one type of
//! body for both directions, [`Body`]; servers and clients on hyper 1 take and give them as they are.
//!
//! ```
//! use wasmtime_compat::component::{Component, Linker};
//! use wasmtime_compat::http::{HttpConfig, HttpWasmtime, ProxyPre, Request, Response};
//! use wasmtime_compat::wasi::WasiConfig;
//! use wasmtime_compat::{Engine, Result, Store};
//!
//! /// Once for each guest, on an engine with `Config::async_support(true)`.
//! fn prepare<W: HttpWasmtime>(engine: &Engine<W>, wasm: &[u8]) -> Result<ProxyPre<W, ()>> {
//!     let mut linker = Linker::new(engine);
//!     linker.add_wasi()?;
//!     linker.add_wasi_http()?;
//!     ProxyPre::new(linker.instantiate_pre(&Component::new(engine, wasm)?)?)
//! }
//!
//! /// For each request: a store, and in it a new instance.
//! async fn respond<W: HttpWasmtime>(guest: &ProxyPre<W, ()>, config: &HttpConfig, request: Request) -> Result<Response> {
//!     let mut store = Store::with_wasi(guest.engine(), (), &WasiConfig::new())?;
//!     store.set_http(config);
//!     guest.handle(store, request).await
//! }
//! ```

#[cfg(not(test))]
mod any;
mod body;
mod code;
mod config;
mod exchange;
mod guarded;
#[cfg_attr(test, allow(dead_code, reason = "only majors count"))]
pub(crate) mod held;
mod outgoing;
mod places;
mod proxy;
mod wasmtime;

pub use ::http;

#[cfg(not(test))]
pub(crate) use self::any::Proxy;
pub use self::body::Body;
pub use self::code::ErrorCode;
pub use self::config::HttpConfig;
#[cfg(not(test))]
pub(crate) use self::config::MAX_FIELD_SIZE;
#[doc(hidden)]
pub use self::exchange::Answer;
pub use self::outgoing::{Outgoing, OutgoingFuture, OutgoingHandler, OutgoingRequest};
#[allow(unused_imports, reason = "only majors use it")]
pub(crate) use self::places::Places;
pub use self::proxy::ProxyPre;
pub use self::wasmtime::HttpWasmtime;
#[doc(hidden)]
pub use self::wasmtime::Https;

pub use crate::any_proxy::{EndFn, ResponseFuture};

/// A request, to a guest or of a guest.
///
/// ```
/// use wasmtime_compat::http::{Body, Request, http};
///
/// let request: Request = http::Request::post("http://localhost/greeting").body(Body::from("Ada")).unwrap();
/// assert_eq!(request.uri().path(), "/greeting");
/// assert_eq!(request.body().len(), Some(3));
/// ```
pub type Request = ::http::Request<Body>;

/// A response, of a guest or to a guest.
///
/// ```
/// use wasmtime_compat::http::{Body, Response, http};
///
/// let mut response = Response::new(Body::from("no such page"));
/// *response.status_mut() = http::StatusCode::NOT_FOUND;
/// assert!(response.status().is_client_error());
/// ```
pub type Response = ::http::Response<Body>;
