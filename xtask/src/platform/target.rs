//! Owns what a platform is: a target of rustc, a linker, an emulator, and the packages that have them.

use std::env::consts::{ARCH, OS};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

/// Variables of the environment, with their values.
pub(crate) type Variables = Vec<(String, OsString)>;

/// A platform that tests can be cross-compiled for and run on.
pub(crate) struct Target {
    /// For people.
    pub(crate) name: &'static str,
    /// The target of rustc.
    pub(crate) triple: &'static str,
    /// The operating system and architecture, as `std::env::consts` names them.
    pub(crate) system: (&'static str, &'static str),
    /// The linker.
    pub(crate) linker: &'static str,
    /// The emulator and its arguments; what follows is the program.
    pub(crate) emulator: &'static [&'static str],
    /// The packages of Debian that have both, each with a file by which it is found.
    pub(crate) packages: &'static [(&'static str, &'static str)],
    /// The folder below the target directory in which the engine keeps results.
    pub(crate) state: &'static str,
    /// Makes what the emulator needs, in a folder, and returns environment variables of the tests.
    pub(crate) prepare: fn(&Path) -> Result<Variables>,
}

impl Target {
    /// Whether this machine is one, so that nothing is emulated.
    pub(crate) fn is_native(&self) -> bool {
        (OS, ARCH) == self.system
    }

    /// The variables by which cargo and nextest find the linker and the emulator.
    pub(crate) fn environment(&self) -> Vec<(String, OsString)> {
        let triple = self.triple.to_uppercase().replace('-', "_");
        vec![
            (format!("CARGO_TARGET_{triple}_LINKER"), self.linker.into()),
            (format!("CARGO_TARGET_{triple}_RUNNER"), self.emulator.join(" ").into()),
        ]
    }

    /// What the tests run on, with the version of the emulator.
    pub(crate) fn describe(&self) -> String {
        if self.is_native() {
            return self.name.to_owned();
        }
        let version = self.emulator.first().and_then(|program| Command::new(program).arg("--version").output().ok());
        let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        format!("{}, under {}", self.name, version.lines().next().unwrap_or("an emulator"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{aarch64, windows};

    #[test]
    fn cargo_finds_linker_and_emulator() {
        let env = windows::TARGET.environment();
        assert_eq!(env[0], ("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER".to_owned(), "x86_64-w64-mingw32-gcc".into()));
        assert_eq!(env[1].0, "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER");
        let env = aarch64::TARGET.environment();
        let runner = ("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", "qemu-aarch64 -L /usr/aarch64-linux-gnu");
        assert_eq!((env[1].0.as_str(), env[1].1.to_str()), (runner.0, Some(runner.1)));
    }
}
