//! Host paths that have other rules on Windows. What means something elsewhere is tested there, too.

use std::path::Path;

#[cfg(windows)]
use compat_tests::dir;
use tempfile::tempdir;
use wasmtime_compat::wasi::{Preopen, PreopenStatus, Preopens, Reason, Verdict};

/// The status of a host path as a preopen that is changed by `with`.
fn status(host: impl AsRef<Path>, with: fn(Preopen) -> Preopen) -> PreopenStatus {
    let preopens: Preopens = [with(Preopen::new(host.as_ref(), "/x"))].into_iter().collect();
    let report = preopens.check().unwrap_or_else(|errors| errors.report().clone());
    report.entries()[0].clone()
}

const POLICIES: [fn(Preopen) -> Preopen; 3] = [|required| required, Preopen::optional, Preopen::create];

#[track_caller]
fn assert_fails(host: impl AsRef<Path>, reason: Reason) {
    for with in POLICIES {
        let found = status(host.as_ref(), with);
        assert_eq!(found.reason(), Some(reason), "{found:?}");
        assert!(matches!(found.verdict, Verdict::Error | Verdict::Dropped), "{found:?}");
        assert!(found.problems.iter().all(|problem| !problem.hint.is_empty()), "{found:?}");
    }
}

#[test]
fn a_file_is_not_a_directory_wherever_it_is_on_the_path() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("file.txt"), "").unwrap();
    for name in ["file.txt", "file.txt/", "file.txt//", "file.txt/x", "file.txt/x/y", "file.txt/../file.txt"] {
        assert_fails(root.path().join(name), Reason::NotADirectory);
    }
    if cfg!(windows) {
        for name in [r"file.txt\", r"FILE.TXT\x", r"file.txt\\x\y\", "file.txt.", "file.txt ", "file.txt:stream"] {
            assert_fails(root.path().join(name), Reason::NotADirectory);
        }
    }
}

#[test]
fn a_device_is_not_a_directory() {
    let windows = [
        "NUL",
        "nul",
        "con",
        "aux.",
        "COM1",
        r"dir\nul",
        r"\\.\NUL",
        r"\\.\pipe\wasmtime-compat",
        r"\\.\C:",
        r"C:\con\sub",
    ];
    let paths = if cfg!(windows) { &windows[..] } else { &["/dev/null"] };
    for path in paths {
        assert_fails(path, Reason::NotADirectory);
        let hint = &status(path, |required| required).problems[0].hint;
        assert_eq!(hint.contains("is a device"), cfg!(windows), "{hint}");
    }
}

/// What a user sees of a path that fails can be pasted into a command line.
#[test]
fn messages_show_paths_as_they_are_typed() {
    let root = tempdir().unwrap();
    let missing = root.path().join("missing").join("below it");
    let preopens: Preopens = [Preopen::new(&missing, "/x")].into_iter().collect();
    let errors = preopens.check().unwrap_err();
    let path = format!("\"{}\"", missing.display());
    assert!(errors.to_string().contains(&path) && format!("{errors:#}").contains(&path), "{errors:#}");

    std::fs::write(root.path().join("file"), "").unwrap();
    let file = root.path().join("file");
    let hint = &status(file.join("x"), |required| required).problems[0].hint;
    assert!(hint.contains(&format!("\"{}\" is not a directory", file.display())), "{hint}");
}

/// Hints name the commands of the system that they are for.
#[test]
fn hints_fit_the_system() {
    let root = tempdir().unwrap();
    std::fs::write(root.path().join("file"), "").unwrap();
    let hosts = ["missing", "file", "file/x", "missing/x/y"].map(|name| root.path().join(name));
    for (host, with) in hosts.iter().flat_map(|host| POLICIES.map(|with| (host, with))) {
        for problem in status(host, with).problems {
            assert!(cfg!(unix) || !problem.hint.contains("chmod"), "{problem:?}");
        }
    }
}

#[test]
fn drives_are_there_in_both_cases() {
    let drives = Preopens::drives();
    let names: Vec<_> = drives.iter().map(|drive| drive.guest().to_str().unwrap().to_owned()).collect();
    if !cfg!(windows) {
        assert!(names.is_empty(), "{names:?}");
        return;
    }
    assert!(names.len() >= 2, "{names:?}");
    for (drive, pair) in drives.iter().collect::<Vec<_>>().chunks(2).zip(names.chunks(2)) {
        assert_eq!(drive[0].host(), drive[1].host());
        assert_eq!(pair[0].to_lowercase(), pair[1]);
        assert_eq!(drive[0].host().to_str(), Some(&*format!("{}\\", pair[0])));
    }
    let (usable, report) = drives.usable();
    assert_eq!(usable.iter().count() + report.dropped().count(), names.len());
    // They are different names for a guest, and so not duplicates.
    assert!(report.dropped().all(|status| status.reason() != Some(Reason::CollidingGuestPath)), "{report:?}");
}

