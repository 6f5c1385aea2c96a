//! Owns the rule for advisories: what is said to keep hosts from a fault is there.

use std::path::Path;

use anyhow::Result;

use super::{Problem, read};
use crate::advisories::{Advisory, PATH, Table};
use crate::lock;

/// Tests that are named and are not there, packages that must not be there and are, and advisories without words.
pub(super) fn check(root: &Path) -> Result<Vec<Problem>> {
    let table = Table::load(root)?;
    let packages = lock::packages(&read(root, "Cargo.lock")?)?;
    let is_there = |name: &str| packages.iter().any(|package| package.name == name);
    let has_test = |test: &str| has_test(test, |path| read(root, path).ok());
    Ok(table.advisories.iter().flat_map(|advisory| problems(advisory, is_there, has_test)).collect())
}

fn problems(advisory: &Advisory, is_there: impl Fn(&str) -> bool, has_test: impl Fn(&str) -> bool) -> Vec<Problem> {
    let problem = |text: String| Problem::new(PATH, 1, format!("{}: {text}", advisory.id));
    let mut problems = Vec::new();
    if advisory.what.is_empty() {
        problems.push(problem("`what` is empty: write the effect in words of your own".to_owned()));
    }
    let Some(reason) = &advisory.unreachable else { return problems };
    for test in reason.tests.iter().filter(|test| !has_test(test)) {
        problems.push(problem(format!("there is no test `{test}`: name one that shows it, or remove `unreachable`")));
    }
    if let Some(package) = reason.absent.as_ref().filter(|package| is_there(package)) {
        problems.push(problem(format!(
            "Cargo.lock has `{package}`: the advisory can be reached now, remove `unreachable`"
        )));
    }
    problems
}

/// Whether a test, given as `PATH::NAME`, is there.
fn has_test(test: &str, read: impl Fn(&str) -> Option<String>) -> bool {
    let Some((path, name)) = test.rsplit_once("::") else { return false };
    read(path).is_some_and(|text| text.contains(&format!("#[test]\nfn {name}()")))
}

#[cfg(test)]
mod tests {
    //! Each rule finds what breaks it.

    use super::*;
    use crate::advisories::Table;

    #[test]
    fn what_is_not_shown_is_found() {
        let text = "taken = \"2026-08-21\"\n[[advisory]]\nid = \"A\"\npackage = \"wasmtime\"\npublished = \"2026-01-02\"\n\
                    patched = []\nwhat = \"\"\n[advisory.unreachable]\nwhy = \"x\"\nabsent = \"p\"\ntests = [\"a.rs::b\"]\n";
        let table = Table::parse(text).unwrap();
        let found = |there: bool, test: bool| problems(&table.advisories[0], |_| there, |_| test).len();
        assert_eq!((found(false, true), found(true, true), found(false, false)), (1, 2, 2));
    }

    #[test]
    fn tests_are_found_by_name() {
        let read = |path: &str| (path == "a.rs").then(|| "#[test]\nfn b() {}\nfn c() {}\n".to_owned());
        assert!(has_test("a.rs::b", read));
        assert!(!has_test("a.rs::c", read) && !has_test("x.rs::b", read) && !has_test("b", read));
    }
}
