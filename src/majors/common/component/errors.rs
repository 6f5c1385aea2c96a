//! Errors of components: this major's error type into ours.

use super::{MAJOR, error, wasmtime};
use crate::command::MissingImport;
use crate::error::{Error, ErrorKind};

/// Why a component is not compiled.
pub(super) fn not_a_component(raw: wasmtime::Error) -> Error {
    error::classify(raw, ErrorKind::InvalidGuest, "not a valid component")
}

/// Why a component cannot be linked: the import is named in backticks somewhere in the chain of causes, and so is what of
/// it does not fit.
pub(super) fn link_component(raw: wasmtime::Error, imports: &[String]) -> Error {
    let text = format!("{raw:#}");
    let named = text.split('`').skip(1).step_by(2).find_map(|name| imports.iter().find(|import| *import == name));
    let Some(import) = named else {
        return error::classify(raw, ErrorKind::Link, "cannot link the component");
    };
    let item = text.split_once("instance export `").and_then(|(_, rest)| rest.split('`').next());
    let cause = raw.root_cause().to_string();
    // 18 and 19 say `found nothing`.
    let wrong_type = !cause.contains("implementation is missing") && !cause.contains("nothing");
    let missing = MissingImport::new(import.clone(), MAJOR).with_item(item, wrong_type, MAJOR);
    // 18 says `expected func`, for what it has and for what it does not have.
    let is_function = item.is_none()
        && (cause.starts_with("expected func") || text.contains(&format!("component imports function `{import}`")));
    let missing = MissingImport { is_function: is_function && import.starts_with("wasi:"), ..missing };
    Error::from_missing_import(missing, MAJOR).with_report(raw)
}
