//! Owns what a platform needs on this machine: which packages and standard libraries are missing, and installing them.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::target::Target;
use crate::process;
use crate::toolchain::{Chosen, Toolchain};

/// What is missing.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// Packages of Debian.
    packages: Vec<&'static str>,
    /// Toolchains without the standard library of the target; none is the active one.
    toolchains: Vec<Option<String>>,
    triple: &'static str,
}

impl Needs {
    /// What is missing for the target, with the toolchains of the chosen majors.
    pub(crate) fn missing(target: &Target, chosen: &Chosen<'_>) -> Result<Self> {
        let packages = target.packages.iter().filter(|(_, file)| !Path::new(file).exists()).map(|(name, _)| *name);
        let mut toolchains = Vec::new();
        for (toolchain, _) in chosen.by_toolchain() {
            if !has_std(toolchain, target.triple)? {
                toolchains.push(toolchain.name.clone());
            }
        }
        Ok(Self { packages: packages.collect(), toolchains, triple: target.triple })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.toolchains.is_empty()
    }

    /// Installs all of it.
    pub(crate) fn install(&self) -> Result<()> {
        self.commands().iter_mut().try_for_each(process::run)
    }

    /// The commands that install it.
    fn commands(&self) -> Vec<Command> {
        let mut commands = Vec::new();
        if !self.packages.is_empty() {
            let mut update = Command::new("apt-get");
            update.arg("update");
            let mut install = Command::new("apt-get");
            install.args(["install", "-y", "--no-install-recommends"]).args(&self.packages);
            commands.extend([update, install]);
        }
        for toolchain in &self.toolchains {
            let mut add = Command::new("rustup");
            add.args(["target", "add", self.triple]);
            add.args(toolchain.iter().flat_map(|name| ["--toolchain", name]));
            commands.push(add);
        }
        commands
    }
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commands: Vec<String> =
            self.commands().iter().map(|command| format!("  {}", process::show(command))).collect();
        f.write_str(&commands.join("\n"))
    }
}

/// Whether a toolchain has the standard library of a target.
fn has_std(toolchain: &Toolchain, triple: &str) -> Result<bool> {
    let mut rustc = match &toolchain.name {
        Some(name) => {
            let mut command = Command::new("rustup");
            command.args(["run", name, "rustc"]);
            command
        }
        None => Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())),
    };
    rustc.args(["--print", "target-libdir", "--target", triple]).stderr(Stdio::inherit());
    let output = rustc.output().with_context(|| format!("start {}", process::show(&rustc)))?;
    Ok(Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

#[cfg(test)]
mod tests {
    //! What is missing is named by the commands that install it.

    use super::*;

    #[test]
    fn commands_name_everything() {
        let needs = Needs {
            packages: vec!["wine64", "gcc"],
            toolchains: vec![None, Some("nightly".to_owned())],
            triple: "x86_64-pc-windows-gnu",
        };
        assert_eq!(
            needs.to_string(),
            "  apt-get update\n  apt-get install -y --no-install-recommends wine64 gcc\n  rustup target add \
             x86_64-pc-windows-gnu\n  rustup target add x86_64-pc-windows-gnu --toolchain nightly"
        );
        assert!(Needs::default().commands().is_empty() && Needs::default().is_empty());
    }
}
