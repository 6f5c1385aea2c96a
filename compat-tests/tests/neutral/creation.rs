//! Directories that are to be created: decided before anything is made, and undone if one of them fails all the same.

use compat_tests::dir;
use tempfile::tempdir;
use wasmtime_compat::wasi::{Preopen, PreopenReport, Preopens, Reason, Verdict};

fn check(preopens: impl IntoIterator<Item = Preopen>) -> PreopenReport {
    let preopens: Preopens = preopens.into_iter().collect();
    preopens.check().unwrap_or_else(|errors| errors.report().clone())
}

fn found(report: &PreopenReport) -> Vec<(Verdict, Option<Reason>)> {
    report.entries().iter().map(|status| (status.verdict, status.reason())).collect()
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_found_wherever_it_is_on_the_path() {
    let root = tempdir().unwrap();
    let real = dir(root.path(), "real");
    std::os::unix::fs::symlink("nowhere", real.join("dangling")).unwrap();
    std::os::unix::fs::symlink("real", root.path().join("link")).unwrap();
    std::os::unix::fs::symlink("link/dangling", root.path().join("chain")).unwrap();
    let new = root.path().join("new");
    for path in ["link/dangling", "link/dangling/sub", "chain", "chain/a/b", "new/../link/dangling"] {
        let path = root.path().join(path);
        for preopen in [Preopen::new(&path, "/x").create(), Preopen::new(&path, "/x")] {
            let report = check([preopen, Preopen::new(&new, "/new").create()]);
            let expected = [(Verdict::Error, Some(Reason::DanglingLink)), (Verdict::Creatable, None)];
            assert_eq!(found(&report), expected, "{path:?}");
            let hint = &report.entries()[0].problems[0].hint;
            assert!(hint.contains("the symbolic link") && !hint.contains("create"), "{hint}");
        }
        let optional = check([Preopen::new(&path, "/x").optional()]);
        assert_eq!(found(&optional), [(Verdict::Dropped, Some(Reason::DanglingLink))]);
    }
    assert!(!new.exists() && !real.join("nowhere").exists());
}

#[cfg(unix)]
#[test]
fn links_and_parents_on_the_path_are_followed() {
    let root = tempdir().unwrap();
    dir(root.path(), "real");
    std::os::unix::fs::symlink("real", root.path().join("link")).unwrap();
    for path in ["link/a/b", "link/c/../../d", "e/../e/f", "real/g/../../real/h", "i/j/../../k/../l"] {
        let path = root.path().join(path);
        let create = || [Preopen::new(&path, "/x").create()];
        assert_eq!(found(&check(create())), [(Verdict::Created, None)], "{path:?}");
        assert!(path.is_dir());
        assert_eq!(found(&check(create())), [(Verdict::Ok, None)], "{path:?}");
    }
}

#[test]
fn names_that_are_too_long_cannot_be_made() {
    let root = tempdir().unwrap();
    let long = "x".repeat(300);
    for path in [long.clone(), format!("a/{long}"), format!("a/b/../{long}/c")] {
        let report = check([Preopen::new(root.path().join(path), "/x").create()]);
        assert_eq!(report.entries()[0].verdict, Verdict::Error);
        let reason = report.entries()[0].reason();
        assert!(matches!(reason, Some(Reason::NotCreatable | Reason::Io)), "{reason:?}");
    }
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

/// To root, `/proc` seems to take directories until one is made.
#[cfg(target_os = "linux")]
#[test]
fn what_was_made_is_removed_when_another_one_fails() {
    let root = tempdir().unwrap();
    let old = dir(root.path(), "old");
    let report = check([
        Preopen::new(root.path().join("a/b"), "/a").create(),
        Preopen::new(&old, "/old").create(),
        Preopen::new("/proc/none/such", "/x").create(),
        Preopen::new(root.path().join("old/c"), "/c").create(),
    ]);
    let verdicts: Vec<_> = report.entries().iter().map(|status| status.verdict).collect();
    assert_eq!(verdicts, [Verdict::Creatable, Verdict::Ok, Verdict::Error, Verdict::Creatable]);
    assert_eq!(std::fs::read_dir(&old).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
}

#[test]
fn one_directory_can_be_created_under_two_names_and_in_another_new_one() {
    let root = tempdir().unwrap();
    let (outer, inner) = (root.path().join("a"), root.path().join("a/b"));
    let create = [(&inner, "/one"), (&outer, "/two"), (&inner, "/three")];
    let report = check(create.map(|(path, guest)| Preopen::new(path, guest).create()));
    assert!(report.entries().iter().all(|status| status.verdict == Verdict::Created), "{report:?}");
}
