//! A major of which only the core is compiled in, where all of it is needed.

use wasmtime_compat::{Command, Config, Engine, V48};

fn main() {
    let engine = Engine::<V48>::new(&Config::new()).unwrap();
    let _ = Command::new(&engine, b"");
}
