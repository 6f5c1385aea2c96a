//! Owns the waiting for a guest: within its time, and with panics of the host as errors.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Instant;

use crate::error::{Error, Result, catching_async};
use crate::store::timer::Alarm;

/// Polls `guest` to its end, but not past the deadline, and turns a panic into an error.
pub(crate) async fn guarded(guest: impl Future<Output = Result<()>>, deadline: Option<Instant>) -> Result<()> {
    // The alarm and the guest's task meet here: the alarm wakes whoever polled last.
    let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
    let wake = |deadline| {
        let waker = waker.clone();
        Alarm::at(deadline, move || {
            // The lock is not held while it wakes: an executor may poll at once.
            let waker = waker.lock().unwrap_or_else(PoisonError::into_inner).take();
            waker.into_iter().for_each(Waker::wake);
            None
        })
    };
    let _alarm = deadline.map(wake).transpose()?;
    let mut guest = pin!(catching_async(guest));
    std::future::poll_fn(move |context| {
        if deadline.is_some() {
            *waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
        }
        match guest.as_mut().poll(context) {
            Poll::Pending if deadline.is_some_and(|deadline| Instant::now() >= deadline) => {
                Poll::Ready(Err(Error::timed_out()))
            }
            poll => poll,
        }
    })
    .await
}
