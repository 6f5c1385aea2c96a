//! Owns the cargo features and dependencies of the majors, as they stand in the manifests.

use std::fmt::Write as _;

use super::packages;
use crate::versions::{Major, Versions};

/// The features of the crate: one per major, the groups, and what is forwarded to every selected major.
pub(super) fn features(versions: &Versions) -> String {
    let mut out = String::new();
    for Major { major, cap_std, .. } in &versions.majors {
        let mut enables = vec!["_runtime".to_owned()];
        enables.extend(packages(versions, *major).map(|package| format!("dep:{package}-{major}")));
        enables.extend(cap_std.map(|number| format!("dep:cap-std-{number}")));
        writeln!(out, "wasmtime-{major} = {enables:?}").expect("write to a string");
    }
    out += &group_features(versions);
    for (capability, since) in &versions.capabilities {
        let forwards: String = versions
            .numbers()
            .filter(|number| number >= since)
            .map(|number| format!("    \"wasmtime-{number}?/{capability}\",\n"))
            .collect();
        writeln!(out, "{capability} = [\n{forwards}]").expect("write to a string");
    }
    out
}

/// The dependencies of the crate: the crates of every major, renamed and optional.
pub(super) fn dependencies(versions: &Versions) -> String {
    let mut out = String::new();
    for major in &versions.majors {
        let number = major.major;
        for package in packages(versions, number) {
            writeln!(
                out,
                "[dependencies.{package}-{number}]\npackage = \"{package}\"\nversion = \"{}\"\n\
                 default-features = false\noptional = true\nfeatures = {:?}\n",
                major.requires,
                versions.features(package, number),
            )
            .expect("write to a string");
        }
        if let Some(cap_std) = major.cap_std {
            writeln!(
                out,
                "[dependencies.cap-std-{cap_std}]\npackage = \"cap-std\"\nversion = \"{cap_std}\"\noptional = true\n"
            )
            .expect("write to a string");
        }
    }
    out
}

/// The features of a package that forwards the majors to the crate; each turns `_runtime` on too, so that the package knows
/// whether there is a major.
pub(super) fn forwarded(versions: &Versions) -> String {
    let mut out = String::new();
    for number in versions.numbers() {
        writeln!(out, "wasmtime-{number} = [\"_runtime\", \"wasmtime-compat/wasmtime-{number}\"]")
            .expect("write to a string");
    }
    out + &group_features(versions)
}

fn group_features(versions: &Versions) -> String {
    versions
        .groups()
        .iter()
        .map(|(group, members)| {
            let members: Vec<String> = members.iter().map(|n| format!("\"wasmtime-{n}\"")).collect();
            let line = format!("{group} = [{}]\n", members.join(", "));
            if line.len() <= 100 {
                return line;
            }
            let lines: String = members.iter().map(|member| format!("    {member},\n")).collect();
            format!("{group} = [\n{lines}]\n")
        })
        .collect()
}
