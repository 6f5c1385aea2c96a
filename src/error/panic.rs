//! Owns panics of the host that were caught while it served a guest.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use super::{Error, ErrorKind, Result};

/// A call whose panic is an error.
pub(crate) fn catching<R>(call: impl FnOnce() -> Result<R>) -> Result<R> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(panicked(panic)))
}

/// The same for a call that is waited for.
pub(crate) async fn catching_async<R>(call: impl Future<Output = Result<R>>) -> Result<R> {
    let mut call = pin!(call);
    poll_fn(|context| {
        let poll = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
        poll.unwrap_or_else(|panic| Poll::Ready(Err(panicked(panic))))
    })
    .await
}

fn panicked(panic: Box<dyn Any + Send>) -> Error {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "no message",
    };
    Error::new(ErrorKind::HostPanic, format!("the host panicked while serving the guest: {text}"))
}
