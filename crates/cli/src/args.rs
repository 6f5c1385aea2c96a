//! Owns the flags: what the user typed, as typed values.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use wasmtime_compat::RunConfig;
use wasmtime_compat::readapt::Assumption;
use wasmtime_compat::wasi::{Stdin, Stdout};
use wasmtime_compat_matrix::{Flags as Matrix, duration};

use crate::call::Call;
use crate::dirs::DirArgs;
use crate::execute::Work;
use crate::help::{
    CALL_HELP, COMPARE_HELP, HELP, INSPECT_HELP, PREOPENS_HELP, PROBE_HELP, READAPT_HELP, RUN_HELP, SERVE_HELP,
    UPGRADE_HELP, VERSIONS_HELP,
};
use crate::isolate::{self, IsolatedArgs};
use crate::limits::LimitArgs;
use crate::serve::ServeArgs;
use crate::upgrade::UpgradeArgs;

/// Runs WebAssembly guests on any Wasmtime major, or on several side by side.
#[derive(Debug, Parser)]
#[command(name = "wasmtime-compat", bin_name = "wasmtime-compat", version, max_term_width = 110, after_help = HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Not a global flag: the matrix writes several formats at once, each to a file of its own.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Json {
    /// Print JSON on standard output instead of text: one object, or with `serve` one object for each event
    #[arg(long = "json", display_order = 100)]
    pub(crate) on: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the Wasmtime majors in this binary
    #[command(after_help = VERSIONS_HELP)]
    Versions(VersionsArgs),
    /// Run a guest on one major and exit with its code
    #[command(after_help = RUN_HELP)]
    Run(RunArgs),
    /// Serve HTTP: a guest responds to each request, in an instance of its own
    #[command(after_help = SERVE_HELP)]
    Serve(Box<ServeArgs>),
    /// Call an exported function of a guest, a core module or a component, on one major
    #[command(after_help = CALL_HELP)]
    Call(CallArgs),
    /// Run a guest on several majors and show what differs; without a guest, the built-in demo
    #[command(after_help = COMPARE_HELP)]
    Compare(CompareArgs),
    /// Show what changes for a host and its guests between two releases of Wasmtime
    #[command(after_help = UPGRADE_HELP)]
    Upgrade(Box<UpgradeArgs>),
    /// Show what a guest is, which adapters it contains, and their known flaws, without running the guest
    #[command(after_help = INSPECT_HELP)]
    Inspect(InspectArgs),
    /// Replace the adapter of a component by one without known flaws
    #[command(after_help = READAPT_HELP)]
    Readapt(ReadaptArgs),
    /// Check preopened directories as the start of a guest does, without starting one
    #[command(after_help = PREOPENS_HELP)]
    Preopens(PreopensArgs),
    /// Check, through a guest's own adapter, whether the guest sees each preopened directory under its name and can
    /// open it
    #[command(after_help = PROBE_HELP)]
    Probe(ProbeArgs),
    /// Test a crate once per major that its features offer, and report the grid of tests and majors
    Matrix(Box<Matrix>),
    /// Print a script that completes this command line in a shell
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write manual pages, one for each command
    #[command(hide = true)]
    Man {
        /// The folder for them, which is created
        folder: PathBuf,
    },
    /// The other process of `run --isolate` and `compare`
    #[command(name = isolate::COMMAND, hide = true)]
    Isolated(IsolatedArgs),
}

impl Command {
    /// Whether JSON is asked for after the command's name.
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Versions(args) => args.json.on,
            Self::Run(args) => args.execution.json.on,
            Self::Serve(args) => args.json.on,
            Self::Call(args) => args.json.on,
            Self::Compare(args) => args.execution.json.on,
            Self::Upgrade(args) => args.execution.json.on,
            Self::Inspect(args) => args.json.on,
            Self::Readapt(args) => args.json.on,
            Self::Preopens(args) => args.json.on,
            Self::Probe(args) => args.json.on,
            Self::Matrix(_) | Self::Completions { .. } | Self::Man { .. } | Self::Isolated(_) => false,
        }
    }
}

/// The limit of guest files.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct GuestLimit {
    /// Refuse a guest file with more bytes; the limit in text format is 64 MiB in any case
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    pub(crate) guest_limit: u64,
}

