//! Owns the server: listening, connections, and their end.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use wasmtime_compat::http::HttpConfig;
use wasmtime_compat::wasi::Stdin;
use wasmtime_compat::{AnyEngine, AnyWasmtime, Error, InstanceAllocationStrategy, RunConfig};

use super::ServeArgs;
use super::exchange::Handler;
use super::log::Log;
use super::places::{Activity, Crowded, Places};
use super::stop::{self, Stop};
use super::stream::Stream;
use crate::advisories::{self, Use};
use crate::execute::{Stop as NotCompiled, compiling, within, without_panic_message};
use crate::failure::{Failure, HOST_FAILED, REFUSED};
use crate::guest_file::GuestFile;
use crate::style::{self, Spinner};

/// How long a connection may take for the headers of a request, and be idle between two requests.
const HEADERS: Duration = Duration::from_secs(30);
/// How long nothing is accepted after accepting failed, for example because the process has too many files open.
const PAUSE: Duration = Duration::from_millis(100);
/// How often guests that compute let others run.
const TICK: Duration = Duration::from_millis(10);
/// The fewest threads that run guests: one that computes holds its thread up to the next tick.
const FEWEST_THREADS: usize = 8;
/// The exit code if requests were aborted.
const ABORTED: u8 = 1;

/// Serves until a signal arrives.
pub(super) fn serve(
    wasmtime: &'static dyn AnyWasmtime,
    guest: &GuestFile,
    args: &ServeArgs,
    json: bool,
) -> Result<ExitCode, Failure> {
    let run = configuration(args, guest);
    run.wasi.check_all().map_err(|error| refused(&error))?;
    if !args.no_advisories {
        let used = Use { component: true, interrupted: true, http: true, pooling: args.pooling };
        advisories::warning(&wasmtime.report().wasmtime, used).iter().for_each(|warning| style::warning(warning));
    }
    let listener = listen(&args.addr)?;
    let address = listener.local_addr().map_err(|error| not_listening(&args.addr, &error))?;
    let stop = stop::watch().map_err(|error| host_failed(&error))?;

    let spinner = Spinner::new(compiling(guest, wasmtime));
    // Without epochs a guest that computes for ever would keep its thread, even when its client has gone away. Debug information of
    // a guest that traps is read without a bound.
    let mut config = run.engine_config().epoch_interruption(true).backtrace_details(false);
    if args.pooling {
        config = config.allocation_strategy(InstanceAllocationStrategy::pooling());
    }
    let wasm = Arc::clone(&guest.wasm);
    let prepared = within(args.compile.compile_timeout, move || {
        let engine = wasmtime.engine(&config)?;
        let proxy = engine.proxy(&wasm)?;
        Ok((engine, proxy))
    });
    drop(spinner);
    let (engine, proxy) = prepared.map_err(|stop| not_compiled(&stop))?;
    tick(engine)?;

    let log = Log { json };
    let handler = Arc::new(Handler {
        proxy,
        http: http(args),
        run,
        log,
        permits: Arc::new(Semaphore::new(args.requests())),
        requests: AtomicU64::new(0),
    });
    let runtime = runtime().map_err(|error| host_failed(&error))?;
    let aborted = without_panic_message(|| {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            log.listening(wasmtime, guest, address);
            Ok::<_, io::Error>(accept(&listener, &handler, stop, args).await)
        })
    });
    // Guests that do not end are not waited for.
    runtime.shutdown_background();
    let aborted = aborted.map_err(|error| host_failed(&error))?;
    log.stopped(handler.requests.load(Ordering::Relaxed), aborted);
    Ok(if aborted == 0 { ExitCode::SUCCESS } else { ExitCode::from(ABORTED) })
}

/// The world of each instance. Where guests write to depends on the request.
fn configuration(args: &ServeArgs, guest: &GuestFile) -> RunConfig {
    let mut config = args.wasi.config(guest.name.clone(), &[], false);
    config.wasi.stdin(Stdin::Null);
    config
}

fn http(args: &ServeArgs) -> HttpConfig {
    let mut config = HttpConfig::new();
    config.max_outgoing_requests(args.max_outgoing).max_outgoing_requests_total(args.max_outgoing_total);
    if args.outgoing {
        config.allow_outgoing();
    }
    if let Some(bytes) = args.max_request_body {
        config.max_request_body(bytes);
    }
    config
}

fn listen(address: &str) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address).map_err(|error| not_listening(address, &error))?;
    listener.set_nonblocking(true).map_err(|error| not_listening(address, &error))?;
    Ok(listener)
}

