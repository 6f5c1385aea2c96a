//! The command `matrix` in workspaces: which packages are tested, with which features, and the errors if no feature stands
//! for a major. The features have no dependencies, so no Wasmtime is compiled.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A package whose features stand for majors. Its test fails if its default feature stays on beside another one.
const HOST: (&str, &str) = (
    "default = [\"wasmtime-50\"]\nwasmtime-24 = []\nwasmtime-36 = []\nwasmtime-50 = []\nwasmtime_lts = []",
    r#"
    #[test]
    fn host() {
        let majors = [on("wasmtime-24"), on("wasmtime-36"), on("wasmtime-50")];
        let lts = on("wasmtime_lts");
        assert_eq!(majors.into_iter().chain([lts]).filter(|on| *on).count(), 1, "{majors:?} {lts}");
    }"#,
);

/// A package that only works with its default features.
const OTHER: (&str, &str) =
    ("default = [\"std\"]\nstd = []", "#[test] fn other() { assert!(cfg!(feature = \"std\")) }");

/// A workspace of packages with these features and sources, in which `on("x")` is whether the feature `x` is on. `root`
/// is put before the list of members.
fn workspace(root: &str, packages: &[(&str, (&str, &str))]) -> TempDir {
    let folder = tempdir().unwrap();
    let members: Vec<&str> = packages.iter().map(|(name, _)| *name).filter(|name| *name != ".").collect();
    let mut manifest = format!("{root}\n[workspace]\nmembers = {members:?}\n");
    if root.is_empty() {
        manifest += "resolver = \"2\"\n";
    }
    write(&folder.path().join("Cargo.toml"), &manifest);
    for (name, (features, source)) in packages {
        let package = folder.path().join(name);
        // In this repository only generated files may have a `cfg` on a major.
        write(&package.join("src/lib.rs"), &source.replace("on(\"", "cfg!(feature = \""));
        if *name != "." {
            write(&package.join("Cargo.toml"), &manifest_of(name, features));
        }
    }
    folder
}

fn manifest_of(name: &str, features: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[features]\n{features}\n")
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The command in a folder of a workspace.
fn matrix(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmtime-compat"));
    command.current_dir(folder).arg("matrix").arg("--offline").args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" {
            command.env_remove(name);
        }
    }
    command.output().unwrap()
}

/// The commands that run tests, without what the engine adds to every command.
fn commands(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let mut words = vec!["--dry-run"];
    words.extend(arguments);
    let output = matrix(folder, &words);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let runs = text.lines().filter(|line| !line.contains(" --no-run"));
    runs.map(|line| line.split(" --offline").next().unwrap().to_owned()).collect()
}

/// Each column that was run: its major, its verdict, and its cases.
fn columns(folder: &Path, arguments: &[&str]) -> Vec<(u64, String, Vec<String>)> {
    let mut words = vec!["--json", "report.json"];
    words.extend(arguments);
    let output = matrix(folder, &words);
    let text = fs::read(folder.join("report.json")).unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    let report: Value = serde_json::from_slice(&text).unwrap();
    let column = |column: &Value| {
        let cases = column["cases"].as_array().unwrap().iter();
        let cases = cases.map(|case| case["case"].as_str().unwrap().to_owned()).collect();
        (column["major"].as_u64().unwrap(), column["verdict"].as_str().unwrap().to_owned(), cases)
    };
    report["columns"].as_array().unwrap().iter().map(column).collect()
}

/// The message and the exit code of a command line that makes no sense.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = matrix(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(output.stdout.is_empty(), "{}", said(&output));
    said(&output)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn passed(majors: &[u64], case: &str) -> Vec<(u64, String, Vec<String>)> {
    majors.iter().map(|major| (*major, "pass".to_owned(), vec![case.to_owned()])).collect()
}

