//! Owns the question which Rust toolchain builds which major: the active one, or an installed one that is new enough.

use std::env;
use std::fmt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use semver::Version;

use crate::versions::{Major, Versions};

/// A Rust toolchain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Toolchain {
    /// Its name in rustup; none is the active one.
    pub name: Option<String>,
    /// The version of its `rustc`; a nightly counts as the release it leads to.
    pub rustc: Version,
}

/// A major, and the toolchain that builds it.
#[derive(Debug)]
pub struct Runnable<'a> {
    /// The major.
    pub major: &'a Major,
    /// The active toolchain when that is new enough, else the oldest installed one that is.
    pub toolchain: Toolchain,
}

/// Chosen majors, by whether a toolchain is there that can build them.
#[derive(Debug)]
pub struct Chosen<'a> {
    /// Those for which one is, oldest first.
    pub runnable: Vec<Runnable<'a>>,
    /// Those for which all are too old, oldest first.
    pub left_out: Vec<&'a Major>,
}

impl Toolchain {
    /// The active toolchain.
    pub fn active() -> Result<Self> {
        let program = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(&program).arg("--version").output().with_context(|| format!("start {program:?}"))?;
        ensure!(output.status.success(), "{program:?} --version ended with {}", output.status);
        Ok(Self { name: None, rustc: parse(&String::from_utf8_lossy(&output.stdout))? })
    }

    /// The newest installed nightly.
    pub fn nightly() -> Option<Self> {
        let is_nightly = |toolchain: &Self| toolchain.name.as_ref().is_some_and(|name| name.starts_with("nightly"));
        Self::installed().into_iter().rfind(is_nightly)
    }

    /// The installed toolchain of the release `version`, such as `1.88`, whatever its patch is.
    pub fn release(version: &str) -> Option<Self> {
        let prefix = format!("{version}.");
        let is_release = |toolchain: &Self| format!("{}.", toolchain.rustc).starts_with(&prefix);
        let is_named = |toolchain: &Self| toolchain.name.as_ref().is_some_and(|name| name.starts_with(version));
        Self::installed().into_iter().find(|toolchain| is_release(toolchain) && is_named(toolchain))
    }

    /// The toolchains rustup has, oldest first and releases before nightlies; none without rustup.
    fn installed() -> Vec<Self> {
        let Some(list) = stdout_of("rustup", &["toolchain", "list"]) else { return Vec::new() };
        let mut found = Vec::new();
        for name in toolchain_names(&list) {
            // One that is broken, or has no rustc, is as good as not installed.
            let Some(line) = stdout_of("rustup", &["run", name, "rustc", "--version"]) else { continue };
            if let Ok(rustc) = parse(&line) {
                let preview = line.split_whitespace().nth(1).is_some_and(|version| version.contains('-'));
                found.push((rustc.clone(), preview, Self { name: Some(name.to_owned()), rustc }));
            }
        }
        found.sort_by(|a, b| (&a.0, a.1, &a.2.name).cmp(&(&b.0, b.1, &b.2.name)));
        found.into_iter().map(|(_, _, toolchain)| toolchain).collect()
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} (rustc {})", self.rustc),
            None => write!(f, "rustc {}", self.rustc),
        }
    }
}

impl<'a> Chosen<'a> {
    /// The majors that `list` names (see [`Versions::select`]), each with a toolchain of this machine.
    pub fn new(versions: &'a Versions, list: &str) -> Result<Self> {
        Self::with(versions, list, &Toolchain::active()?, Toolchain::installed)
    }

    /// The same, given the active toolchain and the installed ones, oldest first.
    fn with(
        versions: &'a Versions,
        list: &str,
        active: &Toolchain,
        installed: impl FnOnce() -> Vec<Toolchain>,
    ) -> Result<Self> {
        let numbers = versions.select(list)?;
        let mut chosen = Self { runnable: Vec::new(), left_out: Vec::new() };
        for major in versions.majors.iter().filter(|major| numbers.contains(&major.major)) {
            if major.needs_rust()? <= active.rustc {
                chosen.runnable.push(Runnable { major, toolchain: active.clone() });
            } else {
                chosen.left_out.push(major);
            }
        }
        if !chosen.left_out.is_empty() {
            let installed = installed();
            for major in std::mem::take(&mut chosen.left_out) {
                let needed = major.needs_rust()?;
                match installed.iter().find(|toolchain| needed <= toolchain.rustc) {
                    Some(toolchain) => chosen.runnable.push(Runnable { major, toolchain: toolchain.clone() }),
                    None => chosen.left_out.push(major),
                }
            }
            chosen.runnable.sort_by_key(|runnable| runnable.major.major);
        }
        Ok(chosen)
    }

    /// Prints a line for every major built by another toolchain than the active one and for every major left out,
    /// and fails if none is left.
    pub fn announce(self) -> Result<Self> {
        for line in self.elsewhere().chain(self.not_run()) {
            eprintln!("{line}");
        }
        ensure!(!self.runnable.is_empty(), "no chosen major can be built: no installed rustc is new enough");
        Ok(self)
    }

