//! Owns the check of one knob: whether the major has the knob, and whether the value is within its limit.

use std::ops::RangeInclusive;

use super::parts::{Part, Parts};
use crate::error::{Error, ErrorKind, Result, Unsupported};

/// A knob with its value as a number.
pub(crate) struct Setting {
    pub(super) name: &'static str,
    /// `None` if the knob is not set.
    pub(super) value: Option<u64>,
    /// The majors that have the knob.
    pub(super) majors: RangeInclusive<u64>,
    /// The largest value.
    pub(super) most: u64,
    /// What the major must be compiled with.
    pub(super) needs: Option<Part>,
}

impl Setting {
    /// Refuses a knob that is set and that `major` or these parts of it lack, and a value beyond the limit.
    pub(crate) fn check(&self, major: u64, parts: Parts) -> Result<()> {
        let Self { name, value, majors, most, needs } = self;
        match *value {
            Some(_) if !majors.contains(&major) => Err(Error::from_unsupported(Unsupported {
                since: Some(*majors.start()),
                until: Some(*majors.end()).filter(|last| *last < u64::MAX),
                ..Unsupported::new(format!("the knob `{name}`"), major)
            })),
            Some(bytes) if bytes > *most => {
                Err(Error::new(ErrorKind::Config, format!("`{name}` is {bytes} bytes: the most is {most}")))
            }
            Some(_) => needs.map_or(Ok(()), |part| parts.expect(part, major, &format!("the knob `{name}`"))),
            None => Ok(()),
        }
    }
}

/// `bytes` rounded up to a multiple of `multiple`; what would overflow stays, and is beyond every limit.
pub(super) fn round_up(bytes: u64, multiple: u64) -> u64 {
    bytes.checked_next_multiple_of(multiple).unwrap_or(bytes)
}
