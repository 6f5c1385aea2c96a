//! Keeps a compiled guest from one run of this program to the next.
#![expect(unsafe_code, reason = "machine code cannot be checked, so loading it is vouched for")]

use wasmtime_compat::{Command, Engine, ErrorKind, Precompiled, Result, Wasmtime};

/// The command from the kept bytes if they match, otherwise a newly compiled command and the bytes to keep.
fn load<W: Wasmtime>(engine: &Engine<W>, wasm: &[u8], kept: &[u8]) -> Result<(Command<W>, Option<Vec<u8>>)> {
    // SAFETY: only this program can write to the kept bytes.
    let load = |kept| Command::from_precompiled(engine, &unsafe { Precompiled::parse(kept)?.trust() });
    match load(kept) {
        Err(error) if error.kind() == ErrorKind::Mismatch => {
            let made = engine.precompile(wasm)?;
            Ok((load(&made)?, Some(made)))
        }
        loaded => Ok((loaded?, None)),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    use wasmtime_compat::{Config, Newest, Outcome, RunConfig};

    let wasm = wat::parse_str(r#"(module (func (export "_start")))"#)?;
    let engine = Engine::<Newest>::new(&Config::new())?;
    // Nothing is kept at first; then what was kept fits, and there is nothing new to keep.
    let (_, made) = load(&engine, &wasm, b"")?;
    let made = made.ok_or("nothing was compiled")?;
    let (command, again) = load(&engine, &wasm, &made)?;
    let done = command.run(&RunConfig::new())?;
    println!("{} bytes kept, compiled again: {}, {}", made.len(), again.is_some(), done.outcome);
    assert!(again.is_none() && matches!(done.outcome, Outcome::Exited(0)));
    Ok(())
}
