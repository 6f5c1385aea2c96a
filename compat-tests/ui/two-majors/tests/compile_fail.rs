//! Code that must not compile, and the message it gives. What is included from `shared` is refused with one major and
//! with two, and with it is a program that compiles with both.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
