//! Owns the checks of sources that `cargo xtask test` makes beside the tests: lints, documentation, the public API.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process;
use crate::test::PACKAGES;
use crate::toolchain::Toolchain;

/// The crates whose types the public API may contain, besides this workspace's own. The types of the majors' crates are
/// the escape hatches: they appear with a major only, and the check is made without one.
const ALLOWED: [&str; 10] = [
    "alloc",
    "anyhow",
    "bytes",
    "core",
    "http",
    "http_body",
    "semver",
    "std",
    "wasmtime_compat",
    "wasmtime_compat_guest",
];

/// The crates of the public API that is checked, with the features that show all of it.
const LIBRARIES: [(&str, &[&str]); 2] = [
    ("wasmtime-compat", &["--features", "bindgen,cache-config,guest-profiler,probe,readapt,wat,wit"]),
    ("wasmtime-compat-guest", &["--all-features"]),
];

/// Whether clippy is installed.
pub(crate) fn has_clippy(root: &Path) -> bool {
    process::cargo(root).args(["clippy", "--version"]).output().is_ok_and(|output| output.status.success())
}

/// Lints every target of every package, and fails on a warning. `clippy::incompatible_msrv` is among the lints: it
/// knows `rust-version`.
pub(crate) fn clippy(root: &Path, features: &str) -> Result<()> {
    let mut command = process::cargo(root);
    command.arg("clippy").args(PACKAGES).args(["--all-targets", "--features", features, "--", "--deny", "warnings"]);
    process::run(&mut command)
}

/// Builds the documentation, and fails on a warning.
pub(crate) fn documentation(root: &Path, features: &str) -> Result<()> {
    let mut command = process::cargo(root);
    command
        .arg("doc")
        .args(PACKAGES)
        .args(["--lib", "--no-deps", "--features", features])
        .env("RUSTDOCFLAGS", "--deny warnings");
    process::run(&mut command)
}

/// Fails if the public API contains a type or trait of a crate that is not allowed, or one without an example. The
/// description of the API as JSON is unstable, so a nightly writes it.
pub(crate) fn public_api(root: &Path, nightly: &Toolchain) -> Result<()> {
    let target = process::target_dir(root)?;
    let (mut foreign, mut bare) = (BTreeSet::new(), BTreeSet::new());
    for (package, features) in LIBRARIES {
        let mut command = process::cargo_with(root, nightly);
        command.args(["rustdoc", "--package", package, "--lib"]).args(features);
        command.args(["--", "-Z", "unstable-options", "--output-format", "json"]);
        process::run(&mut command)?;
        let path = target.join("doc").join(format!("{}.json", package.replace('-', "_")));
        let text = fs::read_to_string(&path).with_context(|| format!("read {path:?}"))?;
        let api = serde_json::from_str(&text).with_context(|| format!("read {path:?}"))?;
        foreign.extend(foreign_types(&api).into_iter().map(|name| format!("{package}: {name}")));
        bare.extend(without_example(&api).into_iter().map(|name| format!("{package}: {name}")));
    }
    let list = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    ensure!(foreign.is_empty(), "the public API contains types of other crates: {}", list(&foreign));
    ensure!(bare.is_empty(), "types of the public API have no example in their documentation: {}", list(&bare));
    Ok(())
}

/// The names of the types and traits that users can name and whose documentation has no example. The sealed parts of a
/// major's trait are left out, as users write them in bounds only, and what stands for a major where there is none.
fn without_example(api: &Value) -> BTreeSet<String> {
    let (mut bare, mut seen, mut next) = (BTreeSet::new(), BTreeSet::new(), vec![&api["root"]]);
    while let Some(id) = next.pop() {
        let item = &api["index"][id.to_string()];
        if item["crate_id"] != 0 || !seen.insert(id.as_u64()) {
            continue;
        }
        let inner = &item["inner"];
        next.extend(inner["module"]["items"].as_array().into_iter().flatten());
        next.extend((!inner["use"].is_null()).then(|| &inner["use"]["id"]));
        let named = ["struct", "enum", "union", "trait"].iter().any(|kind| !inner[kind].is_null());
        let docs = item["docs"].as_str().unwrap_or_default();
        let first = docs.lines().next().unwrap_or_default();
        let is_exempt =
            first.contains("of a major") || first.contains("by a major") || item["name"] == "NoMajorSelected";
        if named && !docs.contains("```") && !is_exempt {
            bare.insert(item["name"].as_str().unwrap_or_default().to_owned());
        }
    }
    bare
}

