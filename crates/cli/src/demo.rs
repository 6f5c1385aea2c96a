//! Owns the built-in demo: a guest, a temporary directory with usable and unusable preopens, and what comes of them.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use wasmtime_compat::wasi::Preopen;
use wasmtime_compat::{AnyWasmtime, RunConfig};

use crate::args::CompareArgs;
use crate::compare::{Compared, span, table};
use crate::execute::{Work, execute};
use crate::failure::{Failure, USAGE};
use crate::guest_file::GuestFile;
use crate::json::{self, Run, Verdict};
use crate::preopens;
use crate::style::{self, Tone};

const GUEST: &str = include_str!("demo.wat");
const GREETING: &str = "hello from the host\n";
const ROOT: &str = "mode 000 does not stop this user (root, or a system without modes), so `locked` is usable";

/// The variable that names the directory for temporary files.
const TEMPORARY: &str = if cfg!(windows) { "TMP" } else { "TMPDIR" };

/// The demo as JSON: the object of a comparison for the second part, and the first part under `demo`.
#[derive(Serialize)]
struct Demo {
    #[serde(flatten)]
    optional: Compared,
    demo: Details,
}

#[derive(Serialize)]
struct Details {
    directory: String,
    strict: Compared,
    note: Option<&'static str>,
}

/// Shows the demo. That no major starts the guest is what its first part is about; in the second one they should.
pub(crate) fn command(
    majors: &[&'static dyn AnyWasmtime],
    args: &CompareArgs,
    json: bool,
) -> Result<ExitCode, Failure> {
    if !args.execution.wasi.dirs.is_empty() || !args.execution.args.is_empty() {
        return Err(Failure::usage("the built-in demo has its own directories and arguments")
            .with_hint("name a guest, or omit the directories and arguments"));
    }
    let guest = GuestFile::new(GUEST.as_bytes().to_vec(), "demo.wat (built in)".to_owned(), "demo.wat".to_owned())?;
    let place = Place::new().map_err(|error| {
        let directory = style::in_quotes(&std::env::temp_dir().display().to_string());
        Failure::new(USAGE, format!("cannot set up the demo in {directory}: {error}"))
            .with_hint(format!("set {TEMPORARY} to a directory that this user may write to"))
    })?;
    let run_all = |optional: bool| {
        let mut config = args.execution.wasi.config(guest.name.clone(), &[], true);
        place.offer(&mut config, optional);
        let runs = majors.iter().map(|wasmtime| {
            place.clear_cache();
            execute(*wasmtime, &guest, &config, &Work::COMMAND, true, args.execution.compile.compile_timeout)
        });
        Compared::new(runs.collect(), &guest, &config)
    };
    let (strict, optional) = (run_all(false), run_all(true));
    let agree = strict.agree && optional.agree;
    // The second part's, unless it is the first one in which they disagree.
    let code = if agree || !optional.agree { optional.exit_code() } else { ExitCode::FAILURE };
    let locked_is_usable = optional
        .runs
        .iter()
        .flat_map(|run| &run.preopens)
        .any(|preopen| preopen.guest == "locked" && preopen.verdict == Verdict::Ok);
    let note = locked_is_usable.then_some(ROOT);
    let directory = place.root.display().to_string();
    if json {
        json::print(&Demo { optional: Compared { agree, ..optional }, demo: Details { directory, strict, note } })?;
    } else {
        show(majors, &directory, &strict, &optional, note)?;
    }
    Ok(code)
}

fn show(
    majors: &[&dyn AnyWasmtime],
    directory: &str,
    strict: &Compared,
    optional: &Compared,
    note: Option<&str>,
) -> Result<(), Failure> {
    let title = |text: &str| style::paint(Tone::Title, text);
    let mut text = format!("{}\n", title(&format!("One guest, five directories, {}", span(majors))));
    text += &format!(
        "
The guest prints the name of each preopened directory, then hello.txt from the first. The directories, in
{}:  data        exists, with hello.txt  missing     does not exist
  not-a-dir   a file  locked      exists, with mode 000  cache       does not exist, to be created
",
        style::visible(directory)
    );
    if let Some(note) = note {
        text += &format!("\n{} {note}\n", style::paint(Tone::Dim, "note:"));
    }
    text += &format!(
        "
{}
Wasmtime would name no path and stop at the first problem, or find `locked` only inside the guest. Here the guest
is refused with every problem at once, before anything is created:

",
        title("1. Every directory is required")
    );
    match strict.runs.first().and_then(Run::shown_error) {
        Some(error) => error.lines().for_each(|line| text += &format!("  {line}\n")),
        None => text += "  nothing was refused\n",
    }
    text += &format!("\n{}", strict.conclusion());
    text += &format!(
        "
{}
Those that cannot be used are left out, and the report says why:

",
        title("2. The same, but missing, not-a-dir and locked are optional")
    );
    if let Some(run) = optional.runs.first() {
        text += &preopens::short_table(&run.preopens);
        text += "\nOutput of the guest:\n\n";
        run.stdout.lines().for_each(|line| text += &format!("  {}\n", style::visible(line)));
    }
    text += &format!("\n{}\n{}{}", table(&optional.runs), optional.errors(), optional.conclusion());
    style::print(&text)?;
    // What would help the first part is what the second one does.
    optional.hint();
    Ok(())
}

/// The demo's directory. It is removed when dropped; a run that is killed leaves it behind.
struct Place {
    root: PathBuf,
}

impl Place {
    fn new() -> io::Result<Self> {
        let place = Self { root: fresh_dir(&std::env::temp_dir().join("wasmtime-compat-demo"))? };
        std::fs::create_dir(place.root.join("data"))?;
        std::fs::write(place.root.join("data").join("hello.txt"), GREETING)?;
        std::fs::write(place.root.join("not-a-dir"), "a file\n")?;
        std::fs::create_dir(place.locked())?;
        set_mode(&place.locked(), 0o000)?;
        Ok(place)
    }

    /// Preopens the five directories.
    fn offer(&self, config: &mut RunConfig, optional: bool) {
        let preopen = |name: &str| Preopen::new(self.root.join(name), name);
        let candidate = |name: &str| if optional { preopen(name).optional() } else { preopen(name) };
        config.wasi.preopens.extend([
            preopen("data"),
            candidate("missing"),
            candidate("not-a-dir"),
            candidate("locked"),
            preopen("cache").create(),
        ]);
    }

    /// Lets every run find `cache` missing, so that all runs see the same.
    fn clear_cache(&self) {
        let _ = std::fs::remove_dir(self.root.join("cache"));
    }

    fn locked(&self) -> PathBuf {
        self.root.join("locked")
    }
}

/// A new directory whose name starts as `prefix` does. What is there already, from a run that was killed or from someone
/// else, is neither filled nor removed.
fn fresh_dir(prefix: &Path) -> io::Result<PathBuf> {
    let mut number = 0_u32;
    loop {
        let mut name = prefix.to_owned().into_os_string();
        name.push(format!("-{}-{number}", std::process::id()));
        match std::fs::create_dir(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            result => return result.map(|()| name.into()),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A directory that cannot be listed cannot be removed with its parent. What fails here is not worth hiding
        // the demo's outcome for.
        let _ = set_mode(&self.locked(), 0o700);
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_behind_is_not_in_the_way() {
        let (left, place) = (Place::new().unwrap(), Place::new().unwrap());
        assert_ne!(left.root, place.root);
        assert!(place.root.join("data").join("hello.txt").exists());
        let roots = [left.root.clone(), place.root.clone()];
        drop((left, place));
        assert!(roots.iter().all(|root| !root.exists()));
    }
}
