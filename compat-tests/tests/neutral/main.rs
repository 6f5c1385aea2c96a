//! Cases that are not about one major: the checks without any Wasmtime, and all majors in one process.

mod bounds;
mod creation;
mod paths;
mod text;
mod types;

use std::sync::atomic::{AtomicUsize, Ordering};

use compat_tests::{captured, command, dir, print_preopens, trusted};
use semver::Version;
use tempfile::tempdir;
use wasmtime_compat::report::releases;
use wasmtime_compat::wasi::{Access, Duplicates, Policy, Preopen, Preopens, Reason, Verdict};
use wasmtime_compat::{
    ErrorKind, Guest, GuestKind, Mismatch, Outcome, RunConfig, Trap, by_major, enabled, known_differences,
};

#[test]
fn usable_keeps_what_can_be_used_and_says_why_the_rest_cannot() {
    let root = tempdir().unwrap();
    let good = dir(root.path(), "good");
    std::fs::write(root.path().join("file"), "").unwrap();
    let candidates: Preopens = [
        Preopen::new(&good, "/good"),
        Preopen::new(root.path().join("gone"), "/gone"),
        Preopen::new(root.path().join("file"), "/file"),
        Preopen::new(&good, ""),
        Preopen::new(&good, "good"),
    ]
    .into_iter()
    .collect();
    let (usable, report) = candidates.usable();
    let kept: Vec<_> = usable.check().unwrap().entries().iter().map(|status| status.guest.to_string()).collect();
    assert_eq!(kept, ["/good"]);
    let dropped: Vec<_> = report.dropped().map(|status| status.reason().unwrap()).collect();
    let expected = [Reason::Missing, Reason::NotADirectory, Reason::EmptyGuestPath, Reason::CollidingGuestPath];
    assert_eq!(dropped, expected);
    assert!(report.dropped().all(|status| !status.problems[0].hint.is_empty()));
}

#[test]
fn usable_can_let_the_last_win() {
    let root = tempdir().unwrap();
    let (one, two) = (dir(root.path(), "one"), dir(root.path(), "two"));
    let mut candidates: Preopens =
        [Preopen::new(&one, "/tmp"), Preopen::new(&two, "/tmp/"), Preopen::new(root.path().join("gone"), "/tmp")]
            .into_iter()
            .collect();
    candidates.set_duplicates(Duplicates::LastWins);
    let (usable, report) = candidates.usable();
    assert_eq!(usable.check().unwrap().entries()[0].host.as_os_str(), two.as_os_str());
    let reasons: Vec<_> = report.entries().iter().map(|status| status.reason()).collect();
    assert_eq!(reasons, [Some(Reason::CollidingGuestPath), None, Some(Reason::Missing)]);
}

#[cfg(target_os = "linux")]
#[test]
fn usable_falls_back_when_the_first_choice_cannot_be_made() {
    let root = tempdir().unwrap();
    let good = dir(root.path(), "good");
    let candidate = || Preopen::new(&good, "/x").read_only();
    // Nothing can be made there, whoever asks.
    let lost = || Preopen::new("/proc/none/such", "/x").create();
    for (duplicates, candidates) in
        [(Duplicates::Reject, [lost(), candidate()]), (Duplicates::LastWins, [candidate(), lost()])]
    {
        let mut candidates: Preopens = candidates.into_iter().collect();
        candidates.set_duplicates(duplicates);
        let (usable, report) = candidates.usable();
        let kept: Vec<_> = usable.iter().collect();
        assert_eq!((kept.len(), kept[0].host(), kept[0].guest()), (1, good.as_path(), std::ffi::OsStr::new("/x")));
        assert_eq!((kept[0].get_access(), kept[0].get_policy()), (Access::ReadOnly, Policy::Required));
        assert_eq!(report.dropped().next().unwrap().reason(), Some(Reason::NotCreatable));
    }
}

#[test]
fn a_task_without_a_budget_gets_an_error_too() {
    let wasmtime = enabled()[0];
    let guest = wasmtime.compile(&command(""), &RunConfig::new()).unwrap();
    let runtime = compat_tests::runtime();
    let ended = runtime.block_on(tokio::task::unconstrained(async { guest.run(&RunConfig::new()) }));
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::BlockingInAsync);
}

