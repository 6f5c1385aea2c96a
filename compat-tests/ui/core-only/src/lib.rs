//! Nothing: this crate is its compile-fail tests.
