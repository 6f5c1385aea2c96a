//! Owns the command `probe`: a guest's view of its preopens, checked through its own adapter, on each major.

use std::process::ExitCode;

use serde::{Serialize, Serializer};
use wasmtime_compat::probe::{self, Errno, Opened, PreopenProbe, ProbeGuest, ProbeMethod, ProbeReport, ProbedName};
use wasmtime_compat::report::AdapterReport;
use wasmtime_compat::wasi::WasiConfig;
use wasmtime_compat::{AdapterWarning, AnyWasmtime, Error, ErrorKind, Outcome, RunConfig};

use crate::args::ProbeArgs;
use crate::execute::{hints, listed, without_panic_message};
use crate::failure::{Failure, REFUSED};
use crate::guest_file::GuestFile;
use crate::json::{self, Access, Preopen, SCHEMA};
use crate::preopens::quoted;
use crate::style::{self, Spinner, Text, Tone};
use crate::{pick, preopens};

#[derive(Serialize)]
struct Probes {
    schema: u32,
    ok: bool,
    guest: Option<json::Guest>,
    /// Of the guest as a whole; `null` if it cannot be probed.
    #[serde(serialize_with = "method_name")]
    method: Option<ProbeMethod>,
    adapter: Option<Adapter>,
    probes: Vec<Probe>,
}

#[derive(Serialize)]
struct Adapter {
    path: String,
    flavour: &'static str,
    identity: String,
    /// The known flaws that the guest can reach.
    affected: Vec<&'static str>,
    /// Those that show in a run like this one.
    warnings: Vec<json::Warning>,
    /// One of them gives preopens wrong names.
    #[serde(skip)]
    misnames: bool,
}

/// Whether the guest sees its preopens as it should.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Right,
    Wrong,
    NotProbed,
}

/// The result on one major.
#[derive(Serialize)]
struct Probe {
    major: u64,
    wasmtime: String,
    verdict: Verdict,
    /// Why it was not probed.
    reason: Option<String>,
    /// The error in one line.
    error: Option<String>,
    /// The error for people, where it has several lines.
    error_text: Option<String>,
    hint: Option<String>,
    /// The outcome, if the probe ended too early.
    cut_short: Option<String>,
    stderr: String,
    /// The guest sees more preopens than it was given.
    extra_preopens: bool,
    probed: Vec<Probed>,
    preopens: Vec<Preopen>,
}

/// The result for one preopen.
#[derive(PartialEq, Serialize)]
struct Probed {
    guest: String,
    host: String,
    absolute: String,
    access: Access,
    fd: u32,
    ok: bool,
    #[serde(serialize_with = "name_name")]
    name: ProbedName,
    seen: Option<String>,
    name_errno: Option<String>,
    #[serde(serialize_with = "opened_name")]
    directory: Opened,
    directory_errno: Option<String>,
    file: Option<File>,
}

#[derive(PartialEq, Serialize)]
struct File {
    name: String,
    #[serde(serialize_with = "opened_name")]
    opened: Opened,
    errno: Option<String>,
}

fn method_name<S: Serializer>(method: &Option<ProbeMethod>, serializer: S) -> Result<S::Ok, S::Error> {
    method.map(ProbeMethod::name).serialize(serializer)
}

fn name_name<S: Serializer>(name: &ProbedName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name.name())
}

fn opened_name<S: Serializer>(opened: &Opened, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(opened.name())
}

