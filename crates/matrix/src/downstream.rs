//! Owns the matrix of other people's crates: their own cargo features say which majors there are.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::cli::{self, MatrixArgs};
use crate::exit::{self, Stop};
use crate::groups::GROUPS;
use crate::project::{Plan, Project};
use crate::selection::Selection;
use crate::suite::Invocation;
use crate::workspace::{Naming, Package, Workspace};

/// How the command line is used.
const EXAMPLES: &str = "\
Examples:
  wasmtime-compat matrix
  wasmtime-compat matrix --majors lts --html matrix.html -- cargo nextest run
  wasmtime-compat matrix --package my-host --features-prefix wt
  wasmtime-compat matrix --feature wasmtime_lts=36 --feature wt48=48
  wasmtime-compat matrix diff 36 48

The groups of wasmtime-compat (lts, pre-20, …) have the majors that the crate has a feature for.";

/// Flags of `wasmtime-compat matrix`.
#[derive(Args, Debug)]
#[command(after_help = format!("{}\n\n{EXAMPLES}", exit::HELP))]
pub struct Flags {
    #[command(flatten)]
    matrix: MatrixArgs,
    /// The prefix of the features' names, before the number of the major
    #[arg(long, global = true, value_name = "PREFIX", default_value = "wasmtime-")]
    features_prefix: String,
    /// A feature with another name and the major that it stands for; can be repeated. NAME may be PACKAGE/FEATURE
    #[arg(long = "feature", global = true, value_name = "NAME=MAJOR", value_parser = named)]
    named: Vec<(String, u64)>,
    /// The package of the workspace that has the features and is tested
    ///
    /// Without this flag it is the package of the folder, or the only package with such features. A COMMAND that selects
    /// packages itself (`-p`, `--workspace`) tests these.
    #[arg(long, short, global = true, value_name = "NAME")]
    package: Option<String>,
    /// The cargo command that tests one major
    ///
    /// `-p PACKAGE` (in a workspace of several packages) and `--no-default-features --features FEATURE` are added to it.
    /// If it selects several packages itself, `--no-default-features` applies to all of them, and is only added if
    /// default features turn on a major.
    #[arg(last = true, value_name = "COMMAND", default_values = ["cargo", "test"])]
    command: Vec<String>,
}

/// Runs the matrix of the crate in the current folder.
pub fn main(flags: &Flags) -> ExitCode {
    cli::main(&flags.matrix, || {
        let folder = env::current_dir().context("find the current folder")?;
        project(&Options {
            folder: &folder,
            prefix: &flags.features_prefix,
            named: &flags.named,
            package: flags.package.as_deref(),
            command: &flags.command,
            offline: flags.matrix.offline(),
        })
    })
}

/// Reads `NAME=MAJOR`.
fn named(text: &str) -> Result<(String, u64), String> {
    match text.rsplit_once('=') {
        Some((name, major)) if !name.is_empty() => match major.parse() {
            Ok(major) => Ok((name.to_owned(), major)),
            Err(_) => Err(format!("{major:?} is not the number of a major")),
        },
        _ => Err("expected NAME=MAJOR, as in wasmtime_lts=36".to_owned()),
    }
}

/// What the matrix of a crate is made from.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The folder that the command runs in.
    pub folder: &'a Path,
    /// The prefix of the names of features for majors, before the number of the major.
    pub prefix: &'a str,
    /// Features with another name, as `FEATURE` or `PACKAGE/FEATURE`, and their majors.
    pub named: &'a [(String, u64)],
    /// The package with the features.
    pub package: Option<&'a str>,
    /// The cargo command that tests one major.
    pub command: &'a [String],
    /// Keeps cargo from the network while the project is read.
    pub offline: bool,
}

