//! Owns `Gate`: the limits of a store and the limiter of its user, as the major queries both.
#![expect(
    unsafe_code,
    reason = "a major wants a reference to one object that holds the limiter, which is in the data beside it"
)]

use std::fmt::{Debug, Display};
use std::ptr::NonNull;

use super::limiter::{ResourceLimiter, ResourceLimiterAsync};
use super::limits::{LimitExceeded, Meter, StoreLimits};
use crate::error::{Error, ErrorKind};

/// The limits of a store. A major gets them, with the limiter of the user beside them, from one of the functions `open`.
#[derive(Debug, Default)]
pub(crate) struct Gate(Bounds);

/// What a growth has to pass: the limits of the store, and the limiter of the user.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    meter: Meter,
    user: User,
}

/// The limiter of the user. The pointer is valid for as long as the borrow of the [`Bounds`] that [`Gate::open_with`] returned,
/// and is used through that borrow only.
#[derive(Debug, Default)]
enum User {
    #[default]
    None,
    Sync(NonNull<dyn ResourceLimiter>),
    Async(NonNull<dyn ResourceLimiterAsync>),
}

// SAFETY: the limits are plain numbers, and both kinds of limiters have `Send` as a supertrait.
unsafe impl Send for Bounds {}

/// Why a growth is an error.
#[derive(Debug)]
pub(crate) enum Denied {
    Exceeded(LimitExceeded),
    User(anyhow::Error),
}

impl Gate {
    pub(crate) fn limits(&self) -> &StoreLimits {
        self.0.meter.limits()
    }

    pub(crate) fn set_limits(&mut self, limits: &StoreLimits) {
        self.0.meter.set_limits(limits);
    }

    /// The limits alone.
    #[inline]
    pub(crate) fn open(&mut self) -> &mut Bounds {
        self.0.user = User::None;
        &mut self.0
    }

    /// The limits, and a limiter that stays borrowed for as long as they are.
    pub(crate) fn open_with<'a>(&'a mut self, user: &'a mut dyn ResourceLimiter) -> &'a mut Bounds {
        let user: NonNull<dyn ResourceLimiter + 'a> = NonNull::from(user);
        // SAFETY: only the lifetime of the pointer's target changes. The pointer is used through the returned borrow
        // alone, for which the target is borrowed too: the field is private, and every other way to a `&mut Bounds`
        // replaces it.
        self.0.user = User::Sync(unsafe {
            std::mem::transmute::<NonNull<dyn ResourceLimiter + 'a>, NonNull<dyn ResourceLimiter>>(user)
        });
        &mut self.0
    }

    /// As [`Gate::open_with`].
    #[allow(dead_code, reason = "the core has no asynchronous calls")]
    pub(crate) fn open_with_async<'a>(&'a mut self, user: &'a mut dyn ResourceLimiterAsync) -> &'a mut Bounds {
        let user: NonNull<dyn ResourceLimiterAsync + 'a> = NonNull::from(user);
        // SAFETY: as in `open_with`.
        self.0.user = User::Async(unsafe {
            std::mem::transmute::<NonNull<dyn ResourceLimiterAsync + 'a>, NonNull<dyn ResourceLimiterAsync>>(user)
        });
        &mut self.0
    }
}

