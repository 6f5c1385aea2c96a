//! Owns the flags that set or lift what a guest may take of the machine.

use clap::Args;
use wasmtime_compat::{RunConfig, StoreLimits};

/// Limits of a guest. Each flag takes a number, or `none` to lift the limit; the defaults are those of the library.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Limits (a number, or `none`)")]
pub(crate) struct LimitArgs {
    /// Bytes of each linear memory [default: none]
    #[arg(long, value_name = "BYTES", value_parser = limit)]
    max_memory: Option<u64>,
    /// Bytes of all linear memories together [default: 8 GiB]
    #[arg(long, value_name = "BYTES", value_parser = limit)]
    max_total_memory: Option<u64>,
    /// Elements of each table [default: none]
    #[arg(long, value_name = "N", value_parser = limit)]
    max_table: Option<u64>,
    /// Elements of all tables together [default: 16777216]
    #[arg(long, value_name = "N", value_parser = limit)]
    max_table_elements: Option<u64>,
    /// Core instances [default: 10000]
    #[arg(long, value_name = "N", value_parser = limit)]
    max_instances: Option<u64>,
    /// Linear memories [default: 10000]
    #[arg(long, value_name = "N", value_parser = limit)]
    max_memories: Option<u64>,
    /// Tables [default: 10000]
    #[arg(long, value_name = "N", value_parser = limit)]
    max_tables: Option<u64>,
    /// Open files, streams and other WASI resources [default: 1000000]
    #[arg(long, value_name = "N", value_parser = limit)]
    max_handles: Option<u64>,
    /// Bytes that one WASI call may copy from the guest [default: 128 MiB]
    #[arg(long, value_name = "BYTES", value_parser = limit)]
    max_call_bytes: Option<u64>,
    /// Random bytes that one WASI call may request [default: 64 MiB]
    #[arg(long, value_name = "BYTES", value_parser = limit)]
    max_random: Option<u64>,
    /// End a guest that grows a memory or a table beyond a limit, where `memory.grow` and `table.grow` return -1 otherwise
    #[arg(long)]
    trap_on_grow_failure: bool,
    /// Link WASI as the major provides it: without bounds on majors without security fixes, and with their own
    /// behaviour
    #[arg(long)]
    raw_wasi: bool,
    /// Run commands of WASI 0.3, on Wasmtime 46 and later: their calls have Wasmtime's bounds only
    #[arg(long)]
    wasi_p3: bool,
    /// Compile the guest without a limit on complexity: a few kilobytes can take hours and all memory
    #[arg(long)]
    allow_complex_guests: bool,
}

/// A function that sets one limit.
type Setter = fn(StoreLimits, usize) -> StoreLimits;

impl LimitArgs {
    /// Sets what was given.
    pub(crate) fn apply(&self, config: &mut RunConfig) {
        let mut limits = config.limits;
        let settings: [(Option<u64>, Setter); 9] = [
            (self.max_memory, StoreLimits::memory_size),
            (self.max_total_memory, StoreLimits::total_memory_bytes),
            (self.max_table, StoreLimits::table_elements),
            (self.max_table_elements, StoreLimits::total_table_elements),
            (self.max_instances, StoreLimits::instances),
            (self.max_memories, StoreLimits::memories),
            (self.max_tables, StoreLimits::tables),
            (self.max_handles, StoreLimits::handles),
            (self.max_call_bytes, StoreLimits::hostcall_fuel),
        ];
        for (value, set) in settings {
            if let Some(value) = value {
                limits = set(limits, usize::try_from(value).unwrap_or(usize::MAX));
            }
        }
        config.limits = limits.trap_on_grow_failure(self.trap_on_grow_failure);
        if let Some(bytes) = self.max_random {
            config.wasi.max_random_size(bytes);
        }
        config.raw_wasi = self.raw_wasi;
        config.wasi_p3 = self.wasi_p3;
        config.allow_complex_guests = self.allow_complex_guests;
    }
}

/// The greatest number lifts a limit.
fn limit(text: &str) -> Result<u64, String> {
    match text {
        "none" => Ok(u64::MAX),
        number => number.parse().map_err(|_| "expected a number or `none`".to_owned()),
    }
}