/// The paths of types and traits in an API that are of crates which are not allowed.
fn foreign_types(api: &Value) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for item in api["index"].as_object().into_iter().flat_map(|items| items.values()) {
        let implementation = &item["inner"]["impl"];
        // Implementations for every type are of the crate of the trait, not of this one.
        let of_all = !implementation["blanket_impl"].is_null() || implementation["is_synthetic"] == true;
        if item["crate_id"] == 0 && !of_all {
            paths(&item["inner"], &mut ids);
        }
    }
    let mut foreign = BTreeSet::new();
    for id in ids {
        let summary = &api["paths"][id.to_string()];
        let number = summary["crate_id"].as_u64().unwrap_or_default();
        let name = api["external_crates"][number.to_string()]["name"].as_str().unwrap_or_default();
        if number != 0 && !ALLOWED.contains(&name) {
            let segments = summary["path"].as_array().into_iter().flatten();
            foreign.insert(segments.filter_map(Value::as_str).collect::<Vec<_>>().join("::"));
        }
    }
    foreign
}

/// Collects the identifiers of the types and traits that a part of an item mentions.
fn paths(value: &Value, ids: &mut BTreeSet<u64>) {
    match value {
        Value::Object(fields) => {
            if let (Some(id), true) = (value["id"].as_u64(), fields.contains_key("args")) {
                ids.insert(id);
            }
            fields.values().for_each(|field| paths(field, ids));
        }
        Value::Array(values) => values.iter().for_each(|value| paths(value, ids)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    //! A foreign type is found wherever it stands, and one of an implementation for all types is not counted.

    use serde_json::json;

    use super::*;

    fn api(inner: Value) -> Value {
        json!({
            "root": 1,
            "index": { "1": { "crate_id": 0, "name": "it", "docs": "A thing.", "inner": inner } },
            "paths": {
                "7": { "crate_id": 2, "path": ["hyper", "Upgraded"] },
                "8": { "crate_id": 1, "path": ["std", "vec", "Vec"] },
            },
            "external_crates": { "1": { "name": "std" }, "2": { "name": "hyper" } },
        })
    }

    #[test]
    fn a_foreign_type_inside_another_is_found() {
        let upgraded = json!({ "resolved_path": { "path": "Upgraded", "id": 7, "args": null } });
        let list = json!({ "resolved_path": { "path": "Vec", "id": 8, "args": { "of": [upgraded] } } });
        let found = foreign_types(&api(json!({ "function": { "output": list } })));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["hyper::Upgraded"]);
    }

    #[test]
    fn implementations_for_all_types_do_not_count() {
        let trait_ = json!({ "path": "Upgraded", "id": 7, "args": null });
        let found = foreign_types(&api(json!({ "impl": { "trait": trait_, "blanket_impl": { "generic": "T" } } })));
        assert!(found.is_empty());
        let found = foreign_types(&api(json!({ "impl": { "trait": trait_, "blanket_impl": null } })));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn a_named_type_without_an_example_is_found() {
        let mut api = json!({
            "root": 0,
            "index": {
                "0": { "crate_id": 0, "inner": { "module": { "items": [1, 3] } } },
                "1": { "crate_id": 0, "inner": { "use": { "id": 2 } } },
                "2": { "crate_id": 0, "name": "Bare", "docs": "A type.", "inner": { "struct": {} } },
                "3": { "crate_id": 0, "name": "Part", "docs": "Memories of a major.", "inner": { "trait": {} } },
                "4": { "crate_id": 0, "name": "Private", "docs": "Not exported.", "inner": { "struct": {} } },
            },
        });
        assert_eq!(without_example(&api).into_iter().collect::<Vec<_>>(), ["Bare"]);
        api["index"]["2"]["docs"] = json!("A type.\n\n```\nlet _ = 1;\n```");
        assert!(without_example(&api).is_empty());
    }
}
