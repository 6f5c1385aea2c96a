//! Owns `WasiConfig`: everything a guest sees of the outside, as plain reusable data.

use std::ffi::OsString;
use std::net::SocketAddr;

use super::clock::{Clock, System};
use super::network::SocketAddrCheck;
use super::random::Random;
use super::text;
use super::virtual_time::VirtualTime;
use super::{
    ConfigVariables, Deterministic, HostMonotonicClock, HostWallClock, KeyValue, Network, Preopen, PreopenErrors,
    PreopenReport, Preopens, SocketAddrUse, Stdin, Stdout, TextErrors,
};
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
    /// The names among them that are this process's own, on Windows.
    inherited: Vec<String>,
    pub(crate) stdin: Stdin,
    pub(crate) stdout: Stdout,
    pub(crate) stderr: Stdout,
    pub(crate) allow_broken_adapter: bool,
    pub(crate) max_random_size: u64,
    pub(crate) wall_clock: Option<Clock<dyn HostWallClock>>,
    pub(crate) monotonic_clock: Option<Clock<dyn HostMonotonicClock>>,
    pub(crate) virtual_sleep: bool,
    pub(crate) secure_random: Option<Random>,
    pub(crate) insecure_random: Option<Random>,
    pub(crate) insecure_random_seed: Option<u128>,
    pub(crate) socket_addr_check: Option<SocketAddrCheck>,
    pub(crate) variables: Option<ConfigVariables>,
    pub(crate) values: Option<KeyValue>,
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
    ///
    /// Guests distinguish `PATH` and `path`, on every system. On Windows, where these are one variable of a process, this
    /// replaces a variable that was [inherited](WasiConfig::inherit_env) under either name.
    pub fn env(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        let name = name.into();
        let is_inherited = |known: &String| self.inherited.contains(known) && text::is_same_on_windows(known, &name);
        self.env.retain(|(known, _)| *known != name && !is_inherited(known));
        self.inherited.retain(|known| !text::is_same_on_windows(known, &name));
        self.env.push((name, value.into()));
        self
    }

    /// Sets all environment variables of this process that WASI can pass. Left out are those whose name or value is not
    /// UTF-8, and those whose name is empty or holds a `=`, such as the working directories of drives on Windows (`=C:`).
    ///
    /// On Windows a variable replaces one that was set under a name that differs in case only.
    pub fn inherit_env(&mut self) -> &mut Self {
        self.inherit(std::env::vars_os(), cfg!(windows))
    }

    fn inherit(&mut self, variables: impl Iterator<Item = (OsString, OsString)>, windows: bool) -> &mut Self {
        for (name, value) in variables {
            let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) else { continue };
            if !text::is_name(&name) {
                continue;
            }
            if windows {
                self.env.retain(|(known, _)| !text::is_same_on_windows(known, &name));
                self.inherited.retain(|known| !text::is_same_on_windows(known, &name));
                self.inherited.push(name.clone());
                self.env.push((name, value));
            } else {
                self.env(name, value);
            }
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

    /// Gives the guest variables, which it reads with `wasi:config`; without this call a
    /// [`Command`](crate::Command) that imports the interface is refused, and so are instances and proxies of
    /// [`AnyEngine`](crate::AnyEngine). In other linkers
    /// [`Linker::add_wasi_config`](crate::component::Linker::add_wasi_config) adds it.
    pub fn config_variables(&mut self, variables: &ConfigVariables) -> &mut Self {
        self.variables = Some(variables.clone());
        self
    }

    /// Gives the guest values, which it reads and writes with `wasi:keyvalue`, under the same rules as
    /// [`WasiConfig::config_variables`]. All stores that are made with the configuration share the values.
    pub fn keyvalue(&mut self, values: &KeyValue) -> &mut Self {
        self.values = Some(values.clone());
        self
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

    /// Random bytes that one call may request; 64 MiB unless set. A guest that requests more is
    /// stopped; with WASI 0.3 it gets this number of bytes.
    pub fn max_random_size(&mut self, bytes: u64) -> &mut Self {
        self.max_random_size = bytes;
        self
    }

    /// The wall clock that the guest reads; by default the host's. Times of files are those of the host's file system in any
    /// case.
    pub fn wall_clock(&mut self, clock: impl HostWallClock + 'static) -> &mut Self {
        self.wall_clock = Some(Clock::shared_wall(clock));
        self
    }

    /// The monotonic clock that the guest reads; by default the host's. Waiting takes real time with any clock, unless
    /// [`WasiConfig::virtual_sleep`] is on: until a moment, as long as the moment is ahead when the guest starts to wait.
    pub fn monotonic_clock(&mut self, clock: impl HostMonotonicClock + 'static) -> &mut Self {
        self.monotonic_clock = Some(Clock::shared_monotonic(clock));
        self
    }

    /// Whether a guest's waiting takes no time; off unless set, and on with [`WasiConfig::deterministic`]. Then a guest that
    /// waits for a clock continues at once, and both of its clocks, whatever clocks they are, advance by the time that the
    /// guest would have waited. This holds for `poll_oneoff` of preview1, and for the pollables of
    /// `wasi:clocks/monotonic-clock`, on every major, in synchronous and in asynchronous stores. No thread sleeps.
    ///
    /// A guest that waits for a clock and for a stream gets the stream's event, if the stream is ready when the guest starts
    /// to wait, and otherwise the clock's: real time does not pass while the guest waits, so a stream does not become ready.
    /// Files are always ready for preview1. As WASI 0.2 has it, a file's stream is ready when Wasmtime has read the file's
    /// next bytes, on another thread: a guest must not poll such a stream together with a clock if its result is to be the
    /// same in every run. A guest that waits for streams only waits in real time.
    ///
    /// A wait of the largest duration, which other hosts never end, ends at once as well; from then on the monotonic clock
    /// stands at its largest time. Waiting takes real time where Wasmtime's own functions are linked
    /// ([`Config::raw_wasi`](crate::Config::raw_wasi)), and with WASI 0.3: [`Command`](crate::Command) refuses its guests then.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use wasmtime_compat::wasi::{Deterministic, WasiConfig};
    ///
    /// let mut wasi = WasiConfig::new();
    /// // The host's own clocks, and no waiting.
    /// wasi.virtual_sleep(true);
    /// // The preset, but with waiting in real time.
    /// wasi.deterministic(Deterministic::new(42).step(Duration::from_millis(10))).virtual_sleep(false);
    /// ```
    pub fn virtual_sleep(&mut self, on: bool) -> &mut Self {
        self.virtual_sleep = on;
        self
    }

    /// The clocks of a store, if waiting takes no time in it.
    #[allow(dead_code, reason = "only majors make clocks")]
    pub(crate) fn virtual_time(&self) -> Option<VirtualTime> {
        if !self.virtual_sleep {
            return None;
        }
        let wall: Box<dyn HostWallClock> = match &self.wall_clock {
            Some(clock) => clock.make(),
            None => Box::new(System::new()),
        };
        let monotonic: Box<dyn HostMonotonicClock> = match &self.monotonic_clock {
            Some(clock) => clock.make(),
            None => Box::new(System::new()),
        };
        Some(VirtualTime::new(wall, monotonic))
    }

    /// The source of the guest's random bytes (`random_get` of preview1, `wasi:random/random`); by default the operating
    /// system's. All stores that are made from this configuration share the source.
    ///
    /// The source fills buffers of 64 bytes, from which the guest's requests are served in order: the guest gets the same
    /// bytes on every major, in whatever pieces it requests them. What is left of a buffer stays with the store.
    ///
    /// ```
    /// use wasmtime_compat::wasi::WasiConfig;
    ///
    /// let mut next = 0;
    /// WasiConfig::new().secure_random(move |bytes| {
    ///     for byte in bytes {
    ///         *byte = next;
    ///         next = u8::wrapping_add(next, 1);
    ///     }
    /// });
    /// ```
    pub fn secure_random(&mut self, fill: impl FnMut(&mut [u8]) + Send + 'static) -> &mut Self {
        self.secure_random = Some(Random::shared(fill));
        self
    }

    /// The source of random bytes that need not be secure (`wasi:random/insecure`), as for
    /// [`WasiConfig::secure_random`].
    pub fn insecure_random(&mut self, fill: impl FnMut(&mut [u8]) + Send + 'static) -> &mut Self {
        self.insecure_random = Some(Random::shared(fill));
        self
    }

    /// The number that the guest gets to seed its hash maps (`wasi:random/insecure-seed`); by default another one for each
    /// store.
    pub fn insecure_random_seed(&mut self, seed: u128) -> &mut Self {
        self.insecure_random_seed = Some(seed);
        self
    }

    /// Sets both clocks, both sources of random bytes and the seed, so that every run sees the same, and turns on
    /// [`WasiConfig::virtual_sleep`].
    ///
    /// ```
    /// use wasmtime_compat::wasi::{Deterministic, WasiConfig};
    ///
    /// WasiConfig::new().deterministic(Deterministic::new(42));
    /// ```
    pub fn deterministic(&mut self, preset: Deterministic) -> &mut Self {
        preset.apply(self);
        self
    }

    /// Checks each socket address before the guest uses it; without a check every address is permitted. Only what
    /// [`WasiConfig::network`] allows is checked: TCP, UDP and name lookup are still off until they are turned on there.
    ///
    /// On every major the guest gets `access-denied`, or does not see the connection or datagram. Majors differ in when they
    /// check: see [`SocketAddrUse`]. A socket that is to be connected needs no
    /// [`TcpBind`](SocketAddrUse::TcpBind), unless the guest binds it.
    ///
    /// ```
    /// use wasmtime_compat::wasi::{Network, SocketAddrUse, WasiConfig};
    ///
    /// let mut wasi = WasiConfig::new();
    /// wasi.network = Network::none().tcp(true);
    /// // Connections to web servers that are not on this machine.
    /// wasi.socket_addr_check(|address, purpose| {
    ///     purpose == SocketAddrUse::TcpConnect && address.port() == 443 && !address.ip().is_loopback()
    /// });
    /// ```
    pub fn socket_addr_check(
        &mut self,
        check: impl Fn(SocketAddr, SocketAddrUse) -> bool + Send + Sync + 'static,
    ) -> &mut Self {
        self.socket_addr_check = Some(SocketAddrCheck::new(check));
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
            inherited: Vec::new(),
            stdin: Stdin::default(),
            stdout: Stdout::default(),
            stderr: Stdout::default(),
            allow_broken_adapter: false,
            max_random_size: MAX_RANDOM_SIZE,
            wall_clock: None,
            monotonic_clock: None,
            virtual_sleep: false,
            secure_random: None,
            insecure_random: None,
            insecure_random_seed: None,
            socket_addr_check: None,
            variables: None,
            values: None,
            preopens: Preopens::default(),
            network: Network::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inherited(windows: bool, before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<String> {
        let process = [("Path", "1"), ("=C:", r"C:\dir"), ("", "2"), ("TEMP", "3"), ("PATH", "4")];
        let mut wasi = WasiConfig::new();
        for (name, value) in before {
            wasi.env(*name, *value);
        }
        wasi.inherit(process.into_iter().map(|(name, value)| (name.into(), value.into())), windows);
        for (name, value) in after {
            wasi.env(*name, *value);
        }
        wasi.env.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn variables_of_the_process_have_one_name_in_any_case_on_windows() {
        assert_eq!(inherited(true, &[], &[]), ["TEMP=3", "PATH=4"]);
        assert_eq!(inherited(true, &[("path", "x")], &[]), ["TEMP=3", "PATH=4"]);
        assert_eq!(inherited(true, &[], &[("path", "x")]), ["TEMP=3", "path=x"]);
        // What a host sets itself stays apart, as on other systems.
        assert_eq!(inherited(true, &[], &[("a", "x"), ("A", "y")]), ["TEMP=3", "PATH=4", "a=x", "A=y"]);
        assert_eq!(inherited(true, &[], &[("path", "x"), ("PATH", "y")]), ["TEMP=3", "path=x", "PATH=y"]);
        assert_eq!(inherited(false, &[], &[("path", "x")]), ["Path=1", "TEMP=3", "PATH=4", "path=x"]);
    }
}
