//! Owns the check of preopens: every problem of every directory, found at once.

#[cfg(unix)]
use std::ffi::CString;
use std::ffi::{CStr, OsStr};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{Duplicates, Policy, Preopen, PreopenReport, PreopenStatus, Preopens, Problem, Reason, Verdict};

/// A host path made absolute, and what to ask the operating system about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Absolute {
    pub(super) path: Arc<Path>,
    /// `<path>/`, which POSIX resolves only to a directory; ready for every run to ask. Systems that cannot say at once
    /// have none.
    directory: Option<Arc<CStr>>,
}

impl Absolute {
    pub(super) fn of(path: &Path) -> Self {
        // It fails for an empty path, which is a problem of its own, and without a working directory.
        let path: Arc<Path> = std::path::absolute(path).map_or_else(|_| path.into(), Into::into);
        Self { directory: directory(&path), path }
    }

    /// Whether the effective user may list and enter what must be a directory: one system call for the usual case.
    #[cfg(unix)]
    fn is_usable(&self) -> bool {
        use rustix::fs::{Access, AtFlags, CWD, accessat};

        let wanted = Access::READ_OK | Access::EXEC_OK;
        self.directory.as_ref().is_some_and(|path| accessat(CWD, &**path, wanted, AtFlags::EACCESS).is_ok())
    }

    /// Elsewhere only trying tells.
    #[cfg(not(unix))]
    fn is_usable(&self) -> bool {
        false
    }
}

#[cfg(unix)]
fn directory(path: &Path) -> Option<Arc<CStr>> {
    use std::os::unix::ffi::OsStrExt as _;

    let directory = [path.as_os_str().as_bytes(), b"/"].concat();
    Some(CString::new(directory).ok()?.into())
}

#[cfg(not(unix))]
fn directory(_: &Path) -> Option<Arc<CStr>> {
    None
}

impl Preopens {
    /// The usual case, which every run of a guest goes through, if it is one: nothing is wrong. It costs one system
    /// call for each directory and nothing else to speak of.
    pub(super) fn all_well(&self) -> Option<PreopenReport> {
        let report = self.all_well.get_or_init(|| self.if_all_well()).as_ref()?;
        let is_usable = |preopen: &Preopen| preopen.absolute.as_ref().is_some_and(Absolute::is_usable);
        self.list.iter().all(is_usable).then(|| report.clone())
    }

    /// The report for when every directory is usable; none if something would be wrong even then, or if what is asked
    /// about depends on the working directory.
    #[cold]
    fn if_all_well(&self) -> Option<PreopenReport> {
        let well = |preopen: &Preopen| {
            let absolute = preopen.absolute.as_ref().filter(|_| preopen.sound)?;
            Some(preopen.well(absolute.path.clone()))
        };
        let mut entries = self.list.iter().map(well).collect::<Option<Vec<_>>>()?;
        self.compare_guest_paths(&mut entries, false);
        entries.iter().all(PreopenStatus::is_usable).then(|| PreopenReport { entries: entries.into() })
    }

    #[cold]
    pub(super) fn examine(&self, lenient: bool) -> PreopenReport {
        let mut found: Vec<_> = self.list.iter().map(|preopen| preopen.examine(lenient)).collect();
        loop {
            let mut entries = found.clone();
            self.compare_guest_paths(&mut entries, lenient);
            let mut failed = false;
            if entries.iter().all(|status| status.verdict != Verdict::Error) {
                let missing = entries.iter_mut().zip(&mut found).filter(|(status, _)| status.is_to_be_created());
                for (status, found) in missing {
                    status.create(lenient);
                    failed |= !status.is_usable();
                    found.clone_from(status);
                }
            }
            // What took the place of another and could not be made gives it back.
            if !(lenient && failed) {
                return PreopenReport { entries: entries.into() };
            }
        }
    }

    /// Finds preopens that the guest could not tell apart, among those not dropped so far.
    fn compare_guest_paths(&self, entries: &mut [PreopenStatus], lenient: bool) {
        for later in 1..entries.len() {
            let (before, rest) = entries.split_at_mut(later);
            let later = &mut rest[0];
            if !later.is_comparable() {
                continue;
            }
            for earlier in before.iter_mut().filter(|earlier| earlier.is_comparable()) {
                let reason = if earlier.guest == later.guest {
                    Reason::DuplicateGuestPath
                } else if fold(&earlier.guest) == fold(&later.guest) {
                    Reason::CollidingGuestPath
                } else {
                    continue;
                };
                match self.duplicates {
                    Duplicates::LastWins => {
                        let hint = format!("{:?}, given later, takes its place", later.host);
                        earlier.fail(reason, hint, true);
                    }
                    Duplicates::Reject => {
                        let hint = format!(
                            "{:?} is already the guest's {:?}: give them different guest paths, or allow the last to win",
                            earlier.host, earlier.guest
                        );
                        later.fail(reason, hint, lenient);
                        break;
                    }
                }
            }
        }
    }
}

impl Preopen {
    fn examine(&self, lenient: bool) -> PreopenStatus {
        let now;
        let absolute = match &self.absolute {
            Some(absolute) => absolute,
            None => {
                now = Absolute::of(&self.host);
                &now
            }
        };
        let mut status = self.well(absolute.path.clone());
        if !(self.sound && absolute.is_usable()) {
            self.find_fault(&mut status, lenient);
        }
        status
    }

