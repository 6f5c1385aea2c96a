//! Switches of an engine: every major either has one and runs guests with it, or names the majors that do.

use compat_tests::knobs::{KNOBS, Knob};
use compat_tests::{command, run, runtime, wat};
use wasmtime_compat::report::Proposal;
use wasmtime_compat::{
    AsContextMut, Command, Config, CoreWasmtime, Engine, Error, ErrorKind, Instance, Linker, Module, Outcome,
    RunConfig, Store, Trap,
};

use super::V;

/// Starts with two pages and data in both, grows, uses both ends, and traps one byte behind its end.
const GUEST: &str = r#"(module
    (memory (export "memory") 2 9)
    (table 3 funcref)
    (elem (i32.const 1) $double $run)
    (data (i32.const 0x10) "\01")
    (data (i32.const 0x1fff0) "\02")
    (type $number (func (param i32) (result i32)))
    (func $double (type $number) (i32.mul (local.get 0) (i32.const 2)))
    (func $run (export "run") (param $pages i32) (result i32)
        (drop (memory.grow (local.get $pages)))
        (i32.store (i32.sub (i32.mul (memory.size) (i32.const 0x10000)) (i32.const 4)) (i32.const 38))
        (call_indirect (type $number)
            (i32.add
                (i32.load8_u (i32.const 0x10))
                (i32.add
                    (i32.load8_u (i32.const 0x1fff0))
                    (i32.load (i32.sub (i32.mul (memory.size) (i32.const 0x10000)) (i32.const 4)))))
            (i32.const 1)))
    (func (export "beyond")
        (drop (i32.load (i32.sub (i32.mul (memory.size) (i32.const 0x10000)) (i32.const 3))))))"#;

/// Runs the guest with `config`: the module, and a command that ends with a code.
fn use_engine(config: &Config) -> Result<(), Error> {
    let engine = Engine::<V>::new(config)?;
    let module = Module::new(&engine, &wat(GUEST))?;
    let mut store = Store::new(&engine, ());
    let instance: Instance<V> = Linker::new(&engine).instantiate(&mut store, &module)?;
    call(&instance, &mut store)?;
    Ok(())
}

fn call(instance: &Instance<V>, store: &mut Store<V, ()>) -> Result<(), Error> {
    for pages in [0, 1] {
        let run = instance.get_typed_func::<i32, i32>(store.as_context_mut(), "run")?;
        assert_eq!(run.call(store.as_context_mut(), pages)?, 82);
    }
    let beyond = instance.get_typed_func::<(), ()>(store.as_context_mut(), "beyond")?;
    let error = beyond.call(store.as_context_mut(), ()).unwrap_err();
    assert_eq!(error.trap(), Some(&Trap::MemoryOutOfBounds), "{error:?}");
    Ok(())
}

/// The same with an asynchronous engine, by a command.
fn use_engine_async(config: &Config) -> Result<(), Error> {
    let engine = Engine::<V>::new(&config.clone().async_support(true))?;
    let command = Command::new(&engine, &command("(call $exit (i32.const 7))"))?;
    let done = runtime().block_on(command.run_async(&RunConfig::new()))?;
    assert!(matches!(done.outcome, Outcome::Exited(7)), "{:?}", done.outcome);
    Ok(())
}

fn has(knob: &Knob) -> bool {
    V::MAJOR >= knob.since && knob.until.is_none_or(|until| V::MAJOR <= until)
}

#[test]
fn every_knob() {
    for knob in KNOBS {
        for (index, set) in knob.settings.iter().enumerate() {
            let config = set(Config::new());
            let used = use_engine(&config).and_then(|()| use_engine_async(&config));
            match used {
                Ok(()) => assert!(has(knob), "{}: Wasmtime {} lacks the knob", knob.name, V::MAJOR),
                Err(error) => {
                    let unsupported =
                        error.unsupported().unwrap_or_else(|| panic!("{}, value {index}: {error:?}", knob.name));
                    assert!(!has(knob), "{}: {error}", knob.name);
                    assert_eq!((unsupported.major, unsupported.since), (V::MAJOR, Some(knob.since)), "{error}");
                    assert_eq!(unsupported.until, knob.until, "{error}");
                    assert_eq!(unsupported.what, format!("the knob `{}`", knob.name));
                }
            }
        }
    }
}

#[test]
fn pairs_of_knobs_of_memories() {
    let of_memories = |knob: &&Knob| {
        let name = knob.name;
        has(knob) && (name.contains("memory") || name.contains("signals") || name.contains("table"))
    };
    let knobs: Vec<&Knob> = KNOBS.iter().filter(of_memories).collect();
    for (index, one) in knobs.iter().enumerate() {
        for other in &knobs[index + 1..] {
            for set in ends(one) {
                for also in ends(other) {
                    if let Err(error) = use_engine(&also(set(Config::new()))) {
                        panic!("{} and {}: {error:?}", one.name, other.name);
                    }
                }
            }
        }
    }
}

