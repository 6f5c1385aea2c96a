//! The commands `versions --advisories` and `upgrade`, completions and manual pages, as a user sees them.

use std::path::Path;
use std::process::Output;

use crate::majors::enabled;
use serde_json::Value;
use tempfile::{TempDir, tempdir};
use wasmtime_compat::report::releases;

use crate::user::tool;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    tool().args(arguments).current_dir(folder).output().unwrap()
}

#[track_caller]
fn text(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = run(folder, arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn json(folder: &Path, arguments: &[&str], code: i32) -> Value {
    serde_json::from_str(&text(folder, arguments, code)).unwrap()
}

/// A guest that exits with 3, one that reads a directory, and one that needs tail calls.
fn guests() -> TempDir {
    let root = tempdir().unwrap();
    let start = |imports: &str, body: &str| {
        format!(
            r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) {imports}
                (memory (export "memory") 1) (func (export "_start") {body}))"#
        )
    };
    let fill = "(memory.fill (i32.const 0) (i32.const 1) (i32.const 60000))";
    let poll = r#"(import "wasi_snapshot_preview1" "poll_oneoff" (func (param i32 i32 i32 i32) (result i32)))"#;
    for (name, guest) in [
        ("exit.wat", start("", "(call $exit (i32.const 3))")),
        ("poll.wat", start(poll, "")),
        ("fill.wat", start("", fill)),
        ("tail.wat", start("(func $f)", "(return_call $f)")),
    ] {
        std::fs::write(root.path().join(name), guest).unwrap();
    }
    root
}

#[test]
fn advisories_of_a_release() {
    let root = tempdir().unwrap();
    let list = json(root.path(), &["versions", "--json", "--advisories", "35.0.0"], 0);
    let [release] = list["advisories"].as_array().unwrap().as_slice() else { panic!("{list}") };
    assert_eq!(release["wasmtime"], "35.0.0");
    let advisories = release["advisories"].as_array().unwrap();
    let worst = &advisories[0];
    assert_eq!((&worst["id"], &worst["severity"]), (&"RUSTSEC-2026-0095".into(), &"critical".into()));
    assert_eq!((&worst["fixed_in"], &worst["needs"]), (&"36.0.7".into(), &serde_json::json!(["winch"])));
    assert!(worst["unreachable"]["shown_by"][0].as_str().unwrap().ends_with("::code_generators"));
    assert_eq!(advisories.iter().filter(|advisory| advisory["unreachable"].is_null()).count(), 10);

    let shown = text(root.path(), &["versions", "--advisories", "35.0.0"], 0);
    assert!(shown.starts_with("Wasmtime 35.0.0 has 20 published advisories\n"), "{shown}");
    assert!(shown.ends_with("published up to 2026-08-21\n"), "{shown}");
    let none = text(root.path(), &["versions", "--advisories", "36.0.20"], 0);
    assert_eq!(none, "Wasmtime 36.0.20 has no published advisory\n\npublished up to 2026-08-21\n");
    for wrong in ["17", "x", "51.0.0"] {
        let failure = json(root.path(), &["versions", "--json", "--advisories", wrong], 2);
        assert!(failure["hint"].is_string(), "{failure}");
    }
}

#[test]
fn every_major_has_its_count() {
    let root = tempdir().unwrap();
    let report = json(root.path(), &["versions", "--json"], 0);
    assert!(report["majors"].as_array().unwrap().iter().all(|major| major["advisories"]["all"].is_u64()));
    assert!(report["advisories"].is_null());
    for release in releases() {
        let of_major = &["versions", "--json", "--advisories", release.pin];
        let list = json(root.path(), of_major, 0);
        assert!(list["advisories"][0]["advisories"].is_array(), "{list}");
    }
    let all = json(root.path(), &["versions", "--json", "--advisories"], 0);
    assert_eq!(all["advisories"].as_array().unwrap().len(), enabled().len());
}

#[test]
fn run_warns_once_of_advisories() {
    let root = guests();
    for wasmtime in enabled() {
        let major = wasmtime.major().to_string();
        let report = wasmtime.report();
        let warned = |options: &[&str]| {
            let arguments = [&["run", "--wasmtime", &major], options, &["exit.wat"]].concat();
            let output = run(root.path(), &arguments);
            assert_eq!(output.status.code(), Some(3));
            let told = String::from_utf8(output.stderr).unwrap();
            let json = output.stdout;
            assert!(!String::from_utf8_lossy(&json).contains("advisor"), "{told}");
            told.matches("security advisor").count()
        };
        // Of the majors that this can be built with, all with advisories have one for any guest or for preview1.
        let expected = usize::from(report.advisories().iter().any(|advisory| {
            let needs = advisory.needs.iter().map(|ability| ability.name());
            let used =
                needs.into_iter().all(|need| ["simd", "references", "tail-calls", "tables", "wasi"].contains(&need));
            advisory.unreachable.is_none() && advisory.concerns_this_platform() && used
        }));
        assert_eq!(
            (warned(&[]), warned(&["--json"]), warned(&["--isolate"])),
            (expected, expected, expected),
            "{major}"
        );
        assert_eq!(warned(&["--no-advisories"]), 0);
    }
}

