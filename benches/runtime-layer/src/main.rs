//! Compares this crate with wasm_runtime_layer, both on Wasmtime 48, as ratios: below 1 this crate is faster.
//!
//! `cargo run --release --manifest-path benches/runtime-layer/Cargo.toml -- [--quick]`. As in `benches/overhead`, both sides of a row
//! are measured in one process, in alternating order, and the program runs itself several times.

#[path = "../../overhead/guests/core.rs"]
#[allow(dead_code, reason = "the rows here need some of the guests")]
mod guests;
#[path = "../../overhead/measure.rs"]
mod measure;
#[path = "../../overhead/ours/core.rs"]
#[allow(dead_code, reason = "the rows here are some of those")]
mod ours;
#[path = "../../overhead/results.rs"]
#[allow(dead_code, reason = "the page is another bench's")]
mod results;
#[path = "../../shared/mod.rs"]
#[allow(dead_code, reason = "the circumstances are for the page")]
mod shared;
mod theirs;

use std::time::Duration;

use wasmtime_compat::V48;

use self::measure::{Effort, Row, Side, Subject};
use self::shared::{ONE_PROCESS, Result, measure_elsewhere};

type Make = Box<dyn FnOnce() -> Result<Side>>;

/// The rows: the name, our side, and the other.
fn rows() -> Vec<Row<'static>> {
    const SMALL: usize = 64;
    const LARGE: usize = 1 << 20;
    let rows: [(&str, Make, Make); 9] = [
        ("typed call, against their only one", Box::new(ours::call::<V48>), Box::new(theirs::call)),
        ("dynamic call", Box::new(ours::dynamic_call::<V48>), Box::new(theirs::call)),
        (
            "host function: closure, against their only one",
            Box::new(ours::closure::<V48>),
            Box::new(theirs::host_function),
        ),
        ("host function: dynamic", Box::new(ours::dynamic::<V48>), Box::new(theirs::host_function)),
        ("memory: read 64 B", Box::new(|| ours::memory_read::<V48>(SMALL)), Box::new(|| theirs::memory_read(SMALL))),
        ("memory: write 64 B", Box::new(|| ours::memory_write::<V48>(SMALL)), Box::new(|| theirs::memory_write(SMALL))),
        ("memory: read 1 MiB", Box::new(|| ours::memory_read::<V48>(LARGE)), Box::new(|| theirs::memory_read(LARGE))),
        (
            "memory: write 1 MiB",
            Box::new(|| ours::memory_write::<V48>(LARGE)),
            Box::new(|| theirs::memory_write(LARGE)),
        ),
        ("instantiate with a memory", Box::new(ours::instantiate_on_demand::<V48>), Box::new(theirs::instantiate)),
    ];
    let row = |(name, ours, direct): (&str, Make, Make)| Row {
        subject: Subject { major: "48".to_owned(), name: name.to_owned(), goal: 1.0 },
        ours,
        direct,
    };
    rows.into_iter().map(row).collect()
}

fn main() -> Result {
    let flag = |flag: &str| std::env::args().any(|arg| arg == flag);
    let effort = if flag("--quick") {
        Effort { processes: 2, rounds: 5, sample: Duration::from_millis(1) }
    } else {
        Effort { processes: 11, rounds: 31, sample: Duration::from_millis(8) }
    };
    if flag(ONE_PROCESS) {
        for row in rows() {
            println!("{}", serde_json::to_string(&row.run(&effort)?)?);
        }
        return Ok(());
    }
    let seen = (0..effort.processes).map(|_| measure_elsewhere()).collect::<Result<Vec<_>>>()?;
    println!("{}", results::table("wasm_runtime_layer", &seen));
    Ok(())
}
