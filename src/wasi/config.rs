//! Owns `WasiConfig`: everything a guest sees of the outside, as plain reusable data.

use super::text;
use super::{Network, Preopen, PreopenErrors, PreopenReport, Preopens, Stdin, Stdout, TextErrors};
use crate::error::Result;

/// The world of a guest: arguments, environment, streams, directories, network.
///
/// By default it sees nothing. It is plain data: any number of stores can be made from one value, in any order of
/// setters (raw Wasmtime panics on a second `build()`, and some of its setters depend on their order).
///
/// ```
/// use wasmtime_compat::wasi::{Preopen, Stdout, WasiConfig};
///
/// let mut wasi = WasiConfig::new();
/// wasi.arg("tool").env("LANG", "C").stdout(Stdout::capture(1 << 20));
/// wasi.preopens.push(Preopen::new(".", "/work").read_only());
/// let report = wasi.check()?;
/// assert_eq!(report.entries().len(), 1);
/// # Ok::<(), wasmtime_compat::wasi::PreopenErrors>(())
/// ```
#[derive(Clone, Debug)]
pub struct WasiConfig {
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) stdin: Stdin,
    pub(crate) stdout: Stdout,
    pub(crate) stderr: Stdout,
    pub(crate) allow_broken_adapter: bool,
    pub(crate) max_random_size: u64,
    /// The directories the guest can reach.
    pub preopens: Preopens,
    /// The guest's network access.
    pub network: Network,
}

impl WasiConfig {
    /// An empty world.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one argument; the first is the guest's own name. See [`WasiConfig::check_text`] for what cannot be passed.
    pub fn arg(&mut self, arg: impl Into<String>) -> &mut Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args<A: Into<String>>(&mut self, args: impl IntoIterator<Item = A>) -> &mut Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable; the last value of a name wins. See [`WasiConfig::check_text`] for what cannot be
    /// passed.
    pub fn env(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        let name = name.into();
        self.env.retain(|(known, _)| *known != name);
        self.env.push((name, value.into()));
        self
    }

    /// Sets all environment variables of this process that WASI can pass. Left out are those whose name or value is not
    /// UTF-8, and those whose name is empty or holds a `=`, such as the working directories of drives on Windows (`=C:`).
    pub fn inherit_env(&mut self) -> &mut Self {
        for (name, value) in std::env::vars_os() {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) if text::is_name(&name) => self.env(name, value),
                _ => self,
            };
        }
        self
    }

    /// Where the guest's standard input comes from; by default it is empty.
    pub fn stdin(&mut self, stdin: Stdin) -> &mut Self {
        self.stdin = stdin;
        self
    }

    /// Where the guest's standard output goes; by default nowhere.
    pub fn stdout(&mut self, stdout: Stdout) -> &mut Self {
        self.stdout = stdout;
        self
    }

    /// Where the guest's standard error goes; by default nowhere.
    pub fn stderr(&mut self, stderr: Stdout) -> &mut Self {
        self.stderr = stderr;
        self
    }

    /// Hands the guest this process's standard input, output and error.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.stdin(Stdin::Inherit).stdout(Stdout::Inherit).stderr(Stdout::Inherit)
    }

    /// Adds a preopened directory.
    pub fn preopen(&mut self, preopen: Preopen) -> &mut Self {
        self.preopens.push(preopen);
        self
    }

    /// Whether a component may start although its adapter will give it wrong names of its preopened directories, as
    /// some do with three and more (bytecodealliance/wasmtime#10058); by default it is refused.
    pub fn allow_broken_adapter(&mut self, allow: bool) -> &mut Self {
        self.allow_broken_adapter = allow;
        self
    }

    /// Random bytes that one call may request; 64 MiB unless set. A guest that requests more is stopped.
    pub fn max_random_size(&mut self, bytes: u64) -> &mut Self {
        self.max_random_size = bytes;
        self
    }

    /// Checks the preopens now, as starting a guest would; directories with the policy `create` are made. Arguments and
    /// environment are not checked: see [`WasiConfig::check_all`].
    ///
    /// # Errors
    /// Every problem of every preopen, in one value.
    pub fn check(&self) -> Result<PreopenReport, PreopenErrors> {
        self.preopens.check()
    }

    /// Checks that arguments and environment can be passed to a guest as they are: no NUL bytes, and no name of a
    /// variable that is empty or holds a `=`.
    ///
    /// # Errors
    /// Every problem of every argument and variable, in one value.
    pub fn check_text(&self) -> Result<(), TextErrors> {
        text::check(&self.args, &self.env)
    }

    /// Checks arguments, environment and preopens now, exactly as starting a guest does.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) with every problem of arguments and environment in
    /// [`Error::text`](crate::Error::text), and every problem of preopens beside it in
    /// [`Error::preopens`](crate::Error::preopens); no directory is made then.
    /// [`ErrorKind::Preopens`](crate::ErrorKind::Preopens) if nothing but preopens is wrong.
    pub fn check_all(&self) -> Result<PreopenReport> {
        match self.check_text() {
            Ok(()) => Ok(self.preopens.check()?),
            Err(text) => Err(text.beside(self.preopens.check_only().err())),
        }
    }
}

/// What one call may ask for at most unless the host says otherwise: as in Wasmtime 42 and later.
pub(crate) const MAX_RANDOM_SIZE: u64 = 64 << 20;

impl Default for WasiConfig {
    fn default() -> Self {
        Self {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Stdin::default(),
            stdout: Stdout::default(),
            stderr: Stdout::default(),
            allow_broken_adapter: false,
            max_random_size: MAX_RANDOM_SIZE,
            preopens: Preopens::default(),
            network: Network::default(),
        }
    }
}
