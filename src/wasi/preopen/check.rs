//! Owns the check of preopens: every problem of every directory, found at once.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::creation::{self, permission_hint};
use super::system::{self, Absolute, OPENS_UNLISTED, WriteRefusal};
use super::{
    Duplicates, Policy, Preopen, PreopenReport, PreopenStatus, Preopens, Problem, Reason, Requirements, Verdict,
};
use crate::error::quoted;

impl Preopens {
    /// The usual case, which every run of a guest goes through, if it is one: nothing is wrong. It costs one system
    /// call for each directory and nothing else to speak of.
    pub(super) fn if_all_usable(&self) -> Option<PreopenReport> {
        let report = self.all_usable.get_or_init(|| self.all_usable_report()).as_ref()?;
        let is_usable =
            |preopen: &Preopen| preopen.absolute.as_ref().is_some_and(|absolute| absolute.is_usable_for(preopen));
        self.list.iter().all(is_usable).then(|| report.clone())
    }

    /// The report for when every directory is usable; none if something would be wrong even then, or if what is asked
    /// about depends on the working directory.
    #[cold]
    fn all_usable_report(&self) -> Option<PreopenReport> {
        let usable = |preopen: &Preopen| {
            let absolute = preopen.absolute.as_ref().filter(|_| preopen.valid)?;
            Some(preopen.usable_status(absolute.path.clone(), self.require_write))
        };
        let mut entries = self.list.iter().map(usable).collect::<Option<Vec<_>>>()?;
        self.compare_guest_paths(&mut entries, false);
        entries.iter().all(PreopenStatus::is_usable).then(|| PreopenReport { entries: entries.into() })
    }

    /// Examines every preopen; with `make`, directories that are missing and to be created are made if nothing is wrong.
    #[cold]
    pub(super) fn examine(&self, lenient: bool, make: bool) -> PreopenReport {
        let examine = |preopen: &Preopen| preopen.examine(self.require_write, lenient);
        let mut found: Vec<_> = self.list.iter().map(examine).collect();
        let mut made = Vec::new();
        loop {
            let mut entries = found.clone();
            self.compare_guest_paths(&mut entries, lenient);
            let mut failed = false;
            if make && entries.iter().all(|status| status.verdict != Verdict::Error) {
                let missing =
                    entries.iter_mut().zip(&mut found).filter(|(status, _)| status.verdict == Verdict::Creatable);
                for (status, found) in missing {
                    status.create(lenient, &mut made);
                    failed |= !status.is_usable();
                    found.clone_from(status);
                }
            }
            if failed && !lenient {
                creation::remove(&made);
                let created = entries.iter_mut().filter(|status| status.verdict == Verdict::Created);
                created.for_each(|status| status.verdict = Verdict::Creatable);
            }
            // What took the place of another and could not be made gives it back.
            if !(lenient && failed) {
                return PreopenReport { entries: entries.into() };
            }
        }
    }

