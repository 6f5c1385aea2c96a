//! Owns the flags: what the user typed, as typed values.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, Parser, Subcommand, value_parser};
use wasmtime_compat::RunConfig;
use wasmtime_compat::wasi::{Duplicates, Preopen, Stdin, Stdout};

/// Runs WebAssembly guests on any Wasmtime major, or on several side by side.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110, after_help = HELP)]
pub(crate) struct Cli {
    /// Print one JSON object on standard output instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the Wasmtime majors in this binary
    #[command(after_help = VERSIONS_HELP)]
    Versions,
    /// Run a guest on one major and exit with its code
    #[command(after_help = RUN_HELP)]
    Run(RunArgs),
    /// Run a guest on several majors and show what differs; without a guest, the built-in demo
    #[command(after_help = COMPARE_HELP)]
    Compare(CompareArgs),
    /// Only check preopened directories, as starting a guest would
    #[command(after_help = PREOPENS_HELP)]
    Preopens(DirArgs),
}

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// The major to run on: its number, `newest` or `oldest`
    #[arg(long, value_name = "N", default_value = "newest")]
    pub(crate) wasmtime: String,
    #[command(flatten)]
    pub(crate) wasi: WasiArgs,
    /// The guest: a preview1 module or a WASI 0.2 component, binary or text
    pub(crate) guest: PathBuf,
    /// Arguments of the guest; its name comes before them
    #[arg(last = true, value_name = "ARG")]
    pub(crate) args: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// The majors to run on: numbers, `newest`, `oldest`, with commas between, or `all`
    #[arg(long, value_name = "LIST", default_value = "all")]
    pub(crate) wasmtime: String,
    #[command(flatten)]
    pub(crate) wasi: WasiArgs,
    /// The guest; without one the built-in demo is shown
    pub(crate) guest: Option<PathBuf>,
    /// Arguments of the guest; its name comes before them
    #[arg(last = true, value_name = "ARG")]
    pub(crate) args: Vec<String>,
}

/// The guest's world and its limits.
#[derive(Args, Debug)]
#[command(next_help_heading = "WASI options")]
pub(crate) struct WasiArgs {
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    /// Set an environment variable of the guest
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    env: Vec<(String, String)>,
    /// Give the guest this process's environment; --env is applied after it
    #[arg(long)]
    inherit_env: bool,
    /// Read the guest's standard input from a file
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin: Option<PathBuf>,
    /// Stop the guest when it has burnt this much fuel
    #[arg(long, value_name = "N")]
    fuel: Option<u64>,
    /// Stop the guest after this long: 10s, 500ms, 2m; a plain number is seconds
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Keep at most this many bytes of each captured stream
    #[arg(long, value_name = "BYTES", default_value_t = 16 << 20)]
    capture_limit: usize,
}

/// The preopened directories, in the order given across the four flags. (A derived `Args` would keep one list per
/// flag and lose that order, which guests and `--last-wins` depend on.)
#[derive(Clone, Debug)]
pub(crate) struct DirArgs {
    pub(crate) preopens: Vec<Preopen>,
    pub(crate) last_wins: bool,
}

/// Flag, its help, and what it makes of a read-write required preopen.
type DirFlag = (&'static str, &'static str, fn(Preopen) -> Preopen);

const DIR_FLAGS: [DirFlag; 4] = [
    ("dir", "Preopen a directory; without GUEST its name in the guest is HOST", |preopen| preopen),
    ("ro-dir", "Preopen a directory that the guest may only read", Preopen::read_only),
    ("optional-dir", "Preopen a directory if it can be used, otherwise leave it out", Preopen::optional),
    ("create-dir", "Preopen a directory, making it if it is missing", Preopen::create),
];
const LAST_WINS: &str = "last-wins";

