//! Owns the commands: what is added to a test command to build it, to run it, and to run one case again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// The profile whose JUnit file is read. Nextest wants this form of a tool's own profiles.
const PROFILE: &str = "@tool:wasmtime-compat:matrix";

/// A command, as data.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
pub struct Invocation {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Environment variables set, or removed.
    pub env: BTreeMap<String, Option<String>>,
    /// The folder it runs in.
    pub dir: PathBuf,
}

impl From<&Command> for Invocation {
    fn from(command: &Command) -> Self {
        let text = |word: &std::ffi::OsStr| word.to_string_lossy().into_owned();
        Self {
            program: command.get_program().into(),
            args: command.get_args().map(text).collect(),
            env: command.get_envs().map(|(name, value)| (text(name), value.map(text))).collect(),
            dir: command.get_current_dir().unwrap_or(Path::new(".")).to_owned(),
        }
    }
}

/// How a command tests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `cargo nextest run`.
    Nextest,
    /// `cargo test`.
    Libtest,
    /// Anything else: there is no build of its own, and what it prints is read as either of the two.
    Other,
}

/// The user's options for every run of tests.
#[derive(Clone, Debug, Default)]
pub struct TestOptions {
    /// Only cases whose names contain this.
    pub cases: Option<String>,
    /// Only exactly these tests; empty is all.
    pub exactly: Vec<String>,
    /// Stop at the first failure.
    pub fail_fast: bool,
    /// Test threads.
    pub jobs: Option<u32>,
    /// No network.
    pub offline: bool,
}

impl Invocation {
    /// How it tests.
    pub fn kind(&self) -> Kind {
        let words = self.args.iter().take_while(|word| *word != "--");
        let mut words = words.skip_while(|word| !matches!(word.as_str(), "nextest" | "test" | "t"));
        match words.next().map(String::as_str) {
            Some("nextest") if words.any(|word| matches!(word.as_str(), "run" | "r")) => Kind::Nextest,
            Some("test" | "t") if self.is_cargo() => Kind::Libtest,
            _ => Kind::Other,
        }
    }

    fn is_cargo(&self) -> bool {
        let name = self.program.file_stem().unwrap_or_default();
        name == "cargo" || self.args.iter().any(|word| word == "cargo")
    }

    /// The same with `words` at the end of cargo's own arguments, before a `--`.
    pub fn with(&self, words: &[&str]) -> Self {
        let at = self.args.iter().position(|word| word == "--").unwrap_or(self.args.len());
        let mut copy = self.clone();
        copy.args.splice(at..at, words.iter().map(|word| (*word).to_owned()));
        copy
    }

