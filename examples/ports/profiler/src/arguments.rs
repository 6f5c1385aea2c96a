//! Owns the command line.

use std::path::PathBuf;

use anyhow::{Context, bail};
use guest_profiler::{Sampling, WeightUnit};

use crate::runner::Profiling;

const USAGE: &str = "usage: port-profiler FUNCTION.wasm [--export NAME] [--profile FILE(.folded|.json)] [--hertz N | --steps N] \
                     [--weight fuel|nanoseconds|samples] <INPUT.json";

pub struct Arguments {
    pub function: PathBuf,
    pub export: String,
    /// Where the profile goes.
    pub profile: Option<PathBuf>,
    pub profiling: Option<Profiling>,
}

impl Arguments {
    /// `None` without arguments.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Option<Self>> {
        let Some(function) = arguments.next() else { return Ok(None) };
        let mut parsed = Self { function: function.into(), export: "_start".into(), profile: None, profiling: None };
        let mut profiling = Profiling {
            sampling: Sampling::Clock { hertz: 1000 },
            weight_unit: WeightUnit::Fuel,
            merge_recursion: false,
        };
        while let Some(flag) = arguments.next() {
            let value = arguments.next().with_context(|| format!("{flag} needs a value\n{USAGE}"))?;
            match flag.as_str() {
                "--export" => parsed.export = value,
                "--profile" => parsed.profile = Some(value.into()),
                "--hertz" => profiling.sampling = Sampling::Clock { hertz: value.parse().context(USAGE)? },
                "--steps" => profiling.sampling = Sampling::Steps { interval: value.parse().context(USAGE)? },
                "--weight" => {
                    profiling.weight_unit = match value.as_str() {
                        "fuel" => WeightUnit::Fuel,
                        "nanoseconds" => WeightUnit::Nanoseconds,
                        "samples" => WeightUnit::Samples,
                        _ => bail!("unknown weight {value:?}\n{USAGE}"),
                    }
                }
                _ => bail!("unknown flag {flag:?}\n{USAGE}"),
            }
        }
        parsed.profiling = parsed.profile.is_some().then_some(profiling);
        Ok(Some(parsed))
    }
}
