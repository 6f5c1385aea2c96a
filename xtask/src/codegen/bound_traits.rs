//! Owns the text of the traits that hold for a type when they hold on every major compiled in.

use std::fmt::Write as _;

use crate::versions::Versions;

/// The traits, each with one supertrait per major.
pub(super) fn bound_traits(versions: &Versions) -> String {
    let mut out = String::new();
    for (name, doc, suffix) in [
        (
            "WasmParams",
            "Parameters of a WebAssembly function: a scalar or a tuple of scalars, on every major.",
            "Params",
        ),
        (
            "WasmResults",
            "Results of a WebAssembly function: `()`, a scalar or a tuple of scalars, on every major.",
            "Results",
        ),
        ("HostParams", "Parameters of a host function: a tuple of scalars.", "HostParams"),
        ("HostResults", "Results of a host function: `()`, a scalar or a tuple of scalars.", "HostResults"),
        ("ComponentLower", "What is passed into a component: a tuple of types that every major can lower.", "Lower"),
        ("ComponentLift", "What comes out of a component: a tuple of types that every major can lift.", "Lift"),
    ] {
        let bounds: String = versions.numbers().map(|n| format!("    + v{n}::{suffix}\n")).collect();
        write!(
            out,
            r#"
/// {doc}
///
/// It holds for a type when it holds on every major compiled in, so generic code needs no bound per major.
pub trait {name}:
    Send
    + Sync
    + 'static
{bounds}{{
}}

impl<T> {name} for T where
    T: Send
        + Sync
        + 'static
{}{{
}}
"#,
            bounds.replace("    +", "        +"),
        )
        .expect("write to a string");
    }
    out
}