    /// The same with `words` at the very end, after a `--`.
    fn with_last(mut self, words: &[&str]) -> Self {
        if !self.args.iter().any(|word| word == "--") {
            self.args.push("--".into());
        }
        self.args.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    /// The command that only builds, if there is one.
    pub fn build(&self, test_options: &TestOptions) -> Option<Self> {
        match self.kind() {
            Kind::Other => None,
            // Cargo has no such build.
            Kind::Libtest if self.args.iter().take_while(|word| *word != "--").any(|word| word == "--doc") => None,
            Kind::Nextest | Kind::Libtest => Some(self.offline(test_options).with(&["--no-run"])),
        }
    }

    /// The command that runs the cases. Nextest is told by `config`, a file of [`nextest_config`], where to write
    /// what is read afterwards.
    pub fn run(&self, test_options: &TestOptions, config: &Path) -> Self {
        let threads = test_options.jobs.map(|jobs| jobs.to_string());
        match self.kind() {
            Kind::Nextest => {
                let config = format!("wasmtime-compat:{}", config.display());
                let mut run = self.offline(test_options).with(&["--tool-config-file", &config, "--profile", PROFILE]);
                run = run.with(&[if test_options.fail_fast { "--fail-fast" } else { "--no-fail-fast" }]);
                if let Some(threads) = &threads {
                    run = run.with(&["--test-threads", threads]);
                }
                if !test_options.exactly.is_empty() {
                    let all: Vec<_> = test_options.exactly.iter().map(|test| format!("test(={test})")).collect();
                    run = run.with(&["-E", &all.join(" | ")]);
                } else if let Some(cases) = &test_options.cases {
                    run = run.with_last(&[cases]);
                }
                run
            }
            Kind::Libtest => {
                let mut run = self.offline(test_options);
                if !test_options.fail_fast {
                    run = run.with(&["--no-fail-fast"]);
                }
                run = run.with_last(&["--show-output"]);
                if let Some(threads) = &threads {
                    run = run.with_last(&["--test-threads", threads]);
                }
                if !test_options.exactly.is_empty() {
                    let all: Vec<_> = test_options.exactly.iter().map(String::as_str).collect();
                    run = run.with_last(&["--exact"]).with_last(&all);
                } else if let Some(cases) = &test_options.cases {
                    run = run.with_last(&[cases]);
                }
                run
            }
            Kind::Other => self.clone(),
        }
    }

    /// The command that runs one test alone.
    pub fn reproduce(&self, test: &str) -> Self {
        match self.kind() {
            Kind::Nextest => self.with(&["-E", &format!("test(={test})")]),
            Kind::Libtest => self.clone().with_last(&["--exact", test]),
            Kind::Other => self.clone(),
        }
    }

    fn offline(&self, test_options: &TestOptions) -> Self {
        if test_options.offline { self.with(&["--offline"]) } else { self.clone() }
    }

    /// As it could be typed into a shell in its folder; the folder of the program is left out.
    pub fn show(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.env {
            if let Some(value) = value {
                let _ = write!(out, "{name}={} ", quoted(value));
            }
        }
        out += &quoted(&self.program.file_stem().unwrap_or_default().to_string_lossy());
        for word in &self.args {
            let _ = write!(out, " {}", quoted(word));
        }
        out
    }

    /// Ready to be started. Colours are off: what it prints is read.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.dir).env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1");
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// A configuration for nextest with which it writes what every case did and said to `junit`.
pub(crate) fn nextest_config(junit: &Path) -> String {
    let path = serde_json::Value::from(junit.to_string_lossy());
    format!(
        "[profile.\"{PROFILE}\".junit]\npath = {path}\nstore-success-output = true\nstore-failure-output = true\n\
         report-skipped = \"ignored\"\n"
    )
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+,./:@%\\".contains(c);
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('=') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    //! Commands get what they need in the place where it is understood.

    use super::*;

    fn invocation(line: &str) -> Invocation {
        let mut words = line.split(' ').map(str::to_owned);
        Invocation { program: words.next().unwrap().into(), args: words.collect(), ..Invocation::default() }
    }

    #[test]
    fn kinds() {
        for (line, kind) in [
            ("cargo nextest run -p a", Kind::Nextest),
            ("rustup run nightly cargo nextest run", Kind::Nextest),
            ("cargo +nightly test --test a -- b", Kind::Libtest),
            ("rustup run nightly cargo test", Kind::Libtest),
            ("make test", Kind::Other),
            ("cargo run -- test", Kind::Other),
            ("cargo nextest list", Kind::Other),
        ] {
            assert_eq!(invocation(line).kind(), kind, "{line}");
        }
    }

    #[test]
    fn nextest() {
        let base = invocation("/x/cargo nextest run -p a");
        let mut test_options =
            TestOptions { offline: true, jobs: Some(2), cases: Some("pre".into()), ..TestOptions::default() };
        assert_eq!(base.build(&test_options).unwrap().show(), "cargo nextest run -p a --offline --no-run");
        let run = base.run(&test_options, Path::new("c.toml")).show();
        assert_eq!(
            run,
            "cargo nextest run -p a --offline --tool-config-file wasmtime-compat:c.toml --profile \
             @tool:wasmtime-compat:matrix --no-fail-fast --test-threads 2 -- pre"
        );
        test_options.exactly = vec!["a::b".into(), "c".into()];
        assert!(base.run(&test_options, Path::new("c")).show().ends_with("-E 'test(=a::b) | test(=c)'"));
        assert_eq!(base.reproduce("a::b").show(), "cargo nextest run -p a -E 'test(=a::b)'");
    }

    #[test]
    fn libtest() {
        let base = invocation("cargo test -p a -- --ignored");
        let test_options = TestOptions { cases: Some("pre".into()), jobs: Some(1), ..TestOptions::default() };
        assert_eq!(base.build(&test_options).unwrap().show(), "cargo test -p a --no-run -- --ignored");
        assert_eq!(
            base.run(&test_options, Path::new("")).show(),
            "cargo test -p a --no-fail-fast -- --ignored --show-output --test-threads 1 pre"
        );
        assert_eq!(base.reproduce("a::b").show(), "cargo test -p a -- --ignored --exact a::b");
        assert_eq!(invocation("cargo test --doc").build(&test_options), None);
    }

    #[test]
    fn shown_commands_can_be_typed() {
        let mut base = invocation("/usr/bin/cargo");
        base.args = ["run", "a b", "it's", "", "--x=1,2"].map(str::to_owned).to_vec();
        base.env.insert("A".into(), Some("1 2".into()));
        base.env.insert("B".into(), None);
        assert_eq!(base.show(), r"A='1 2' cargo run 'a b' 'it'\''s' '' --x=1,2");
    }
}
