//! Owns the command `versions`: the majors in this binary.

use std::process::ExitCode;

use serde::Serialize;
use wasmtime_compat::enabled;
use wasmtime_compat::report::RuntimeReport;

use crate::failure::Failure;
use crate::json::{self, SCHEMA};
use crate::pick::ADD_A_MAJOR;
use crate::style::{self, Tone};

#[derive(Serialize)]
struct Versions {
    schema: u32,
    majors: Vec<Major>,
}

#[derive(Serialize)]
struct Major {
    major: u64,
    wasmtime: String,
    generation: &'static str,
    wasi: Wasi,
    lts: bool,
    end_of_life: &'static str,
    rust_version: &'static str,
    /// 16 hexadecimal digits: JSON numbers lose the last ones.
    fingerprint: String,
}

#[derive(Serialize)]
struct Wasi {
    p1: &'static str,
    p2: String,
    p3: Option<String>,
}

pub(crate) fn command(json: bool) -> Result<ExitCode, Failure> {
    let majors: Vec<Major> = enabled().iter().map(|wasmtime| wasmtime.report().into()).collect();
    if json {
        json::print(&Versions { schema: SCHEMA, majors })?;
    } else if majors.is_empty() {
        style::note("no Wasmtime is compiled in");
        style::hint(ADD_A_MAJOR);
    } else {
        show(&majors)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(majors: &[Major]) -> Result<(), Failure> {
    let header = ["major", "wasmtime", "generation", "wasi 0.2", "support", "end of life", "needs rust"];
    let rows = majors.iter().map(|major| {
        let plain = |text: &str| (Tone::Plain, text.to_owned());
        vec![
            (Tone::Title, major.major.to_string()),
            plain(&major.wasmtime),
            plain(major.generation),
            plain(&major.wasi.p2),
            if major.lts { (Tone::Good, "LTS".to_owned()) } else { plain("") },
            plain(major.end_of_life),
            plain(major.rust_version),
        ]
    });
    let count = majors.len();
    let title = format!("{count} Wasmtime major{} in this binary", if count == 1 { "" } else { "s" });
    style::print(&format!("{}\n\n{}", style::paint(Tone::Title, &title), style::table(&header, rows.collect())))
}

impl From<RuntimeReport> for Major {
    fn from(report: RuntimeReport) -> Self {
        Self {
            major: report.release.major,
            wasmtime: report.wasmtime.to_string(),
            generation: report.release.generation.name(),
            wasi: Wasi {
                p1: report.wasi.p1,
                p2: report.wasi.p2.to_string(),
                p3: report.wasi.p3.map(|version| version.to_string()),
            },
            lts: report.release.lts,
            end_of_life: report.release.end_of_life,
            rust_version: report.release.rust_version,
            fingerprint: report.fingerprint.map_or_else(String::new, |fingerprint| format!("{fingerprint:016x}")),
        }
    }
}