/// The project of a crate, whose features determine the columns.
///
/// # Errors
/// If there is no such crate, it has no such features, or the command is not a cargo command.
pub fn project(options: &Options<'_>) -> Result<Project> {
    let folder = options.folder;
    let Some((program, args)) = options.command.split_first() else {
        return Err(Stop::usage("no command is given"));
    };
    if Path::new(program).file_stem().is_none_or(|name| name != "cargo") && !args.iter().any(|word| word == "cargo") {
        return Err(Stop::usage(format!("{program:?} is not cargo: features can be added to a cargo command only")));
    }
    let selection = Selection::of(args);
    // Of all dependencies, for their exact versions and for the sources of those that are folders. Where these cannot be
    // had the columns still run, but what their results depend on is unknown.
    let all = if options.offline { &["--all-features", "--offline"][..] } else { &["--all-features"] };
    let query = |flags: &[&str]| Workspace::query(folder, selection.manifest.as_deref(), flags);
    let (workspace, complete) = match query(all) {
        Ok(workspace) => (workspace, true),
        Err(_) => (query(&["--no-deps", "--offline"])?, false),
    };
    let naming = Naming { prefix: options.prefix, named: options.named };
    let manifest = selection.manifest.as_ref().map(|manifest| folder.join(manifest));
    let here = manifest.as_deref().and_then(Path::parent).unwrap_or(folder);
    let own = workspace.package(here, options.package, &selection, &naming)?;
    let majors = workspace.majors(own, &naming)?;
    if majors.is_empty() {
        return Err(workspace.without_majors(own, &naming));
    }

    let args = args.to_vec();
    let base = Invocation { program: program.into(), args, env: BTreeMap::new(), dir: folder.to_owned() };
    let selected: Vec<&Package> =
        workspace.members().into_iter().filter(|package| selection.has(&package.name)).collect();
    let others = selection.is_explicit() && !matches!(selected[..], [only] if only.name == own.name);
    let base = if selection.is_explicit() { base } else { select(&base, &workspace, own, here, options, &selection) };
    let all: Vec<&str> = majors.values().map(String::as_str).collect();
    let base = if !others || selected.iter().any(|package| package.defaults_to(own, &all)) {
        base.with(&["--no-default-features"])
    } else {
        base
    };

    let toolchain = rustc(folder)?;
    let plan = |(&major, feature): (&u64, &String)| {
        // Other packages that are selected may have features with this name.
        let qualified = others && !feature.contains('/');
        let feature = if qualified { format!("{}/{feature}", own.name) } else { feature.clone() };
        let mut plan = Plan::new(major, base.with(&["--features", &feature]));
        plan.column.pin = workspace.pin(major);
        plan.column.toolchain = Some(toolchain.clone());
        plan
    };
    let columns: Vec<Plan> = majors.iter().map(plan).collect();
    Ok(Project {
        columns,
        groups: GROUPS.iter().map(|(name, majors)| ((*name).to_owned(), majors.to_vec())).collect(),
        // Several members of a workspace may have such features.
        state: workspace.target_directory.join("wasmtime-matrix").join(&own.name),
        fingerprint: complete.then(|| workspace.sources()).transpose()?,
    })
}

/// The command, of a user who selected no package in it, with `own` selected.
fn select(
    base: &Invocation,
    workspace: &Workspace,
    own: &Package,
    here: &Path,
    options: &Options<'_>,
    selection: &Selection,
) -> Invocation {
    // Without this the default members of the workspace would be tested.
    let base = if options.package.is_some() || workspace.members().len() > 1 {
        base.with(&["-p", &workspace.spec(own)])
    } else {
        base.clone()
    };
    // In a workspace whose root is a package, the first version of the resolver applies features to the package of the
    // folder, whichever is selected.
    let elsewhere = workspace.current(here).is_none_or(|current| current.name != own.name);
    if !elsewhere || !workspace.has_root_package() || selection.manifest.is_some() {
        return base;
    }
    let manifest = own.manifest_path.strip_prefix(options.folder).unwrap_or(&own.manifest_path);
    base.with(&["--manifest-path", &manifest.to_string_lossy()])
}

fn rustc(folder: &Path) -> Result<String> {
    let output = Command::new("rustc").arg("--version").current_dir(folder).output().context("start rustc")?;
    ensure!(output.status.success(), "rustc --version ended with {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split_whitespace().nth(1).context("read the version of rustc")?.to_owned())
}
