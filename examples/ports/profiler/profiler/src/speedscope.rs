//! Owns the file format of <https://www.speedscope.app>.

use std::io::Write;

use serde::Serialize;

use crate::meter::WeightUnit;
use crate::profile::Profile;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    name: &'a str,
    exporter: &'static str,
    active_profile_index: usize,
    shared: Shared<'a>,
    profiles: [Sampled<'a>; 1],
}

#[derive(Serialize)]
struct Shared<'a> {
    frames: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sampled<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    unit: &'static str,
    start_value: u64,
    end_value: u64,
    samples: Vec<&'a [usize]>,
    weights: Vec<u64>,
}

impl Profile {
    /// Writes a file that speedscope opens; the module of a function is the file there. `name` is the title.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_speedscope(&self, name: &str, writer: impl Write) -> serde_json::Result<()> {
        let (samples, weights): (Vec<_>, Vec<_>) = self.samples().unzip();
        let frames = self.frames().iter().map(|frame| Entry { name: &frame.name, file: frame.module.as_deref() });
        let file = File {
            schema: "https://www.speedscope.app/file-format-schema.json",
            name,
            exporter: concat!(env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION")),
            active_profile_index: 0,
            shared: Shared { frames: frames.collect() },
            profiles: [Sampled {
                kind: "sampled",
                name,
                unit: match self.unit() {
                    WeightUnit::Samples | WeightUnit::Fuel => "none",
                    WeightUnit::Nanoseconds => "nanoseconds",
                },
                start_value: 0,
                end_value: weights.iter().sum(),
                samples,
                weights,
            }],
        };
        serde_json::to_writer(writer, &file)
    }
}
