//! Owns the records in which a probe writes down what it found.

/// In place of a result: nothing was asked.
pub const NOT_QUERIED: u32 = u32::MAX;

/// What is noted for a name that is too long to be asked for: the error code of preview1.
pub(super) const NAME_TOO_LONG: u32 = 37;

/// A word of a record: 32 bits, little-endian, in this order. The name comes after the last, if it could be had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Word {
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
    /// All words, in order.
    pub const ALL: [Self; 6] = [Self::Fd, Self::Prestat, Self::Length, Self::Name, Self::Directory, Self::File];

    /// The size of all of them.
    pub const BYTES: u32 = 24;

    /// Its place in a record, in bytes.
    pub fn offset(self) -> u32 {
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
pub struct Record<'a> {
    words: [u32; 6],
    /// The name, if the guest could read it.
    pub name: Option<&'a [u8]>,
}

impl<'a> Record<'a> {
    /// Takes the first record off `output`; `None` if there is none, or not all of it.
    pub fn take(output: &mut &'a [u8]) -> Option<Self> {
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

    /// The file descriptor that is the subject.
    pub fn fd(&self) -> u32 {
        self.word(Word::Fd)
    }

    /// Whether there is a preopen with this file descriptor.
    pub fn is_preopen(&self) -> bool {
        self.word(Word::Prestat) == 0
    }

    /// A word of the record.
    pub fn word(&self, word: Word) -> u32 {
        usize::try_from(word.offset() / 4).ok().and_then(|at| self.words.get(at)).copied().unwrap_or(NOT_QUERIED)
    }
}
