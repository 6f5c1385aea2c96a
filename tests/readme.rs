//! The README's examples are compiled: each is in one of the examples here, or in a test below, which also runs it.

const README: &str = include_str!("../README.md");

/// The code in which the README's examples must be found.
const COMPILED: [&str; 3] =
    [include_str!("../examples/two_majors.rs"), include_str!("../examples/precompiled.rs"), include_str!("readme.rs")];

#[test]
fn its_examples_are_compiled() {
    let examples: Vec<&str> = examples().collect();
    assert_eq!(examples.len(), README.matches("```rust").count());
    for example in examples {
        // Inside a function it stands further to the right.
        let indented: String = example.lines().map(|line| format!("    {line}\n")).collect();
        let indented = indented.replace("    \n", "\n");
        assert!(
            COMPILED.iter().any(|code| code.contains(example) || code.contains(&indented)),
            "this example of README.md is not compiled as it is:\n{example}"
        );
    }
}

#[test]
fn preopens_without_any_wasmtime() {
    use wasmtime_compat::wasi::{Preopen, Preopens};

    let candidates: Preopens = ["share", "cache", "tools"].iter().map(|dir| Preopen::new(dir, *dir)).collect();
    let (usable, report) = candidates.usable();
    for dropped in report.dropped() {
        eprintln!("left out {:?}: {}", dropped.absolute, dropped.reason().unwrap());
    }
    assert_eq!(usable.iter().count() + report.dropped().count(), 3);
}

#[test]
fn which_adapter_is_in_a_component() {
    use wasmtime_compat::report::GuestReport;

    let report = GuestReport::parse(b"\0asm\x01\0\0\0").unwrap();
    for adapter in &report.adapters {
        println!("{} {}", adapter.flavour.name(), adapter.identity);
        adapter.affected().for_each(|issue| println!("{}: {}", issue.id, issue.link));
    }
    assert!(report.adapters.is_empty());
}

/// The Rust examples of the README.
fn examples() -> impl Iterator<Item = &'static str> {
    README.split("```rust\n").skip(1).filter_map(|text| Some(text.split_once("```")?.0))
}