fn runtime() -> io::Result<Runtime> {
    let threads = thread::available_parallelism().map_or(FEWEST_THREADS, |threads| threads.get().max(FEWEST_THREADS));
    Builder::new_multi_thread().worker_threads(threads).thread_name("serve").enable_all().build()
}

/// Advances the epoch of the engine for as long as the process lives, so that no guest keeps a thread to itself.
fn tick(engine: Box<dyn AnyEngine>) -> Result<(), Failure> {
    let thread = thread::Builder::new().name("ticks".to_owned());
    let spawned = thread.spawn(move || {
        loop {
            thread::sleep(TICK);
            engine.increment_epoch();
        }
    });
    spawned.map(drop).map_err(|error| host_failed(&error))
}

/// Accepts connections until the signal, then waits for those that are open, and for guests that go on after their responses.
/// Returns how many requests were still running when the grace was over.
async fn accept(listener: &tokio::net::TcpListener, handler: &Arc<Handler>, stop: Stop, args: &ServeArgs) -> usize {
    // Each connection has a sender: when all are gone, so are the connections.
    let (open, mut closed) = mpsc::channel::<Infallible>(1);
    let places = Places::new(args.max_connections as usize);
    loop {
        // Further connections wait in the queue of the system while this one waits for its place.
        let accepted = async {
            let accepted = listener.accept().await?;
            Ok::<_, io::Error>((accepted, places.take().await))
        };
        match first(accepted, stop::requested(stop.clone())).await {
            First::One(Ok(((stream, client), place))) => {
                let (handler, stop, open) = (Arc::clone(handler), stop.clone(), open.clone());
                let crowded = places.crowded();
                tokio::spawn(async move {
                    connection(stream, client, handler, stop, crowded).await;
                    drop((place, open));
                });
            }
            First::One(Err(error)) => {
                handler.log.warning(&format!("cannot accept a connection: {error}"));
                sleep(PAUSE).await;
            }
            First::Other(()) => break,
        }
    }
    drop(open);
    let running = || args.requests() - handler.permits.available_permits();
    handler.log.stopping(running());
    let ended = async {
        closed.recv().await;
        let all = u32::try_from(args.requests()).unwrap_or(u32::MAX);
        handler.permits.acquire_many(all).await.map(drop)
    };
    match timeout(args.grace, ended).await {
        Ok(_) => 0,
        Err(_) => running(),
    }
}

/// Serves the requests of a connection, up to the one that is running when the signal arrives, or until the connection is idle and
/// others need its place.
async fn connection(stream: TcpStream, client: SocketAddr, handler: Arc<Handler>, stop: Stop, crowded: Crowded) {
    // Without it responses are only slower.
    let _ = stream.set_nodelay(true);
    let activity = Activity::new();
    let stream = Stream::new(stream, activity.clone());
    let superfluous = activity.superfluous(crowded);
    let watched = activity.clone();
    let service = service_fn(move |request| {
        let response = Arc::clone(&handler).respond(request, client, activity.begin());
        async move { Ok::<_, Infallible>(response.await) }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADERS);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    // How a connection fails is the client's affair; requests that fail are in the log.
    let ended = first(connection.as_mut(), first(stop::requested(stop), superfluous)).await;
    if let First::Other(First::One(())) = ended {
        connection.as_mut().graceful_shutdown();
        // hyper waits for the rest of a first request that was begun.
        let _ = first(connection.as_mut(), watched.unused()).await;
    }
}

/// The result of the future that is ready first.
enum First<A, B> {
    One(A),
    Other(B),
}

async fn first<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> First<A, B> {
    let mut one = pin!(one);
    let mut other = pin!(other);
    poll_fn(|context| {
        if let Poll::Ready(result) = one.as_mut().poll(context) {
            return Poll::Ready(First::One(result));
        }
        other.as_mut().poll(context).map(First::Other)
    })
    .await
}

fn refused(error: &Error) -> Failure {
    let failure = Failure { code: REFUSED, ..Failure::library(error) };
    match error.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

fn not_compiled(stop: &NotCompiled) -> Failure {
    match stop {
        NotCompiled::Error(error) => refused(error),
        NotCompiled::TooLong(limit) => Failure::new(REFUSED, format!("compiling takes longer than {limit:?}"))
            .with_hint("--compile-timeout sets the limit"),
        NotCompiled::Panicked => Failure::new(REFUSED, "the host panicked while compiling the guest"),
    }
}

fn not_listening(address: &str, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot listen on {address:?}: {error}"))
        .with_hint("an address is HOST:PORT, such as 127.0.0.1:8080; port 0 is any free port")
}

fn host_failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(HOST_FAILED, format!("cannot serve: {error}"))
}
