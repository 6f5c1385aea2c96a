//! Guests in the text format, and in files.

use compat_tests::{engine, wat};
use wasmtime_compat::component::Component;
use wasmtime_compat::{Command, ErrorKind, Module, Outcome, RunConfig};

use super::V;

#[test]
fn text_is_assembled() {
    let engine = engine::<V>();
    for text in ["(module)", "  ;; a comment\n(module)", "(func)"] {
        Module::new(&engine, text).unwrap();
        Module::validate(&engine, text).unwrap();
        engine.precompile(text).unwrap();
    }
    Component::new(&engine, "(component)").unwrap();
    assert_eq!(Module::new(&engine, "(component)").unwrap_err().kind(), ErrorKind::WrongGuestKind);
    let done = Command::new(&engine, r#"(module (func (export "_start")))"#).unwrap().run(&RunConfig::new()).unwrap();
    assert!(matches!(done.outcome, Outcome::Exited(0)));
}

#[test]
fn errors_of_text_have_a_place() {
    let engine = engine::<V>();
    for (text, place) in [
        ("(module\n  (func (local.get $x)))".to_owned(), "line 2, column 20: "),
        (format!("(module {} (nope))", " ".repeat(600)), "line 1, column 611: "),
        ("(module".to_owned(), "line 1, column 8: "),
    ] {
        let error = Module::new(&engine, &text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidGuest);
        assert!(error.message().starts_with("not WebAssembly in the text format: "), "{error}");
        assert!(error.message().contains(place), "{error}");
        assert!(!error.message().contains('\n'), "{error}");
        assert_eq!(Command::new(&engine, &text).unwrap_err().message(), error.message());
    }
    // Neither text nor binary.
    assert_eq!(Module::new(&engine, b"(\xff").unwrap_err().kind(), ErrorKind::InvalidGuest);
    assert_eq!(Module::new(&engine, "module").unwrap_err().kind(), ErrorKind::InvalidGuest);
}

#[test]
fn guests_in_files() {
    let engine = engine::<V>();
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("module.wasm"), wat("(module)")).unwrap();
    std::fs::write(path("module.wat"), r#"(module (func (export "_start")))"#).unwrap();
    std::fs::write(path("component.wat"), "(component)").unwrap();
    Module::from_file(&engine, path("module.wasm")).unwrap();
    Module::from_file(&engine, path("module.wat")).unwrap();
    Command::from_file(&engine, path("module.wat")).unwrap();
    Component::from_file(&engine, path("component.wat")).unwrap();
    let error = Module::from_file(&engine, path("nope.wasm")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.message().contains("nope.wasm"), "{error}");
    let error = Component::from_file(&engine, directory.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<std::io::Error>());
    assert_eq!(source.map(std::io::Error::kind), Some(std::io::ErrorKind::IsADirectory), "{error:?}");
}
