//! Owns the command `versions`: the majors in this binary, and the advisories of any release.

use std::process::ExitCode;

use semver::Version;
use serde::Serialize;
use wasmtime_compat::enabled;
use wasmtime_compat::report::{RuntimeReport, advisories_taken};

use crate::advisories::{Count, OfRelease};
use crate::args::VersionsArgs;
use crate::failure::Failure;
use crate::json::{self, SCHEMA};
use crate::pick::{self, ADD_A_MAJOR};
use crate::style::{self, Tone};

#[derive(Serialize)]
struct Versions {
    schema: u32,
    majors: Vec<Major>,
    /// The day on which the database of advisories was read.
    advisories_taken: &'static str,
    /// The advisories of each release that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    advisories: Option<Vec<OfRelease>>,
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
    advisories: Count,
}

#[derive(Serialize)]
struct Wasi {
    p1: &'static str,
    p2: String,
    p3: Option<String>,
}

pub(crate) fn command(args: &VersionsArgs, json: bool) -> Result<ExitCode, Failure> {
    let majors: Vec<Major> = enabled().iter().map(|wasmtime| wasmtime.report().into()).collect();
    let advisories = args.advisories.as_deref().map(of_releases).transpose()?;
    if json {
        json::print(&Versions { schema: SCHEMA, majors, advisories_taken: advisories_taken(), advisories })?;
    } else if let Some(advisories) = &advisories
        && !advisories.is_empty()
    {
        let lists: Vec<String> = advisories.iter().map(OfRelease::show).collect();
        let taken = style::paint(Tone::Dim, &format!("published up to {}", advisories_taken()));
        style::print(&format!("{}\n{taken}\n", lists.join("\n")))?;
    } else if majors.is_empty() {
        style::note("no Wasmtime is compiled in");
        style::hint(ADD_A_MAJOR);
    } else {
        show(&majors)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The advisories of one release, or of all majors in this binary.
fn of_releases(name: &str) -> Result<Vec<OfRelease>, Failure> {
    let versions: Vec<Version> = match name {
        "all" => enabled().iter().map(|wasmtime| wasmtime.report().wasmtime).collect(),
        name => vec![pick::exact(name)?.version],
    };
    Ok(versions.iter().map(OfRelease::new).collect())
}

fn show(majors: &[Major]) -> Result<(), Failure> {
    let header = ["major", "wasmtime", "generation", "wasi", "support", "end of life", "needs rust", "advisories"];
    let rows = majors.iter().map(|major| {
        let plain = |text: &str| (Tone::Plain, text.to_owned());
        vec![
            (Tone::Title, major.major.to_string()),
            plain(&major.wasmtime),
            plain(major.generation),
            plain(
                &[Some(&major.wasi.p2), major.wasi.p3.as_ref()]
                    .into_iter()
                    .flatten()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            if major.lts { (Tone::Good, "LTS".to_owned()) } else { plain("") },
            plain(major.end_of_life),
            plain(major.rust_version),
            major.advisories.cell(),
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
            advisories: Count::of(&report.wasmtime),
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
