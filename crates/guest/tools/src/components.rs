//! `cargo xtask components`: owns components that others have made, or others' tools make, and what must be said of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use wasmtime_compat_guest::report::GuestReport;

use xtask::digest::sha256_of;
use xtask::process;

use crate::adapters;

/// SHA-256 of the component in `wash-lib` 0.33.0.
const WASH_SHA256: &str = "d6e223d383a889915b4914889231967a110453fccf6cd8da5f07842833c5bef5";

/// From where the sources of the components are.
const SOURCES: &str = "crates/guest/tools/components";

/// Flags of `cargo xtask components`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Which: wash-lib (cargo), componentize-py (python3), componentize-js (npm)
    #[arg(long, value_delimiter = ',', default_value = "wash-lib,componentize-py,componentize-js")]
    only: Vec<String>,
}

/// Fetches or makes the components, and compares what is said of their adapters.
pub(crate) fn run(root: &Path, flags: &Flags) -> Result<()> {
    let folder = process::target_dir(root)?.join("xtask-components");
    fs::create_dir_all(&folder).with_context(|| format!("make {folder:?}"))?;
    let sources = root.join(SOURCES);
    for name in &flags.only {
        // Which adapter, and whether it confuses the names of preopens: #10058.
        let (component, expected) = match name.as_str() {
            "wash-lib" => (wash_component(&folder)?, ["reactor 24.0.0", "unreachable"]),
            "componentize-py" => {
                let class = "other unpublished build, source like 16.0.0 to 17.0.3";
                (python(&folder, &sources)?, [class, "not-affected"])
            }
            "componentize-js" => {
                let class = "reactor unpublished build, source like 46.0.0 to 50.0.1";
                (javascript(&folder, &sources)?, [class, "not-affected"])
            }
            other => bail!("there is no component {other:?}"),
        };
        let wasm = fs::read(&component).with_context(|| format!("read {component:?}"))?;
        let report = GuestReport::parse(&wasm).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
        let [adapter] = &report.adapters[..] else {
            bail!("{name} has {} adapters instead of one", report.adapters.len());
        };
        let names = adapter.issues.iter().find(|issue| issue.issue.id == "preopen-names");
        let names = names.context("the flaw is known")?.status.name();
        let found = format!("{} {}", adapter.flavour.name(), adapter.identity);
        println!("{}: {} bytes, adapter {}: {found}; #10058 {names}", component.display(), wasm.len(), adapter.path);
        ensure!([found.as_str(), names] == expected, "{name}: expected {expected:?}");
    }
    Ok(())
}

/// A component that is published as it is.
fn wash_component(folder: &Path) -> Result<PathBuf> {
    let source = adapters::unpack(&folder.join("wash"), "wash-lib", "0.33.0")?;
    let fixture = source.join("tests/fixtures/hello_plugin_s.wasm");
    let digest = sha256_of(&fixture)?;
    ensure!(digest == WASH_SHA256, "{fixture:?} has sha256 {digest}, expected {WASH_SHA256}");
    let component = folder.join("wash-lib.wasm");
    fs::copy(&fixture, &component).with_context(|| format!("write {component:?}"))?;
    Ok(component)
}

/// A component made of Python, of which each has other bytes.
fn python(folder: &Path, sources: &Path) -> Result<PathBuf> {
    let environment = folder.join("python");
    let python = "is python3 with venv installed? it makes the component";
    process::run(Command::new("python3").args(["-m", "venv"]).arg(&environment)).context(python)?;
    let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let mut install = Command::new(programs.join("python"));
    process::run(install.args(["-m", "pip", "install", "--quiet", "componentize-py==0.25.1"])).context(python)?;
    let component = folder.join("componentize-py.wasm");
    let mut make = Command::new(programs.join("componentize-py"));
    make.arg("-d").arg(sources.join("hello.wit")).args(["-w", "hello", "componentize", "app", "-p"]).arg(sources);
    process::run(make.arg("-o").arg(&component))?;
    Ok(component)
}

/// A component made of JavaScript, of which each has other bytes.
fn javascript(folder: &Path, sources: &Path) -> Result<PathBuf> {
    let package = folder.join("javascript");
    fs::create_dir_all(&package).with_context(|| format!("make {package:?}"))?;
    let npm = "are npm and node installed? they make the component";
    let mut install = Command::new("npm");
    install.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&package);
    process::run(install.arg("@bytecodealliance/componentize-js@0.23.0")).context(npm)?;
    // Node looks for packages beside the script.
    let script = package.join("componentize.mjs");
    fs::copy(sources.join("componentize.mjs"), &script).with_context(|| format!("write {script:?}"))?;
    let component = folder.join("componentize-js.wasm");
    let mut make = Command::new("node");
    make.arg(&script).arg(sources.join("hello.wit")).arg(sources.join("app.js")).arg(&component);
    process::run(&mut make).context(npm)?;
    Ok(component)
}
