//! Owns the records in which the probe writes down what it found, and reading them.

use super::report::{Errno, Opened, PreopenProbe, ProbedName};
use crate::command::Outcome;
use crate::error::Trap;

/// In place of a result: nothing was asked.
pub(super) const UNASKED: u32 = u32::MAX;

/// What is noted for a name that is too long to be asked for: the error code of preview1.
pub(super) const NAME_TOO_LONG: u32 = 37;

/// A word of a record: 32 bits, little-endian, in this order. The name comes after the last, if it could be had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Word {
    /// The file descriptor that is the subject.
    Fd,
    /// What `fd_prestat_get` returned.
    Prestat,
    /// The length of the name, as it says.
    Length,
    /// What `fd_prestat_dir_name` returned.
    Name,
    /// What `path_open` returned for the directory.
    Directory,
    /// What `path_open` returned for a file in it.
    File,
}

impl Word {
    pub(super) const ALL: [Self; 6] = [Self::Fd, Self::Prestat, Self::Length, Self::Name, Self::Directory, Self::File];

    /// The size of all of them.
    pub(super) const BYTES: u32 = 24;

    pub(super) fn offset(self) -> u32 {
        4 * match self {
            Self::Fd => 0,
            Self::Prestat => 1,
            Self::Length => 2,
            Self::Name => 3,
            Self::Directory => 4,
            Self::File => 5,
        }
    }
}

/// A record as it was written.
pub(super) struct Record<'a> {
    words: [u32; 6],
    name: Option<&'a [u8]>,
}

impl<'a> Record<'a> {
    /// Takes the first record off `output`; `None` if there is none, or not all of it.
    pub(super) fn take(output: &mut &'a [u8]) -> Option<Self> {
        let mut rest = *output;
        let mut words = [0; 6];
        for word in &mut words {
            let (bytes, after) = rest.split_first_chunk()?;
            (*word, rest) = (u32::from_le_bytes(*bytes), after);
        }
        let mut record = Self { words, name: None };
        if record.word(Word::Name) == 0 {
            let (name, after) = rest.split_at_checked(usize::try_from(record.word(Word::Length)).ok()?)?;
            (record.name, rest) = (Some(name), after);
        }
        *output = rest;
        Some(record)
    }

    pub(super) fn fd(&self) -> u32 {
        self.word(Word::Fd)
    }

    /// Whether there is a preopen with this file descriptor.
    pub(super) fn is_preopen(&self) -> bool {
        self.word(Word::Prestat) == 0
    }

    /// Says of a preopen what the record says.
    pub(super) fn tell(&self, preopen: &mut PreopenProbe) {
        preopen.name = match (self.word(Word::Prestat), self.word(Word::Name), self.name) {
            (UNASKED, ..) => ProbedName::NotUsed,
            (0, _, Some(seen)) if seen == preopen.status.guest.as_bytes() => ProbedName::Right,
            (0, _, Some(seen)) => ProbedName::Wrong { seen: Some(String::from_utf8_lossy(seen).into_owned()) },
            (0, UNASKED, None) => ProbedName::NotUsed,
            (0, errno, None) => ProbedName::Refused(Errno(Some(errno))),
            (errno, ..) => ProbedName::Absent(Errno(Some(errno))),
        };
        preopen.directory = opened(self.word(Word::Directory));
        if let Some((_, file)) = &mut preopen.file {
            *file = opened(self.word(Word::File));
        }
    }

    fn word(&self, word: Word) -> u32 {
        usize::try_from(word.offset() / 4).ok().and_then(|at| self.words.get(at)).copied().unwrap_or(UNASKED)
    }
}

fn opened(result: u32) -> Opened {
    match result {
        0 => Opened::Yes,
        UNASKED => Opened::NotUsed,
        errno => Opened::No(Errno(Some(errno))),
    }
}

/// Says of a preopen what the end of a probe that cannot write says; `false` if that was no answer. `names` and
/// `files` tell whether the guest can ask for names and open files at all.
pub(super) fn tell_by_end(outcome: &Outcome, names: bool, files: bool, preopen: &mut PreopenProbe) -> bool {
    let wrong = ProbedName::Wrong { seen: None };
    let failed = Opened::No(Errno(None));
    let (name, opened) = match outcome {
        Outcome::Exited(0) => (ProbedName::Right, Opened::Yes),
        Outcome::Trapped { trap: Trap::IntegerDivisionByZero, .. } => (ProbedName::Right, failed),
        Outcome::Trapped { trap: Trap::IntegerOverflow, .. } => (wrong, Opened::Yes),
        Outcome::Trapped { trap: Trap::BadConversionToInteger, .. } => (wrong, failed),
        Outcome::Trapped { trap: Trap::MemoryOutOfBounds, .. } => (ProbedName::Absent(Errno(None)), Opened::Untold),
        _ => return false,
    };
    preopen.name = match name {
        ProbedName::Absent(_) => name,
        _ if names => name,
        _ => ProbedName::NotUsed,
    };
    preopen.directory = if files { opened } else { Opened::NotUsed };
    if let Some((_, file)) = &mut preopen.file {
        *file = preopen.directory;
    }
    true
}
