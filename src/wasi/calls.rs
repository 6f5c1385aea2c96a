//! Owns what one call of WASI may ask for: the bounds that are checked before Wasmtime sees the call, on the majors
//! that do not check it themselves.
//!
//! Wasmtime 24.0.6, 36.0.6, 40.0.4, 41.0.4 and everything from 42 on bound what a call makes the host allocate
//! (RUSTSEC-2026-0020). The others take a guest's word for any length. The bounds here mean what those of the newest
//! Wasmtime mean: the same limits, the same errno.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::error::Trap;

/// What one call from a guest into the host's WASI may take, and what such calls may leave behind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct CallLimits {
    /// Bytes that one call may copy from the guest.
    pub(crate) bytes: usize,
    /// Entries of the store's resource table: open files, streams, pollables and so on.
    pub(crate) handles: usize,
}

impl CallLimits {
    pub(crate) const DEFAULT: Self = Self { bytes: 128 << 20, handles: 1_000_000 };
}

/// Errors of preview1, by their numbers in `wasi_snapshot_preview1.witx`.
pub(crate) mod errno {
    pub(crate) const BADF: i32 = 8;
    pub(crate) const NOMEM: i32 = 48;
    pub(crate) const NOTSOCK: i32 = 57;
    pub(crate) const NOTSUP: i32 = 58;
}

/// The memory of the calling guest.
pub(crate) trait Memory {
    /// The four bytes at `address` as a number, if they are in the memory.
    fn number(&self, address: u32) -> Option<u32>;

    /// The eight bytes at `address` as a number, if they are in the memory and aligned.
    fn long(&self, address: u32) -> Option<u64>;

    /// Writes a number of four bytes, if they are in the memory and aligned.
    fn set_number(&mut self, address: u32, value: u32) -> Option<()>;

    /// Writes a number of eight bytes, if they are in the memory and aligned.
    fn set_long(&mut self, address: u32, value: u64) -> Option<()>;

    /// Its size in bytes.
    fn size(&self) -> usize;
}

/// What becomes of a call.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It goes on to Wasmtime.
    Pass,
    /// It returns this errno.
    Errno(i32),
    /// It traps.
    Trap(Refused),
}

/// Why a call into the host's WASI ended the guest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refused {
    /// A pointer and the length behind it lead out of the guest's memory.
    OutOfBounds { address: u32, length: u32 },
    /// A pointer is not aligned as the type behind it demands.
    Misaligned { address: u32 },
    /// More random bytes than the store's limits allow.
    Random { length: u64, most: u64 },
    /// As many resources as the store's limits allow.
    Handles { most: usize },
    /// More bytes from the guest than one call may copy.
    Bytes { bytes: usize, most: usize },
    /// More zeroes than the stream said it takes.
    Zeroes,
    /// A poll of an empty list.
    NothingToPoll,
    /// Larger fields of HTTP than the store's configuration allows.
    Fields { size: usize, most: usize },
    /// More names of fields than there can be.
    Names { most: usize },
    /// More bytes in HTTP resources than the store's limits allow.
    Held { most: usize },
}

/// Bytes of an iovec in the guest's memory.
const IOVEC: u32 = 8;

/// Bytes of a subscription and of the event it ends in.
const SUBSCRIPTION: u64 = 48 + 32;

/// `fd_read`, `fd_pread`, `fd_write`, `fd_pwrite`: a list of buffers, of which Wasmtime takes the first that is not
/// empty. As in the newest, the list is read before the descriptor is looked up.
#[inline]
pub(crate) fn buffers(memory: &impl Memory, limits: &CallLimits, list: i32, count: i32) -> Verdict {
    match first_buffer(memory, limits, list, count) {
        Ok(_) => Verdict::Pass,
        Err(verdict) => verdict,
    }
}

/// The same for reading; and if that passes, whether the first buffer that is not empty leads out of the memory: up to 20 Wasmtime
/// reads a file first, and then looks only at what it has read.
#[inline]
pub(crate) fn read_buffers(
    memory: &impl Memory,
    limits: &CallLimits,
    list: i32,
    count: i32,
) -> (Verdict, Option<Refused>) {
    match first_buffer(memory, limits, list, count) {
        Ok(Some((address, length))) if size(u64::from(address) + u64::from(length)) > memory.size() => {
            (Verdict::Pass, Some(Refused::OutOfBounds { address, length }))
        }
        Ok(_) => (Verdict::Pass, None),
        Err(verdict) => (verdict, None),
    }
}

