//! Nobody else implements the trait.

#[derive(Clone, Copy, Debug)]
enum Mine {}

impl wasmtime_compat::Wasmtime for Mine {}

fn main() {}
