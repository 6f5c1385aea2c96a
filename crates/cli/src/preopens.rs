//! Owns the command `preopens`: the check alone. It needs no Wasmtime.

use std::process::ExitCode;

use serde::Serialize;
use wasmtime_compat::RunConfig;

use crate::dirs::DirArgs;
use crate::failure::Failure;
use crate::json::{self, Preopen, PreopenWarning, SCHEMA, Verdict};
use crate::style::{self, Text, Tone};

#[derive(Serialize)]
struct Checked {
    schema: u32,
    ok: bool,
    preopens: Vec<Preopen>,
}

pub(crate) fn command(dirs: &DirArgs, json: bool) -> Result<ExitCode, Failure> {
    let mut config = RunConfig::new();
    dirs.apply(&mut config);
    let (ok, preopens) = match config.wasi.check() {
        Ok(report) => (true, json::preopens(&report)),
        Err(errors) => (false, json::preopens(errors.report())),
    };
    if json {
        json::print(&Checked { schema: SCHEMA, ok, preopens })?;
    } else {
        show(&preopens)?;
    }
    Ok(ExitCode::from(u8::from(!ok)))
}

fn show(preopens: &[Preopen]) -> Result<(), Failure> {
    if preopens.is_empty() {
        return style::print("no preopened directories were given\n");
    }
    let count = |verdict: Verdict| preopens.iter().filter(|preopen| preopen.verdict == verdict).count();
    let is_usable = |preopen: &&Preopen| !matches!(preopen.verdict, Verdict::Error | Verdict::Dropped);
    let warnings = preopens.iter().filter(is_usable).filter(|preopen| !preopen.warnings.is_empty()).count();
    let (errors, dropped) = (count(Verdict::Error), count(Verdict::Dropped));
    let usable = preopens.len() - errors - dropped;
    let mut summary = format!("{usable} usable, {dropped} left out, {errors} in error");
    if warnings > 0 {
        summary += &format!(", {warnings} with warnings");
    }
    summary += if errors > 0 { ": a guest would be refused" } else { ": a guest would be started" };
    let tone = match (errors, warnings) {
        (0, 0) => Tone::Good,
        (0, _) => Tone::Warning,
        _ => Tone::Bad,
    };
    let title = style::paint(Tone::Title, "Preopened directories");
    style::print(&format!("{title}\n\n{}\n{}\n", table(preopens), style::paint(tone, &summary)))
}

/// The preopens of one check, a line for each problem.
fn table(preopens: &[Preopen]) -> String {
    let header = ["candidate", "guest", "absolute", "policy", "verdict", "reason", "hint"];
    let row = |preopen: &Preopen| {
        let Preopen { host, guest, absolute, .. } = preopen;
        let paths = [host, guest, absolute].map(|path| (Tone::Plain, quoted(path)));
        paths.into_iter().chain(outcome(preopen)).collect()
    };
    style::table(&header, preopens.iter().map(row).collect())
}

/// As [`table`], for readers who know the paths.
pub(crate) fn short_table(preopens: &[Preopen]) -> String {
    let header = ["guest", "policy", "verdict", "reason", "hint"];
    let row = |preopen: &Preopen| [(Tone::Plain, quoted(&preopen.guest))].into_iter().chain(outcome(preopen)).collect();
    style::table(&header, preopens.iter().map(row).collect())
}

fn outcome(preopen: &Preopen) -> [Text; 4] {
    let policy = format!("{}, {}", preopen.policy.name(), preopen.access.name());
    let reasons = preopen.reasons.iter().chain(preopen.warnings.iter().map(|warning| &warning.reason));
    let hints = preopen.hints.iter().chain(preopen.warnings.iter().map(|warning| &warning.hint));
    let reasons = reasons.map(|reason| &**reason).collect::<Vec<_>>().join("\n");
    let hints = hints.map(|hint| &**hint).collect::<Vec<_>>().join("\n");
    [(Tone::Plain, policy), verdict(preopen), (Tone::Plain, reasons), (Tone::Plain, hints)]
}

/// A line for each thing that a guest cannot do in a preopen although the preopen allows it.
pub(crate) fn warnings(preopens: &[Preopen]) -> Vec<String> {
    let lines = preopens.iter().flat_map(|preopen| {
        preopen.warnings.iter().map(|warning| {
            let PreopenWarning { reason, hint } = warning;
            let [host, guest] = [&preopen.host, &preopen.guest].map(|path| style::in_quotes(path));
            style::visible(&format!("{host} for {guest}: {}: {hint}", reason.replace('-', " ")))
        })
    });
    lines.collect()
}

/// A preopen's verdict, coloured.
fn verdict(preopen: &Preopen) -> Text {
    let name = preopen.verdict.name();
    let tone = match preopen.verdict {
        Verdict::Error => Tone::Bad,
        Verdict::Dropped => Tone::Warning,
        _ if !preopen.warnings.is_empty() => {
            return (Tone::Warning, format!("{name}, with warnings"));
        }
        _ => Tone::Good,
    };
    (tone, name.to_owned())
}

/// A path as it is, unless that would not show: empty, or with characters that would mislead.
pub(crate) fn quoted(path: &str) -> String {
    if path.is_empty() || path.contains(style::is_misleading) { style::in_quotes(path) } else { path.to_owned() }
}
