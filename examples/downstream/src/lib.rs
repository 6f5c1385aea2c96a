//! A host generic over the Wasmtime it runs on. Its tests run on the newest major that is turned on, so a matrix turns
//! on one at a time:
//!
//! ```console
//! $ wasmtime-compat matrix -- cargo test
//! ```

use wasmtime_compat::{
    Command, Config, CoreWasmtime, Engine, Linker, Module, Outcome, Result, RunConfig, Store, Wasmtime,
};

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
    fn filling_a_memory_burns_fuel_for_what_it_fills() {
        let wasm = wat::parse_str(
            r#"(module
                (memory (export "memory") 1)
                (func (export "_start") (memory.fill (i32.const 0) (i32.const 0) (i32.const 65536))))"#,
        );
        let config = RunConfig { fuel: Some(1_000_000), ..RunConfig::new() };
        let engine = Engine::<Newest>::new(&config.engine_config()).unwrap();
        let done = Command::new(&engine, wasm.unwrap()).unwrap().run(&config).unwrap();
        assert!(matches!(done.outcome, Outcome::Exited(0)), "{}", done.outcome);
        let counts = done.fuel_consumed.unwrap() >= 65536;
        let known = known_differences().iter().find(|known| known.id == "fuel-of-bulk-operations").unwrap();
        let differs = known.applies_to(&Newest::report().wasmtime);
        if differs && !counts {
            println!("::cell xfail {} {}", known.link, known.what);
        } else if differs {
            println!("::cell xpass {} {}", known.link, known.what);
            panic!("the known difference is gone");
        } else {
            assert!(counts);
        }
    }
}
