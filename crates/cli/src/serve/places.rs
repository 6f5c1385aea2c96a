//! Owns the limit on open connections, and which of them are closed when others wait.

use std::future::{Future, pending};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;

/// How long a connection may be without a request while others wait for its place.
const IDLE: Duration = Duration::from_secs(1);

/// The places of connections.
pub(super) struct Places {
    free: Arc<Semaphore>,
    /// Whether a connection waits for a place.
    crowded: watch::Sender<bool>,
}

/// Whether a connection waits for a place.
pub(super) type Crowded = watch::Receiver<bool>;

impl Places {
    pub(super) fn new(connections: usize) -> Self {
        let free = Semaphore::new(connections.min(Semaphore::MAX_PERMITS));
        Self { free: Arc::new(free), crowded: watch::Sender::new(false) }
    }

    /// A place for one more connection. While this waits, connections that are idle end.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(place);
        }
        self.crowded.send_replace(true);
        // The semaphore is never closed.
        let place = Arc::clone(&self.free).acquire_owned().await.ok();
        self.crowded.send_replace(false);
        place
    }

    pub(super) fn crowded(&self) -> Crowded {
        self.crowded.subscribe()
    }
}

/// What a connection does: the number of things that are under way, and since when there is none.
#[derive(Clone)]
pub(super) struct Activity(Arc<Mutex<(usize, Instant)>>);

/// Something that is under way: a request with its response, or bytes that the client does not take yet.
pub(super) struct Busy(Activity);

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new((0, Instant::now()))))
    }

    pub(super) fn begin(&self) -> Busy {
        self.state().0 += 1;
        Busy(self.clone())
    }

    /// Waits until the connection is idle and others need its place.
    pub(super) fn superfluous(&self, mut crowded: Crowded) -> impl Future<Output = ()> + use<> {
        let activity = self.clone();
        async move {
            loop {
                if crowded.wait_for(|crowded| *crowded).await.is_err() {
                    return pending().await;
                }
                match activity.idle() {
                    Some(idle) if idle >= IDLE => return,
                    Some(idle) => sleep(IDLE - idle).await,
                    None => sleep(IDLE).await,
                }
            }
        }
    }

    /// Waits until nothing has been under way for twice the time after which a connection is idle.
    pub(super) async fn unused(&self) {
        loop {
            match self.idle() {
                Some(idle) if idle >= 2 * IDLE => return,
                Some(idle) => sleep(2 * IDLE - idle).await,
                None => sleep(IDLE).await,
            }
        }
    }

    /// For how long nothing has been under way.
    fn idle(&self) -> Option<Duration> {
        let (busy, since) = *self.state();
        (busy == 0).then(|| since.elapsed())
    }

    fn state(&self) -> MutexGuard<'_, (usize, Instant)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.0 -= 1;
        state.1 = Instant::now();
    }
}
