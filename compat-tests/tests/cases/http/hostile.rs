//! Guests that ask for too much of `wasi:http`: each ends the same on every major, the host lives on, and its memory stays small. Up to
//! 39, except on 24 and 36, several end the process on the majors' own functions (RUSTSEC-2026-0020, RUSTSEC-2026-0021).

use std::time::{Duration, Instant};

use compat_tests::hostile::peak;
use compat_tests::hostile_http::{self, Ending};
use compat_tests::{assert_known_difference, runtime};
use wasmtime_compat::component::{Component, Linker};
use wasmtime_compat::http::{Body, HttpConfig, Outgoing, ProxyPre, Request, Response, http};
use wasmtime_compat::wasi::WasiConfig;
use wasmtime_compat::{Config, CoreWasmtime, Engine, Error, ErrorKind, Result, Store, StoreLimits, Trap};

use super::proxy::{get, proxy, text};
use super::{V, raw};

/// What the host may take for one of them, in bytes, beyond what it had: a memory of 256 MiB that a guest fills, what the resources of a
/// store may hold, and what one call may copy.
const MOST: u64 = 768 << 20;

/// What the resources may hold.
const HELD: usize = 260 << 20;

fn config() -> Config {
    Config::new().async_support(true).epoch_interruption(true)
}

async fn respond(config: &Config, wasm: &[u8], http: &HttpConfig, limits: StoreLimits) -> Result<Response> {
    respond_to(get("/x"), config, wasm, http, limits).await
}

async fn respond_to(
    request: Request,
    config: &Config,
    wasm: &[u8],
    http: &HttpConfig,
    limits: StoreLimits,
) -> Result<Response> {
    let engine = Engine::<V>::new(config)?;
    let mut linker = Linker::new(&engine);
    linker.add_wasi_http()?;
    linker.add_wasi()?;
    let proxy = ProxyPre::new(linker.instantiate_pre(&Component::new(&engine, wasm)?)?)?;
    let mut store = Store::with_wasi(&engine, (), &WasiConfig::new())?;
    store.set_limits(&limits);
    store.set_http(http);
    proxy.handle(store, request).await
}

/// Whether the number of a resource that was dropped is given to another one. In builds with debug assertions 37 to 39 never do
/// that, so that a limit on resources counts those that were dropped too.
fn numbers_are_used_again() -> bool {
    let mut table = raw::wasmtime::component::ResourceTable::new();
    let first = table.push(()).unwrap();
    let number = first.rep();
    table.delete(first).unwrap();
    table.push(()).unwrap().rep() == number
}

fn ended(ending: Ending, result: &Result<Response>) -> bool {
    let Err(error) = result else { return false };
    match ending {
        Ending::Limit => error.trap() == Some(&Trap::LimitExceeded),
        Ending::Budget => error.trap() == Some(&Trap::InvalidOperation),
        Ending::OutOfBounds => error.trap() == Some(&Trap::PointerOutOfBounds),
        Ending::Survives => error.kind() == ErrorKind::NoResponse,
    }
}

#[test]
fn each_ends_the_same_and_the_host_lives_on() {
    let mut http = HttpConfig::new();
    http.timeout(Duration::from_secs(60));
    let limits = StoreLimits::new().handles(10_000).total_memory_bytes(HELD);
    let mut wrong = Vec::new();
    for guest in hostile_http::all() {
        let before = peak();
        let started = Instant::now();
        let result = runtime().block_on(respond(&config(), &guest.wasm, &http, limits));
        let (seconds, most) = (started.elapsed().as_secs_f64(), peak());
        let shown = result.as_ref().map_or_else(Error::to_string, |response| response.status().to_string());
        println!("hostile {} {} {seconds:.2} s {} MiB {shown}", <V as CoreWasmtime>::MAJOR, guest.name, most >> 20);
        let drops_many = guest.name.contains("drop");
        let ending = if drops_many && !numbers_are_used_again() { Ending::Limit } else { guest.ending };
        if !ended(ending, &result) || most > before + MOST {
            wrong.push(format!("{}: {shown} instead of {ending:?}, {most} bytes", guest.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let done = runtime().block_on(text(&proxy(), &HttpConfig::new(), get("/a"))).unwrap();
    assert_eq!(done, (200, "hello".to_owned()));
}

/// Runs a guest in a store with this limit, in bytes; the host responds to its requests with a header of 1,000 bytes.
fn within(limit: usize, handles: usize, wasm: &[u8], request: Request) -> Result<Response> {
    let mut http = HttpConfig::new();
    http.outgoing(|_| async {
        let large = http::Response::builder().header("x-large", "x".repeat(1000));
        Outgoing::Respond(large.body(Body::empty()).unwrap())
    });
    let limits = StoreLimits::new().total_memory_bytes(limit).handles(handles);
    runtime().block_on(respond_to(request, &config(), wasm, &http, limits))
}

/// Fields that a request shows outlive it from 43 on; up to 42 it cannot be dropped before them.
#[test]
fn what_outlives_its_resource_is_counted() {
    let [headers, responses, copies] = hostile_http::keeping();
    let error = within(16 << 20, usize::MAX, &headers.wasm, get("/x")).unwrap_err();
    let in_use = error.trap() == Some(&Trap::ResourceInUse);
    assert!(in_use || error.trap() == Some(&Trap::LimitExceeded), "{error}");
    assert_known_difference::<V>("http-fields-in-use", in_use);
    for guest in [responses, copies] {
        let error = within(16 << 20, usize::MAX, &guest.wasm, get("/x")).unwrap_err();
        assert_eq!(error.trap(), Some(&Trap::LimitExceeded), "{}: {error}", guest.name);
        // With room for them, the guest gets to its end.
        let error = within(1 << 30, usize::MAX, &guest.wasm, get("/x")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoResponse, "{}: {error}", guest.name);
    }
}

#[test]
fn options_of_requests_are_not_kept() {
    let handles = if numbers_are_used_again() { 100 } else { usize::MAX };
    let error = within(1 << 30, handles, &hostile_http::options().wasm, get("/x")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoResponse, "{error}");
}

/// However small the limit on memory is, a guest can respond.
#[test]
fn a_small_store_has_room_for_a_response() {
    let response = within(1 << 20, usize::MAX, &compat_tests::http::handler(), get("/a")).unwrap();
    assert_eq!(response.status().as_u16(), 200);
}

/// A list of fields repeats a name for each of its values.
#[test]
fn what_is_listed_is_bounded() {
    let guest = hostile_http::all().into_iter().find(|guest| guest.name == "entries-loop").unwrap();
    let run = |fuel: usize| {
        let limits = StoreLimits::new().hostcall_fuel(fuel);
        runtime().block_on(respond(&config(), &guest.wasm, &HttpConfig::new(), limits)).unwrap_err()
    };
    assert_eq!(run(32 << 20).kind(), ErrorKind::NoResponse);
    assert_eq!(run(16 << 20).trap(), Some(&Trap::LimitExceeded));
}

/// Without the bounds of this crate, those majors that never got the security fixes copy 64 MB out of two pages.
#[test]
fn raw_wasi_leaves_the_functions_of_the_major() {
    let guest = hostile_http::all().into_iter().find(|guest| guest.name == "from-list-two-pages").unwrap();
    let raw = config().raw_wasi(true);
    let result = runtime().block_on(respond(&raw, &guest.wasm, &HttpConfig::new(), StoreLimits::new()));
    let is_fixed = matches!(V::MAJOR, 24 | 36) || V::MAJOR >= 40;
    let ending = if is_fixed { Ending::Limit } else { Ending::Survives };
    assert!(ended(ending, &result), "{result:?}");
}
