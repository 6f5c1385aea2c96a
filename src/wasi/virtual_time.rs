//! Owns waiting that takes no time: the clocks of a store that advance by the time waited, and the waiting itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use super::calls::Memory;
use super::clock::nanoseconds;
use super::{HostMonotonicClock, HostWallClock};

/// The clocks of a store whose guests wait without delay.
#[derive(Clone)]
pub(crate) struct VirtualTime(Arc<Clocks>);

struct Clocks {
    wall: Box<dyn HostWallClock>,
    monotonic: Box<dyn HostMonotonicClock>,
    /// The time waited, in nanoseconds: both clocks are ahead by it.
    waited: AtomicU64,
    /// The number of futures that wait, and the least of their deadlines.
    waiting: AtomicUsize,
    earliest: AtomicU64,
}

impl VirtualTime {
    pub(crate) fn new(wall: Box<dyn HostWallClock>, monotonic: Box<dyn HostMonotonicClock>) -> Self {
        Self(Arc::new(Clocks {
            wall,
            monotonic,
            waited: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            earliest: AtomicU64::new(u64::MAX),
        }))
    }

    /// The deadline of a wait for so many nanoseconds: the time waited by then. No clock is read.
    pub(crate) fn after(&self, nanoseconds: u64) -> u64 {
        self.waited().saturating_add(nanoseconds)
    }

    /// The deadline of a wait until the monotonic clock has this time, for which that clock is read once.
    pub(crate) fn until(&self, instant: u64) -> u64 {
        self.after(instant.saturating_sub(HostMonotonicClock::now(self)))
    }

    /// The same with the wall clock, in nanoseconds since 1970-01-01T00:00:00Z.
    fn until_date(&self, date: u64) -> u64 {
        self.after(date.saturating_sub(nanoseconds(HostWallClock::now(self))))
    }

    /// Waits until the deadline, at first for whatever else is ready. The time of the earliest deadline that is awaited
    /// comes when a future is polled a second time: then nothing that is awaited with it was ready.
    pub(crate) fn reached(&self, deadline: u64) -> Reached<'_> {
        Reached { clocks: &self.0, deadline, registered: false }
    }

    fn waited(&self) -> u64 {
        self.0.waited.load(Ordering::Relaxed)
    }

    fn advance(&self, deadline: u64) {
        self.0.waited.fetch_max(deadline, Ordering::Relaxed);
    }
}

impl HostWallClock for VirtualTime {
    fn resolution(&self) -> Duration {
        self.0.wall.resolution()
    }

    fn now(&self) -> Duration {
        self.0.wall.now().saturating_add(Duration::from_nanos(self.waited()))
    }
}

impl HostMonotonicClock for VirtualTime {
    fn resolution(&self) -> u64 {
        self.0.monotonic.resolution()
    }

    fn now(&self) -> u64 {
        self.0.monotonic.now().saturating_add(self.waited())
    }
}

/// A wait for a deadline. See [`VirtualTime::reached`].
pub(crate) struct Reached<'a> {
    clocks: &'a Clocks,
    deadline: u64,
    registered: bool,
}

impl Future for Reached<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clocks = self.clocks;
        let Clocks { waited, waiting, earliest, .. } = clocks;
        if !self.registered {
            if self.deadline <= waited.load(Ordering::Relaxed) {
                return Poll::Ready(());
            }
            waiting.fetch_add(1, Ordering::Relaxed);
            earliest.fetch_min(self.deadline, Ordering::Relaxed);
            self.registered = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let earliest = earliest.load(Ordering::Relaxed);
        if self.deadline <= waited.fetch_max(earliest, Ordering::Relaxed).max(earliest) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Reached<'_> {
    fn drop(&mut self) {
        if self.registered && self.clocks.waiting.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.clocks.earliest.store(u64::MAX, Ordering::Relaxed);
        }
    }
}

/// A `poll_oneoff` of preview1 with clocks among its subscriptions. Wasmtime would wait for these itself: while it polls,
/// their timeouts are over already, and the events that it reports are corrected afterwards.
pub(crate) struct Polled {
    time: VirtualTime,
    clocks: Vec<Timeout>,
    descriptors: Vec<u32>,
    events: u32,
    stored: u32,
}

struct Timeout {
    /// The address of the subscription.
    subscription: u32,
    userdata: u64,
    timeout: u64,
    /// The word that begins with the flags.
    flags: u64,
    deadline: u64,
}

