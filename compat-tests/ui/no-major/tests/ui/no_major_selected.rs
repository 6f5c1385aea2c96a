//! Without a major nothing can run, and the message says what to add.

use wasmtime_compat::{Config, Engine, Newest};

fn main() {
    let _ = Engine::<Newest>::new(&Config::new());
}