#[test]
fn only_the_package_is_tested_in_a_virtual_workspace() {
    let root = workspace("", &[("host", HOST), ("other", OTHER)]);
    let wanted =
        ["24", "36", "50"].map(|major| format!("cargo test -p host --no-default-features --features wasmtime-{major}"));
    let all = ["--", "cargo", "test", "--lib"];
    for arguments in [&["--package", "host"][..], &[]] {
        assert_eq!(commands(root.path(), arguments), wanted, "{arguments:?}");
        assert_eq!(columns(root.path(), &[arguments, &all].concat()), passed(&[24, 36, 50], "host"));
    }
    assert_eq!(commands(&root.path().join("host"), &[]), wanted);
    assert_eq!(columns(&root.path().join("host"), &all), passed(&[24, 36, 50], "host"));
    let nextest = commands(root.path(), &["-p", "host", "--majors", "24", "--", "cargo", "nextest", "run"]);
    assert_eq!(nextest, ["cargo nextest run -p host --no-default-features --features wasmtime-24"]);
}

#[test]
fn other_spellings_are_given_by_name_and_major() {
    let odd = (
        "default = [\"wt48\"]\nwt48 = []\nwasmtime_lts = []",
        r#"
        #[test]
        fn odd() { assert!(on("wt48") != on("wasmtime_lts")) }"#,
    );
    let root = workspace("", &[("odd", odd), ("other", OTHER)]);
    let arguments = ["--package", "odd", "--feature", "wasmtime_lts=36", "--feature", "wt48=48"];
    let wanted =
        ["wasmtime_lts", "wt48"].map(|feature| format!("cargo test -p odd --no-default-features --features {feature}"));
    assert_eq!(commands(root.path(), &arguments), wanted);
    // Only one package has them.
    assert_eq!(commands(root.path(), &arguments[2..]), wanted);
    let all = ["--", "cargo", "test", "--lib"];
    assert_eq!(columns(root.path(), &[&arguments[..], &all].concat()), passed(&[36, 48], "odd"));
    // They are added to those that the prefix finds, and take precedence over these.
    let host = workspace("", &[("host", HOST)]);
    let given = commands(host.path(), &["--feature", "wasmtime_lts=36"]);
    let features: Vec<&str> = given.iter().map(|line| line.rsplit_once(' ').unwrap().1).collect();
    assert_eq!(features, ["wasmtime-24", "wasmtime_lts", "wasmtime-50"]);
    assert_eq!(given[0], "cargo test --no-default-features --features wasmtime-24");

    let message = refused(root.path(), &["--package", "odd", "--feature", "wt49=49"]);
    assert!(
        message.contains("package odd has no feature \"wt49\"; its features: default, wasmtime_lts, wt48"),
        "{message}"
    );
    let message = refused(root.path(), &[&arguments[..], &["--feature", "default=36"]].concat());
    assert!(message.contains("both \"wasmtime_lts\" and \"default\" are given for major 36"), "{message}");
    for nonsense in ["wt48", "=48", "wt48=new", "wt48="] {
        assert!(refused(root.path(), &["--feature", nonsense]).contains("--feature <NAME=MAJOR>"), "{nonsense}");
    }
}