/// Sizes of a subscription and of an event, and offsets in them, as `wasi_snapshot_preview1.witx` has them.
pub(super) mod layout {
    pub(crate) const SUBSCRIPTION: u32 = 48;
    pub(crate) const TAG: u32 = 8;
    /// Of a clock's identifier, and of a descriptor.
    pub(crate) const SUBJECT: u32 = 16;
    pub(crate) const TIMEOUT: u32 = 24;
    pub(crate) const FLAGS: u32 = 40;
    pub(crate) const EVENT: u32 = 32;
    /// Of the words of an event: the user's, error and type, bytes, flags.
    pub(crate) const WORDS: [u32; 4] = [0, 8, 16, 24];
    /// The tag of a clock's subscription, and the type of its event.
    pub(crate) const CLOCK: u64 = 0;
    pub(crate) const REALTIME: u32 = 0;
    pub(crate) const MONOTONIC: u32 = 1;
    pub(crate) const ABSOLUTE: u64 = 1;
}

use layout::{ABSOLUTE, CLOCK, MONOTONIC, REALTIME};

impl Polled {
    /// Reads the subscriptions. There is nothing to correct without clocks, and where Wasmtime refuses the list.
    pub(crate) fn read(
        time: &VirtualTime,
        memory: &impl Memory,
        [list, events, count, stored]: [i32; 4],
    ) -> Option<Self> {
        let mut poll = Self {
            time: time.clone(),
            clocks: Vec::new(),
            descriptors: Vec::new(),
            events: events as u32,
            stored: stored as u32,
        };
        for index in 0..count as u32 {
            let at = (list as u32).checked_add(index.checked_mul(layout::SUBSCRIPTION)?)?;
            let word = |offset: u32| memory.long(at.checked_add(offset)?);
            let subject = memory.number(at.checked_add(layout::SUBJECT)?)?;
            if word(layout::TAG)? & 0xFF != CLOCK {
                poll.descriptors.push(subject);
                continue;
            }
            let (timeout, flags) = (word(layout::TIMEOUT)?, word(layout::FLAGS)?);
            let deadline = match (subject, flags & ABSOLUTE != 0) {
                (REALTIME | MONOTONIC, false) => time.after(timeout),
                (MONOTONIC, true) => time.until(timeout),
                (REALTIME, true) => time.until_date(timeout),
                _ => return None,
            };
            poll.clocks.push(Timeout { subscription: at, userdata: word(0)?, timeout, flags, deadline });
        }
        (!poll.clocks.is_empty()).then_some(poll)
    }

    /// The descriptors of the other subscriptions.
    pub(crate) fn descriptors(&self) -> &[u32] {
        &self.descriptors
    }

    /// Makes the timeouts be over. Where a file is polled, which is always ready but which Wasmtime has to read first,
    /// those that are ahead do not come instead.
    pub(crate) fn prepare(&self, memory: &mut impl Memory, has_file: bool) {
        let waited = self.time.waited();
        for clock in &self.clocks {
            let timeout = if has_file && clock.deadline > waited { u64::MAX } else { 0 };
            write(memory, clock.subscription, layout::TIMEOUT, timeout);
            write(memory, clock.subscription, layout::FLAGS, clock.flags & !ABSOLUTE);
        }
    }

    /// Restores the subscriptions. If Wasmtime has reported events of clocks only, the time of the earliest comes. The events
    /// are those of streams, and behind them those of the clocks whose time has come.
    pub(crate) fn finish(self, memory: &mut impl Memory, errno: i32) {
        for clock in &self.clocks {
            write(memory, clock.subscription, layout::TIMEOUT, clock.timeout);
            write(memory, clock.subscription, layout::FLAGS, clock.flags);
        }
        if errno == 0 {
            // Nothing is left to correct only if another thread of the guest writes to the list meanwhile.
            let _ = self.correct(memory);
        }
    }

    fn correct(&self, memory: &mut impl Memory) -> Option<()> {
        let count = memory.number(self.stored)?;
        let mut events = Vec::new();
        for index in 0..count {
            let at = self.events.checked_add(index.checked_mul(layout::EVENT)?)?;
            let mut event = [0; 4];
            for (word, offset) in event.iter_mut().zip(layout::WORDS) {
                *word = memory.long(at.checked_add(offset)?)?;
            }
            if (event[1] >> 16) & 0xFF != CLOCK {
                events.push(event);
            }
        }
        if events.is_empty() {
            self.time.advance(self.clocks.iter().map(|clock| clock.deadline).min()?);
        }
        // Newer majors report streams without clocks whose time has come, older ones with them.
        let waited = self.time.waited();
        let reached = self.clocks.iter().filter(|clock| clock.deadline <= waited);
        events.extend(reached.map(|clock| [clock.userdata, CLOCK, 0, 0]));
        let mut at = self.events;
        for event in &events {
            for (word, offset) in event.iter().zip(layout::WORDS) {
                write(memory, at, offset, *word);
            }
            at = at.checked_add(layout::EVENT)?;
        }
        memory.set_number(self.stored, u32::try_from(events.len()).ok()?)
    }
}

/// Writes a word at an offset, if it is in the memory.
pub(super) fn write(memory: &mut impl Memory, address: u32, offset: u32, value: u64) {
    let _ = address.checked_add(offset).and_then(|address| memory.set_long(address, value));
}