    /// What there is to say if nothing is wrong.
    fn well(&self, absolute: Arc<Path>) -> PreopenStatus {
        PreopenStatus {
            absolute,
            guest: self.name.clone(),
            host: self.host.clone(),
            access: self.access,
            policy: self.policy,
            verdict: Verdict::Ok,
            problems: Vec::new(),
        }
    }

    /// Finds everything that is wrong, which may be nothing.
    fn find_fault(&self, status: &mut PreopenStatus, lenient: bool) {
        if self.guest.is_empty() {
            status.fail(Reason::EmptyGuestPath, "name it in the guest, for example \".\"", lenient);
        }
        if self.guest.to_str().is_none() {
            status.fail(Reason::GuestPathNotUtf8, "WASI paths are UTF-8: choose another guest path", lenient);
        }
        let drop_host = lenient || self.policy == Policy::Optional;
        if has_nul(&self.guest) || has_nul(self.host.as_os_str()) {
            status.fail(Reason::NulInPath, "paths end at a NUL byte: remove it", lenient);
        } else if self.host.as_os_str().is_empty() {
            status.fail(Reason::EmptyHostPath, "name a directory; \".\" is the working directory", drop_host);
        } else {
            status.find_out(drop_host);
        }
    }
}

/// Whether nothing is wrong with the paths themselves: the directory is all that is left to ask about.
pub(super) fn are_sound(host: &Path, guest: &OsStr) -> bool {
    let guest_is_sound = !guest.is_empty() && guest.to_str().is_some() && !has_nul(guest);
    guest_is_sound && !host.as_os_str().is_empty() && !has_nul(host.as_os_str())
}

fn has_nul(path: &OsStr) -> bool {
    path.as_encoded_bytes().contains(&0)
}

impl PreopenStatus {
    /// Records a problem: it makes an error of the preopen unless that is to be dropped.
    fn fail(&mut self, reason: Reason, hint: impl Into<String>, dropped: bool) {
        self.problems.push(Problem { reason, hint: hint.into() });
        self.verdict = match (self.verdict, dropped) {
            (Verdict::Error, _) | (_, false) => Verdict::Error,
            (_, true) => Verdict::Dropped,
        };
    }

    fn is_comparable(&self) -> bool {
        self.verdict != Verdict::Dropped && !self.guest.is_empty()
    }

    fn is_to_be_created(&self) -> bool {
        self.policy == Policy::Create && self.verdict == Verdict::Ok && !self.absolute.exists()
    }

    /// Asks the operating system, step by step, what opening and using the directory would: not its mode bits, which
    /// say nothing about access control lists, capabilities or the user this process acts as.
    fn find_out(&mut self, dropped: bool) {
        let metadata = match std::fs::metadata(&self.absolute) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.policy == Policy::Create => {
                return self.probe_parents(dropped);
            }
            Err(error) => return self.refuse(&error, dropped),
            Ok(metadata) => metadata,
        };
        if !metadata.is_dir() {
            return self.refuse(&io::ErrorKind::NotADirectory.into(), dropped);
        }
        // A directory without permissions opens fine on Linux (`O_PATH`) and fails only in the guest, so list it
        // and step into it here.
        if let Err(error) = std::fs::read_dir(&self.absolute) {
            match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    self.fail(Reason::NotReadable, "let this user read it (chmod u+r)", dropped);
                }
                _ => self.refuse(&error, dropped),
            }
        }
        if let Err(error) = std::fs::metadata(self.absolute.join(".")) {
            match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    self.fail(Reason::NotSearchable, "let this user enter it (chmod u+x)", dropped);
                }
                _ => self.refuse(&error, dropped),
            }
        }
    }

    /// Whether a missing directory could be made: what there is of its path must be directories.
    fn probe_parents(&mut self, dropped: bool) {
        let existing = self.absolute.ancestors().skip(1).find_map(|parent| std::fs::metadata(parent).ok());
        if existing.is_some_and(|metadata| !metadata.is_dir()) {
            self.refuse(&io::ErrorKind::NotADirectory.into(), dropped);
        }
    }

    fn create(&mut self, dropped: bool) {
        match std::fs::create_dir_all(&self.absolute) {
            Ok(()) => {
                self.verdict = Verdict::Created;
                self.find_out(dropped);
            }
            Err(error) => {
                self.fail(Reason::Io, format!("it could not be made: {error}"), dropped);
            }
        }
    }

    /// Records what the operating system said.
    pub(super) fn refuse(&mut self, error: &io::Error, dropped: bool) {
        let (reason, hint) = match error.kind() {
            io::ErrorKind::NotFound => (
                Reason::Missing,
                match self.policy {
                    Policy::Optional => "create it if the guest needs it",
                    Policy::Required | Policy::Create => "create it, or make the preopen optional",
                }
                .into(),
            ),
            io::ErrorKind::NotADirectory => (Reason::NotADirectory, "preopen the directory that holds the file".into()),
            io::ErrorKind::PermissionDenied => {
                (Reason::NotSearchable, "let this user enter every parent directory (chmod u+x)".into())
            }
            _ => (Reason::Io, error.to_string()),
        };
        self.fail(reason, hint, dropped);
    }
}

/// The guest path as wasi-libc compares it: without leading `/` and `./`, without trailing `/`, and with `.` as the
/// empty path (`libc-bottom-half/sources/preopens.c`, `strip_prefixes` and `prefix_matches`).
fn fold(guest: &str) -> &str {
    let mut path = guest;
    while let Some(rest) = path.strip_prefix('/').or_else(|| path.strip_prefix("./")) {
        path = rest;
    }
    if path == "." { "" } else { path.trim_end_matches('/') }
}