impl Bounds {
    /// Whether a memory may grow from `current` to `desired` bytes.
    pub(crate) fn memory(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, Denied> {
        if !self.meter.memory(current, desired, self.own(maximum))? {
            return Ok(false);
        }
        let verdict = match &mut self.user {
            // SAFETY: see `Gate::open_with`; `self` is borrowed mutably, so this is the only reference.
            User::Sync(user) => unsafe { user.as_mut() }.memory_growing(current, desired, maximum),
            User::None | User::Async(_) => return Ok(true),
        };
        self.counted(verdict, Meter::memory_failed)
    }

    /// Whether a table may grow from `current` to `desired` elements.
    pub(crate) fn table(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, Denied> {
        if !self.meter.table(current, desired, self.own(maximum))? {
            return Ok(false);
        }
        let verdict = match &mut self.user {
            // SAFETY: as for memories.
            User::Sync(user) => unsafe { user.as_mut() }.table_growing(current, desired, maximum),
            User::None | User::Async(_) => return Ok(true),
        };
        self.counted(verdict, Meter::table_failed)
    }

    /// As [`Bounds::memory`], for an asynchronous limiter.
    #[allow(dead_code, reason = "the core has no asynchronous calls")]
    pub(crate) async fn memory_async(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, Denied> {
        if !self.meter.memory(current, desired, self.own(maximum))? {
            return Ok(false);
        }
        let verdict = match &mut self.user {
            // SAFETY: as for memories; the borrow of `self` lasts as long as the future.
            User::Async(user) => unsafe { user.as_mut() }.memory_growing(current, desired, maximum).await,
            User::None | User::Sync(_) => return Ok(true),
        };
        self.counted(verdict, Meter::memory_failed)
    }

    /// As [`Bounds::table`], for an asynchronous limiter.
    #[allow(dead_code, reason = "the core has no asynchronous calls")]
    pub(crate) async fn table_async(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, Denied> {
        if !self.meter.table(current, desired, self.own(maximum))? {
            return Ok(false);
        }
        let verdict = match &mut self.user {
            // SAFETY: as for memories; the borrow of `self` lasts as long as the future.
            User::Async(user) => unsafe { user.as_mut() }.table_growing(current, desired, maximum).await,
            User::None | User::Sync(_) => return Ok(true),
        };
        self.counted(verdict, Meter::table_failed)
    }

    /// The maximum of a memory or a table, unless there is a limiter of the user, which is queried for what exceeds it too:
    /// then the major denies the growth afterwards.
    fn own(&self, maximum: Option<usize>) -> Option<usize> {
        maximum.filter(|_| matches!(self.user, User::None))
    }

    /// What the user denies is not in use.
    fn counted(&mut self, verdict: anyhow::Result<bool>, undo: fn(&mut Meter)) -> Result<bool, Denied> {
        if !matches!(verdict, Ok(true)) {
            undo(&mut self.meter);
        }
        verdict.map_err(Denied::User)
    }

    /// A memory did not grow although it was allowed to: whether that is an error, unless the user has one.
    pub(crate) fn memory_failed(&mut self, cause: &dyn Display) -> anyhow::Result<bool> {
        self.meter.memory_failed();
        // SAFETY: as for memories.
        unsafe {
            match &mut self.user {
                User::None => {}
                User::Sync(user) => user.as_mut().memory_grow_failed(failure("memory", cause))?,
                User::Async(user) => user.as_mut().memory_grow_failed(failure("memory", cause))?,
            }
        }
        Ok(self.meter.limits().trap_on_grow_failure)
    }

    /// A table did not grow although it was allowed to; as for memories.
    pub(crate) fn table_failed(&mut self, cause: &dyn Display) -> anyhow::Result<bool> {
        self.meter.table_failed();
        // SAFETY: as for memories.
        unsafe {
            match &mut self.user {
                User::None => {}
                User::Sync(user) => user.as_mut().table_grow_failed(failure("table", cause))?,
                User::Async(user) => user.as_mut().table_grow_failed(failure("table", cause))?,
            }
        }
        Ok(self.meter.limits().trap_on_grow_failure)
    }

    #[inline]
    pub(crate) fn instances(&self) -> usize {
        let own = self.meter.limits().instances;
        if let User::None = self.user {
            own
        } else {
            own.min(self.number(|user| user.instances(), |user| user.instances()))
        }
    }

    #[inline]
    pub(crate) fn memories(&self) -> usize {
        let own = self.meter.limits().memories;
        if let User::None = self.user {
            own
        } else {
            own.min(self.number(|user| user.memories(), |user| user.memories()))
        }
    }

    #[inline]
    pub(crate) fn tables(&self) -> usize {
        let own = self.meter.limits().tables;
        if let User::None = self.user { own } else { own.min(self.number(|user| user.tables(), |user| user.tables())) }
    }

    fn number(
        &self,
        of_sync: fn(&dyn ResourceLimiter) -> usize,
        of_async: fn(&dyn ResourceLimiterAsync) -> usize,
    ) -> usize {
        // SAFETY: see `Gate::open_with`; `self` is borrowed, so there are no other references but such.
        unsafe {
            match &self.user {
                User::None => usize::MAX,
                User::Sync(user) => of_sync(user.as_ref()),
                User::Async(user) => of_async(user.as_ref()),
            }
        }
    }
}

#[cold]
fn failure(what: &str, cause: &dyn Display) -> anyhow::Error {
    anyhow::Error::new(Error::new(ErrorKind::OutOfBounds, format!("cannot grow the {what}: {cause}")))
}

impl From<LimitExceeded> for Denied {
    fn from(exceeded: LimitExceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}
