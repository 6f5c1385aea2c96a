//! Owns the interpretation of a probe's run: the records on its standard output, or how the run ended.

use wasmtime_compat_guest::probe::internal::{FIRST_FD, NOT_QUERIED, Queries, Record, Word};
use wasmtime_compat_guest::probe::{ProbeGuest, ProbeMethod};

use super::report::{Errno, Opened, PreopenProbe, ProbedName};
use crate::command::{Completed, Outcome};
use crate::error::Trap;

/// Fills in the results of the run of the command `at`.
pub(super) fn read(
    guest: &ProbeGuest<'_>,
    at: usize,
    completed: &Completed,
    preopens: &mut [PreopenProbe],
) -> Response {
    if !guest.writes() {
        let Queries { names, files } = guest.queries();
        let preopen = preopens.get_mut(at);
        let complete = preopen.is_some_and(|preopen| apply_outcome(&completed.outcome, names, files, preopen));
        return Response { extra_preopens: false, complete };
    }
    let mut output = completed.stdout.bytes.as_slice();
    let mut response = Response { extra_preopens: false, complete: false };
    while let Some(record) = Record::take(&mut output) {
        let at = record.fd().checked_sub(FIRST_FD).and_then(|at| usize::try_from(at).ok());
        match at.and_then(|at| preopens.get_mut(at)) {
            Some(preopen) => apply_record(&record, preopen),
            None => response = Response { extra_preopens: record.is_preopen(), complete: true },
        }
    }
    response
}

/// The state of a preopen before the probe.
pub(super) fn initial(guest: &ProbeGuest<'_>) -> (ProbedName, Opened) {
    match guest.method() {
        ProbeMethod::Nothing => (ProbedName::NotUsed, Opened::NotUsed),
        _ => (ProbedName::Unknown, Opened::Unknown),
    }
}

/// The result of one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Response {
    /// The guest sees more preopens than it was given.
    pub(super) extra_preopens: bool,
    /// The probe reported everything that it was to report.
    pub(super) complete: bool,
}

/// Copies the results in a record to the report of its preopen.
fn apply_record(record: &Record<'_>, preopen: &mut PreopenProbe) {
    preopen.name = match (record.word(Word::Prestat), record.word(Word::Name), record.name) {
        (NOT_QUERIED, ..) => ProbedName::NotUsed,
        (0, _, Some(seen)) if seen == preopen.status.guest.as_bytes() => ProbedName::Right,
        (0, _, Some(seen)) => ProbedName::Wrong { seen: Some(String::from_utf8_lossy(seen).into_owned()) },
        (0, NOT_QUERIED, None) => ProbedName::NotUsed,
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
        NOT_QUERIED => Opened::NotUsed,
        errno => Opened::No(Errno(Some(errno))),
    }
}

/// Derives the results for a preopen from the outcome of a probe that cannot write; `false` if the outcome is not one
/// of those by which a probe reports. `names` and `files` are whether the guest can query names and open files at all.
pub(super) fn apply_outcome(outcome: &Outcome, names: bool, files: bool, preopen: &mut PreopenProbe) -> bool {
    let wrong = ProbedName::Wrong { seen: None };
    let failed = Opened::No(Errno(None));
    let (name, opened) = match outcome {
        Outcome::Exited(0) => (ProbedName::Right, Opened::Yes),
        Outcome::Trapped { trap: Trap::IntegerDivisionByZero, .. } => (ProbedName::Right, failed),
        Outcome::Trapped { trap: Trap::IntegerOverflow, .. } => (wrong, Opened::Yes),
        Outcome::Trapped { trap: Trap::BadConversionToInteger, .. } => (wrong, failed),
        Outcome::Trapped { trap: Trap::MemoryOutOfBounds, .. } => (ProbedName::Absent(Errno(None)), Opened::Unknown),
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
