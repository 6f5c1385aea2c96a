//! Owns the guests, which both sides run.

mod component;
mod core;

pub(crate) use self::component::*;
pub(crate) use self::core::*;

/// Polls a future that never waits for anything outside.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    use std::task::{Context, Poll, Waker};

    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
