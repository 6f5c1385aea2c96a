//! Owns what the answers of a probe mean: records on its standard output, or how it ends.

use wasmtime_compat_guest::probe::internal::{Asks, FIRST_FD, Record, UNASKED, Word};
use wasmtime_compat_guest::probe::{ProbeGuest, ProbeMethod};

use super::report::{Errno, Opened, PreopenProbe, ProbedName};
use crate::command::{Completed, Outcome};
use crate::error::Trap;

/// Fills in what the run of the command `at` says, and tells whether there are more preopens than `preopens`, and
/// whether all was said.
pub(super) fn read(guest: &ProbeGuest<'_>, at: usize, completed: &Completed, preopens: &mut [PreopenProbe]) -> Heard {
    if !guest.writes() {
        let Asks { names, files } = guest.asks();
        let preopen = preopens.get_mut(at);
        let all = preopen.is_some_and(|preopen| tell_by_end(&completed.outcome, names, files, preopen));
        return Heard { more: false, all };
    }
    let mut output = completed.stdout.bytes.as_slice();
    let mut heard = Heard { more: false, all: false };
    while let Some(record) = Record::take(&mut output) {
        let at = record.fd().checked_sub(FIRST_FD).and_then(|at| usize::try_from(at).ok());
        match at.and_then(|at| preopens.get_mut(at)) {
            Some(preopen) => tell(&record, preopen),
            None => heard = Heard { more: record.is_preopen(), all: true },
        }
    }
    heard
}

/// What is known of a preopen before it is probed.
pub(super) fn untold(guest: &ProbeGuest<'_>) -> (ProbedName, Opened) {
    match guest.method() {
        ProbeMethod::Nothing => (ProbedName::NotUsed, Opened::NotUsed),
        _ => (ProbedName::Untold, Opened::Untold),
    }
}

/// What came of reading a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub(super) more: bool,
    pub(super) all: bool,
}

/// Says of a preopen what the record says.
fn tell(record: &Record<'_>, preopen: &mut PreopenProbe) {
    preopen.name = match (record.word(Word::Prestat), record.word(Word::Name), record.name) {
        (UNASKED, ..) => ProbedName::NotUsed,
        (0, _, Some(seen)) if seen == preopen.status.guest.as_bytes() => ProbedName::Right,
        (0, _, Some(seen)) => ProbedName::Wrong { seen: Some(String::from_utf8_lossy(seen).into_owned()) },
        (0, UNASKED, None) => ProbedName::NotUsed,
        (0, errno, None) => ProbedName::Refused(Errno(Some(errno))),
        (errno, ..) => ProbedName::Absent(Errno(Some(errno))),
    };
    preopen.directory = opened(record.word(Word::Directory));
    if let Some((_, file)) = &mut preopen.file {
        *file = opened(record.word(Word::File));
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
