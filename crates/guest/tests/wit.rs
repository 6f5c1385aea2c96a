//! Worlds of components as WIT: what is written, and what hostile components do.

mod shared;

use wasmtime_compat_guest::wit::Wit;
use wasmtime_compat_guest::{ErrorKind, Result};

use self::shared::{Numbers, adapters, component, module};

fn read(text: &str) -> Result<Wit> {
    Wit::read(&wat::parse_str(text).unwrap())
}

fn kind(text: &str) -> (ErrorKind, String) {
    let error = read(text).unwrap_err();
    (error.kind(), error.message().to_owned())
}

const GREETER: &str = r#"(component
    (import "demo:host/log@1.2.0" (instance
        (type $level' (enum "low" "high"))
        (export "level" (type $level (eq $level')))
        (type $entry' (record (field "level" $level) (field "text" string)))
        (export "entry" (type $entry (eq $entry')))
        (export "write" (func (param "entry" $entry)))))
    (core module $m
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8))
        (func (export "greet") (param i32 i32) (result i32) (i32.const 0)))
    (core instance $i (instantiate $m))
    (func (export "greet") (param "names" (list string)) (result (result string (error u32)))
        (canon lift (core func $i "greet") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#;

#[test]
fn imports_exports_and_types_are_written() {
    let wit = read(GREETER).unwrap();
    let world = "\
package root:component;

world root {
  import demo:host/log@1.2.0;

  export greet: func(names: list<string>) -> result<string, u32>;
}
";
    assert_eq!(wit.main, world);
    let [log] = &wit.packages[..] else { panic!("{wit:?}") };
    assert_eq!(log.name, "demo:host@1.2.0");
    for line in ["enum level {", "level: level,", "write: func(entry: entry);"] {
        assert!(log.text.contains(line), "{}", log.text);
    }
    // The whole is one document of WIT.
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_source("world.wit", &wit.to_string()).unwrap();
    assert_eq!(resolve.worlds.len(), 1);
}

#[test]
fn a_command_with_an_adapter_names_its_wasi() {
    for (version, flavour, adapter) in adapters() {
        if flavour != "command" {
            continue;
        }
        let wit = Wit::read(&component(&module(), adapter)).unwrap();
        assert!(wit.main.contains("export wasi:cli/run@0.2."), "{version}: {}", wit.main);
        assert!(wit.packages.iter().any(|package| package.name.starts_with("wasi:io@0.2.")), "{version}");
        wit_parser::Resolve::default().push_source("world.wit", &wit.to_string()).unwrap();
    }
}

#[test]
fn what_is_not_a_component_is_refused() {
    assert_eq!(Wit::read(&module()).unwrap_err().kind(), ErrorKind::WrongGuestKind);
    assert_eq!(Wit::read(b"nonsense").unwrap_err().kind(), ErrorKind::InvalidGuest);
    let mut cut = wat::parse_str(GREETER).unwrap();
    cut.truncate(cut.len() - 3);
    assert_eq!(Wit::read(&cut).unwrap_err().kind(), ErrorKind::InvalidGuest);
}

#[test]
fn what_wit_has_no_words_for_is_reported() {
    let (kind, message) = kind(r#"(component (core module $m) (export "m" (core module $m)))"#);
    assert_eq!(kind, ErrorKind::NoWit, "{message}");
    assert!(message.starts_with("the component cannot be described in WIT: "), "{message}");
}

/// A tuple of two tuples of two tuples: `depth` lines are two to the power of `depth` words.
fn doubled(depth: usize, functions: usize) -> String {
    let mut text = "(type $t0 (tuple u8 u8))".to_owned();
    for level in 1..depth {
        text += &format!("(type $t{level} (tuple $t{0} $t{0}))", level - 1);
    }
    let last = depth - 1;
    for function in 0..functions {
        text += &format!("(import \"f{function}\" (func (param \"p\" $t{last})))");
    }
    format!("(component {text})")
}

#[test]
fn a_world_that_is_far_larger_than_its_component_is_refused() {
    assert!(read(&doubled(8, 1)).is_ok());
    // Validation limits the size of one type, and not of all functions together.
    for (depth, functions) in [(30, 1), (20, 1), (15, 20), (12, 200)] {
        let (kind, message) = kind(&doubled(depth, functions));
        assert!(matches!(kind, ErrorKind::TooComplex | ErrorKind::InvalidGuest), "{depth} {functions}: {message}");
    }
    // One long name, in an instance that is imported many times.
    let long = format!("a{}", "b".repeat(50_000));
    let mut text = format!("(component (type $i (instance (export \"{long}\" (func))))");
    (0..1000).for_each(|number| text += &format!("(import \"i{number}\" (instance (type $i)))"));
    let (kind, message) = kind(&(text + ")"));
    assert_eq!(kind, ErrorKind::TooComplex, "{message}");
    assert!(message.contains("as WIT"), "{message}");
}

#[test]
fn damaged_components_do_not_panic() {
    let whole = wat::parse_str(GREETER).unwrap();
    let mut numbers = Numbers::new();
    for _ in 0..3000 {
        let mut wasm = whole.clone();
        for _ in 0..=numbers.below(3) {
            let place = numbers.below(wasm.len());
            wasm[place] = u8::try_from(numbers.below(256)).unwrap();
        }
        if let Err(error) = Wit::read(&wasm) {
            assert!(!error.message().contains("panicked"), "{error}: {wasm:x?}");
        }
    }
}