pub(crate) fn command(args: &ProbeArgs, json: bool) -> Result<ExitCode, Failure> {
    let majors = pick::several(&args.wasmtime)?;
    let file = args.guest.as_deref().map(|path| GuestFile::read(path, args.limit.guest_limit)).transpose()?;
    let guest = match &file {
        Some(file) => ProbeGuest::for_guest(&file.wasm).map_err(Error::from),
        None => Ok(ProbeGuest::built_in()),
    };
    if let Err(error) = &guest
        && matches!(error.kind(), ErrorKind::InvalidGuest | ErrorKind::TooComplex)
    {
        return Err(Failure::library(error));
    }
    let name = file.as_ref().map_or_else(|| "probe".to_owned(), |file| file.name.clone());
    let config = args.wasi.config(name, &[], true);
    let shown = file.as_ref().map(|file| file.json.clone());
    if let Some(file) = &file {
        for warning in AdapterWarning::of_strings(&file.wasm, &config.wasi) {
            style::warning(&style::visible(&warning.to_string()));
        }
    }
    let probes = Probes::new(&majors, shown, guest, &config);
    if json {
        json::print(&probes)?;
    } else {
        probes.show()?;
    }
    Ok(probes.exit_code())
}

impl Probes {
    fn new(
        majors: &[&dyn AnyWasmtime],
        file: Option<json::Guest>,
        guest: Result<ProbeGuest<'_>, Error>,
        config: &RunConfig,
    ) -> Self {
        let probes: Vec<Probe> = majors.iter().map(|wasmtime| Probe::new(*wasmtime, guest.as_ref(), config)).collect();
        let guest = guest.ok();
        Self {
            schema: SCHEMA,
            ok: probes.iter().all(|probe| probe.verdict == Verdict::Right),
            guest: file,
            method: guest.as_ref().map(ProbeGuest::method),
            adapter: guest.as_ref().and_then(ProbeGuest::adapter).map(|adapter| Adapter::new(adapter, &config.wasi)),
            probes,
        }
    }

    fn exit_code(&self) -> ExitCode {
        let any = |verdict| self.probes.iter().any(|probe| probe.verdict == verdict);
        ExitCode::from(match (any(Verdict::Wrong), any(Verdict::NotProbed)) {
            (true, _) => 1,
            (false, true) => REFUSED,
            (false, false) => 0,
        })
    }

    /// The verdict, the method, and a table for each group of majors that agree.
    fn show(&self) -> Result<(), Failure> {
        let mut text = format!("{}\n{}\n", self.verdict(), self.method_summary());
        let mut shown: Vec<&Probe> = Vec::new();
        for probe in &self.probes {
            if shown.iter().any(|other| probe.agrees(other)) {
                continue;
            }
            let alike = self.probes.iter().filter(|other| probe.agrees(other)).map(|probe| probe.major);
            let title = style::paint(Tone::Title, &format!("Wasmtime {}", pick::words(alike)));
            text += &format!("\n{title}\n{}", probe.show());
            shown.push(probe);
        }
        style::print(&text)?;
        for probe in shown {
            probe.hint.iter().flat_map(|hint| hint.lines()).for_each(style::hint);
        }
        let wrong_names = self
            .probes
            .iter()
            .flat_map(|probe| &probe.probed)
            .any(|preopen| matches!(preopen.name, ProbedName::Wrong { .. }));
        if wrong_names && self.adapter.as_ref().is_some_and(|adapter| adapter.misnames) {
            style::hint(
                "encode the component again with the adapter of Wasmtime 29.0.1, or of 30 or later, as \
                 `wasmtime-compat readapt` does; another host does not help",
            );
        }
        Ok(())
    }

    fn verdict(&self) -> String {
        let count = |verdict| self.probes.iter().filter(|probe| probe.verdict == verdict).count();
        let (wrong, not_probed) = (count(Verdict::Wrong), count(Verdict::NotProbed));
        let all = match self.probes.len() {
            1 => String::new(),
            count => format!(" on {{}} of {count} majors"),
        };
        let on = |count: usize| all.replace("{}", &count.to_string());
        if wrong > 0 {
            style::paint(Tone::Bad, &format!("wrong: not every preopen has its name and can be opened{}", on(wrong)))
        } else if not_probed > 0 {
            style::paint(Tone::Warning, &format!("not probed{}", on(not_probed)))
        } else if self.method == Some(ProbeMethod::Nothing) {
            style::paint(Tone::Good, "good: the guest queries no preopened directory")
        } else {
            style::paint(Tone::Good, self.success_summary())
        }
    }

