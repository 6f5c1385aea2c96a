//! A module compiled by one major cannot be linked by another.

use wasmtime_compat::{Engine, Linker, Module, V19, V48};

fn link(engine: &Engine<V19>, module: &Module<V48>) {
    let linker = Linker::<V19, ()>::new(engine);
    let _ = linker.instantiate_pre(module);
}

fn main() {}
