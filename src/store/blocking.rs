//! Owns what has to do with async runtimes: whether this thread may block, and the runtime that serves guests
//! started from synchronous code.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::task::{Context, Waker};

use tokio::runtime::{Handle, Runtime};
use tokio::task::coop;

use crate::error::{Error, ErrorKind, Result};

/// Whether synchronous WASI would panic here: it blocks on tokio, which forbids that inside an async task.
///
/// `spawn_blocking` threads have a runtime handle too, yet may block. What tells them apart without a panic is that
/// only async tasks have a cooperative budget: taking from it runs dry (tokio's `task/coop`; blocking tasks switch
/// it off in `runtime/blocking/task.rs`). Each permit puts back what it took when it is dropped.
#[inline]
pub(crate) fn is_forbidden() -> bool {
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
pub(crate) fn forbidden() -> Error {
    Error::new(ErrorKind::BlockingInAsync, "synchronous WASI call from inside an async task")
        .with_hint("use an async engine and the `_async` functions, or move the call to tokio::task::spawn_blocking")
}

/// Runs a future to its end on this crate's own runtime.
///
/// # Errors
/// [`ErrorKind::BlockingInAsync`] inside an async task.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    if is_forbidden() {
        return Err(forbidden());
    }
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