#[test]
fn a_page_without_guests_needs_no_major() {
    let root = tempdir().unwrap();
    let page = json(root.path(), &["upgrade", "--json", "--from", "19.0.2", "--to", "48.0.8"], 0);
    assert_eq!(
        (&page["schema"], &page["from"]["wasmtime"], &page["to"]["rust_version"]),
        (&1.into(), &"19.0.2".into(), &"1.95".into())
    );
    assert_eq!(page["advisories"]["gone"].as_array().unwrap().len(), 22);
    assert!(page["advisories"]["new"].as_array().unwrap().is_empty());
    assert_eq!(page["precompiled"], "compile-again");
    let switched: Vec<_> =
        page["proposals"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(switched, ["exceptions", "extended-const", "function-references", "gc", "memory64", "tail-call"]);
    for form in ["--markdown", "--html"] {
        let page = text(root.path(), &["upgrade", form, "--from", "19.0.2", "--to", "48.0.8"], 0);
        assert!(page.contains("RUSTSEC-2026-0096") && page.contains("fuel-of-bulk-operations"), "{page}");
    }
    let failure = json(root.path(), &["upgrade", "--json", "--from", "7", "--to", "48.0.8"], 2);
    assert!(failure["error"].as_str().unwrap().contains("Wasmtime 7 is not supported"), "{failure}");
}

/// Between two releases that differ in little the whole page is short.
#[test]
fn small_pages_exactly() {
    let root = guests();
    let page = |form: &[&str]| {
        let arguments = [&["upgrade", "--from", "48.0.0", "--to", "48.0.8"], form, &["poll.wat"]].concat();
        text(root.path(), &arguments, 0)
    };
    for (form, file) in [(&[][..], "page.txt"), (&["--markdown"], "page.md"), (&["--html"], "page.html")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/upgrade").join(file);
        let page = page(form);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &page).unwrap();
        }
        assert_eq!(page, std::fs::read_to_string(&path).unwrap(), "BLESS=1 writes {file} anew");
    }
}

/// What a host from before a change uses, and what the page admits not to have looked at.
#[test]
fn sources_of_a_host() {
    let root = tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("src/target")).unwrap();
    let host = r#"
        use wasmtime::{Config, Engine, Linker, Store};
        use wasmtime_wasi::preview1::{self, WasiP1Ctx};
        wasmtime::component::bindgen!({ path: "wit" });
        pub fn main() -> anyhow::Result<()> {
            let mut config = Config::new();
            config.consume_fuel(true).static_memory_maximum_size(0);
            let mut linker: Linker<WasiP1Ctx> = Linker::new(&Engine::new(&config)?);
            preview1::add_to_linker_sync(&mut linker, |wasi| wasi)?;
            Ok(())
        }"#;
    for (file, text) in
        [("main.rs", host), ("other.rs", "fn f(config: u8) {}"), ("broken.rs", "fn"), ("target/x.rs", host)]
    {
        std::fs::write(root.path().join("src").join(file), text).unwrap();
    }
    let page = json(root.path(), &["upgrade", "--json", "--from", "24.0.13", "--to", "48.0.8", "--sources", "src"], 0);
    let sources = &page["sources"];
    assert_eq!((&sources["files"], &sources["using"], &sources["macros"]), (&3.into(), &1.into(), &1.into()));
    assert_eq!(sources["unreadable"][0]["file"], "broken.rs");
    let found: Vec<_> =
        sources["findings"].as_array().unwrap().iter().map(|it| (&it["line"], &it["item"], &it["change"])).collect();
    for (line, item) in
        [(7, "wasmtime::Config::static_memory_maximum_size"), (9, "wasmtime_wasi::preview1::add_to_linker_sync")]
    {
        assert!(found.contains(&(&line.into(), &item.into(), &"removed".into())), "{found:?}");
    }
    assert!(!found.iter().any(|it| *it.1 == "wasmtime::Config::consume_fuel"), "{found:?}");
    let shown = text(root.path(), &["upgrade", "--from", "24.0.13", "--to", "48.0.8", "--sources", "src"], 0);
    assert!(shown.contains("main.rs:7") && shown.contains("wasmtime_wasi::p1::add_to_linker_sync"), "{shown}");
    assert!(shown.contains("not read: broken.rs") && shown.contains("not looked at: 1 macros"), "{shown}");
    assert_eq!(
        run(root.path(), &["upgrade", "--from", "24", "--to", "48.0.8", "--sources", "gone"]).status.code(),
        Some(2)
    );
}

