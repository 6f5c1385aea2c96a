//! Owns the probe of one guest: the binaries that replace the guest, and how they report.

use super::code::{self, Calls, Program, Returns};
use super::component::ParsedComponent;
use super::method::ProbeMethod;
use super::module::{Entry, MainModule, PREVIEW1, built_in};
use super::reason::Unprobeable;
use crate::error::Result;
use crate::guest::{Guest, GuestKind};
use crate::report::{AdapterReport, GuestReport, WasiFlavour};

/// A guest that can be probed, and how. It needs no Wasmtime.
/// A component made from a preview1 module keeps everything but the code of that module: the adapter, and the parts
/// that connect the two, stay the same byte for byte. Any other guest is replaced by a built-in module that makes only
/// the queries that the guest can make.
///
/// ```
/// use wasmtime_compat_guest::probe::{ProbeGuest, ProbeMethod, ProbeTarget};
///
/// let guest = ProbeGuest::built_in();
/// assert_eq!(guest.method(), ProbeMethod::BuiltIn);
/// let commands = guest.commands(&[ProbeTarget::new("/work"), ProbeTarget::new("/tmp").with_file("notes.txt")]);
/// assert!(commands.len() == 1 && commands[0].starts_with(b"\0asm"));
/// ```
#[derive(Debug)]
pub struct ProbeGuest<'a> {
    adapter: Option<AdapterReport>,
    form: Form<'a>,
}

/// A preopen to probe.
///
/// ```
/// use wasmtime_compat_guest::probe::{ProbeGuest, ProbeTarget};
///
/// let work = ProbeTarget::new("/work").with_file("notes.txt");
/// assert_eq!((work.guest.as_str(), work.file.as_deref()), ("/work", Some("notes.txt")));
/// // The built-in module probes all preopens in one run.
/// assert_eq!(ProbeGuest::built_in().commands(&[work, ProbeTarget::new("/tmp")]).len(), 1);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProbeTarget {
    /// Its name in the guest.
    pub guest: String,
    /// The name of a file in it, which is to be opened too.
    pub file: Option<String>,
}

#[derive(Debug)]
enum Form<'a> {
    Spliced { component: ParsedComponent<'a>, main: Box<MainModule<'a>>, entry: Entry },
    BuiltIn { wanted: ImportFilter },
    Nothing,
}

/// The descriptors that adapters have room for, less the standard streams and some to spare.
const DESCRIPTORS: usize = 120;

/// The most preopens that one command probes if the guest cannot close files.
const UNCLOSED: usize = 16;

/// The queries that the main module of a guest can make.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Queries {
    /// The names of preopened directories.
    pub names: bool,
    /// Files in them.
    pub files: bool,
}

/// The functions for directories and files that a guest imports.
#[derive(Clone, Copy, Debug)]
struct ImportFilter {
    preopens: bool,
    names: bool,
    files: bool,
}

impl ProbeTarget {
    /// The preopen with this name in the guest.
    pub fn new(guest: impl Into<String>) -> Self {
        Self { guest: guest.into(), file: None }
    }

    /// Also opens this file in it.
    #[must_use]
    pub fn with_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }
}

impl<'a> ProbeGuest<'a> {
    /// Finds out how to probe a guest.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest); [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex);
    /// [`ErrorKind::Unprobeable`](crate::ErrorKind::Unprobeable), and then
    /// [`Error::unprobeable`](crate::Error::unprobeable) has the reason.
    pub fn for_guest(wasm: &'a [u8]) -> Result<Self> {
        let guest = Guest::parse(wasm)?;
        let mut report = GuestReport::parse(wasm)?;
        if guest.kind == GuestKind::Module {
            return Self::for_module(&guest, &report);
        }
        let Some(component) = ParsedComponent::of(wasm)? else {
            // Without preview1 inside, what it gets of directories comes from the host as it is.
            let asks = guest.imports.iter().any(|import| import.starts_with("wasi:filesystem/preopens@"));
            let form = if asks { Form::BuiltIn { wanted: ImportFilter::ALL } } else { Form::Nothing };
            return Ok(Self { adapter: report.adapters.pop(), form });
        };
        if report.adapters.len() > 1 {
            return Err(Unprobeable::Composed.into());
        }
        let adapter = report.adapters.pop();
        let main = Box::new(MainModule::read(component.main())?);
        if !main.calls.queries_directories() {
            return Ok(Self { adapter, form: Form::Nothing });
        }
        let run = guest.run_export().filter(|run| run.starts_with("wasi:cli/run@0.2."));
        let entry = match (run, is_command(adapter.as_ref())) {
            (Some(_), true) => main.start(),
            (Some(_), false) => main.run(),
            (None, _) => main.added(),
        };
        let entry = entry.ok_or(Unprobeable::NoEntry)?;
        Ok(Self { adapter, form: Form::Spliced { component, main, entry } })
    }

