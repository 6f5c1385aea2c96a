//! Arguments and environment variables that cannot be passed to a guest: all of them at once, without any Wasmtime.

use tempfile::tempdir;
use wasmtime_compat::ErrorKind;
use wasmtime_compat::wasi::{Preopen, Reason, TextPlace, TextReason, WasiConfig};

/// The place of each problem, as text, and its reason.
fn found(config: &WasiConfig) -> Vec<(String, TextReason)> {
    let errors = config.check_text().err();
    let problems = errors.iter().flat_map(|errors| errors.problems());
    let found = problems.map(|problem| match &problem.place {
        TextPlace::Argument { index, .. } => (index.to_string(), problem.reason),
        TextPlace::Variable { name } => (name.clone(), problem.reason),
        other => panic!("{other}"),
    });
    found.collect()
}

#[test]
fn every_text_that_cannot_be_passed() {
    let mut wasi = WasiConfig::new();
    wasi.arg("guest").arg("a\0b").arg("").arg("=").arg("\0");
    wasi.env("C", "y\0Z=1").env("A\0B", "x").env("D=E", "f").env("", "e\0").env("F", "=g").env("H", "");
    let expected = [
        ("1", TextReason::NulInArgument),
        ("4", TextReason::NulInArgument),
        ("C", TextReason::NulInValue),
        ("A\0B", TextReason::NulInName),
        ("D=E", TextReason::EqualsInName),
        ("", TextReason::EmptyName),
        ("", TextReason::NulInValue),
    ];
    assert_eq!(found(&wasi), expected.map(|(place, reason)| (place.to_owned(), reason)));
    let errors = wasi.check_text().unwrap_err();
    assert_eq!(
        errors.to_string(),
        r#"arguments or environment variables cannot be passed to the guest: argument 1, "a\0b": NUL byte in the argument, and 6 more problems"#
    );
    let text = format!("{errors:#}");
    let lines = [
        "arguments or environment variables cannot be passed to the guest:",
        r#"  argument 1, "a\0b": NUL byte in the argument"#,
        r#"  argument 4, "\0": NUL byte in the argument"#,
        r#"  environment variable "C": NUL byte in the value"#,
        r#"  environment variable "A\0B": NUL byte in the name"#,
        r#"  environment variable "D=E": `=` in the name"#,
        r#"  environment variable "": empty name"#,
        r#"  environment variable "": NUL byte in the value"#,
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    assert_eq!(found(WasiConfig::new().args(["", "=", "ü"]).env("F", "=g").env("H", "")), []);
}

#[test]
fn what_is_wrong_with_preopens_is_reported_beside_it_and_nothing_is_made() {
    let root = tempdir().unwrap();
    let (new, gone) = (root.path().join("new"), root.path().join("gone"));
    let mut wasi = WasiConfig::new();
    wasi.arg("\0").preopen(Preopen::new(&new, "/new").create());
    let error = wasi.check_all().unwrap_err();
    assert_eq!((error.kind(), error.preopens()), (ErrorKind::InvalidArgument, None));
    wasi.preopen(Preopen::new(&gone, "/gone"));
    let error = wasi.check_all().unwrap_err();
    assert_eq!((error.kind(), error.text().unwrap().problems().len()), (ErrorKind::InvalidArgument, 1));
    assert_eq!(error.preopens().unwrap().errors().next().unwrap().reason(), Some(Reason::Missing));
    assert!(error.message().contains("argument 0") && error.message().contains("gone"), "{error}");
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
    assert!(error.hint().is_some());
    assert!(!new.exists());

    let mut wasi = WasiConfig::new();
    wasi.arg("ok").preopen(Preopen::new(&gone, "/gone"));
    assert_eq!(wasi.check_all().unwrap_err().kind(), ErrorKind::Preopens);
    let mut wasi = WasiConfig::new();
    wasi.arg("ok").preopen(Preopen::new(&new, "/new").create());
    wasi.check_all().unwrap();
    assert!(new.is_dir());
}

#[test]
fn the_environment_of_this_process_can_always_be_passed() {
    const CHILD: &str = "WASMTIME_COMPAT_TEST_INHERITS";
    if std::env::var_os(CHILD).is_some() {
        let odd = std::env::vars_os().any(|(name, _)| name.as_encoded_bytes().contains(&b'='));
        println!("a name with `=` is among the variables: {odd}");
        WasiConfig::new().inherit_env().check_text().unwrap();
        return;
    }
    let name = "text::the_environment_of_this_process_can_always_be_passed";
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    // A name that begins with `=` is all that systems can pass and WASI cannot.
    command.args(["--exact", name, "--nocapture"]).env(CHILD, "1").env("ODD", "=").env("EMPTY", "").env("=D", "x");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
