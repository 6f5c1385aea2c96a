//! A store's data must be `Send`, on every major.

use std::rc::Rc;

use wasmtime_compat::{Engine, Store, V48};

fn store(engine: &Engine<V48>) {
    let _ = Store::new(engine, Rc::new(1));
}

fn main() {}
