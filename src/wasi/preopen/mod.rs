//! Owns preopened directories: how they are described and reported.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

mod check;
mod creation;
mod errors;
mod reason;
mod report;
mod system;
#[cfg(any(windows, test))]
mod windows;

pub use self::errors::PreopenErrors;
pub use self::reason::Reason;
pub use self::report::{PreopenReport, PreopenStatus, Problem};
use self::system::Absolute;

/// One directory of the host under a name in the guest.
///
/// On Windows no process can rename or remove the directory as long as a store has it preopened, because Wasmtime opens it
/// without `FILE_SHARE_DELETE`. On other systems that is possible, and the guest keeps the directory it was given.
///
/// ```
/// use wasmtime_compat::wasi::{Access, Policy, Preopen, WasiConfig};
///
/// let source = Preopen::new("src", "/source").read_only();
/// let cache = Preopen::new("not/here", "/cache").optional();
/// assert_eq!((source.get_access(), cache.get_policy()), (Access::ReadOnly, Policy::Optional));
/// let mut wasi = WasiConfig::new();
/// let report = wasi.preopen(source).preopen(cache).check()?;
/// assert_eq!(report.usable().count(), 1);
/// # Ok::<(), wasmtime_compat::wasi::PreopenErrors>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Preopen {
    host: Arc<Path>,
    /// The host path made absolute, where that does not depend on the working directory.
    absolute: Option<Absolute>,
    guest: OsString,
    /// The guest path for people.
    name: Arc<str>,
    /// Nothing is wrong with the two paths themselves.
    valid: bool,
    access: Access,
    policy: Policy,
    requirements: Requirements,
}

/// Deviations from the usual requirements on a directory.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Requirements {
    /// That this process cannot write in it is an error.
    write: bool,
    /// It need not be possible to list it.
    unlisted: bool,
}

/// A guest's access to a preopened directory, enforced alike on every major.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::wasi::{Access, Preopen, Rights, WasiConfig};
/// use wasmtime_compat::{Config, CoreWasmtime, Engine, ErrorKind, Newest, Store};
///
/// // Existing files may be changed; none may be created, renamed or deleted.
/// let access = Access::Apart { directories: Rights::Read, files: Rights::ReadWrite };
/// let mut wasi = WasiConfig::new();
/// wasi.preopen(Preopen::new(".", "/").access(access));
/// match Store::with_wasi(&Engine::<Newest>::new(&Config::new())?, (), &wasi) {
///     Ok(_) => assert!(Newest::MAJOR < 48),
///     Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Access {
    /// Reading only.
    ReadOnly,
    /// Reading, writing, creating and deleting.
    #[default]
    ReadWrite,
    /// Rights on directories and on files apart, up to 47.
    ///
    /// From 48 on Wasmtime has only the two other choices: with rights that are neither, making a store is
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
    Apart {
        /// Listing is reading; creating, renaming and deleting is writing.
        directories: Rights,
        /// Of their contents.
        files: Rights,
    },
}

/// Rights for [`Access::Apart`].
///
/// ```
/// use wasmtime_compat::wasi::{Access, Rights};
///
/// // The guest may list directories and change files, but it may not read what is in the files.
/// let drop_box = Access::Apart { directories: Rights::Read, files: Rights::Write };
/// assert!(drop_box.may_write());
/// // The guest may list directories and nothing else.
/// let listing = Access::Apart { directories: Rights::Read, files: Rights::None };
/// assert!(!listing.may_write());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Rights {
    /// Nothing.
    None,
    /// Reading.
    Read,
    /// Writing, and no reading.
    Write,
    /// Both.
    ReadWrite,
}

impl Access {
    /// Whether a guest with this access may change anything.
    pub fn may_write(self) -> bool {
        let (directories, files) = self.rights();
        directories.may_write() || files.may_write()
    }

    /// The rights on directories, and on files.
    pub(crate) fn rights(self) -> (Rights, Rights) {
        match self {
            Self::ReadOnly => (Rights::Read, Rights::Read),
            Self::ReadWrite => (Rights::ReadWrite, Rights::ReadWrite),
            Self::Apart { directories, files } => (directories, files),
        }
    }
}

