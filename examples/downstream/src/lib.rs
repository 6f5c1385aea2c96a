//! A host generic over the Wasmtime it runs on. Its tests run on the newest major that is turned on, so a matrix turns
//! on one at a time:
//!
//! ```console
//! $ wasmtime-compat matrix -- cargo test
//! ```

use wasmtime_compat::{CoreWasmtime, Command, Config, Engine, Linker, Module, Outcome, Result, RunConfig, Store, Wasmtime};

/// Calls the guest's function `add`.
///
/// # Errors
/// If there is no such function.
pub fn add<W: Wasmtime>(wasm: &[u8], a: i32, b: i32) -> Result<i32> {
    let engine = Engine::<W>::new(&Config::new())?;
    let module = Module::new(&engine, wasm)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?.call(&mut store, (a, b))
}

/// Runs a command guest.
///
/// # Errors
/// If it cannot be started.
pub fn run<W: Wasmtime>(wasm: &[u8]) -> Result<Outcome> {
    let config = RunConfig::new();
    let engine = Engine::<W>::new(&config.engine_config())?;
    Ok(Command::new(&engine, wasm)?.run(&config)?.outcome)
}

#[cfg(test)]
mod tests {
    //! What holds on every major, and what is known to differ.

    use super::*;
    use wasmtime_compat::{Newest, known_differences};

    #[test]
    fn the_guest_adds() {
        let wasm = wat::parse_str(
            r#"(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#,
        );
        assert_eq!(add::<Newest>(&wasm.unwrap(), 40, 2).unwrap(), 42);
    }

    #[test]
    fn output_can_be_redirected_onto_a_closed_descriptor() {
        let wasm = wat::parse_str(
            r#"(module
                (import "wasi_snapshot_preview1" "fd_renumber" (func $renumber (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (memory (export "memory") 1)
                (func (export "_start") (call $exit (call $renumber (i32.const 2) (i32.const 9)))))"#,
        );
        let outcome = run::<Newest>(&wasm.unwrap()).unwrap();
        let Outcome::Exited(errno) = outcome else { panic!("{outcome}") };
        let known = known_differences().iter().find(|known| known.id == "fd-renumber-onto-closed").unwrap();
        let differs = known.applies_to(&Newest::report().wasmtime);
        if differs && errno != 0 {
            println!("::cell xfail {} {}", known.link, known.what);
        } else if differs {
            println!("::cell xpass {} {}", known.link, known.what);
            panic!("the known difference is gone");
        } else {
            assert_eq!(errno, 0);
        }
    }
}
