//! Commands over `W`, from their options to their outcome.

use std::hint::black_box;
use std::path::Path;

use wasmtime_compat::wasi::{Preopen, Stdout};
use wasmtime_compat::{Command, Config, Engine, Outcome, RunConfig, Wasmtime};

use crate::guests::{HELLO, ROOM};
use crate::measure::{Side, timed};
use crate::rows::Careful;
use crate::shared::Result;

pub(crate) fn command<W: Wasmtime>(wat: &str, directory: Option<&Path>, _: Careful) -> Result<Side> {
    let engine = Engine::<W>::new(&Config::new())?;
    let command = Command::new(&engine, &wat::parse_str(wat)?)?;
    let mut config = RunConfig::new();
    config.wasi.arg("hello").stdout(Stdout::capture(ROOM));
    config.wasi.preopens.extend(directory.map(|directory| Preopen::new(directory, "/work")));
    Ok(Box::new(move |iterations| {
        timed(iterations, || {
            let completed = black_box(command.run(&config)?);
            assert!(matches!(completed.outcome, Outcome::Exited(0)));
            assert_eq!(completed.stdout.bytes, HELLO);
            Ok(())
        })
    }))
}
