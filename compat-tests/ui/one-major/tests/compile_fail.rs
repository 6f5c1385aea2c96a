//! Code that must not compile, and the message it gives.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    // The same as with two majors.
    cases.compile_fail("../shared/*.rs");
}
