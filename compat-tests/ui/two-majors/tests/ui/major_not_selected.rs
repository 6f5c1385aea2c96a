//! A major whose feature is off.

use wasmtime_compat::{Config, Engine, V24};

fn main() {
    let _ = Engine::<V24>::new(&Config::new());
}
