//! Owns the count of guests' own requests that run at a time, and the place that each has in the count.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

/// The number of requests that run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running(Arc<AtomicUsize>);

/// One request that runs.
#[derive(Debug)]
struct Place(Running);

/// The places of one request, in the count of its store and in the count of its configuration, until this is dropped.
#[derive(Debug)]
pub(crate) struct Places {
    _places: [Place; 2],
}

impl Running {
    /// Counts one request, unless `most` run already.
    fn take(&self, most: usize) -> Option<Place> {
        let more = |running: usize| (running < most).then_some(running + 1);
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.ok().map(|_| Place(self.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[allow(dead_code, reason = "only majors call these")]
impl Places {
    /// A place in both counts, each with its limit.
    pub(crate) fn take(one: (&Running, usize), other: (&Running, usize)) -> Option<Self> {
        Some(Self { _places: [one.0.take(one.1)?, other.0.take(other.1)?] })
    }

    /// A body that has the places until its end, or until it is dropped.
    pub(crate) fn hold<B>(self, body: B) -> Held<B> {
        Held { body, places: Some(self) }
    }
}

/// The body of a response to a guest's own request, which runs until this has been read.
pub(crate) struct Held<B> {
    body: B,
    places: Option<Places>,
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Held<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.places = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_limit_run() {
        let (store, all) = (Running::default(), Running::default());
        let take = || Places::take((&store, 2), (&all, 3));
        let (first, _second) = (take().unwrap(), take().unwrap());
        assert!(take().is_none());
        // What the store refuses takes no place among all, and the other way round.
        let other = Running::default();
        let third = Places::take((&other, 2), (&all, 3));
        assert!(third.is_some() && Places::take((&other, 2), (&all, 3)).is_none());
        drop(third);
        drop(first.hold(http_body_util::Empty::<Bytes>::new()));
        assert!(take().is_some());
    }
}
