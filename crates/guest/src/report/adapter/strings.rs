//! Owns how much text an adapter can take from its host: the measured bounds, and what of a run exceeds them.
//! An adapter has one page of memory. When a guest queries its arguments, environment or preopens, the host writes the
//! list of them there, and each string behind the list. What does not fit aborts the guest. The bounds were measured by
//! running every published adapter, and those of 16, 17 and 22 that are in wasm-component-ld; the sources of 18 to 21
//! have the page of 17. The case `long_strings` of the suite measures them again.

use super::overflow::{StringKind, StringOverflow};
use super::{AdapterIdentity, AdapterReport};

/// The longest strings that an adapter accepts, in bytes, each for a list of one string.
///
/// ```
/// use wasmtime_compat_guest::report::GuestReport;
///
/// # let wasm = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 24.0.13 as published; an adapter is a guest, too.
/// let bounds = GuestReport::parse(wasm)?.adapters[0].string_bounds().unwrap();
/// assert_eq!((bounds.argument, bounds.variable, bounds.preopen_name), (59_024, 59_016, 59_020));
/// // Each string has the bound for itself, unlike in adapters up to 21.
/// assert_eq!(bounds.total, None);
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StringBounds {
    /// The longest argument. Each further argument takes 8 bytes from it.
    pub argument: usize,
    /// The longest name, and the longest value, of an environment variable. Each further variable takes 16 bytes.
    pub variable: usize,
    /// The longest name of a preopened directory. Each further one takes 12 bytes.
    pub preopen_name: usize,
    /// The most that all strings and the lists of them take together, if there is such a bound: up to 21.
    pub total: Option<usize>,
}

/// The strings that a guest can query through its adapter.
///
/// ```
/// use wasmtime_compat_guest::report::{AdapterWarning, GuestReport, StringsRead};
///
/// # let wasm = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 24.0.13 as published; an adapter is a guest, too.
/// let adapter = GuestReport::parse(wasm)?.adapters.remove(0);
/// let warning = AdapterWarning::all_of(&adapter).next().unwrap();
/// // It has all functions of preview1, of which a component keeps those that its module imports.
/// let all = StringsRead { arguments: true, environment: true, preopens: true, names: true };
/// assert_eq!(warning.reads, all);
/// # Ok::<(), wasmtime_compat_guest::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StringsRead {
    /// Arguments.
    pub arguments: bool,
    /// Environment variables.
    pub environment: bool,
    /// Preopened directories.
    pub preopens: bool,
    /// Also the names of preopens one by one.
    pub names: bool,
}

/// The page of the adapters of some releases.
#[derive(Clone, Copy)]
struct Page {
    /// The first major that has it.
    since: u64,
    /// Room for lists and strings.
    bytes: usize,
    keeps: Keeps,
}

/// The contents that stay in the page.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Keeps {
    /// Every list, and every string, for as long as the guest runs.
    Everything,
    /// The list, and one string at a time.
    OneString,
    /// As `OneString`; when the guest queries the name of a preopen, also that name, until the names after it were
    /// returned.
    PreopenName,
}

const PAGES: [Page; 5] = [
    Page { since: 0, bytes: 54_904, keeps: Keeps::Everything },
    Page { since: 14, bytes: 54_912, keeps: Keeps::Everything },
    Page { since: 22, bytes: 59_024, keeps: Keeps::OneString },
    Page { since: 23, bytes: 59_032, keeps: Keeps::PreopenName },
    Page { since: 46, bytes: 59_016, keeps: Keeps::PreopenName },
];

/// Together with their lists, this many bytes of strings fit into every page, however they are aligned.
const SHORT: usize = PAGES[0].bytes - 16;

/// The size of an entry of each list.
const ARGUMENT: usize = 8;
const VARIABLE: usize = 16;
const PREOPEN: usize = 12;

/// The functions by which a guest gets strings from its host.
pub(super) const TAKES_STRINGS: &[&str] = &[
    "args_get",
    "args_sizes_get",
    "environ_get",
    "environ_sizes_get",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_get",
    "fd_fdstat_set_rights",
    "fd_filestat_get",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_pread",
    "fd_prestat_dir_name",
    "fd_prestat_get",
    "fd_pwrite",
    "fd_read",
    "fd_readdir",
    "fd_renumber",
    "fd_seek",
    "fd_sync",
    "fd_tell",
    "fd_write",
    "path_create_directory",
    "path_filestat_get",
    "path_filestat_set_times",
    "path_link",
    "path_open",
    "path_readlink",
    "path_remove_directory",
    "path_rename",
    "path_symlink",
    "path_unlink_file",
    "poll_oneoff",
];

