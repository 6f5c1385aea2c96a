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

/// The two paths in `HOST[::GUEST]`. Without GUEST the guest sees the host path.
fn split(value: &OsStr) -> (OsString, OsString) {
    let units = units(value);
    match separator(&units, cfg!(windows)) {
        Some(at) => (from_units(&units[..at]), from_units(&units[at + 2..])),
        None if cfg!(windows) => (value.into(), from_units(&guest_name(units))),
        None => (value.into(), value.into()),
    }
}

/// Where the host path ends: at the first `::`. On Windows the first colon of `C:::/a` belongs to the drive.
fn separator<U: Copy + Into<u32>>(units: &[U], windows: bool) -> Option<usize> {
    let is = |at: usize, wanted: char| units.get(at).is_some_and(|unit| (*unit).into() == u32::from(wanted));
    let is_letter = |at: usize| {
        let letter = units.get(at).and_then(|unit| char::from_u32((*unit).into()));
        letter.is_some_and(|letter| letter.is_ascii_alphabetic())
    };
    // Behind `\\?\` and `\\.\`, too.
    let drive = if is(0, '\\') && is(1, '\\') && (is(2, '?') || is(2, '.')) && is(3, '\\') { 4 } else { 0 };
    if windows && is_letter(drive) && (drive + 1..=drive + 3).all(|at| is(at, ':')) {
        return Some(drive + 2);
    }
    (0..units.len()).find(|at| is(*at, ':') && is(*at + 1, ':'))
}

/// The name of a host path of Windows in the guest, where only `/` separates. What is taken literally stays as it is.
#[cfg(any(windows, test))]
fn guest_name<U: Copy + From<u8> + PartialEq>(mut units: Vec<U>) -> Vec<U> {
    let [slash, backslash] = [b'/', b'\\'].map(U::from);
    if !units.starts_with(&[backslash, backslash, U::from(b'?'), backslash]) {
        units.iter_mut().filter(|unit| **unit == backslash).for_each(|unit| *unit = slash);
    }
    units
}

#[cfg(not(any(windows, test)))]
fn guest_name<U>(units: Vec<U>) -> Vec<U> {
    units
}

#[cfg(windows)]
fn units(value: &OsStr) -> Vec<u16> {
    std::os::windows::ffi::OsStrExt::encode_wide(value).collect()
}

#[cfg(windows)]
fn from_units(units: &[u16]) -> OsString {
    std::os::windows::ffi::OsStringExt::from_wide(units)
}

#[cfg(unix)]
fn units(value: &OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(value).to_vec()
}

#[cfg(unix)]
fn from_units(units: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(units.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_on(windows: bool, text: &str) -> (String, String) {
        match separator(text.as_bytes(), windows) {
            Some(at) => (text[..at].to_owned(), text[at + 2..].to_owned()),
            None if windows => (text.to_owned(), String::from_utf8(guest_name(text.as_bytes().to_vec())).unwrap()),
            None => (text.to_owned(), text.to_owned()),
        }
    }

    #[test]
    fn the_first_colon_behind_a_letter_is_of_the_drive() {
        for (text, host, guest) in [
            (r"C:::/a", "C:", "/a"),
            (r"c:::C:", "c:", "C:"),
            (r"C:\::/a", r"C:\", "/a"),
            (r"C:\::C:", r"C:\", "C:"),
            (r"C:x::/a", "C:x", "/a"),
            (r"C:x:::/a", "C:x", ":/a"),
            (r"C::/a", "C", "/a"),
            (r"\\?\C:::/a", r"\\?\C:", "/a"),
            (r"\\.\C:\::/a", r"\\.\C:\", "/a"),
            (r"CD:::/a", "CD", ":/a"),
            (r":::/a", "", ":/a"),
            ("C:::", "C:", ""),
            (".::.", ".", "."),
        ] {
            assert_eq!(split_on(true, text), (host.to_owned(), guest.to_owned()), "{text}");
        }
        // Elsewhere `C` is a name as any other.
        assert_eq!(split_on(false, "C:::/a"), ("C".to_owned(), ":/a".to_owned()));
        assert_eq!(split_on(false, "a::b::c"), ("a".to_owned(), "b::c".to_owned()));
    }

    #[test]
    fn a_name_that_was_not_given_has_slashes() {
        for (text, guest) in [
            (r"good\sub", "good/sub"),
            (r"C:\t\good", "C:/t/good"),
            (r"C:good", "C:good"),
            (r"\\server\share", "//server/share"),
            (r"\\?\C:\t", r"\\?\C:\t"),
            ("good/sub", "good/sub"),
        ] {
            assert_eq!(split_on(true, text), (text.to_owned(), guest.to_owned()));
        }
        assert_eq!(split_on(false, r"good\sub").1, r"good\sub");
        // A name that was given stays.
        assert_eq!(split_on(true, r"good\sub::a\b").1, r"a\b");
    }

    #[test]
    fn paths_that_are_not_text_are_split_as_well() {
        let value = from_units(&[&units("caf".as_ref())[..], &[0xe9], &units("::/x".as_ref())[..]].concat());
        let (host, guest) = split(&value);
        assert_eq!((host.len(), guest), (value.len() - 4, OsString::from("/x")));
    }
}