#[cfg(windows)]
#[test]
fn a_missing_drive_is_known_before_anything_is_made() {
    let letters: Vec<_> = Preopens::drives().iter().map(|drive| drive.guest().to_owned()).collect();
    let missing = ('D'..='Z').find(|letter| !letters.iter().any(|name| *name == *format!("{letter}:"))).unwrap();
    let root = tempdir().unwrap();
    let new = root.path().join("new");
    for path in [format!("{missing}:\\"), format!("{missing}:\\a\\b"), r"\\?\".to_owned() + &format!("{missing}:\\a")] {
        let preopens: Preopens =
            [Preopen::new(&new, "/new").create(), Preopen::new(&path, "/x").create()].into_iter().collect();
        let errors = preopens.check().unwrap_err();
        let found: Vec<_> = errors.report().entries().iter().map(|status| (status.verdict, status.reason())).collect();
        assert_eq!(found, [(Verdict::Creatable, None), (Verdict::Error, Some(Reason::NotCreatable))], "{path}");
        assert_eq!(status(&path, |required| required).reason(), Some(Reason::Missing), "{path}");
        assert!(!new.exists());
    }
}

#[cfg(windows)]
#[test]
fn names_that_cannot_exist_have_a_hint_of_their_own() {
    let root = tempdir().unwrap();
    let literal = |name: &str| format!(r"\\?\{}{name}", root.path().display());
    for (path, hint) in [
        (root.path().join("a<b").into_os_string(), "no name on Windows can contain `<`"),
        (root.path().join("a?/b").into_os_string(), "no name on Windows can contain `?`"),
        (root.path().join("x".repeat(300)).into_os_string(), "at most 255 UTF-16 units"),
        (literal("/x").into(), "is taken literally"),
        (literal(r"\x\.").into(), "is taken literally"),
        (r"\\server".into(), "name a share"),
    ] {
        for with in POLICIES {
            let found = status(&path, with);
            assert_eq!(found.reason(), Some(Reason::Io), "{found:?}");
            assert!(found.problems[0].hint.contains(hint), "{found:?}");
        }
    }
}

#[cfg(windows)]
#[test]
fn a_path_that_starts_in_the_directory_of_a_drive_is_explained() {
    let root = tempdir().unwrap();
    let letter = root.path().to_str().unwrap().chars().next().unwrap();
    let found = status(format!("{letter}:no-such-directory"), |required| required);
    assert_eq!(found.reason(), Some(Reason::Missing), "{found:?}");
    assert!(found.problems[0].hint.contains("working directory of the drive"), "{found:?}");
}

#[cfg(windows)]
#[test]
fn every_form_of_a_path_leads_to_the_directory() {
    let root = tempdir().unwrap();
    let good = dir(root.path(), "good");
    dir(&good, "sub");
    let plain = good.to_str().unwrap();
    let forms = [
        plain.to_owned(),
        plain.replace('\\', "/"),
        plain.to_uppercase(),
        format!("{plain}\\"),
        format!("{plain}\\\\sub\\.."),
        format!("{plain}."),
        format!("{plain} "),
        format!("\\\\?\\{plain}"),
        format!("\\\\?\\{plain}\\"),
        format!("\\\\.\\{plain}"),
        plain[2..].to_owned(),
    ];
    // The last form is below the drive of the working directory.
    let same_drive = std::env::current_dir().unwrap().to_str().unwrap().starts_with(&plain[..2]);
    for form in forms.iter().take(if same_drive { 11 } else { 10 }) {
        let found = status(form, |required| required);
        assert_eq!((found.verdict, found.reason()), (Verdict::Ok, None), "{form}: {found:?}");
    }
}

#[cfg(windows)]
#[test]
fn long_paths_can_be_made_and_used() {
    let root = tempdir().unwrap();
    let long = (0..8).fold(root.path().to_owned(), |path, _| path.join("x".repeat(50)));
    assert!(long.as_os_str().len() > 400);
    assert_eq!(status(&long, |required| required).reason(), Some(Reason::Missing));
    assert_eq!(status(&long, Preopen::create).verdict, Verdict::Created);
    assert_eq!(status(&long, |required| required).verdict, Verdict::Ok);
}

/// A junction needs no privilege, unlike a symbolic link.
#[cfg(windows)]
#[test]
fn junctions_are_followed() {
    let root = tempdir().unwrap();
    let (good, link) = (dir(root.path(), "good"), root.path().join("link"));
    let made = std::process::Command::new("cmd").args(["/c", "mklink", "/J"]).args([&link, &good]).output();
    if !made.is_ok_and(|output| output.status.success()) || !link.exists() {
        compat_tests::not_run("junctions cannot be made here (Wine has none)");
        return;
    }
    assert_eq!(status(&link, |required| required).verdict, Verdict::Ok);
    std::fs::remove_dir(&good).unwrap();
    assert_eq!(status(&link, |required| required).reason(), Some(Reason::DanglingLink));
}
