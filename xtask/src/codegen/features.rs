//! Owns the cargo features and dependencies of the majors, as they stand in the manifests.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::packages;
use crate::versions::{Major, Step, Versions};

/// The features of the crate: those of each major, step by step, and the groups.
///
/// A feature names the dependencies of its own major only: cargo locks whatever a feature that is on names, also behind
/// `?` (rust-lang/cargo#10801).
pub(super) fn features(versions: &Versions) -> String {
    let mut out = String::new();
    for major in &versions.majors {
        for step in major.steps() {
            let line = format!("{} = {:?}\n", step.feature(major.major), enables(versions, major, step));
            if line.len() <= 121 {
                out += &line;
                continue;
            }
            let lines: String =
                enables(versions, major, step).iter().map(|feature| format!("    {feature:?},\n")).collect();
            writeln!(out, "{} = [\n{lines}]", step.feature(major.major)).expect("write to a string");
        }
    }
    out + &group_features(versions)
}

/// What a feature of a major turns on.
fn enables(versions: &Versions, major: &Major, step: Step) -> Vec<String> {
    let number = major.major;
    let mut enables = match step {
        Step::Core => vec!["_core".to_owned()],
        Step::Whole => vec!["_runtime".to_owned()],
        Step::Http => vec!["_http".to_owned()],
        Step::Cranelift | Step::Winch | Step::P3 => Vec::new(),
    };
    enables.extend(step.below().map(|below| below.feature(number)));
    for package in packages(versions, number) {
        let first = versions.first_step(package, number);
        if first == Some(step) {
            enables.push(format!("dep:{package}-{number}"));
        } else if first < Some(step) {
            // The `?`, because without it the feature with the name of the dependency would be on as well.
            let features = versions.features(package, number, step);
            enables.extend(features.into_iter().map(|feature| format!("{package}-{number}?/{feature}")));
        }
    }
    enables.extend(major.gimli.filter(|_| step == Step::Core).map(|minor| format!("dep:gimli-{minor}")));
    enables.extend(major.cap_std.filter(|_| step == Step::Whole).map(|number| format!("dep:cap-std-{number}")));
    let rand_core = versions.rand_core(number).filter(|_| step == Step::Whole);
    enables.extend(rand_core.map(|minor| format!("dep:rand-core-{minor}")));
    enables
}

/// The dependencies of the crate: the crates of every major, renamed and optional.
pub(super) fn dependencies(versions: &Versions) -> String {
    let mut out = String::new();
    let mut gimli = BTreeSet::new();
    let mut rand_core = BTreeSet::new();
    for major in &versions.majors {
        let number = major.major;
        for package in packages(versions, number) {
            writeln!(
                out,
                "[dependencies.{package}-{number}]\npackage = \"{package}\"\nversion = \"{}\"\n\
                 default-features = false\noptional = true\nfeatures = {:?}\n",
                major.requires,
                versions.features(package, number, versions.first_step(package, number).unwrap_or_default()),
            )
            .expect("write to a string");
        }
        if let Some(minor) = major.gimli.filter(|minor| gimli.insert(*minor)) {
            writeln!(
                out,
                "[dependencies.gimli-{minor}]\npackage = \"gimli\"\nversion = \"0.{minor}\"\ndefault-features = false\n\
                 optional = true\nfeatures = [\"read\", \"std\"]\n"
            )
            .expect("write to a string");
        }
        if let Some(minor) = versions.rand_core(number).filter(|minor| rand_core.insert(*minor)) {
            writeln!(
                out,
                "[dependencies.rand-core-{minor}]\npackage = \"rand_core\"\nversion = \"0.{minor}\"\n\
                 default-features = false\noptional = true\n"
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

/// The features of a package that forwards every step of the majors to the crate, except HTTP and WASI 0.3.
pub(super) fn steps(versions: &Versions) -> String {
    let mut out = String::new();
    for major in &versions.majors {
        let number = major.major;
        for step in major.steps().filter(|step| !matches!(step, Step::Http | Step::P3)) {
            let feature = step.feature(number);
            let mut enables: Vec<String> = step.below().map(|below| below.feature(number)).into_iter().collect();
            enables.push(format!("wasmtime-compat/{feature}"));
            writeln!(out, "{feature} = {enables:?}").expect("write to a string");
        }
    }
    out
}

/// The features of a package that forwards the majors with all they have to the crate; each turns `_runtime` on too, so that the package knows
/// whether there is a major.
pub(super) fn forwarded(versions: &Versions) -> String {
    let mut out = String::new();
    for major in &versions.majors {
        let all = major.steps().filter(|step| matches!(step, Step::Http | Step::P3));
        let mut enables = vec!["_runtime".to_owned()];
        enables.extend(all.map(|step| format!("wasmtime-compat/{}", step.feature(major.major))));
        writeln!(out, "wasmtime-{} = {enables:?}", major.major).expect("write to a string");
    }
    out + &group_features(versions)
}

/// The features of a port: one for each major.
pub(super) fn of_a_port(versions: &Versions) -> String {
    versions.numbers().map(|number| format!("wasmtime-{number} = [\"wasmtime-compat/wasmtime-{number}\"]\n")).collect()
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
