//! Owns what preview1 polls for until a date: up to 45 Wasmtime waits for the negative time until then.

use super::calls::Memory;
use super::virtual_time::{layout, write};

/// The subscriptions of a `poll_oneoff` to absolute times of the realtime clock. While Wasmtime polls, they are relative.
pub(crate) struct Dates(Vec<Date>);

struct Date {
    /// The address of the subscription.
    subscription: u32,
    /// In nanoseconds since 1970-01-01T00:00:00Z.
    date: u64,
    /// The word that begins with the flags.
    flags: u64,
}

impl Dates {
    /// Reads the subscriptions; `None` if no date is among them, and where Wasmtime refuses the list.
    pub(crate) fn read(memory: &impl Memory, list: i32, count: i32) -> Option<Box<Self>> {
        let mut dates = Vec::new();
        for index in 0..count as u32 {
            let at = (list as u32).checked_add(index.checked_mul(layout::SUBSCRIPTION)?)?;
            let word = |offset: u32| memory.long(at.checked_add(offset)?);
            let of_clock = word(layout::TAG)? & 0xFF == layout::CLOCK;
            if !of_clock || memory.number(at.checked_add(layout::SUBJECT)?)? != layout::REALTIME {
                continue;
            }
            let (date, flags) = (word(layout::TIMEOUT)?, word(layout::FLAGS)?);
            if flags & layout::ABSOLUTE != 0 {
                dates.push(Date { subscription: at, date, flags });
            }
        }
        (!dates.is_empty()).then(|| Box::new(Self(dates)))
    }

    /// Makes the dates relative; `now` is what the guest's clock shows, in nanoseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn prepare(&self, memory: &mut impl Memory, now: u64) {
        for Date { subscription, date, flags } in &self.0 {
            write(memory, *subscription, layout::TIMEOUT, date.saturating_sub(now));
            write(memory, *subscription, layout::FLAGS, flags & !layout::ABSOLUTE);
        }
    }

    /// Restores the subscriptions.
    pub(crate) fn finish(&self, memory: &mut impl Memory) {
        for Date { subscription, date, flags } in &self.0 {
            write(memory, *subscription, layout::TIMEOUT, *date);
            write(memory, *subscription, layout::FLAGS, *flags);
        }
    }
}