    /// Finds preopens that the guest could not distinguish, among those not dropped so far.
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
                        let hint = format!("{}, given later, replaces this preopen", quoted(&*later.host));
                        earlier.fail(reason, hint, true);
                    }
                    Duplicates::Reject => {
                        let hint = format!(
                            "{} is already the guest's {}: choose different guest paths, or let the last preopen \
                             replace the others",
                            quoted(&*earlier.host),
                            quoted(&*earlier.guest)
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
    fn examine(&self, require_write: bool, lenient: bool) -> PreopenStatus {
        let now;
        let absolute = match &self.absolute {
            Some(absolute) => absolute,
            None => {
                now = Absolute::of(&self.host);
                &now
            }
        };
        let mut status = self.usable_status(absolute.path.clone(), require_write);
        // Without a working directory a path stays relative.
        if !(self.valid && absolute.path.is_absolute() && absolute.is_usable_for(self)) {
            self.find_problems(&mut status, lenient);
        }
        status
    }

    /// The status if nothing is wrong.
    fn usable_status(&self, absolute: Arc<Path>, require_write: bool) -> PreopenStatus {
        PreopenStatus {
            absolute,
            guest: self.name.clone(),
            host: self.host.clone(),
            access: self.access,
            policy: self.policy,
            verdict: Verdict::Ok,
            problems: Vec::new(),
            warnings: Vec::new(),
            requirements: Requirements { write: self.requirements.write || require_write, ..self.requirements },
        }
    }

    /// Finds everything that is wrong, which may be nothing.
    fn find_problems(&self, status: &mut PreopenStatus, lenient: bool) {
        if self.guest.is_empty() {
            status.fail(Reason::EmptyGuestPath, "choose a guest path, for example \".\"", lenient);
        }
        if self.guest.to_str().is_none() {
            status.fail(Reason::GuestPathNotUtf8, "WASI paths are UTF-8: choose another guest path", lenient);
        }
        let drop_host = lenient || self.policy == Policy::Optional;
        if has_nul(&self.guest) || has_nul(self.host.as_os_str()) {
            status.fail(Reason::NulInPath, "paths end at a NUL byte: remove the byte", lenient);
        } else if self.host.as_os_str().is_empty() {
            status.fail(Reason::EmptyHostPath, "name a directory; \".\" is the working directory", drop_host);
        } else {
            status.check_directory(drop_host);
        }
    }
}

/// Whether both paths are valid, so that only the directory is left to check.
pub(super) fn are_valid(host: &Path, guest: &OsStr) -> bool {
    let guest_is_valid = !guest.is_empty() && guest.to_str().is_some() && !has_nul(guest);
    guest_is_valid && !host.as_os_str().is_empty() && !has_nul(host.as_os_str())
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

    /// Records what the guest cannot do although the preopen allows it.
    fn warn(&mut self, reason: Reason, hint: impl Into<String>) {
        self.warnings.push(Problem { reason, hint: hint.into() });
    }

    fn is_comparable(&self) -> bool {
        self.verdict != Verdict::Dropped && !self.guest.is_empty()
    }

    /// Queries the operating system, step by step, as opening and using the directory would. Mode bits are not used,
    /// because they do not cover access control lists, capabilities or the effective user.
    fn check_directory(&mut self, dropped: bool) {
        if let Some(Problem { reason, hint }) = system::flaw(&self.absolute) {
            return self.fail(reason, hint, dropped);
        }
        let metadata = match std::fs::metadata(&self.absolute) {
            // The working directory was removed, and `.` still leads to what is left of it.
            _ if self.absolute.is_relative() && self.policy == Policy::Create => return self.check_creation(dropped),
            _ if self.absolute.is_relative() => return self.record_error(&io::ErrorKind::NotFound.into(), dropped),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.policy == Policy::Create => {
                return self.check_creation(dropped);
            }
            Err(error) => return self.record_error(&error, dropped),
            Ok(metadata) => metadata,
        };
        if !metadata.is_dir() {
            return self.record_error(&io::ErrorKind::NotADirectory.into(), dropped);
        }
        let permission_hint = |what, bit| permission_hint(what, "the directory", Some(&metadata), bit);
        // A directory without permissions opens fine on Linux (`O_PATH`) and fails only in the guest, so list it
        // and step into it here.
        let entered = std::fs::metadata(self.absolute.join("."));
        match std::fs::read_dir(&self.absolute) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                match (self.requirements.unlisted, OPENS_UNLISTED) {
                    // That the directory may not be entered is reported below.
                    (true, true) if entered.is_err() => {}
                    (true, true) => {
                        self.warn(Reason::NotReadable, "the guest can open what is in the directory by name")
                    }
                    (true, false) => {
                        let hint =
                            permission_hint("read", 'r') + ": this system cannot open a directory that it may not list";
                        self.fail(Reason::NotReadable, hint, dropped);
                    }
                    (false, true) if entered.is_ok() => {
                        let hint = permission_hint("read", 'r') + ", or allow the preopen not to be listed";
                        self.fail(Reason::NotReadable, hint, dropped);
                    }
                    (false, _) => self.fail(Reason::NotReadable, permission_hint("read", 'r'), dropped),
                }
            }
            Err(error) => self.record_error(&error, dropped),
            Ok(_) => {}
        }
        match entered {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.fail(Reason::NotSearchable, permission_hint("enter", 'x'), dropped);
            }
            Err(error) => self.record_error(&error, dropped),
            Ok(_) => {}
        }
        if self.access.may_write()
            && let Some(refusal) = system::write_refusal(&self.absolute)
        {
            let hint = match refusal {
                WriteRefusal::ReadOnlyFileSystem | WriteRefusal::NoDirectories => read_only_hint(self.policy).into(),
                WriteRefusal::Permission => {
                    "preopen the directory read-only, or ".to_owned() + &permission_hint("write in", 'w')
                }
            };
            match self.requirements.write {
                true => self.fail(Reason::NotWritable, hint, dropped),
                false => self.warn(Reason::NotWritable, hint),
            }
        }
    }

    /// Decides whether the missing directory can be made.
    fn check_creation(&mut self, dropped: bool) {
        match creation::problem_on_path(&self.absolute) {
            Some(Problem { reason, hint }) => self.fail(reason, hint, dropped),
            None if self.verdict == Verdict::Ok => self.verdict = Verdict::Creatable,
            None => {}
        }
    }

    /// Makes the directory, and adds what was made to `made`, unless the directory cannot be used then.
    fn create(&mut self, dropped: bool, made: &mut Vec<PathBuf>) {
        let mut own = Vec::new();
        match creation::create(&self.absolute, &mut own) {
            Ok(()) => {
                self.verdict = Verdict::Created;
                self.check_directory(dropped);
            }
            Err(error) => self.fail(Reason::Io, format!("cannot create the directory: {error}"), dropped),
        }
        if self.verdict == Verdict::Created {
            made.append(&mut own);
        } else {
            creation::remove(&own);
        }
    }

    /// Records an error of the operating system.
    pub(super) fn record_error(&mut self, error: &io::Error, dropped: bool) {
        let problem = match error.kind() {
            // Windows reports a file with a separator at its end as an invalid name.
            io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::InvalidFilename => creation::problem_on_path(&self.absolute),
            _ => None,
        };
        let (reason, hint) = match (error.kind(), problem) {
            (io::ErrorKind::NotFound, Some(Problem { reason: Reason::NotCreatable, hint })) => (
                Reason::Missing,
                if self.policy == Policy::Optional { hint } else { hint + ", or make the preopen optional" },
            ),
            (_, Some(Problem { reason, hint })) => (reason, hint),
            (io::ErrorKind::NotFound, None) => (
                Reason::Missing,
                match self.policy {
                    Policy::Optional => "create the directory if the guest needs it",
                    Policy::Required | Policy::Create => "create the directory, or make the preopen optional",
                }
                .into(),
            ),
            (io::ErrorKind::NotADirectory, None) => {
                (Reason::NotADirectory, "preopen the directory that holds the file".into())
            }
            (io::ErrorKind::PermissionDenied, None) => {
                (Reason::NotSearchable, "let this user enter every parent directory".into())
            }
            (_, None) => (Reason::Io, error.to_string()),
        };
        let hint = match system::origin_hint(&self.host).filter(|_| reason == Reason::Missing) {
            Some(origin) => format!("{hint}; {origin}"),
            None => hint,
        };
        self.fail(reason, hint, dropped);
    }
}

/// Advice about a directory on a read-only file system. Who wants a directory to be created wants to write in it.
fn read_only_hint(policy: Policy) -> &'static str {
    match policy {
        Policy::Create => {
            "the file system is read-only: choose another host path, or preopen the directory read-only and do not \
             ask for it to be created"
        }
        Policy::Required | Policy::Optional => "the file system is read-only: preopen the directory read-only",
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

#[cfg(test)]
mod tests {
    //! No test can count on a read-only file system.

    use super::*;

    #[test]
    fn hints_about_read_only_file_systems() {
        for policy in [Policy::Required, Policy::Optional, Policy::Create] {
            let hint = read_only_hint(policy);
            assert!(hint.contains("preopen the directory read-only"), "{policy:?}: {hint}");
            assert_eq!(hint.contains("choose another host path"), policy == Policy::Create, "{policy:?}: {hint}");
        }
    }
}