impl AdapterReport {
    /// The longest strings that this adapter can take, in bytes, if it is known well enough; the smallest bounds of all
    /// releases that it may be of. Proxy adapters take no strings.
    pub fn string_bounds(&self) -> Option<StringBounds> {
        let pages = pages(&self.identity);
        let page = pages.iter().copied().min_by_key(|page| page.bytes)?;
        (self.flavour != super::AdapterFlavour::Proxy).then(|| page.bounds())
    }
}

impl Page {
    fn bounds(self) -> StringBounds {
        StringBounds {
            argument: self.bytes - ARGUMENT,
            variable: self.bytes - VARIABLE,
            preopen_name: self.bytes - PREOPEN,
            total: (self.keeps == Keeps::Everything).then_some(self.bytes),
        }
    }

    /// Checks that the strings that are read fit.
    fn check(self, read: StringsRead, strings: &Strings<'_>) -> Result<(), StringOverflow> {
        let (mut total, mut lists) = (0, 0);
        let mut add = |used: usize, entries: usize| (total, lists) = (total + used, lists + usize::from(entries > 0));
        if read.arguments {
            let list = &strings.arguments;
            let left = self.left(StringKind::Arguments, list.len(), ARGUMENT)?;
            for (index, argument) in list.iter().enumerate() {
                fits(StringKind::Argument, index, argument, left)?;
            }
            add(list.iter().map(|text| text.len() + ARGUMENT).sum(), list.len());
        }
        if read.environment {
            let list = &strings.environment;
            let left = self.left(StringKind::Environment, list.len(), VARIABLE)?;
            for (index, (name, value)) in list.iter().enumerate() {
                fits(StringKind::VariableName, index, name, left)?;
                fits(StringKind::VariableValue, index, value, left)
                    .map_err(|overflow| StringOverflow { variable: Some((*name).to_owned()), ..overflow })?;
            }
            add(list.iter().map(|(name, value)| name.len() + value.len() + VARIABLE).sum(), list.len());
        }
        if read.preopens {
            let list = &strings.preopens;
            let left = self.left(StringKind::PreopenNames, list.len(), PREOPEN)?;
            for (index, name) in list.iter().enumerate() {
                fits(StringKind::PreopenName, index, name, left)?;
            }
            if read.names && self.keeps == Keeps::PreopenName {
                two_fit(list, left)?;
            }
            add(list.iter().map(|name| name.len() + PREOPEN).sum(), list.len());
        }
        // Lists begin at multiples of four, and which is the first depends on the guest.
        let total = total + 3 * usize::saturating_sub(lists, 1);
        if self.keeps == Keeps::Everything && total > self.bytes {
            return Err(StringOverflow::of(StringKind::All, total, self.bytes));
        }
        Ok(())
    }

    /// The bytes that a list leaves for a string.
    fn left(self, kind: StringKind, entries: usize, entry: usize) -> Result<usize, StringOverflow> {
        let list = entries.saturating_mul(entry);
        self.bytes.checked_sub(list).ok_or_else(|| StringOverflow::of(kind, list, self.bytes))
    }
}

fn fits(kind: StringKind, index: usize, text: &str, most: usize) -> Result<(), StringOverflow> {
    if text.len() <= most {
        return Ok(());
    }
    Err(StringOverflow { index: Some(index), ..StringOverflow::of(kind, text.len(), most) })
}

/// Checks that each name fits in together with the longest behind it.
fn two_fit(names: &[&str], most: usize) -> Result<(), StringOverflow> {
    let mut longest_behind = 0;
    for name in names.iter().rev() {
        let both = name.len() + longest_behind;
        if both > most {
            return Err(StringOverflow::of(StringKind::PreopenNames, both, most));
        }
        longest_behind = longest_behind.max(name.len());
    }
    Ok(())
}

/// The pages that an adapter may have.
fn pages(identity: &AdapterIdentity) -> Vec<Page> {
    let within = |from: u64, to: u64| {
        let next = PAGES.iter().skip(1).map(|page| page.since).chain([u64::MAX]);
        PAGES.iter().zip(next).filter(move |(page, next)| page.since <= to && from < *next).map(|(page, _)| *page)
    };
    match identity {
        AdapterIdentity::Exact(version) => within(version.major, version.major).collect(),
        AdapterIdentity::OneOf(versions) => {
            versions.iter().flat_map(|version| within(version.major, version.major)).collect()
        }
        AdapterIdentity::SourceClass { from, to } => within(from.major, to.major).collect(),
        AdapterIdentity::Unknown => Vec::new(),
    }
}