#[test]
fn every_check_asks_anew() {
    let root = tempdir().unwrap();
    let (one, two) = (dir(root.path(), "one"), dir(root.path(), "two"));
    let mut preopens: Preopens = [Preopen::new(&one, "/one"), Preopen::new(&two, "/two")].into_iter().collect();
    let reasons = |preopens: &Preopens| {
        let report = preopens.check().unwrap_or_else(|errors| errors.report().clone());
        report.entries().iter().map(|status| (status.verdict, status.reason())).collect::<Vec<_>>()
    };
    let well = (Verdict::Ok, None);
    assert_eq!(reasons(&preopens), [well, well]);
    assert_eq!(preopens.check(), preopens.check());

    std::fs::remove_dir(&two).unwrap();
    assert_eq!(reasons(&preopens), [well, (Verdict::Error, Some(Reason::Missing))]);
    std::fs::write(&two, "").unwrap();
    // By its mode alone it could be read and entered.
    #[cfg(unix)]
    std::fs::set_permissions(&two, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(reasons(&preopens), [well, (Verdict::Error, Some(Reason::NotADirectory))]);
    std::fs::remove_file(&two).unwrap();
    std::fs::create_dir(&two).unwrap();
    assert_eq!(reasons(&preopens), [well, well]);

    let copy = preopens.clone();
    preopens.push(Preopen::new(&one, "/two"));
    assert_eq!(reasons(&preopens), [well, well, (Verdict::Error, Some(Reason::DuplicateGuestPath))]);
    preopens.set_duplicates(Duplicates::LastWins);
    assert_eq!(reasons(&preopens), [well, (Verdict::Dropped, Some(Reason::DuplicateGuestPath)), well]);
    preopens.set_duplicates(Duplicates::Reject);
    assert_eq!(reasons(&preopens)[2], (Verdict::Error, Some(Reason::DuplicateGuestPath)));
    assert_eq!(reasons(&copy), [well, well]);
}

#[test]
fn guest_paths_that_wasi_libc_folds_together_collide() {
    let root = tempdir().unwrap();
    for (first, second, collide) in [
        (".", "/", true),
        ("/a", "/a/", true),
        ("a", "./a", true),
        ("//a", "a", true),
        ("./", "/", true),
        ("/a", "/b", false),
        ("/a", "/a/b", false),
        ("..", ".", false),
        (".a", "a", false),
    ] {
        let preopens: Preopens = [first, second].map(|guest| Preopen::new(root.path(), guest)).into_iter().collect();
        let reason = preopens.check().err().map(|errors| errors.errors().next().unwrap().reason().unwrap());
        assert_eq!(reason, collide.then_some(Reason::CollidingGuestPath), "{first:?} and {second:?}");
    }
}

#[cfg(unix)]
#[test]
fn paths_that_are_not_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let root = tempdir().unwrap();
    let name = OsStr::from_bytes(b"caf\xe9");
    let path = root.path().join(name);
    std::fs::create_dir(&path).unwrap();
    let good: Preopens = [Preopen::new(&path, "/cafe")].into_iter().collect();
    assert_eq!(good.check().unwrap().entries()[0].verdict, Verdict::Ok);
    let bad: Preopens = [Preopen::new(&path, name)].into_iter().collect();
    assert_eq!(bad.check().unwrap_err().errors().next().unwrap().reason(), Some(Reason::GuestPathNotUtf8));
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_followed_and_dangling_ones_are_refused() {
    let root = tempdir().unwrap();
    dir(root.path(), "real");
    std::os::unix::fs::symlink("real", root.path().join("good")).unwrap();
    std::os::unix::fs::symlink("nowhere", root.path().join("dangling")).unwrap();
    std::os::unix::fs::symlink("loop", root.path().join("loop")).unwrap();
    let check = |name: &str| {
        let preopens: Preopens = [Preopen::new(root.path().join(name), "/x")].into_iter().collect();
        preopens.check().err().map(|errors| errors.errors().next().unwrap().reason().unwrap())
    };
    assert_eq!((check("good"), check("dangling"), check("loop")), (None, Some(Reason::DanglingLink), Some(Reason::Io)));
}

#[test]
fn creating_below_a_file_is_refused() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("file"), "").unwrap();
    let preopens: Preopens = [Preopen::new(root.path().join("file/x"), "/x").create()].into_iter().collect();
    assert_eq!(preopens.check().unwrap_err().errors().next().unwrap().reason(), Some(Reason::NotADirectory));
}

#[test]
fn a_report_says_what_was_asked_for() {
    let preopens: Preopens = [Preopen::new("some/../where", "/x").read_only().optional()].into_iter().collect();
    let report = preopens.check().unwrap();
    let entry = &report.entries()[0];
    assert_eq!((entry.access, entry.policy, entry.verdict), (Access::ReadOnly, Policy::Optional, Verdict::Dropped));
    assert!(entry.absolute.is_absolute());
    assert_eq!(entry.host.to_str(), Some("some/../where"));
}

