//! Owns the demonstration: functions with and without the profiler. Its output is the same in every run and on every major.

use std::io::Write;

use anyhow::Context;
use guest_profiler::{Profile, Sampling, WeightUnit};
use wasmtime_compat::Wasmtime;

use crate::runner::{Function, Profiling};

const DISCOUNT: &[u8] = include_bytes!("../guest/discount.wat");
const SHIPPING: &[u8] = include_bytes!("../guest/shipping.wat");
const CART: &str = r#"{"cart":{"items":[
    {"title":"kettle","price":4999,"quantity":2},
    {"title":"teapot","price":3450,"quantity":1},
    {"title":"cups","price":1295,"quantity":6}
]}}"#;

/// By the guest's own progress, so that every run has the same samples.
const BY_STEPS: Profiling =
    Profiling { sampling: Sampling::Steps { interval: 10 }, weight_unit: WeightUnit::Samples, merge_recursion: false };

/// How often the profile by the clock is tried: a guest may end before the first tick.
const TRIES: usize = 100;

pub fn run<W: Wasmtime>(out: &mut impl Write) -> anyhow::Result<()> {
    let discount = Function { name: "discount", wasm: DISCOUNT, export: "_start", profiling: None };
    let shipping = Function { name: "shipping", wasm: SHIPPING, export: "rate", profiling: None };

    writeln!(out, "# A command that reads standard input")?;
    write!(out, "{}", discount.run::<W>(CART.as_bytes())?)?;
    writeln!(out, "# A function that the module exports")?;
    write!(out, "{}", shipping.run::<W>(br#"{"parcels":3,"stops":10}"#)?)?;
    writeln!(out, "# A function that exits")?;
    write!(out, "{}", discount.run::<W>(br#"{"cart":{"items":[]}}"#)?)?;

    writeln!(out, "# Folded stacks, weighted in samples")?;
    folded(out, &profile::<W>(&discount, BY_STEPS, CART)?)?;
    writeln!(out, "# Folded stacks, weighted in fuel")?;
    let by_fuel = Profiling { weight_unit: WeightUnit::Fuel, ..BY_STEPS };
    folded(out, &profile::<W>(&discount, by_fuel, CART)?)?;
    writeln!(out, "# Speedscope")?;
    let few = Profiling { sampling: Sampling::Steps { interval: 100 }, ..BY_STEPS };
    profile::<W>(&discount, few, CART)?.write_speedscope("discount", &mut *out)?;
    writeln!(out)?;

    writeln!(out, "# A function that traps, profiled until then")?;
    let trapping = Function {
        profiling: Some(Profiling { sampling: Sampling::Steps { interval: 1000 }, ..BY_STEPS }),
        ..discount
    };
    let report = trapping.run::<W>(br#"{"cart":{"items":[{"price":"free"}]}}"#)?;
    write!(out, "{report}")?;
    folded(out, &report.profile.context("no profile")?)?;

    writeln!(out, "# Deep recursion, merged into one frame")?;
    let merged = Profiling { merge_recursion: true, ..BY_STEPS };
    folded(out, &profile::<W>(&shipping, merged, r#"{"parcels":50,"stops":10}"#)?)?;
    writeln!(out, "# Deeper than a backtrace has frames")?;
    folded(out, &profile::<W>(&shipping, merged, r#"{"parcels":100,"stops":10}"#)?)?;

    writeln!(out, "# By the clock")?;
    by_clock::<W>(out, &shipping)
}

/// A profile by the clock is another one in every run, but for the function in which all the time is spent.
fn by_clock<W: Wasmtime>(out: &mut impl Write, function: &Function<'_>) -> anyhow::Result<()> {
    let profiling = Profiling {
        sampling: Sampling::Clock { hertz: 1000 },
        weight_unit: WeightUnit::Nanoseconds,
        merge_recursion: true,
    };
    for _ in 0..TRIES {
        let profile = profile::<W>(function, profiling, r#"{"parcels":1,"stops":30}"#)?;
        if let Some((frame, _)) = profile.self_weights().first() {
            writeln!(out, "most time is spent in {}!{}", frame.module.as_deref().unwrap_or("?"), frame.name)?;
            return Ok(());
        }
    }
    anyhow::bail!("the clock never ticked while the guest ran")
}

fn profile<W: Wasmtime>(function: &Function<'_>, profiling: Profiling, input: &str) -> anyhow::Result<Profile> {
    let function = Function { profiling: Some(profiling), ..*function };
    let report = function.run::<W>(input.as_bytes())?;
    report
        .output
        .map_err(|error| error.context("the function failed under the profiler"))?
        .map_err(|(_, error)| error)?;
    report.profile.context("no profile")
}

/// Folded stacks, the number of samples, and the heaviest function.
fn folded(out: &mut impl Write, profile: &Profile) -> anyhow::Result<()> {
    profile.write_folded(out)?;
    if let Some((frame, weight)) = profile.self_weights().first() {
        writeln!(out, "{} samples; the most in {}: {weight}", profile.len(), frame.name)?;
    }
    Ok(())
}