#[test]
fn errors_list_the_features_that_there_are() {
    let root = workspace("", &[("host", HOST), ("other", OTHER), ("plain", ("", ""))]);
    let message = refused(root.path(), &["--package", "other"]);
    for part in [
        "package other has no feature named \"wasmtime-\" and a number; its features: default, std",
        "\n  host: wasmtime-24, wasmtime-36, wasmtime-50\n",
        "hint: --package NAME",
        "--feature NAME=MAJOR",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(refused(&root.path().join("plain"), &[]).contains("its features: none"));
    let message = refused(root.path(), &["--package", "hots"]);
    assert!(message.contains("the workspace has no package \"hots\"; its packages: host, other, plain"), "{message}");
    let message = refused(root.path(), &["--features-prefix", "wt"]);
    for part in ["no package of the workspace has a feature named \"wt\" and a number", "\n  other: default, std\n"] {
        assert!(message.contains(part), "{part}: {message}");
    }

    let root = workspace("", &[("one", HOST), ("two", HOST)]);
    let message = refused(root.path(), &[]);
    assert!(message.contains("several packages") && message.contains("\n  two: wasmtime-24"), "{message}");
    assert_eq!(commands(root.path(), &["-p", "two", "--majors", "24"]).len(), 1);
}

#[test]
fn packages_that_the_command_selects_are_tested_with_features_of_the_member() {
    let user = (
        "default = [\"std\"]\nstd = []\n[dependencies]\nhost = { path = \"../host\", default-features = false }",
        r#"
        #[test]
        fn user() { assert!(on("std") && host::MAJOR.is_some()) }"#,
    );
    let plain = (
        "wasmtime-24 = []\nwasmtime-36 = []",
        r#"
        pub const MAJOR: Option<u64> = if on("wasmtime-24") { Some(24) }
            else if on("wasmtime-36") { Some(36) } else { None };
        #[test]
        fn host() { assert!(MAJOR.is_some()) }"#,
    );
    let root = workspace("", &[("host", plain), ("user", user), ("other", OTHER)]);
    // Default features turn on no major: those of the others stay.
    for (command, cases) in [
        (&["cargo", "test", "-p", "user"][..], &["user"][..]),
        (&["cargo", "test", "--workspace"], &["host", "other", "user"]),
        (&["cargo", "test", "-p", "user", "-p", "host"], &["host", "user"]),
    ] {
        let arguments = [&["--package", "host", "--"], command].concat();
        let wanted = ["24", "36"].map(|major| format!("{} --features host/wasmtime-{major}", command.join(" ")));
        assert_eq!(commands(root.path(), &arguments), wanted);
        assert_eq!(commands(root.path(), &arguments[2..]), wanted, "only one package has such features");
        let arguments = [&arguments[..], &["--lib"]].concat();
        for (_, verdict, ran) in columns(root.path(), &arguments) {
            assert_eq!(
                (verdict.as_str(), &ran[..]),
                ("pass", &cases.iter().map(|case| (*case).to_owned()).collect::<Vec<_>>()[..])
            );
        }
    }
    assert_eq!(
        commands(root.path(), &["--majors", "24", "--", "cargo", "test", "-p", "host"]),
        ["cargo test -p host --no-default-features --features wasmtime-24"]
    );
    // Here they do.
    let root = workspace("", &[("host", HOST), ("other", OTHER)]);
    assert_eq!(
        commands(root.path(), &["--majors", "24", "--", "cargo", "test", "--workspace"]),
        ["cargo test --workspace --no-default-features --features host/wasmtime-24"]
    );
    // The feature of another member.
    assert_eq!(
        commands(root.path(), &["-p", "other", "--feature", "host/wasmtime_lts=36"]),
        ["cargo test -p other --no-default-features --features host/wasmtime_lts"]
    );
}

#[test]
fn a_root_package_with_the_old_resolver_does_not_take_the_features() {
    let root = manifest_of("root", OTHER.0).replace("2021", "2018");
    let root = workspace(&root, &[(".", OTHER), ("host", HOST)]);
    let arguments = ["--package", "host", "--majors", "24"];
    assert_eq!(
        commands(root.path(), &arguments),
        ["cargo test -p host --manifest-path host/Cargo.toml --no-default-features --features wasmtime-24"]
    );
    assert_eq!(
        columns(root.path(), &[&arguments[..], &["--", "cargo", "test", "--lib"]].concat()),
        passed(&[24], "host")
    );
    // The package of the folder, which has none, and the one that has.
    let message = refused(root.path(), &[]);
    assert!(message.contains("package root has no feature") && message.contains("\n  host: wasmtime-24"), "{message}");
    let by_manifest = ["--majors", "24", "--", "cargo", "test", "--manifest-path", "host/Cargo.toml"];
    assert_eq!(
        commands(root.path(), &by_manifest),
        ["cargo test --manifest-path host/Cargo.toml -p host --no-default-features --features wasmtime-24"]
    );
}