impl WasiArgs {
    /// The configuration of a run of a guest named `name`. Its output is captured or goes where this process's goes.
    pub(crate) fn config(&self, name: String, args: &[String], captured: bool) -> RunConfig {
        let mut config = RunConfig::new();
        config.fuel = self.fuel;
        config.timeout = self.timeout;
        self.dirs.apply(&mut config);
        let wasi = &mut config.wasi;
        wasi.arg(name).args(args);
        if self.inherit_env {
            wasi.inherit_env();
        }
        for (name, value) in &self.env {
            wasi.env(name, value);
        }
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

impl DirArgs {
    /// Puts the preopens into a configuration.
    pub(crate) fn apply(&self, config: &mut RunConfig) {
        let preopens = &mut config.wasi.preopens;
        preopens.extend(self.preopens.iter().cloned());
        preopens.set_duplicates(if self.last_wins { Duplicates::LastWins } else { Duplicates::Reject });
    }
}

impl Args for DirArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        let dirs = DIR_FLAGS.map(|(flag, help, _)| {
            let value = ValueParser::from(value_parser!(OsString));
            Arg::new(flag)
                .long(flag)
                .help(help)
                .value_name("HOST[::GUEST]")
                .action(ArgAction::Append)
                .value_parser(value)
        });
        let help = "Of preopens with the same guest path keep the last, instead of refusing them";
        command.args(dirs).arg(Arg::new(LAST_WINS).long(LAST_WINS).help(help).action(ArgAction::SetTrue))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for DirArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut found = Vec::new();
        for (flag, _, make) in DIR_FLAGS {
            let values = matches.get_many::<OsString>(flag).into_iter().flatten();
            let indices = matches.indices_of(flag).into_iter().flatten();
            found.extend(indices.zip(values).map(|(index, value)| {
                let (host, guest) = split(value);
                (index, make(Preopen::new(host, guest)))
            }));
        }
        found.sort_by_key(|(index, _)| *index);
        let preopens = found.into_iter().map(|(_, preopen)| preopen).collect();
        Ok(Self { preopens, last_wins: matches.get_flag(LAST_WINS) })
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

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("its unit is not one of ms, s, m, h".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| "expected a number and a unit, as in 500ms, 10s, 2m".to_owned())?;
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())?;
    // A deadline that the clock cannot express must not reach the arithmetic on it.
    Instant::now().checked_add(duration.saturating_mul(2)).map(|_| duration).ok_or_else(|| "it is too long".to_owned())
}

const HELP: &str = "\
Data goes to standard output, everything else to standard error. Colour is used on terminals unless NO_COLOR is set.";

const VERSIONS_HELP: &str = "\
Examples:
  wasmtime-compat versions
  wasmtime-compat versions --json | jq -r '.majors[] | select(.lts).wasmtime'";

const RUN_HELP: &str = "\
Exit codes:
  the guest's own code, or
    2  the command line makes no sense
  124  the guest timed out
  125  the host failed while the guest ran
  126  the guest was refused and not started
  134  the guest trapped

Examples:
  wasmtime-compat run hello.wasm
  wasmtime-compat run --wasmtime 24 --dir .::/work --optional-dir cache --timeout 10s tool.wasm -- --verbose in.txt
  wasmtime-compat run --json --wasmtime oldest hello.wat | jq .outcome

With --json the guest's output is captured into the object, and its standard input is empty without --stdin.";

const COMPARE_HELP: &str = "\
Exit codes:
  0  all majors agree
  1  they do not
  2  there is nothing to compare: the command line makes no sense, or the guest cannot be read

Examples:
  wasmtime-compat compare
  wasmtime-compat compare --wasmtime 24,36,newest --dir .::/work tool.wasm -- in.txt
  wasmtime-compat compare --json tool.wasm | jq '.differences'

The guest's output is captured, and its standard input is empty without --stdin. The runs follow one another and
share the directories: what one writes, the next one sees.";

const PREOPENS_HELP: &str = "\
Exit codes:
  0  every preopen can be used or may be left out; directories of --create-dir now exist
  1  a guest would be refused
  2  the command line makes no sense

Examples:
  wasmtime-compat preopens --dir .::/work --optional-dir ~/.cache/tool::/cache
  wasmtime-compat preopens --json --ro-dir /usr/share/tool --create-dir out | jq '.preopens[] | select(.reason)'";
