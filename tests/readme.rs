//! The README's example is the one that is compiled.

#[test]
fn its_example_is_compiled() {
    let example = include_str!("../examples/two_majors.rs");
    let (_, code) = example.split_once("\n\n").unwrap();
    assert!(include_str!("../README.md").contains(code), "README.md and examples/two_majors.rs differ");
}