/// What [`read_buffers`] means for a descriptor: the buffer is refused if it is to be read from a file.
pub(crate) async fn read_verdict(
    (verdict, beyond): (Verdict, Option<Refused>),
    is_file: impl Future<Output = bool>,
) -> Verdict {
    match (verdict, beyond) {
        (Verdict::Pass, Some(refused)) if is_file.await => Verdict::Trap(refused),
        (verdict, _) => verdict,
    }
}

/// The first buffer that is not empty: address and length.
#[inline]
fn first_buffer(
    memory: &impl Memory,
    limits: &CallLimits,
    list: i32,
    count: i32,
) -> Result<Option<(u32, u32)>, Verdict> {
    let (list, count) = (list as u32, count as u32);
    let Some(left) = limits.bytes.checked_sub(size(u64::from(count) * u64::from(IOVEC))) else {
        return Err(Verdict::Errno(errno::NOMEM));
    };
    for index in 0..count {
        let address = list.wrapping_add(index.wrapping_mul(IOVEC));
        if size(u64::from(list) + u64::from(index) * u64::from(IOVEC) + u64::from(IOVEC)) > memory.size() {
            return Err(Verdict::Trap(Refused::OutOfBounds { address, length: IOVEC }));
        }
        // It is in the memory.
        match (memory.number(address), memory.number(address.wrapping_add(4))) {
            (_, Some(0)) => {}
            (_, Some(length)) if size(length.into()) > left => return Err(Verdict::Errno(errno::NOMEM)),
            (Some(buffer), Some(length)) => return Ok(Some((buffer, length))),
            _ => return Err(Verdict::Trap(Refused::Misaligned { address })),
        }
    }
    Ok(None)
}

/// Bytes that one read returns at most, as in Wasmtime 24.0.6 and later; guests read on.
const READ: u64 = 64 << 10;

/// How much is read when a guest of WASI 0.2 asks to read, skip or splice `length` bytes.
#[inline]
pub(crate) fn read(length: u64) -> u64 {
    length.min(READ)
}

/// How many of the bytes that a stream into a file permits are permitted, as from 36.0.17 and 48.0.4 on.
pub(crate) fn file_write(permit: u64) -> u64 {
    permit.min(READ)
}

/// Whether one call returns another datagram after so many, which take so many bytes; the guest asked for `most`.
pub(crate) fn has_room_for_datagram(count: usize, most: u64, bytes: usize) -> bool {
    const DATAGRAMS: u64 = 16;
    let (count, bytes) = (u64::try_from(count).unwrap_or(u64::MAX), u64::try_from(bytes).unwrap_or(u64::MAX));
    count < most.min(DATAGRAMS) && bytes < READ
}

/// How many pollables of WASI 0.2 one poll waits for: not none.
pub(crate) fn pollables(count: usize) -> Result<(), Refused> {
    if count == 0 { Err(Refused::NothingToPoll) } else { Ok(()) }
}

/// Whether a time of WASI 0.2 is one that the host can express.
pub(crate) fn is_time(seconds: u64, nanoseconds: u32) -> bool {
    let duration = seconds
        .checked_add(u64::from(nanoseconds / 1_000_000_000))
        .map(|seconds| Duration::new(seconds, nanoseconds % 1_000_000_000));
    duration.and_then(|duration| SystemTime::UNIX_EPOCH.checked_add(duration)).is_some()
}

/// `path_*`: strings of these lengths, all together.
#[inline]
pub(crate) fn paths<const N: usize>(limits: &CallLimits, lengths: [i32; N]) -> Verdict {
    let total: u64 = lengths.into_iter().map(|length| u64::from(length as u32)).sum();
    if size(total) > limits.bytes { Verdict::Errno(errno::NOMEM) } else { Verdict::Pass }
}

/// `path_open`: a path, and a place in the table of open files.
#[inline]
pub(crate) fn open(limits: &CallLimits, length: i32, open: usize) -> Verdict {
    if open >= limits.handles {
        Verdict::Trap(Refused::Handles { most: limits.handles })
    } else {
        paths(limits, [length])
    }
}