    fn for_module(guest: &Guest, report: &GuestReport) -> Result<Self> {
        if !report.adapters.is_empty() {
            return Err(Unprobeable::Adapter.into());
        }
        if report.wasi.iter().any(|import| import.flavour == WasiFlavour::Unstable) {
            return Err(Unprobeable::UnstableWasi.into());
        }
        let imports = |name: &str| guest.imports.iter().any(|import| *import == format!("{PREVIEW1}::{name}"));
        let wanted = ImportFilter {
            preopens: imports("fd_prestat_get"),
            names: imports("fd_prestat_dir_name"),
            files: imports("path_open"),
        };
        let any = wanted.preopens || wanted.names || wanted.files;
        Ok(Self { adapter: None, form: if any { Form::BuiltIn { wanted } } else { Form::Nothing } })
    }

    /// The probe of the host alone, with a module of ours.
    pub fn built_in() -> Self {
        Self { adapter: None, form: Form::BuiltIn { wanted: ImportFilter::ALL } }
    }

    /// The replacement of the guest in a probe.
    pub fn method(&self) -> ProbeMethod {
        match self.form {
            Form::Spliced { .. } => ProbeMethod::Spliced,
            Form::BuiltIn { .. } => ProbeMethod::BuiltIn,
            Form::Nothing => ProbeMethod::Nothing,
        }
    }

    /// The guest's adapter, if it has one.
    pub fn adapter(&self) -> Option<&AdapterReport> {
        self.adapter.as_ref()
    }

    /// Whether the probe reports on its standard output. Otherwise it reports the result for one preopen by its
    /// outcome, and there is one command for each preopen.
    pub fn writes(&self) -> bool {
        match &self.form {
            Form::Spliced { main, .. } => main.calls.write.is_some(),
            Form::BuiltIn { .. } => true,
            Form::Nothing => false,
        }
    }

    /// The commands that probe these preopens, each to be run with all of them, in this order: one for all of them,
    /// or several if the guest cannot close files, or one for each (see [`ProbeGuest::writes`]), or none if the guest
    /// queries no directory.
    pub fn commands(&self, targets: &[ProbeTarget]) -> Vec<Vec<u8>> {
        match &self.form {
            Form::Spliced { component, main, entry } => {
                let returns = match entry {
                    Entry::Own { returns, .. } => *returns,
                    Entry::Added => Returns::Code,
                };
                let splice = |program: Program| component.with(&main.with(entry, &program), *entry == Entry::Added);
                match main.calls.write {
                    Some(write) => {
                        let most = match main.calls.close {
                            Some(_) => targets.len().max(1),
                            // A directory and a file each.
                            None => (DESCRIPTORS.saturating_sub(targets.len()) / 2).clamp(1, UNCLOSED),
                        };
                        let starts = (0..targets.len().max(1)).step_by(most);
                        let ranges = starts.map(|start| start..targets.len().min(start.saturating_add(most)));
                        ranges
                            .map(|range| splice(code::reporting_program(&main.calls, targets, range, write, returns)))
                            .collect()
                    }
                    None => {
                        let each = targets.iter().enumerate();
                        each.map(|(at, target)| splice(code::trapping_program(&main.calls, at, target, returns)))
                            .collect()
                    }
                }
            }
            Form::BuiltIn { wanted } => {
                let program = |calls: &Calls, write| {
                    code::reporting_program(calls, targets, 0..targets.len(), write, Returns::Nothing)
                };
                vec![built_in(|name| wanted.allows(name), program)]
            }
            Form::Nothing => Vec::new(),
        }
    }

    /// The queries that the main module can make, if the guest's own module is replaced.
    #[doc(hidden)]
    pub fn queries(&self) -> Queries {
        match &self.form {
            Form::Spliced { main, .. } => {
                Queries { names: main.calls.name_query().is_some(), files: main.calls.open.is_some() }
            }
            _ => Queries { names: false, files: false },
        }
    }
}

impl ImportFilter {
    const ALL: Self = Self { preopens: true, names: true, files: true };

    fn allows(self, function: &str) -> bool {
        match function {
            "fd_prestat_get" => self.preopens,
            "fd_prestat_dir_name" => self.names,
            // Also `fd_close`: nothing is opened that is not closed again.
            _ => self.files,
        }
    }
}

impl Calls {
    fn queries_directories(&self) -> bool {
        self.prestat.is_some() || self.name.is_some() || self.open.is_some()
    }
}

/// Whether it is the adapter that serves `wasi:cli/run`.
fn is_command(adapter: Option<&AdapterReport>) -> bool {
    adapter.is_some_and(|adapter| adapter.exports.iter().any(|name| name.starts_with("wasi:cli/run@")))
}
