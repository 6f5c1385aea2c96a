//! The README's examples are those that are compiled.

const README: &str = include_str!("../README.md");

#[test]
fn its_first_example_is_compiled() {
    let example = include_str!("../examples/two_majors.rs");
    let (_, code) = example.split_once("\n\n").unwrap();
    assert!(README.contains(code), "README.md and examples/two_majors.rs differ");
}

#[test]
fn its_precompiled_example_is_compiled() {
    let example = include_str!("../examples/precompiled.rs");
    let (_, code) = example.split_once("\n\n").unwrap();
    let (code, _) = code.split_once("\nfn main").unwrap();
    assert!(README.contains(code), "README.md and examples/precompiled.rs differ");
}