    /// A line for every major left out.
    pub fn not_run(&self) -> impl Iterator<Item = String> + '_ {
        self.left_out.iter().map(|major| format!("Wasmtime {}: not run: {}", major.major, reason(major)))
    }

    /// The runnable majors by toolchain: one build can hold what one toolchain builds.
    pub fn by_toolchain(&self) -> Vec<(&Toolchain, Vec<&'a Major>)> {
        let mut groups: Vec<(&Toolchain, Vec<&Major>)> = Vec::new();
        for Runnable { major, toolchain } in &self.runnable {
            match groups.iter_mut().find(|(other, _)| *other == toolchain) {
                Some((_, majors)) => majors.push(major),
                None => groups.push((toolchain, vec![major])),
            }
        }
        groups
    }

    /// A line for every runnable major that is not built by the active toolchain.
    fn elsewhere(&self) -> impl Iterator<Item = String> + '_ {
        self.runnable
            .iter()
            .filter(|runnable| runnable.toolchain.name.is_some())
            .map(|Runnable { major, toolchain }| format!("Wasmtime {}: with {toolchain}", major.major))
    }
}

/// Cargo features that turn `majors` on, each after `prefix`, joined by commas.
pub fn features(prefix: &str, majors: &[&Major]) -> String {
    let names: Vec<_> = majors.iter().map(|major| format!("{prefix}wasmtime-{}", major.major)).collect();
    names.join(",")
}

/// Why `major` is left out.
pub fn reason(major: &Major) -> String {
    format!("needs rustc {}", major.rust)
}

/// What `program` prints, if it can be started and succeeds.
fn stdout_of(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads the names in what `rustup toolchain list` prints, such as `stable-x86_64-unknown-linux-gnu (active, default)`.
fn toolchain_names(list: &str) -> impl Iterator<Item = &str> {
    // Without any it says `no installed toolchains`.
    list.lines().filter(|line| !line.starts_with("no ")).filter_map(|line| line.split_whitespace().next())
}

/// Reads `rustc 1.95.0 (59807616e 2026-04-14)`. A nightly counts as the release it leads to.
fn parse(text: &str) -> Result<Version> {
    let word = text.split_whitespace().nth(1).with_context(|| format!("no version in {text:?}"))?;
    let version: Version = word.parse().with_context(|| format!("read the version in {text:?}"))?;
    Ok(Version::new(version.major, version.minor, version.patch))
}

#[cfg(test)]
mod tests {
    //! A major is left out by its rust-version and only by it, and an older toolchain is preferred.

    use super::*;

    fn toolchain(name: Option<&str>, minor: u64) -> Toolchain {
        Toolchain { name: name.map(str::to_owned), rustc: Version::new(1, minor, 0) }
    }

    fn chosen<'a>(versions: &'a Versions, list: &str, active: u64, installed: &[(&str, u64)]) -> Chosen<'a> {
        let installed = || installed.iter().map(|&(name, minor)| toolchain(Some(name), minor)).collect();
        Chosen::with(versions, list, &toolchain(None, active), installed).unwrap()
    }

    #[test]
    fn version_lines() {
        assert_eq!(parse("rustc 1.95.0 (59807616e 2026-04-14)\n").unwrap(), Version::new(1, 95, 0));
        assert_eq!(parse("rustc 1.97.0-nightly (abc 2026-05-01)").unwrap(), Version::new(1, 97, 0));
        assert!(parse("rustc").is_err());
    }

    #[test]
    fn lists_of_toolchains() {
        let list = "stable-x86_64-unknown-linux-gnu (active, default)\n1.95.0-x86_64-unknown-linux-gnu\n";
        let names: Vec<&str> = toolchain_names(list).collect();
        assert_eq!(names, ["stable-x86_64-unknown-linux-gnu", "1.95.0-x86_64-unknown-linux-gnu"]);
        assert_eq!(toolchain_names("no installed toolchains\n").count(), 0);
    }

    #[test]
    fn toolchains_are_named() {
        assert_eq!(toolchain(None, 95).to_string(), "rustc 1.95.0");
        assert_eq!(toolchain(Some("nightly"), 97).to_string(), "nightly (rustc 1.97.0)");
    }

    #[test]
    fn majors_that_need_a_newer_rustc_are_left_out() {
        let versions = Versions::sample();
        let chosen = chosen(&versions, "all", 80, &[("old", 79)]);
        let numbers = |majors: &[&Major]| majors.iter().map(|major| major.major).collect::<Vec<_>>();
        let groups = chosen.by_toolchain();
        assert_eq!(groups.len(), 1);
        assert_eq!(numbers(&groups[0].1), [18, 20]);
        assert_eq!(numbers(&chosen.left_out), [36, 48]);
        assert_eq!(features("x/", &groups[0].1), "x/wasmtime-18,x/wasmtime-20");
        assert_eq!(chosen.not_run().last().unwrap(), "Wasmtime 48: not run: needs rustc 1.95");
        assert!(super::Chosen::with(&versions, "48", &toolchain(None, 80), Vec::new).unwrap().announce().is_err());
    }

    #[test]
    fn the_oldest_installed_toolchain_that_is_new_enough_is_taken() {
        let versions = Versions::sample();
        let chosen = chosen(&versions, "all", 80, &[("a", 75), ("b", 86), ("c", 95), ("d", 97)]);
        assert!(chosen.left_out.is_empty());
        let list: Vec<_> = chosen.runnable.iter().map(|r| (r.major.major, r.toolchain.name.as_deref())).collect();
        assert_eq!(list, [(18, None), (20, None), (36, Some("b")), (48, Some("c"))]);
        let lines: Vec<String> = chosen.elsewhere().collect();
        assert_eq!(lines, ["Wasmtime 36: with b (rustc 1.86.0)", "Wasmtime 48: with c (rustc 1.95.0)"]);
        assert_eq!(chosen.by_toolchain().len(), 3);
    }

    #[test]
    fn rustup_is_not_asked_without_need() {
        let never = || -> Vec<Toolchain> { panic!("asked") };
        assert!(Chosen::with(&Versions::sample(), "all", &toolchain(None, 95), never).is_ok());
    }
}