/// Whether a guest runs in a process of its own. Of both flags the last one counts.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Isolation {
    /// Run the guest in a process of its own: if that process crashes, the outcome is `crashed`
    #[arg(long, overrides_with = "no_isolate")]
    isolate: bool,
    /// Run the guest in this process
    #[arg(long, overrides_with = "isolate")]
    no_isolate: bool,
}

impl Isolation {
    /// What was asked for, or `default`.
    pub(crate) fn is_on(self, default: bool) -> bool {
        if default { !self.no_isolate } else { self.isolate }
    }
}

/// The limit of compiling.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct CompileLimit {
    /// Refuse a guest that takes longer to compile and link; the default is 10m in a process of its own, and no limit
    /// otherwise
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) compile_timeout: Option<Duration>,
}

impl CompileLimit {
    /// The limit for a process of its own.
    pub(crate) fn isolated(self) -> Duration {
        self.compile_timeout.unwrap_or(Duration::from_secs(600))
    }
}

#[derive(Args, Debug)]
pub(crate) struct VersionsArgs {
    /// List the published security advisories of a major, in this binary or not, or of an exact version; without N those
    /// of every major in this binary
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "all")]
    pub(crate) advisories: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Args, Debug)]
pub(crate) struct InspectArgs {
    /// The guest: a module or a component, binary or text
    pub(crate) guest: PathBuf,
    /// Print only the world of a component, all of it, as WIT; the object of --json always has it
    #[arg(long)]
    pub(crate) wit: bool,
    #[command(flatten)]
    pub(crate) limit: GuestLimit,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Args, Debug)]
pub(crate) struct ReadaptArgs {
    /// The guest: a component with one main module and an adapter, binary or text
    pub(crate) guest: PathBuf,
    /// Where to write the new component; it may be the guest itself
    #[arg(short, long, value_name = "FIXED")]
    pub(crate) output: PathBuf,
    /// The replacement: the version of the embedded adapter, or the path of an adapter
    #[arg(long, value_name = "VERSION|FILE")]
    pub(crate) adapter: Option<String>,
    /// Also replace an adapter that is not recognised, treating it as that of this Wasmtime release, or as `command`,
    /// `reactor` or `proxy`; the report names the assumption
    #[arg(long, value_name = "VERSION|FLAVOUR")]
    pub(crate) assume_adapter: Option<Assumption>,
    #[command(flatten)]
    pub(crate) limit: GuestLimit,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Args, Debug)]
pub(crate) struct PreopensArgs {
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    #[command(flatten)]
    pub(crate) json: Json,
}

#[derive(Args, Debug)]
pub(crate) struct ProbeArgs {
    /// The majors to probe on: numbers, `newest`, `oldest`, with commas between, or `all`
    #[arg(long, value_name = "LIST", default_value = "newest")]
    pub(crate) wasmtime: String,
    /// The guest; without a guest only the host is probed
    pub(crate) guest: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limit: GuestLimit,
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(flatten)]
    pub(crate) wasi: WasiArgs,
}

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// The major to run on: its number, `newest` or `oldest`
    #[arg(long, value_name = "N", default_value = "newest")]
    pub(crate) wasmtime: String,
    /// The guest: a preview1 module or a WASI 0.2 component, binary or text
    pub(crate) guest: PathBuf,
    /// Show all frames of a guest that was stopped, and the functions inlined into them, instead of the first eight
    /// frames
    #[arg(long)]
    pub(crate) backtrace: bool,
    /// Write a core dump of a guest that traps into this file
    #[arg(long, value_name = "FILE")]
    pub(crate) coredump: Option<PathBuf>,
    /// Do not warn of published security advisories of the chosen major
    #[arg(long)]
    pub(crate) no_advisories: bool,
    #[command(flatten)]
    pub(crate) execution: ExecutionArgs,
}

impl RunArgs {
    /// A run of the guest as a command.
    pub(crate) fn work(&self) -> Work {
        Work::Command { core_dump: self.coredump.clone() }
    }
}

