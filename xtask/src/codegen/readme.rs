//! Owns the table of majors in the README.

use std::fmt::Write as _;

use crate::versions::Versions;

/// One line per major.
pub(super) fn majors_table(versions: &Versions) -> String {
    let mut out = String::from(
        "| feature | pinned | generation | WASI 0.2 | rust-version | support |\n|---|---|---|---|---|---|\n",
    );
    for major in &versions.majors {
        writeln!(
            out,
            "| `wasmtime-{}` | {} | {} | {} | {} | {}until {} |",
            major.major,
            major.pin,
            versions.generation(major.major),
            major.p2,
            major.rust,
            if major.lts() { "LTS, " } else { "" },
            major.end_of_life
        )
        .expect("write to a string");
    }
    out
}