/// The strings that a run gives its guest, as the host's configuration has them.
///
/// ```
/// use wasmtime_compat_guest::report::{AdapterWarning, RunStrings};
///
/// /// A run with arguments, and without environment and preopens.
/// struct Arguments(Vec<String>);
///
/// impl RunStrings for Arguments {
///     fn arguments(&self) -> impl Iterator<Item = &str> {
///         self.0.iter().map(String::as_str)
///     }
///
///     fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
///         std::iter::empty()
///     }
///
///     fn preopens(&self) -> impl Iterator<Item = &str> {
///         std::iter::empty()
///     }
/// }
///
/// # let wasm = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 24.0.13 as published; an adapter is a guest, too.
/// let warnings = |argument: String| AdapterWarning::of_strings(wasm, &Arguments(vec![argument]));
/// assert!(warnings("x".repeat(59_024)).is_empty());
/// assert_eq!(warnings("x".repeat(59_025))[0].issue.id, "long-string-abort");
/// ```
pub trait RunStrings {
    /// The arguments, in order.
    fn arguments(&self) -> impl Iterator<Item = &str>;

    /// Names and values of the environment variables.
    fn environment(&self) -> impl Iterator<Item = (&str, &str)>;

    /// The guest paths of the preopened directories that are UTF-8, also of those that may be left out.
    fn preopens(&self) -> impl Iterator<Item = &str>;
}

/// The strings that a run gives its guest, in lists.
pub(super) struct Strings<'a> {
    arguments: Vec<&'a str>,
    environment: Vec<(&'a str, &'a str)>,
    preopens: Vec<&'a str>,
}

impl<'a> Strings<'a> {
    /// The strings of a configuration, with all of its preopens.
    pub(super) fn of(run: &'a impl RunStrings) -> Self {
        Self {
            arguments: run.arguments().collect(),
            environment: run.environment().collect(),
            preopens: run.preopens().collect(),
        }
    }
}

impl Strings<'_> {
    /// Whether they are so short that every adapter can take them.
    pub(super) fn are_short(&self) -> bool {
        let Self { arguments, environment, preopens } = self;
        let arguments = arguments.iter().map(|text| text.len() + ARGUMENT);
        let environment = environment.iter().map(|(name, value)| name.len() + value.len() + VARIABLE);
        let preopens = preopens.iter().map(|name| name.len() + PREOPEN);
        arguments.chain(environment).chain(preopens).sum::<usize>() <= SHORT
    }
}

impl StringsRead {
    /// The strings that a guest can query through these functions of its adapter.
    pub(super) fn through(exports: &[String]) -> Self {
        let any = |names: &[&str]| exports.iter().any(|export| names.contains(&export.as_str()));
        let (own, of_files) = TAKES_STRINGS.split_at(4);
        let (arguments, environment) = own.split_at(2);
        Self {
            arguments: any(arguments),
            environment: any(environment),
            preopens: any(of_files),
            names: any(&["fd_prestat_dir_name"]),
        }
    }
}

impl StringOverflow {
    /// The first of these strings that is too long for an adapter, if the adapter's identity is known well enough.
    pub(super) fn find(identity: &AdapterIdentity, read: StringsRead, strings: &Strings<'_>) -> Option<Self> {
        pages(identity).into_iter().find_map(|page| page.check(read, strings).err())
    }
}

#[cfg(test)]
mod tests {
    //! The pages of the tables, at the borders of the releases.

    use super::*;

    #[test]
    fn every_release_has_the_page_that_was_measured() {
        let version = |major| AdapterIdentity::Exact(semver::Version::new(major, 0, 1));
        let bytes = |identity| pages(&identity).iter().map(|page| page.bytes).collect::<Vec<_>>();
        for (first, last, expected) in
            [(13, 13, 54_904), (14, 21, 54_912), (22, 22, 59_024), (23, 45, 59_032), (46, 50, 59_016)]
        {
            for major in first..=last {
                assert_eq!(bytes(version(major)), [expected], "{major}");
            }
        }
        let (from, to) = (semver::Version::new(21, 0, 2), semver::Version::new(23, 0, 1));
        assert_eq!(bytes(AdapterIdentity::SourceClass { from, to }), [54_912, 59_024, 59_032]);
        assert!(bytes(AdapterIdentity::Unknown).is_empty());
    }

    #[test]
    fn old_adapters_keep_everything() {
        let all = ["args_get".to_owned(), "environ_get".to_owned(), "fd_write".to_owned()];
        let read = StringsRead::through(&all);
        let (half, longer) = ("x".repeat(27_448), "x".repeat(27_449));
        fn strings<'a>(one: &'a str, other: &'a str) -> Strings<'a> {
            Strings { arguments: vec![one, other], environment: Vec::new(), preopens: Vec::new() }
        }
        assert_eq!(PAGES[1].check(read, &strings(&half, &half)), Ok(()));
        let overflow = PAGES[1].check(read, &strings(&half, &longer)).unwrap_err();
        assert_eq!((overflow.kind, overflow.bytes, overflow.most), (StringKind::All, 54_913, 54_912));
        assert_eq!(overflow.issue(), "strings-over-64k");
        // Later ones have one string at a time.
        assert_eq!(PAGES[2].check(read, &strings(&half, &longer)), Ok(()));
    }
}
