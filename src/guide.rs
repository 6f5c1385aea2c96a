//! Owns the guide: how to choose majors, move a host in, and use what this crate adds to Wasmtime.
//!
//! The chapters are the files of `docs/guide`, which can be read in the repository as well. Every example in Rust is
//! compiled and run by the tests, with whatever majors are on. In a chapter that assertion of an example which needs a
//! certain major is in [`if_major!`](crate::if_major); a program of your own, whose majors are known, does without.
//!
//! | question | chapter |
//! |---|---|
//! | Which features do I turn on? | [`choosing_majors`] |
//! | How does my library work with its user's Wasmtime? | [`library`] |
//! | How does my program hold two majors? | [`two_majors`] |
//! | What changes for my host? | [`from_18_19`], [`from_20_28`], [`from_29_41`], [`from_42`]; [`tables`] has every call |
//! | Why does my guest not see its directories? | [`preopens`], [`adapters`] |
//! | How do I start guests faster? | [`precompiled`], [`performance`] |
//! | Do I want asynchronous calls? | [`asynchronous`] |
//! | May my guests be hostile? | [`hostile_guests`]; [`bounds`] lists every limit |
//! | How do I test on several majors? | [`matrix`] |
//! | What still differs between majors? | [`differences`] |
//! | How do I bind components, and pass values of my own types? | [`components`] |
//! | How do guests respond to HTTP requests, and make them? | [`http`] |
//! | I use wasm_runtime_layer, or a binding of the C API | [`wasm_runtime_layer`], [`command_line`] |

/// Where the links between chapters lead here. Each chapter defines them again for the repository, and the first
/// definition of a link counts.
macro_rules! links {
    () => {
        concat!(
            "[library]: crate::guide::library\n",
            "[two]: crate::guide::two_majors\n",
            "[matrix]: crate::guide::matrix\n",
            "[hostile]: crate::guide::hostile_guests\n",
            "[adapters]: crate::guide::adapters\n",
            "[precompiled]: crate::guide::precompiled\n",
            "[tables]: crate::guide::tables\n",
            "[differences]: crate::guide::differences\n",
            "[preopens]: crate::guide::preopens\n",
            "[async]: crate::guide::asynchronous\n",
            "[launcher]: crate::guide::command_line\n",
            "[performance]: crate::guide::performance\n",
            "[bounds]: crate::guide::bounds\n",
            "[components]: crate::guide::components\n",
            "[http]: crate::guide::http\n",
        )
    };
}

pub mod choosing_majors {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/01-choosing-majors.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`releases`](crate::report::releases), ",
        "[`CoreWasmtime`](crate::CoreWasmtime), ",
        "[`Wasmtime`](crate::Wasmtime), ",
        "[`GuestReport`](crate::report::GuestReport).",
    )]
}

pub mod library {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/02-libraries.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`Linker`](crate::Linker), ",
        "[`Data`](crate::Data), ",
        "[`AsContextMut`](crate::AsContextMut), ",
        "[`Engine::from_raw`](crate::Engine::from_raw), ",
        "[`per_major!`](crate::per_major!).",
    )]
}

pub mod two_majors {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/03-two-majors.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`enabled`](crate::enabled), ",
        "[`by_major`](crate::by_major), ",
        "[`visit_enabled`](crate::visit_enabled), ",
        "[`AnyWasmtime`](crate::AnyWasmtime), ",
        "[`for_each_major!`](crate::for_each_major), ",
        "[`mount!`](crate::mount).",
    )]
}

pub mod from_18_19 {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/04-from-18-19.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`WasiConfig`](crate::wasi::WasiConfig), ",
        "[`Preopen`](crate::wasi::Preopen), ",
        "[`Command`](crate::Command), ",
        "[`Error::exit_code`](crate::Error::exit_code).",
    )]
}

pub mod from_20_28 {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/05-from-20-28.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`Linker::func_wrap_async`](crate::Linker::func_wrap_async), ",
        "[`Preopens::check`](crate::wasi::Preopens::check).",
    )]
}

pub mod from_29_41 {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/06-from-29-41.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`Error::downcast_ref`](crate::Error::downcast_ref), ",
        "[`ErrorKind`](crate::ErrorKind), ",
        "[`Trap`](crate::Trap).",
    )]
}

pub mod from_42 {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/07-from-42-50.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`Network`](crate::wasi::Network), ",
        "[`Access`](crate::wasi::Access), ",
        "[`Unsupported`](crate::Unsupported).",
    )]
}

pub mod preopens {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/08-preopens.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`Preopen`](crate::wasi::Preopen), ",
        "[`Preopens`](crate::wasi::Preopens), ",
        "[`PreopenReport`](crate::wasi::PreopenReport), ",
        "[`Reason`](crate::wasi::Reason).",
    )]
}

pub mod adapters {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/09-adapters.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`GuestReport`](crate::report::GuestReport), ",
        "[`adapter_issues`](crate::report::adapter_issues), ",
        "[`AdapterWarning`](crate::AdapterWarning), ",
        "[`BrokenAdapter`](crate::BrokenAdapter).",
    )]
}

pub mod precompiled {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/10-precompiled.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`Precompiled`](crate::Precompiled), ",
        "[`Mismatch`](crate::Mismatch), ",
        "[`Cache`](crate::Cache), ",
        "[`Engine`](crate::Engine).",
    )]
}

pub mod asynchronous {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/11-async.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`Config::async_support`](crate::Config::async_support), ",
        "[`Command::run_async`](crate::Command::run_async), ",
        "[`Store`](crate::Store).",
    )]
}

pub mod hostile_guests {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/12-hostile-guests.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`StoreLimits`](crate::StoreLimits), ",
        "[`RunConfig`](crate::RunConfig), ",
        "[`Outcome`](crate::Outcome), ",
        "[`wasi::bounds`](crate::wasi::bounds()).",
    )]
}

pub mod matrix {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/13-matrix.md")]
    #![doc = "\n"]
    #![doc = "Items: [`known_differences`](crate::known_differences)."]
}

pub mod differences {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/14-differences.md")]
    #![doc = "\n"]
    #![doc = "Items: [`Difference`](crate::Difference), [`known_differences`](crate::known_differences)."]
}

pub mod performance {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/15-performance.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`InstancePre`](crate::InstancePre), ",
        "[`TypedFunc`](crate::TypedFunc), ",
        "[`PoolingAllocationConfig`](crate::PoolingAllocationConfig).",
    )]
}

pub mod wasm_runtime_layer {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/16-wasm-runtime-layer.md")]
    #![doc = "\n"]
    #![doc = "Items: [`Instance`](crate::Instance), [`Func`](crate::Func), [`Val`](crate::Val)."]
}

pub mod command_line {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/17-command-line.md")]
}

pub mod components {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/18-components.md")]
    #![doc = "\n"]
    #![doc = concat!(
        "Items: ",
        "[`component::Linker`](crate::component::Linker), ",
        "[`component::Instance`](crate::component::Instance), ",
        "[`component::TypedFunc`](crate::component::TypedFunc), ",
        "[`component::Val`](crate::component::Val), ",
        "[`component::types`](crate::component::types), ",
        "[`component::ResourceTable`](crate::component::ResourceTable), ",
        "[`AnyInstance`](crate::AnyInstance).",
    )]
}

pub mod http {
    #![doc = links!()]
    #![doc = include_str!("../docs/guide/19-http.md")]
}

pub mod tables {
    #![doc = links!()]
    #![doc = include_str!("../docs/MIGRATION.md")]
}

pub mod bounds {
    #![doc = links!()]
    #![doc = include_str!("../docs/BOUNDS.md")]
}