impl Rights {
    #[allow(dead_code, reason = "only majors up to 47 ask")]
    pub(crate) fn may_read(self) -> bool {
        matches!(self, Self::Read | Self::ReadWrite)
    }

    pub(crate) fn may_write(self) -> bool {
        matches!(self, Self::Write | Self::ReadWrite)
    }
}

/// The policy for the case that the host directory cannot be used.
///
/// ```
/// use wasmtime_compat::wasi::{Policy, Preopen, Preopens, Verdict};
///
/// let missing = std::env::temp_dir().join(format!("policies-of-{}", std::process::id()));
/// let verdict = |policy: Policy| {
///     let preopens: Preopens = [Preopen::new(&missing, "/data").policy(policy)].into_iter().collect();
///     preopens.check().ok().map(|report| report.entries()[0].verdict)
/// };
/// assert_eq!(verdict(Policy::Required), None);
/// assert_eq!(verdict(Policy::Optional), Some(Verdict::Dropped));
/// assert_eq!(verdict(Policy::Create), Some(Verdict::Created));
/// # std::fs::remove_dir(&missing).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Policy {
    /// It is an error.
    #[default]
    Required,
    /// The preopen is dropped, and listed in the report.
    Optional,
    /// A missing directory is made, with its parents; anything else is an error.
    Create,
}

/// The policy for two preopens that the guest could not distinguish.
///
/// ```
/// use wasmtime_compat::wasi::{Duplicates, Preopen, Preopens, Verdict};
///
/// let mut preopens: Preopens = ["src", "."].into_iter().map(|host| Preopen::new(host, "/work")).collect();
/// assert!(preopens.check().is_err());
/// preopens.set_duplicates(Duplicates::LastWins);
/// let report = preopens.check()?;
/// let verdicts: Vec<Verdict> = report.entries().iter().map(|preopen| preopen.verdict).collect();
/// assert_eq!(verdicts, [Verdict::Dropped, Verdict::Ok]);
/// # Ok::<(), wasmtime_compat::wasi::PreopenErrors>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Duplicates {
    /// It is an error: libcs disagree about which one they take (wasi-libc the last, Go the first).
    #[default]
    Reject,
    /// Only the last usable one is kept; the others are dropped and listed in the report.
    LastWins,
}

/// The result of the check of a preopen.
///
/// ```
/// use wasmtime_compat::wasi::{Preopen, Preopens, Verdict};
///
/// let mut preopens = Preopens::new();
/// preopens.push(Preopen::new(".", "/work"));
/// preopens.push(Preopen::new("not/here", "/data").optional());
/// let report = preopens.check()?;
/// let verdicts: Vec<Verdict> = report.entries().iter().map(|preopen| preopen.verdict).collect();
/// assert_eq!(verdicts, [Verdict::Ok, Verdict::Dropped]);
/// // A required preopen whose directory is missing keeps the guest from starting.
/// preopens.push(Preopen::new("not/there", "/more"));
/// assert_eq!(preopens.check().unwrap_err().report().entries()[2].verdict, Verdict::Error);
/// # Ok::<(), wasmtime_compat::wasi::PreopenErrors>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verdict {
    /// The directory is there and usable.
    Ok,
    /// The directory was missing and has been made.
    Created,
    /// The directory is missing and can be made; nothing was made, because another preopen is in error.
    Creatable,
    /// The preopen is left out.
    Dropped,
    /// The preopen cannot be used, so the guest is not started.
    Error,
}