    /// The verdict on a guest without problems, as far as the guest can query.
    fn success_summary(&self) -> &'static str {
        let probed = || self.probes.iter().flat_map(|probe| &probe.probed);
        let used = |opened: Opened| opened != Opened::NotUsed;
        let names = probed().any(|preopen| preopen.name != ProbedName::NotUsed);
        let opens = probed()
            .any(|preopen| used(preopen.directory) || preopen.file.as_ref().is_some_and(|file| used(file.opened)));
        match (names, opens) {
            _ if probed().next().is_none() => "good: no preopen was configured",
            (true, true) => "good: every preopen has its name and can be opened",
            (true, false) => "good: every preopen has its name; the guest opens no file",
            (false, true) => "good: every preopen can be opened; the guest queries no name",
            (false, false) => "good: the guest queries no name and opens no file",
        }
    }

    fn method_summary(&self) -> String {
        match (self.method, &self.adapter) {
            (Some(ProbeMethod::Spliced), Some(Adapter { flavour, identity, .. })) => {
                format!("probed through the guest's own adapter: {flavour}, {identity}")
            }
            (Some(ProbeMethod::Spliced), None) => "probed through the guest's own modules".to_owned(),
            (Some(ProbeMethod::BuiltIn), _) => {
                "probed the host directly: nothing in the guest is in between".to_owned()
            }
            _ => "nothing was run".to_owned(),
        }
    }
}

impl Probe {
    fn new(wasmtime: &dyn AnyWasmtime, guest: Result<&ProbeGuest<'_>, &Error>, config: &RunConfig) -> Self {
        let mut probe = Self {
            major: wasmtime.major(),
            wasmtime: wasmtime.report().wasmtime.to_string(),
            verdict: Verdict::NotProbed,
            reason: None,
            error: None,
            error_text: None,
            hint: None,
            cut_short: None,
            stderr: String::new(),
            extra_preopens: false,
            probed: Vec::new(),
            preopens: Vec::new(),
        };
        let spinner = Spinner::new(format!("probing on Wasmtime {}", probe.major));
        match guest.map(|guest| without_panic_message(|| probe::probe(wasmtime, guest, config))) {
            Ok(Ok(report)) => probe.found(&report),
            Ok(Err(error)) => probe.failed(&error),
            Err(error) => probe.failed(error),
        }
        drop(spinner);
        probe
    }

    fn found(&mut self, report: &ProbeReport) {
        self.verdict = if report.ok() { Verdict::Right } else { Verdict::Wrong };
        self.cut_short = report.cut_short.as_ref().map(Outcome::to_string);
        self.stderr.clone_from(&report.stderr);
        self.extra_preopens = report.extra_preopens;
        self.probed = report.probed.iter().map(Probed::from).collect();
        self.preopens = json::preopens(&report.preopens);
    }

    fn failed(&mut self, error: &Error) {
        let reason = error.unprobeable().map_or(error.kind().name(), |reason| reason.name());
        self.reason = Some(reason.to_owned());
        self.error = Some(format!("{error:#}"));
        self.error_text = listed(error);
        self.hint = error.hint().map(str::to_owned);
        if let Some(errors) = error.preopens() {
            let own = self.hint.take().map(|hint| hint + "\n").unwrap_or_default();
            self.hint = Some(own + &hints(errors.report()));
            self.preopens = json::preopens(errors.report());
        }
    }

    /// Whether both probes have the same results.
    fn agrees(&self, other: &Self) -> bool {
        let key = |probe: &Self| {
            let Self { verdict, error, cut_short, extra_preopens, .. } = probe;
            (*verdict, error.clone(), cut_short.clone(), *extra_preopens)
        };
        key(self) == key(other) && self.probed == other.probed
    }

