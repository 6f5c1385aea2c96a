//! Owns the flags that preopen directories, their order, and the flags for all of them.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, value_parser};
use wasmtime_compat::RunConfig;
use wasmtime_compat::wasi::{Duplicates, Preopen};

/// The preopened directories, in the order given across the four flags. (A derived `Args` would keep one list per
/// flag and lose that order, which guests and `--last-wins` depend on.)
#[derive(Clone, Debug)]
pub(crate) struct DirArgs {
    preopens: Vec<Preopen>,
    last_wins: bool,
    check_write: bool,
}

/// Flag, its help, and what it makes of a read-write required preopen.
type DirFlag = (&'static str, &'static str, fn(Preopen) -> Preopen);

const DIR_FLAGS: [DirFlag; 4] = [
    ("dir", "Preopen a directory; without GUEST its name in the guest is HOST", |preopen| preopen),
    ("ro-dir", "Preopen a directory that the guest may only read", Preopen::read_only),
    ("optional-dir", "Preopen a directory if it can be used, and leave it out otherwise", Preopen::optional),
    ("create-dir", "Preopen a directory, creating it if it is missing", Preopen::create),
];

/// A flag for all preopens, and its help.
type Switch = (&'static str, &'static str);

const LAST_WINS: Switch =
    ("last-wins", "Keep the last of several preopens with the same guest path, instead of refusing them");
const CHECK_WRITE: Switch = (
    "check-write",
    "Refuse the guest, instead of warning, if this user cannot write in a directory preopened read-write",
);
const ALLOW_UNLISTED: Switch =
    ("allow-unlisted", "Allow directories that this user may enter but not list (on Linux, Android and FreeBSD)");

impl DirArgs {
    /// Puts the preopens into a configuration.
    pub(crate) fn apply(&self, config: &mut RunConfig) {
        let preopens = &mut config.wasi.preopens;
        preopens.extend(self.preopens.iter().cloned());
        preopens.set_duplicates(if self.last_wins { Duplicates::LastWins } else { Duplicates::Reject });
        preopens.set_require_write(self.check_write);
    }

    /// Whether no directory was given, and no flag that is for directories given.
    pub(crate) fn is_empty(&self) -> bool {
        self.preopens.is_empty() && !self.last_wins
    }
}

impl Args for DirArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        let dirs = DIR_FLAGS.map(|(flag, help, _)| {
            Arg::new(flag)
                .long(flag)
                .help(help)
                .value_name("HOST[::GUEST]")
                .action(ArgAction::Append)
                .value_parser(value_parser!(OsString))
        });
        let switch = |(flag, help)| Arg::new(flag).long(flag).help(help).action(ArgAction::SetTrue);
        command.args(dirs).args([LAST_WINS, CHECK_WRITE, ALLOW_UNLISTED].map(switch))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for DirArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let unlisted = matches.get_flag(ALLOW_UNLISTED.0);
        let mut found = Vec::new();
        for (flag, _, make) in DIR_FLAGS {
            let values = matches.get_many::<OsString>(flag).into_iter().flatten();
            let indices = matches.indices_of(flag).into_iter().flatten();
            found.extend(indices.zip(values).map(|(index, value)| {
                let (host, guest) = split(value);
                let preopen = make(Preopen::new(host, guest));
                (index, if unlisted { preopen.allow_unlisted() } else { preopen })
            }));
        }
        found.sort_by_key(|(index, _)| *index);
        let preopens = found.into_iter().map(|(_, preopen)| preopen).collect();
        let (last_wins, check_write) = (matches.get_flag(LAST_WINS.0), matches.get_flag(CHECK_WRITE.0));
        Ok(Self { preopens, last_wins, check_write })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// `HOST[::GUEST]` at the first `::`. Host paths need not be UTF-8.
fn split(value: &OsStr) -> (OsString, OsString) {
    match value.to_str() {
        Some(text) => {
            let (host, guest) = text.split_once("::").unwrap_or((text, text));
            (host.into(), guest.into())
        }
        None => split_raw(value),
    }
}

#[cfg(unix)]
fn split_raw(value: &OsStr) -> (OsString, OsString) {
    use std::os::unix::ffi::OsStrExt as _;

    let bytes = value.as_bytes();
    match bytes.windows(2).position(|pair| pair == b"::") {
        Some(at) => (OsStr::from_bytes(&bytes[..at]).into(), OsStr::from_bytes(&bytes[at + 2..]).into()),
        None => (value.into(), value.into()),
    }
}

#[cfg(windows)]
fn split_raw(value: &OsStr) -> (OsString, OsString) {
    use std::os::windows::ffi::{OsStrExt as _, OsStringExt as _};

    let units: Vec<u16> = value.encode_wide().collect();
    match units.windows(2).position(|pair| pair == [u16::from(b':'); 2]) {
        Some(at) => (OsString::from_wide(&units[..at]), OsString::from_wide(&units[at + 2..])),
        None => (value.into(), value.into()),
    }
}

#[cfg(not(any(unix, windows)))]
fn split_raw(value: &OsStr) -> (OsString, OsString) {
    (value.into(), value.into())
}