/// A list of preopens and how they may overlap.
///
/// ```
/// use wasmtime_compat::wasi::{Preopen, Preopens, WasiConfig};
///
/// let mut preopens: Preopens = ["src", "."].into_iter().map(|dir| Preopen::new(dir, dir).read_only()).collect();
/// preopens.push(Preopen::new("not/here", "/cache").optional());
/// let report = preopens.check()?;
/// assert_eq!((report.usable().count(), report.dropped().count()), (2, 1));
/// let mut wasi = WasiConfig::new();
/// wasi.preopens = preopens;
/// # Ok::<(), wasmtime_compat::wasi::PreopenErrors>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Preopens {
    list: Vec<Preopen>,
    duplicates: Duplicates,
    require_write: bool,
    /// The report for when every directory is usable, made by the first check; `None` in it if that cannot be. Whatever
    /// changes the list forgets it; of duplicates there are none in it, so it is the same whatever becomes of those.
    all_usable: OnceLock<Option<PreopenReport>>,
}

impl Preopen {
    /// The directory `host` under the name `guest`: read-write and required.
    pub fn new(host: impl Into<PathBuf>, guest: impl Into<OsString>) -> Self {
        let (host, guest) = (host.into(), guest.into());
        Self {
            absolute: host.is_absolute().then(|| Absolute::of(&host)),
            valid: check::are_valid(&host, &guest),
            host: host.into(),
            name: guest.to_string_lossy().into(),
            guest,
            access: Access::default(),
            policy: Policy::default(),
            requirements: Requirements::default(),
        }
    }

    /// Forbids the guest to change anything in it.
    #[must_use]
    pub fn read_only(self) -> Self {
        self.access(Access::ReadOnly)
    }

    /// Drops the preopen, instead of failing, when the check finds that the host directory cannot be used. One that
    /// goes between the check and its opening is an error all the same.
    #[must_use]
    pub fn optional(self) -> Self {
        self.policy(Policy::Optional)
    }

    /// Makes the host directory, with its parents, when it is missing. Whether that is possible is decided for all
    /// preopens before anything is made.
    #[must_use]
    pub fn create(self) -> Self {
        self.policy(Policy::Create)
    }

    /// Makes it an error, and not only a warning, that this process cannot write in the directory of a read-write
    /// preopen. A preopen that the guest may only read is not concerned.
    ///
    /// The operating system is queried as by `access(2)` for the effective user, so that file systems mounted read-only
    /// and access control lists count too, and no file is made. Only Unix has such a query; on other systems neither the
    /// warning nor the error is reported.
    #[must_use]
    pub fn require_write(mut self) -> Self {
        self.requirements.write = true;
        self
    }

    /// Allows a directory that this process may enter but not list (mode `--x`, or `-wx`): the guest can open what is in
    /// it by name. The report then has a warning, [`Reason::NotReadable`].
    ///
    /// Every major opens such a directory where the operating system has `O_PATH`: Linux, Android and FreeBSD. On other
    /// systems Wasmtime opens directories for reading, and the preopen is refused all the same.
    #[must_use]
    pub fn allow_unlisted(mut self) -> Self {
        self.requirements.unlisted = true;
        self
    }

    /// Sets what the guest may do in it.
    #[must_use]
    pub fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Sets what happens when the host directory cannot be used.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The host path, as given.
    pub fn host(&self) -> &Path {
        &self.host
    }

    /// The guest path, as given.
    pub fn guest(&self) -> &OsStr {
        &self.guest
    }

    /// The guest's access to the directory.
    pub fn get_access(&self) -> Access {
        self.access
    }

    /// The policy for the case that the host directory cannot be used.
    pub fn get_policy(&self) -> Policy {
        self.policy
    }
}

impl Preopens {
    /// No preopens; duplicates are rejected.
    pub fn new() -> Self {
        Self::default()
    }

