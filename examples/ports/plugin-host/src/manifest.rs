//! The manifest of a plug-in: its code, its configuration, and what it may use.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use wasmtime_compat::newest::StoreLimits;
use wasmtime_compat::wasi::{Preopen, Stdout, WasiConfig};

/// The most bytes of a plug-in's output that are kept for each call.
const OUTPUT: usize = 4096;

/// What a plug-in is and what it may use.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub name: String,
    pub wasm: Vec<u8>,
    pub config: BTreeMap<String, String>,
    /// The directory that the plug-in sees as `/data`.
    pub directory: Option<PathBuf>,
    /// For one call.
    pub timeout: Duration,
    /// For one call.
    pub fuel: u64,
    /// In bytes.
    pub memory: usize,
    /// Whether a request for more memory ends the plug-in.
    pub strict: bool,
}

impl Manifest {
    /// A plug-in that may use a minute, 1 MiB and any amount of fuel.
    pub fn new(name: &str, wasm: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            wasm,
            config: BTreeMap::new(),
            directory: None,
            timeout: Duration::from_secs(60),
            fuel: u64::MAX,
            memory: 1 << 20,
            strict: false,
        }
    }

    /// The limits of the plug-in's store.
    pub fn limits(&self) -> StoreLimits {
        StoreLimits::new().instances(1).memory_size(self.memory).trap_on_grow_failure(self.strict)
    }

    /// The world of a plug-in that imports WASI: its directory, for reading, and output that the host keeps.
    pub fn wasi(&self) -> WasiConfig {
        let mut wasi = WasiConfig::new();
        wasi.arg(&*self.name).stdout(Stdout::capture(OUTPUT)).stderr(Stdout::capture(OUTPUT));
        if let Some(directory) = &self.directory {
            wasi.preopen(Preopen::new(directory, "/data").read_only());
        }
        wasi
    }
}
