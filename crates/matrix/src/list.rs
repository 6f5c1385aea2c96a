//! Owns the list of columns, for people, programs and GitHub's matrices.

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::project::Plan;

/// In which form the columns are listed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// A line per major
    #[default]
    Text,
    /// An array of objects
    Json,
    /// `{"include":[...]}` on one line, for `fromJSON` in a workflow
    Github,
}

/// Lists the columns.
///
/// # Errors
/// Never, unless memory is short.
pub(crate) fn list(plans: &[&Plan], format: Format) -> Result<String> {
    let entries: Vec<Value> = plans.iter().map(|plan| entry(plan)).collect();
    let text = match format {
        Format::Text => {
            let line = |plan: &&Plan| {
                let column = &plan.column;
                let pin = column.pin.as_deref().unwrap_or_default();
                let reason = plan.not_run.as_ref().map(|reason| format!("  not run: {reason}")).unwrap_or_default();
                format!("{:<4} {pin:<10} {}{reason}", column.major, column.toolchain.as_deref().unwrap_or_default())
            };
            return Ok(plans.iter().map(line).map(|line| line.trim_end().to_owned() + "\n").collect());
        }
        Format::Json => serde_json::to_string_pretty(&entries),
        Format::Github => serde_json::to_string(&json!({ "include": entries })),
    };
    Ok(text.context("write JSON")? + "\n")
}

fn entry(plan: &Plan) -> Value {
    let column = &plan.column;
    json!({
        "major": column.major,
        "pin": column.pin,
        "toolchain": plan.install.as_ref().or(column.toolchain.as_ref()),
        "experimental": column.experimental,
    })
}