    /// The drives of Windows that are there now, in the form in which the libc of a guest finds them: the root of each, as
    /// the guest's `C:` and also as its `c:`, because a libc compares names of preopens letter by letter. A guest then opens
    /// `C:/dir/file` and `c:/dir/file`. On other systems the list is empty.
    ///
    /// Each is read-write, and optional, because a medium or a connection can be gone when the guest is started. A guest gets
    /// everything on the drives that this process can reach: only launchers of trusted tools want that. Querying a drive of
    /// a network that does not respond takes as long as the operating system waits for it.
    ///
    /// ```
    /// use wasmtime_compat::wasi::{Preopen, Preopens};
    ///
    /// // What a launcher gives a tool that must find any path the user types.
    /// let mut preopens = Preopens::drives();
    /// preopens.push(Preopen::new(".", "."));
    /// assert_eq!(preopens.iter().count() > 1, cfg!(windows));
    /// preopens.check()?;
    /// # Ok::<(), wasmtime_compat::wasi::PreopenErrors>(())
    /// ```
    pub fn drives() -> Self {
        let both = |letter: char| [letter, letter.to_ascii_lowercase()];
        let names = system::drive_letters().into_iter().flat_map(|letter| both(letter).map(|name| (letter, name)));
        names.map(|(letter, name)| Preopen::new(format!("{letter}:\\"), format!("{name}:")).optional()).collect()
    }

    /// Adds one.
    pub fn push(&mut self, preopen: Preopen) {
        self.extend([preopen]);
    }

    /// Sets the treatment of preopens that the guest could not distinguish.
    pub fn set_duplicates(&mut self, duplicates: Duplicates) {
        self.duplicates = duplicates;
    }

    /// Sets whether [`Preopen::require_write`] holds for every preopen of the list.
    pub fn set_require_write(&mut self, require: bool) {
        self.require_write = require;
        self.all_usable = OnceLock::new();
    }

    /// The preopens, in the order added.
    pub fn iter(&self) -> impl Iterator<Item = &Preopen> {
        self.list.iter()
    }

    /// Checks every preopen now, with the permissions this process really has, and makes the directories that are
    /// missing and to be created, only if nothing else is wrong. If one of them cannot be made after all, those made
    /// before it are removed again.
    ///
    /// Raw Wasmtime reports the first problem only and without a path; see bytecodealliance/wasmtime#8552.
    ///
    /// # Errors
    /// Every problem of every preopen, in one value.
    pub fn check(&self) -> Result<PreopenReport, PreopenErrors> {
        if let Some(report) = self.if_all_usable() {
            return Ok(report);
        }
        Self::result(self.examine(false, true))
    }

    /// As [`Preopens::check`], but makes no directory.
    pub(crate) fn check_only(&self) -> Result<PreopenReport, PreopenErrors> {
        Self::result(self.examine(false, false))
    }

    fn result(report: PreopenReport) -> Result<PreopenReport, PreopenErrors> {
        if report.has_errors() { Err(PreopenErrors::new(report)) } else { Ok(report) }
    }

    /// For a list of candidates: keeps what can be used, and says of every candidate what became of it and why.
    ///
    /// Unlike [`Preopens::check`] this never fails: whatever is wrong with a candidate, it is dropped. Of those the
    /// guest could not distinguish the first usable one is kept, or the last with [`Duplicates::LastWins`].
    ///
    /// ```
    /// use wasmtime_compat::wasi::{Preopen, Preopens, Reason};
    ///
    /// let candidates: Preopens = ["src", "not/here"].iter().map(|dir| Preopen::new(dir, *dir)).collect();
    /// let (usable, report) = candidates.usable();
    /// assert_eq!(usable.iter().count(), 1);
    /// assert_eq!(report.dropped().next().unwrap().problems[0].reason, Reason::Missing);
    /// ```
    pub fn usable(&self) -> (Self, PreopenReport) {
        let report = self.examine(true, true);
        let usable = self.list.iter().zip(report.entries()).filter(|(_, status)| status.is_usable());
        let list = usable.map(|(preopen, _)| preopen.clone()).collect();
        let kept =
            Self { list, duplicates: self.duplicates, require_write: self.require_write, all_usable: OnceLock::new() };
        (kept, report)
    }
}

impl FromIterator<Preopen> for Preopens {
    fn from_iter<I: IntoIterator<Item = Preopen>>(preopens: I) -> Self {
        let mut list = Self::new();
        list.extend(preopens);
        list
    }
}

impl Extend<Preopen> for Preopens {
    fn extend<I: IntoIterator<Item = Preopen>>(&mut self, preopens: I) {
        self.list.extend(preopens);
        self.all_usable = OnceLock::new();
    }
}
