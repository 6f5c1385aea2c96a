//! Directories that are to be created: decided before anything is made, and undone if one of them fails all the same.

use std::sync::Barrier;
use std::time::{Duration, Instant};

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

/// To root, `/proc` and `/sys` seem to take directories until one is made.
#[cfg(target_os = "linux")]
#[test]
fn directories_that_only_the_system_makes() {
    let root = tempdir().unwrap();
    std::os::unix::fs::symlink("/proc/self", root.path().join("link")).unwrap();
    for path in
        ["/proc/none/such", "/proc/self/new", "/sys/kernel/new/a", "link/new"].map(|path| root.path().join(path))
    {
        let report = check([Preopen::new(&path, "/x").create(), Preopen::new(root.path().join("a"), "/a").create()]);
        let expected = [(Verdict::Error, Some(Reason::NotCreatable)), (Verdict::Creatable, None)];
        assert_eq!(found(&report), expected, "{path:?}");
        let hint = &report.entries()[0].problems[0].hint;
        assert!(hint.contains("choose another host path"), "{hint}");
        let missing = check([Preopen::new(&path, "/x")]);
        assert_eq!(found(&missing), [(Verdict::Error, Some(Reason::Missing))], "{path:?}");
        assert!(!missing.entries()[0].problems[0].hint.contains("create the directory"), "{missing:?}");
    }
    assert!(!root.path().join("a").exists());
    // A file system in memory is not one of them.
    if std::path::Path::new("/dev/shm").is_dir() {
        let own = tempfile::tempdir_in("/dev/shm").unwrap();
        let created = check([Preopen::new(own.path().join("new"), "/x").create()]);
        assert_eq!(found(&created), [(Verdict::Created, None)]);
    }
}

/// Creates directories of which the last one cannot be made: a file takes the place of its parent as soon as the first one
/// is there. Returns nothing if the file was late, and all were made.
fn cut_short() -> Option<()> {
    let root = tempdir().unwrap();
    let old = dir(root.path(), "old");
    let first = root.path().join("a/b");
    let mut preopens = vec![Preopen::new(&first, "/first").create(), Preopen::new(root.path(), "/root")];
    // They take time.
    preopens.extend((0..200).map(|n| Preopen::new(root.path().join(format!("n/{n}")), format!("/{n}")).create()));
    preopens.push(Preopen::new(old.join("c"), "/last").create());
    let ready = Barrier::new(2);
    let report = std::thread::scope(|scope| {
        let mover = scope.spawn(|| {
            ready.wait();
            let start = Instant::now();
            while !first.exists() && start.elapsed() < Duration::from_secs(60) {
                std::hint::spin_loop();
            }
            std::fs::rename(&old, root.path().join("away"))?;
            std::fs::write(&old, "")
        });
        ready.wait();
        let report = check(preopens);
        // All were made before the file was there, which then has no place.
        let moved = mover.join().unwrap();
        (report, moved)
    });
    let (report, moved) = report;
    let (last, others) = report.entries().split_last().unwrap();
    if moved.is_err() || last.verdict != Verdict::Error {
        return None;
    }
    assert_eq!(last.reason(), Some(Reason::Io), "{last:?}");
    assert_eq!(others[1].verdict, Verdict::Ok);
    assert!(others.iter().all(|status| [Verdict::Creatable, Verdict::Ok].contains(&status.verdict)), "{report:?}");
    let mut left: Vec<_> = std::fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["away", "old"]);
    assert_eq!(std::fs::read_dir(root.path().join("away")).unwrap().count(), 0);
    Some(())
}

#[test]
fn what_was_made_is_removed_when_another_one_fails() {
    assert!((0..100).any(|_| cut_short().is_some()), "the file was never there in time");
}

#[test]
fn one_directory_can_be_created_under_two_names_and_in_another_new_one() {
    let root = tempdir().unwrap();
    let (outer, inner) = (root.path().join("a"), root.path().join("a/b"));
    let create = [(&inner, "/one"), (&outer, "/two"), (&inner, "/three")];
    let report = check(create.map(|(path, guest)| Preopen::new(path, guest).create()));
    assert!(report.entries().iter().all(|status| status.verdict == Verdict::Created), "{report:?}");
}