#[test]
fn guests_that_start_or_not() {
    let root = guests();
    let page = json(root.path(), &["upgrade", "--json", "--from", "21", "--to", "22", "tail.wat", "poll.wat"], 0);
    let [tail, poll] = page["guests"].as_array().unwrap().as_slice() else { panic!("{page}") };
    assert_eq!((&tail["from"]["starts"], &tail["to"]["starts"]), (&false.into(), &true.into()));
    assert!(tail["from"]["reason"].as_str().unwrap().contains("tail-call"), "{tail}");
    assert_eq!(poll["starts_on"], serde_json::json!([21, 22]));
    // The other way round it is worse.
    let page = json(root.path(), &["upgrade", "--json", "--from", "22", "--to", "21", "tail.wat"], 1);
    assert!(page["guests"][0]["advice"][0].as_str().unwrap().contains("does not start"), "{page}");
    // What a guest imports comes first.
    let page = json(root.path(), &["upgrade", "--json", "--from", "19", "--to", "48", "poll.wat"], 0);
    let first = &page["differences"][0];
    assert_eq!(
        (&first["id"], &first["guests"]),
        (&"polls-of-read-only-files".into(), &serde_json::json!(["poll.wat"]))
    );
    assert_eq!(run(root.path(), &["upgrade", "--from", "19", "--to", "48", "gone.wasm"]).status.code(), Some(2));
}

#[test]
fn tried_on_both_majors() {
    let root = guests();
    let majors: Vec<u64> = enabled().iter().map(|wasmtime| wasmtime.major()).collect();
    let (Some(oldest), Some(newest)) = (majors.first(), majors.last()) else { return };
    let [from, to] = [oldest, newest].map(u64::to_string);
    for isolate in ["--isolate", "--no-isolate"] {
        let upgrade = |guest: &str, options: &[&str], code: i32| {
            let arguments = [&["upgrade", "--json", "--try", isolate, "--from", &from, "--to", &to], options, &[guest]];
            json(root.path(), &arguments.concat(), code)
        };
        let alike = upgrade("exit.wat", &[], 0);
        let tried = &alike["guests"][0]["tried"];
        assert_eq!((&tried["agree"], &tried["runs"][0]["code"]), (&true.into(), &3.into()), "{alike}");

        let differs = *oldest < 46 && *newest >= 46;
        let page = upgrade("fill.wat", &["--fuel", "1000"], i32::from(differs));
        let known = &page["guests"][0]["tried"]["known_differences"];
        assert_eq!(known.as_array().unwrap().len(), usize::from(differs), "{page}");
    }
    let shown = text(root.path(), &["upgrade", "--from", &from, "--to", &to, "--try", "exit.wat"], 0);
    let place = |sought: &str| shown.find(sought).unwrap_or_else(|| panic!("{sought}: {shown}"));
    assert!(place("Runs of exit.wat") < place("Releases"));
    let missing =
        releases().iter().find(|release| !majors.contains(&release.major)).map(|release| release.major.to_string());
    if let Some(missing) = missing {
        let failure =
            json(root.path(), &["upgrade", "--json", "--from", &missing, "--to", &to, "--try", "exit.wat"], 2);
        assert!(failure["hint"].as_str().unwrap().contains(&format!("wasmtime-{missing}")), "{failure}");
    }
}

#[test]
fn completions_and_manual_pages() {
    let root = tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = text(root.path(), &["completions", shell], 0);
        assert!(script.contains("upgrade") && script.contains("no-advisories"), "{shell}");
        assert!(!script.contains("isolated-run"), "{shell}");
    }
    assert_eq!(text(root.path(), &["man", "pages/one"], 0), "");
    let page = std::fs::read_to_string(root.path().join("pages/one/wasmtime-compat-upgrade.1")).unwrap();
    assert!(page.contains(".SH OPTIONS") && page.contains("Exit codes"), "{page}");
    assert!(!root.path().join("pages/one/wasmtime-compat-man.1").exists());
}