/// The first and the last of the settings that are tried.
fn ends(knob: &Knob) -> impl Iterator<Item = &'static fn(Config) -> Config> {
    knob.settings.first().into_iter().chain(knob.settings.last())
}

#[test]
fn every_proposal() {
    for &proposal in Proposal::ALL {
        for on in [false, true] {
            let switched = Engine::<V>::new(&Config::new().proposal(proposal, on));
            let has = proposal.switch_since().is_some_and(|since| V::MAJOR >= since);
            match switched {
                Ok(_) => assert!(has, "{proposal:?}"),
                Err(error) => match error.unsupported() {
                    Some(unsupported) => {
                        assert!(!has, "{error}");
                        assert_eq!((unsupported.major, unsupported.since), (V::MAJOR, proposal.switch_since()));
                        assert_eq!(unsupported.what, format!("switching the proposal `{}`", proposal.name()));
                    }
                    // Another proposal, on by default, is in need of it.
                    None => {
                        assert_eq!(error.kind(), ErrorKind::Config, "{proposal:?}: {error}");
                        assert!(!on && has, "{proposal:?}: {error}");
                    }
                },
            }
        }
    }
}

#[track_caller]
fn refused(config: Config, message: &str) {
    for config in [config.clone(), config.async_support(true)] {
        let error = Engine::<V>::new(&config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.message().contains(message), "{error}");
    }
}

#[test]
fn values_beyond_the_limits() {
    refused(Config::new().max_wasm_stack(0), "`max_wasm_stack` is 0 bytes");
    refused(Config::new().max_wasm_stack(usize::MAX), "the most is 1073741824");
    refused(Config::new().async_stack_size(usize::MAX), "the most is 2147483648");
    for bytes in [u64::MAX, 1 << 47] {
        refused(Config::new().memory_reservation(bytes), "`memory_reservation` is");
        refused(Config::new().memory_guard_size(bytes), "`memory_guard_size` is");
        refused(Config::new().memory_reservation_for_growth(bytes), "`memory_reservation_for_growth` is");
        refused(Config::new().memory_guaranteed_dense_image_size(bytes), "`memory_guaranteed_dense_image_size` is");
    }
}

#[test]
fn stacks_that_contradict_each_other() {
    refused(
        Config::new().async_stack_size(512 << 10),
        "`async_stack_size` is 524288 bytes: it must be at least 131072",
    );
    refused(Config::new().max_wasm_stack(4 << 20).async_stack_size(4 << 20), "4194304 bytes of `max_wasm_stack`");
    refused(Config::new().async_stack_size(0), "`async_stack_size` is 0 bytes");
    let most = Config::new().max_wasm_stack(1 << 30);
    assert!(Engine::<V>::new(&most).is_ok() && Engine::<V>::new(&most.async_support(true)).is_ok());
}

#[test]
fn a_reservation_smaller_than_the_guest() {
    let module = wat(r#"(module (memory 4 9) (func (export "run") (result i32) (memory.grow (i32.const 1))))"#);
    for fixed in [false, true] {
        for guard in [0, 0x1_0000] {
            let config = Config::new().memory_may_move(!fixed).memory_reservation(0x1_0000).memory_guard_size(guard);
            let config = config.memory_reservation_for_growth(0);
            let engine = Engine::<V>::new(&config).unwrap();
            let module = Module::new(&engine, &module).unwrap();
            let mut store = Store::new(&engine, ());
            // Whether such a memory is refused, stays as it is or moves is up to the major.
            let grown = Linker::new(&engine)
                .instantiate(&mut store, &module)
                .and_then(|instance| instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ()));
            match grown {
                Ok(pages) => assert!(pages == 4 || (fixed && pages == -1), "{pages}"),
                Err(error) => assert!(fixed, "{error:?}"),
            }
        }
    }
}

#[test]
fn debug_information_needs_symbols() {
    let config = Config::new().debug_info(true).debug_symbols(false);
    let error = Engine::<V>::new(&config).unwrap_err();
    let expected = if V::MAJOR < 47 { ErrorKind::Unsupported } else { ErrorKind::Config };
    assert_eq!(error.kind(), expected, "{error}");
}

#[test]
fn errors_without_an_address_map() {
    let config = Config::new().generate_address_map(false);
    let engine = Engine::<V>::new(&config).unwrap();
    let command = Command::new(&engine, &command("unreachable")).unwrap();
    let done = command.run(&RunConfig::new()).unwrap();
    let Outcome::Trapped { trap, error, .. } = &done.outcome else { panic!("{:?}", done.outcome) };
    assert_eq!(*trap, Trap::Unreachable);
    assert!(error.wasm_backtrace().is_none_or(|trace| !trace.frames().is_empty()), "{error:?}");
    // Another engine has the map.
    assert!(matches!(run::<V>(&compat_tests::command(""), &RunConfig::new()).unwrap().outcome, Outcome::Exited(0)));
}
