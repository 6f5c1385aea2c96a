//! Owns what has to do with async runtimes: whether this thread may block, and the runtime that serves guests
//! started from synchronous code.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::OnceLock;
use std::task::{Context, Waker};

use tokio::runtime::{Handle, Runtime, RuntimeFlavor};
use tokio::task::{block_in_place, coop};

use crate::error::{Error, ErrorKind, Result};

/// Makes a call that may block.
///
/// Every major's synchronous WASI blocks on tokio (`in_tokio`), which panics inside an async task. A runtime of many threads can
/// be told before: then it takes the other tasks off this thread, and blocking is allowed.
///
/// # Errors
/// [`ErrorKind::BlockingInAsync`] inside an async task of a runtime with one thread, or of a `LocalSet`.
#[inline]
pub(crate) fn allowed<R>(call: impl FnOnce() -> R) -> Result<R> {
    if is_forbidden() { in_place(call) } else { Ok(call()) }
}

#[cold]
fn in_place<R>(call: impl FnOnce() -> R) -> Result<R> {
    if !Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread) {
        return Err(forbidden());
    }
    let mut call = Some(call);
    let called = catch_unwind(AssertUnwindSafe(|| block_in_place(|| call.take().map(|call| call()))));
    match called {
        Ok(Some(result)) => Ok(result),
        // The call panicked, and not tokio, which does so in a `LocalSet`: whether this is one cannot be asked.
        Err(panic) if call.is_none() => resume_unwind(panic),
        Ok(None) | Err(_) => Err(forbidden()),
    }
}

/// Whether blocking on tokio would panic here: it forbids that inside an async task.
///
/// `spawn_blocking` threads have a runtime handle too, yet may block. What tells them apart without a panic is that
/// only async tasks have a cooperative budget: taking from it runs dry (tokio's `task/coop`; blocking tasks switch
/// it off in `runtime/blocking/task.rs`). Each permit puts back what it took when it is dropped.
#[inline]
fn is_forbidden() -> bool {
    Handle::try_current().is_ok() && has_budget()
}

fn has_budget() -> bool {
    // More than tokio's budget per poll, which is 128.
    const ENOUGH: usize = 256;
    let mut context = Context::from_waker(Waker::noop());
    let mut permits = Vec::with_capacity(ENOUGH);
    while permits.len() < ENOUGH {
        match coop::poll_proceed(&mut context) {
            std::task::Poll::Ready(permit) => permits.push(permit),
            std::task::Poll::Pending => break,
        }
    }
    let has_budget = permits.len() < ENOUGH;
    // Each permit restores the budget from before it: the first one taken must be the last one back.
    while permits.pop().is_some() {}
    has_budget
}

#[cold]
fn forbidden() -> Error {
    Error::new(ErrorKind::BlockingInAsync, "synchronous WASI call from inside an async task").with_hint(
        "use an async engine and the `_async` functions, a runtime of many threads, or tokio::task::spawn_blocking",
    )
}

/// Runs a future to its end on this crate's own runtime.
///
/// # Errors
/// As [`allowed`].
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output> {
    allowed(|| block_here(future))?
}

fn block_here<F: Future>(future: F) -> Result<F::Output> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("wasmtime-compat-wasi")
            .enable_all()
            .build()
    });
    match runtime {
        // Inside `tokio::task::unconstrained` a task has no budget either: there tokio says it with a panic. Those of
        // guests and their hosts do not come so far.
        Ok(runtime) => catch_unwind(AssertUnwindSafe(|| runtime.block_on(future))).map_err(|_| forbidden()),
        Err(error) => Err(Error::new(ErrorKind::Io, "cannot start an async runtime").with_source(error)),
    }
}