    fn show(&self) -> String {
        let mut text = String::new();
        let shown = self.error_text.as_deref().map(style::lines);
        if let Some(error) = shown.or_else(|| self.error.as_deref().map(style::visible)) {
            text += &format!("  {error}\n");
        }
        if !self.probed.is_empty() {
            let header = ["guest", "seen as", "fd", "name", "directory", "file in it"];
            text += &format!("\n{}", style::table(&header, self.probed.iter().map(Probed::row).collect()));
        } else if self.error.is_none() {
            text += "  no preopened directories were given\n";
        } else if !self.preopens.is_empty() {
            text += &format!("\n{}", preopens::short_table(&self.preopens));
        }
        for warning in preopens::warnings(&self.preopens) {
            text += &format!("  warning: {warning}\n");
        }
        if self.extra_preopens {
            text += "  the guest sees more preopens than these\n";
        }
        if let Some(ending) = &self.cut_short {
            text += &format!("  the probe ended too early: {}\n", style::visible(ending));
        }
        for line in self.stderr.lines() {
            text += &format!("  stderr: {}\n", style::visible(line));
        }
        text
    }
}

impl Probed {
    fn row(&self) -> Vec<Text> {
        let with = |word: &str, errno: &Option<String>| match errno {
            Some(errno) => format!("{word}: {errno}"),
            None => word.to_owned(),
        };
        let file = self.file.as_ref().map_or((Tone::Dim, "-".to_owned()), |File { name, opened, errno }| {
            (of_opened(*opened), format!("{} {}", quoted(name), with(opened.name(), errno)))
        });
        let directory = match of_opened(self.directory) {
            // All is well: the directory need not be listed.
            Tone::Bad if self.ok => Tone::Warning,
            tone => tone,
        };
        vec![
            (Tone::Plain, quoted(&self.guest)),
            (of_name(&self.name), self.seen.as_deref().map_or_else(|| "-".to_owned(), quoted)),
            (Tone::Dim, self.fd.to_string()),
            (of_name(&self.name), with(self.name.name(), &self.name_errno)),
            (directory, with(self.directory.name(), &self.directory_errno)),
            file,
        ]
    }
}

fn of_name(name: &ProbedName) -> Tone {
    match name {
        ProbedName::Right => Tone::Good,
        ProbedName::NotUsed => Tone::Dim,
        _ => Tone::Bad,
    }
}

fn of_opened(opened: Opened) -> Tone {
    match opened {
        Opened::Yes => Tone::Good,
        Opened::NotUsed => Tone::Dim,
        _ => Tone::Bad,
    }
}

impl From<&PreopenProbe> for Probed {
    fn from(preopen: &PreopenProbe) -> Self {
        let Preopen { guest, host, absolute, access, .. } = Preopen::from(&preopen.status);
        let text = |errno: Option<Errno>| errno.map(|errno| errno.to_string());
        let seen = match &preopen.name {
            ProbedName::Right => Some(guest.clone()),
            ProbedName::Wrong { seen } => seen.clone(),
            _ => None,
        };
        Self {
            guest,
            host,
            absolute,
            access,
            fd: preopen.fd,
            ok: preopen.ok(),
            name: preopen.name.clone(),
            seen,
            name_errno: text(preopen.name.errno()),
            directory: preopen.directory,
            directory_errno: text(preopen.directory.errno()),
            file: preopen.file.as_ref().map(|(name, opened)| File {
                name: name.clone(),
                opened: *opened,
                errno: text(opened.errno()),
            }),
        }
    }
}

impl Adapter {
    fn new(adapter: &AdapterReport, wasi: &WasiConfig) -> Self {
        Self {
            path: adapter.path.clone(),
            flavour: adapter.flavour.name(),
            identity: adapter.identity.to_string(),
            affected: adapter.affected().map(|issue| issue.id).collect(),
            misnames: adapter.affected().any(|issue| issue.misnames_preopens()),
            warnings: adapter.warnings_in(wasi).iter().map(json::Warning::from).collect(),
        }
    }
}