#[test]
fn precompiled_guests_are_for_one_wasmtime_only() {
    let config = RunConfig::new();
    let wasm = command("");
    for made_by in enabled() {
        let bytes = made_by.precompile(&wasm, &config).unwrap();
        let trusted = trusted(&bytes).unwrap();
        for here in enabled() {
            let loaded = here.load(&trusted, &config);
            if here.major() == made_by.major() {
                assert!(matches!(loaded.unwrap().run(&config).unwrap().outcome, Outcome::Exited(0)));
                continue;
            }
            let (made_by, here) = (made_by.report().wasmtime, here.report().wasmtime);
            let error = loaded.unwrap_err();
            assert!(error.message().contains(&made_by.to_string()), "{error}");
            assert_eq!(error.mismatch(), Some(&Mismatch::OtherWasmtime { made_by, here }));
        }
    }
}

#[test]
fn guests_are_read_without_any_wasmtime() {
    let guest = Guest::parse(&print_preopens()).unwrap();
    assert_eq!(guest.kind, GuestKind::Module);
    assert!(guest.imports.contains(&"wasi_snapshot_preview1::fd_prestat_get".to_owned()));
    assert_eq!(guest.exports, ["memory", "_start"]);
    let component = compat_tests::component(&print_preopens(), compat_tests::Adapter::V24);
    let guest = Guest::parse(&component).unwrap();
    assert_eq!(guest.kind, GuestKind::Component);
    assert!(guest.imports.contains(&"wasi:filesystem/preopens@0.2.0".to_owned()), "{:?}", guest.imports);
}

#[test]
fn majors_are_in_order_and_found() {
    let majors: Vec<_> = enabled().iter().map(|wasmtime| wasmtime.major()).collect();
    assert!(majors.is_sorted() && !majors.is_empty());
    assert!(by_major(majors[0]).is_some() && by_major(1).is_none());
}

#[test]
fn known_differences_have_a_reason_and_a_link() {
    for known in known_differences() {
        assert!(!known.what.is_empty() && known.link.starts_with("https://"), "{}", known.id);
        // The first and the last patch of every supported major, whether it is in this build or not.
        let patches =
            releases().iter().flat_map(|release| [0, 1000].map(|patch| Version::new(release.major, 0, patch)));
        let applies: Vec<bool> = patches.map(|version| known.applies_to(&version)).collect();
        assert!(applies.contains(&true) && applies.contains(&false), "{} is no difference between majors", known.id);
    }
}

/// All majors of this build in one process, from eight threads at once, with traps in between: every result is
/// checked against what that guest on that thread must give.
#[test]
fn all_majors_in_one_process_from_eight_threads() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 6;
    let root = tempdir().unwrap();
    let runs = AtomicUsize::new(0);
    let faults = [
        (command("unreachable"), Trap::Unreachable),
        (command("(drop (i32.load (i32.const 0x7fffffff)))"), Trap::MemoryOutOfBounds),
        (command("(drop (i32.div_s (i32.const 1) (i32.const 0)))"), Trap::IntegerDivisionByZero),
        (compat_tests::command_with("(func $f (call $f))", "(call $f)"), Trap::StackOverflow),
    ];
    let plain = RunConfig::new();
    let guests: Vec<_> = enabled()
        .iter()
        .map(|wasmtime| {
            let faulty: Vec<_> = faults.iter().map(|(wasm, _)| wasmtime.compile(wasm, &plain).unwrap()).collect();
            (wasmtime.compile(&print_preopens(), &plain).unwrap(), faulty)
        })
        .collect();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (root, guests, faults, runs) = (root.path(), &guests, &faults, &runs);
            scope.spawn(move || {
                let name = format!("/thread-{thread}");
                let mut config = RunConfig { wasi: captured(), ..RunConfig::new() };
                config.wasi.preopen(Preopen::new(dir(root, &name[1..]), name.as_str()));
                for round in 0..ROUNDS {
                    for at in 0..guests.len() {
                        // Every thread starts with another major, so that they meet in all combinations.
                        let (good, faulty) = &guests[(at + thread) % guests.len()];
                        let done = good.run(&config).unwrap();
                        assert!(matches!(done.outcome, Outcome::Exited(0)), "{:?}", done.outcome);
                        assert_eq!(done.stdout.text(), format!("{name}\n"));
                        let fault = (thread + round + at) % faults.len();
                        let done = faulty[fault].run(&config).unwrap();
                        assert!(
                            matches!(&done.outcome, Outcome::Trapped { trap, .. } if *trap == faults[fault].1),
                            "{:?}",
                            done.outcome
                        );
                        runs.fetch_add(2, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(runs.load(Ordering::Relaxed), THREADS * ROUNDS * guests.len() * 2);
}