#[derive(Args, Debug)]
pub(crate) struct CallArgs {
    /// The major to call on: its number, `newest` or `oldest`
    #[arg(long, value_name = "N", default_value = "newest")]
    pub(crate) wasmtime: String,
    /// The guest: a core module or a component, binary or text
    pub(crate) guest: PathBuf,
    /// The function: its name, or `interface#function` for one in an interface of a component
    pub(crate) export: String,
    /// Arguments of the function in WAVE, such as 42, '"text"', '[1, 2]' and '{field: 1}'
    #[arg(value_name = "ARG", allow_negative_numbers = true)]
    pub(crate) args: Vec<String>,
    #[command(flatten)]
    pub(crate) limit: GuestLimit,
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(flatten)]
    pub(crate) wasi: WasiArgs,
}

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// The majors to run on: numbers, `newest`, `oldest`, with commas between, or `all`
    #[arg(long, value_name = "LIST", default_value = "all")]
    pub(crate) wasmtime: String,
    /// The guest; without a guest the built-in demo runs
    pub(crate) guest: Option<PathBuf>,
    /// Call this exported function instead of running the guest as a command; its arguments, in WAVE, follow `--`
    #[arg(long, value_name = "EXPORT", requires = "guest")]
    pub(crate) call: Option<String>,
    #[command(flatten)]
    pub(crate) execution: ExecutionArgs,
}

impl CompareArgs {
    /// Runs of the guest, or calls of a function.
    pub(crate) fn work(&self) -> Work {
        match &self.call {
            Some(export) => Work::Call(Call { export: export.clone(), args: self.execution.args.clone() }),
            None => Work::COMMAND,
        }
    }
}

/// The options of a guest's run, whether on one major or on several.
#[derive(Args, Debug)]
pub(crate) struct ExecutionArgs {
    /// Arguments of the guest; the guest's name comes before them
    #[arg(last = true, value_name = "ARG")]
    pub(crate) args: Vec<String>,
    #[command(flatten)]
    pub(crate) isolation: Isolation,
    #[command(flatten)]
    pub(crate) compile: CompileLimit,
    #[command(flatten)]
    pub(crate) limit: GuestLimit,
    #[command(flatten)]
    pub(crate) json: Json,
    #[command(flatten)]
    pub(crate) wasi: WasiArgs,
}

/// The guest's world and its limits.
#[derive(Args, Debug)]
#[command(next_help_heading = "WASI options")]
pub(crate) struct WasiArgs {
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    /// Set an environment variable of the guest; the name must not be empty
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    env: Vec<(String, String)>,
    /// Pass the variables of this process's environment to the guest, except those that WASI cannot pass; --env is
    /// applied afterwards
    #[arg(long)]
    inherit_env: bool,
    /// Set a variable that the guest reads with wasi:config, which a guest has only with this option
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    config_var: Vec<(String, String)>,
    /// Read the guest's standard input from a file
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin: Option<PathBuf>,
    /// Stop the guest when it has consumed this much fuel
    #[arg(long, value_name = "N")]
    pub(crate) fuel: Option<u64>,
    /// Stop the guest after this long: 10s, 500ms, 2m; a plain number is seconds. Compiling does not count; a guest
    /// that blocks in a write to inherited output, because no process reads that output, is not stopped
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Start a component even if its adapter gives wrong names to preopened directories
    #[arg(long)]
    allow_broken_adapter: bool,
    /// Keep at most this many bytes of each captured stream
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 20)]
    pub(crate) capture_limit: usize,
    #[command(flatten)]
    limits: LimitArgs,
}

impl WasiArgs {
    /// The configuration of a run of a guest named `name`. Its output is captured or goes where this process's goes.
    pub(crate) fn config(&self, name: String, args: &[String], captured: bool) -> RunConfig {
        let mut config = RunConfig::new();
        config.fuel = self.fuel;
        config.timeout = self.timeout;
        config.backtrace_details = true;
        self.dirs.apply(&mut config);
        self.limits.apply(&mut config);
        let wasi = &mut config.wasi;
        wasi.arg(name).args(args);
        if self.inherit_env {
            wasi.inherit_env();
        }
        for (name, value) in &self.env {
            wasi.env(name, value);
        }
        if !self.config_var.is_empty() {
            wasi.config_variables(&self.config_var.iter().cloned().collect());
        }
        wasi.allow_broken_adapter(self.allow_broken_adapter);
        let output = || if captured { Stdout::capture(self.capture_limit) } else { Stdout::Inherit };
        wasi.stdout(output()).stderr(output());
        wasi.stdin(match &self.stdin {
            Some(path) => Stdin::File(path.clone()),
            None if captured => Stdin::Null,
            None => Stdin::Inherit,
        });
        config
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        // An empty name is refused with everything else that is wrong.
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err("expected NAME=VALUE".to_owned()),
    }
}