/// `poll_oneoff`: a list of subscriptions, of which Wasmtime first makes room for all.
#[inline]
pub(crate) fn poll(limits: &CallLimits, count: i32) -> Verdict {
    let count = u64::from(count as u32);
    if size(count * SUBSCRIPTION) > limits.bytes {
        return Verdict::Errno(errno::NOMEM);
    }
    // Each becomes a resource, and perhaps the stream it waits for another.
    if size(count * 2) > limits.handles {
        return Verdict::Trap(Refused::Handles { most: limits.handles });
    }
    Verdict::Pass
}

/// `random_get`: Wasmtime makes all the bytes before it looks at the pointer.
#[inline]
pub(crate) fn random(memory: &impl Memory, most: u64, address: i32, length: i32) -> Verdict {
    let (address, length) = (address as u32, length as u32);
    if u64::from(length) > most {
        return Verdict::Trap(Refused::Random { length: length.into(), most });
    }
    if length == 0 {
        // Wasmtime 19 checks the pointer to no bytes too; the newest does not.
        return Verdict::Errno(0);
    }
    match size(u64::from(address) + u64::from(length)) > memory.size() {
        true => Verdict::Trap(Refused::OutOfBounds { address, length }),
        false => Verdict::Pass,
    }
}

/// `fd_renumber`: up to 39 Wasmtime loses count of its descriptors if `to` is not open, or the same as `from`.
pub(crate) fn renumber(from: i32, to: i32, both_open: bool) -> Verdict {
    match (both_open, from == to) {
        (false, _) => Verdict::Errno(errno::BADF),
        (true, true) => Verdict::Errno(0),
        (true, false) => Verdict::Pass,
    }
}

/// `fd_fdstat_set_rights`: from 37 on it is not supported, up to 36 it succeeds without an effect.
pub(crate) fn rights(open: bool) -> Verdict {
    Verdict::Errno(if open { errno::NOTSUP } else { errno::BADF })
}

/// Flags that `sock_accept`, `sock_recv`, `sock_send` and `sock_shutdown` know.
pub(crate) const FDFLAGS: i32 = 0b1_1111;
pub(crate) const RIFLAGS: i32 = 0b11;
/// A number of 16 bits without a meaning.
pub(crate) const SIFLAGS: i32 = 0xFFFF;
pub(crate) const SDFLAGS: i32 = 0b11;

/// `sock_*`: preview1 has no way to make a socket, so no descriptor is one. Up to 22 Wasmtime panics.
pub(crate) fn socket(flags: i32, known: i32, open: bool) -> Verdict {
    match (flags & !known, open) {
        (0, true) => Verdict::Errno(errno::NOTSOCK),
        (0, false) => Verdict::Errno(errno::BADF),
        // Flags are read first, and Wasmtime refuses those it does not know.
        _ => Verdict::Pass,
    }
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

impl Refused {
    /// The fault of the guest's that this is.
    pub(crate) fn trap(&self) -> Trap {
        match self {
            Self::OutOfBounds { .. } => Trap::PointerOutOfBounds,
            Self::Misaligned { .. } => Trap::PointerMisaligned,
            Self::Random { .. } | Self::Handles { .. } | Self::Bytes { .. } => Trap::LimitExceeded,
            Self::Fields { .. } | Self::Names { .. } | Self::Held { .. } => Trap::LimitExceeded,
            Self::Zeroes | Self::NothingToPoll => Trap::InvalidOperation,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfBounds { address, length } => {
                write!(f, "pointer out of bounds: {length} bytes at {address:#x}")
            }
            Self::Misaligned { address } => write!(f, "pointer not aligned: {address:#x}"),
            Self::Random { length, most } => write!(f, "{length} random bytes asked for: one call may have {most}"),
            Self::Handles { most } => write!(f, "too many resources: the store may have {most}"),
            Self::Bytes { bytes, most } => write!(f, "a call copies {bytes} bytes: one call may copy {most}"),
            Self::Zeroes => f.write_str("cannot write more zeroes than `check_write` allows"),
            Self::NothingToPoll => f.write_str("empty poll list"),
            Self::Fields { size, most } => write!(f, "HTTP fields of {size} bytes exceed the limit of {most} bytes"),
            Self::Names { most } => write!(f, "too many names of HTTP fields: the limit is {most}"),
            Self::Held { most } => write!(f, "the HTTP resources of the store exceed the limit of {most} bytes"),
        }
    }
}

impl std::error::Error for Refused {}
