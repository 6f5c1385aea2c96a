//! Owns what is compared: each row once, for every benched major, with its goal.

use std::path::Path;

use wasmtime_compat::CoreWasmtime;

use crate::direct;
use crate::guests::{COUNTER, EXIT, LENGTH, RETURN};
use crate::measure::{Row, Subject};
use crate::ours;

/// The goal of synchronous calls, of instances, and of loading.
const SYNC: f64 = 1.02;
/// The goal of asynchronous calls and host functions.
const ASYNC: f64 = 1.03;
/// The goal of limiters, epochs and streams.
const HOOK: f64 = 1.03;
/// The goal of dynamic calls of components.
const DYNAMIC: f64 = 1.10;
/// The goal of whole commands.
const COMMAND: f64 = 1.05;

/// The number of pages that a memory grows by in one store, before the next store.
pub(crate) const GROWN: u32 = 256;

/// The sizes of reads and writes of memory.
const SMALL: usize = 64;
const LARGE: usize = 1 << 20;

/// Whether the direct side checks whether a directory is one before the directory is preopened, as users of Wasmtime are
/// advised to (bytecodealliance/wasmtime#8552). Ours always does, and checks more.
#[derive(Clone, Copy)]
pub(crate) struct Careful(pub(crate) bool);

/// Adds rows: the name, the goal, and a function that both sides have at the same path, with its arguments.
macro_rules! add {
    ($rows:ident, $W:ident, $major:ident: $($name:literal, $goal:ident, $room:ident::$function:ident($($argument:expr),*);)*) => {
        let major = <wasmtime_compat::$W as CoreWasmtime>::report().wasmtime.major.to_string();
        $($rows.push(Row {
            subject: Subject { major: major.clone(), name: $name.to_owned(), goal: $goal },
            ours: Box::new(move || ours::$room::$function::<wasmtime_compat::$W>($($argument),*)),
            direct: Box::new(move || direct::$major::$room::$function($($argument),*)),
        });)*
    };
}

/// The rows, major by major. Files of the rows are in `directory`; `work` is an empty directory.
pub(crate) fn rows<'a>(directory: &'a Path, work: &'a Path) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    macro_rules! of_major {
        ($W:ident, $major:ident) => {
            add! { rows, $W, $major:
                "typed call", SYNC, core::call();
                "dynamic call", SYNC, core::dynamic_call();
                "host function: closure", SYNC, core::closure();
                "host function: closure with the caller", SYNC, core::closure_with_caller();
                "host function: tuple form", SYNC, core::tuple();
                "host function: dynamic", SYNC, core::dynamic();
                "host function that calls its caller", SYNC, core::call_back();
                "memory: read 64 B", SYNC, core::memory_read(SMALL);
                "memory: write 64 B", SYNC, core::memory_write(SMALL);
                "memory: read 1 MiB", SYNC, core::memory_read(LARGE);
                "memory: write 1 MiB", SYNC, core::memory_write(LARGE);
                "global: get", SYNC, core::global_get();
                "global: set", SYNC, core::global_set();
                "async call", ASYNC, asynchronous::call();
                "async host function", ASYNC, asynchronous::host_function();
                "limiter: growth denied", HOOK, store::limiter(false);
                "limiter: growth accepted", HOOK, store::limiter(true);
                "epoch callback", HOOK, store::epoch_callback();
                "WASI round trip", SYNC, wasi::round_trip();
                "stream write", HOOK, wasi::stream();
                "`Store::new`", SYNC, store::new();
                "instantiate", SYNC, core::instantiate();
                "instantiate with a memory, on demand", SYNC, core::instantiate_on_demand();
                "instantiate with a memory, from a pool", SYNC, core::instantiate_from_pool();
                "load a module from a file", SYNC, engine::deserialize_file(directory);
                "load a module from the cache", SYNC, engine::cache(directory);
                "load a component", SYNC, engine::compile();
                "load a precompiled component", SYNC, engine::deserialize();
                "component call: scalars", SYNC, component::scalars();
                "component call: string of 1 kB", SYNC, component::string();
                "component call: list of 1000 `u32`", SYNC, component::list();
                "component call: list of 1000 records", SYNC, component::records();
                "component call: method of a resource", SYNC, component::method();
                "component call: async", ASYNC, asynchronous::component_call();
                "component call: dynamic, list of 1000 `u32`", DYNAMIC, component::dynamic_list();
                "component host function: scalars", SYNC, component::host_function("add", 1);
                "component host function: string of 1 kB", SYNC, component::host_function("string", LENGTH as u32);
                "component host function: list of 1000 `u32`", SYNC, component::host_function("list", LENGTH as u32);
                "component host function: list of 1000 records", SYNC, component::host_function("records", LENGTH as u32);
                "component host function: method of a resource", SYNC, component::host_function("method", COUNTER);
                "component host function: async", ASYNC, asynchronous::component_host_function();
                "command", COMMAND, command::command(RETURN, None, Careful(false));
                "command with a directory", COMMAND, command::command(RETURN, Some(work), Careful(false));
                "command with a directory, `proc_exit(0)`", COMMAND, command::command(EXIT, Some(work), Careful(false));
                "command with a directory that both check", COMMAND, command::command(RETURN, Some(work), Careful(true));
                "command with a directory that both check, `proc_exit(0)`", COMMAND,
                    command::command(EXIT, Some(work), Careful(true));
            }
        };
    }
    of_major!(V24, v24);
    of_major!(V36, v36);
    of_major!(V48, v48);
    rows
}
