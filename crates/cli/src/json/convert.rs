//! Owns the conversion of the library's types into the JSON shapes.

use wasmtime_compat::report::{KnownIssue, StringOverflow};
use wasmtime_compat::wasi::{self, PreopenReport, PreopenStatus, Problem};
use wasmtime_compat::{AdapterWarning, Difference, MisnamedPreopen};

use super::{
    Access, BrokenAdapter, Frame, Known, Name, Overflow, Policy, Preopen, PreopenWarning, Symbol, Verdict, Warning,
};

impl From<&wasmtime_compat::Frame> for Frame {
    fn from(frame: &wasmtime_compat::Frame) -> Self {
        Self {
            module: frame.module.clone(),
            function: frame.function.clone(),
            function_index: frame.function_index,
            module_offset: frame.module_offset,
            function_offset: frame.function_offset,
            symbols: frame.symbols.iter().map(Symbol::from).collect(),
            line: frame.to_string(),
        }
    }
}

impl From<&wasmtime_compat::FrameSymbol> for Symbol {
    fn from(symbol: &wasmtime_compat::FrameSymbol) -> Self {
        Self { name: symbol.name.clone(), file: symbol.file.clone(), line: symbol.line, column: symbol.column }
    }
}

/// Every entry of a report.
pub(crate) fn preopens(report: &PreopenReport) -> Vec<Preopen> {
    report.entries().iter().map(Preopen::from).collect()
}

impl From<&PreopenStatus> for Preopen {
    fn from(status: &PreopenStatus) -> Self {
        let first = status.problems.first();
        Self {
            guest: status.guest.to_string(),
            host: status.host.to_string_lossy().into_owned(),
            absolute: status.absolute.to_string_lossy().into_owned(),
            access: match status.access.may_write() {
                false => Access::ReadOnly,
                true => Access::ReadWrite,
            },
            policy: match status.policy {
                wasi::Policy::Required => Policy::Required,
                wasi::Policy::Optional => Policy::Optional,
                wasi::Policy::Create => Policy::Create,
            },
            verdict: match status.verdict {
                wasi::Verdict::Ok => Verdict::Ok,
                wasi::Verdict::Created => Verdict::Created,
                wasi::Verdict::Creatable => Verdict::Creatable,
                wasi::Verdict::Dropped => Verdict::Dropped,
                wasi::Verdict::Error => Verdict::Error,
            },
            reason: first.map(|problem| problem.reason.name().into()),
            hint: first.map(|problem| problem.hint.clone()),
            reasons: status.problems.iter().map(|problem| problem.reason.name().into()).collect(),
            hints: status.problems.iter().map(|problem| problem.hint.clone()).collect(),
            warnings: status.warnings.iter().map(PreopenWarning::from).collect(),
        }
    }
}

impl From<&Problem> for PreopenWarning {
    fn from(warning: &Problem) -> Self {
        Self { reason: warning.reason.name().into(), hint: warning.hint.clone() }
    }
}

impl From<&AdapterWarning> for Warning {
    fn from(warning: &AdapterWarning) -> Self {
        let KnownIssue { id, what, fixed, link, .. } = *warning.issue;
        Self {
            path: warning.path.clone(),
            adapter: warning.adapter.to_string(),
            id: id.into(),
            what: what.into(),
            fixed: fixed.map(Into::into),
            url: link.into(),
            overflow: warning.overflow.as_ref().map(Overflow::from),
            text: warning.to_string(),
        }
    }
}

impl From<&StringOverflow> for Overflow {
    fn from(overflow: &StringOverflow) -> Self {
        let StringOverflow { kind, index, variable, bytes, most, .. } = overflow;
        Self { kind: kind.name().into(), index: *index, variable: variable.clone(), bytes: *bytes, most: *most }
    }
}

impl From<&wasmtime_compat::BrokenAdapter> for BrokenAdapter {
    fn from(broken: &wasmtime_compat::BrokenAdapter) -> Self {
        let name = |preopen: &MisnamedPreopen| Name { guest: preopen.guest.clone(), seen: preopen.seen.clone() };
        Self {
            path: broken.path.clone(),
            adapter: broken.adapter.to_string(),
            id: broken.issue.id.into(),
            url: broken.issue.link.into(),
            names: broken.preopens.iter().map(name).collect(),
        }
    }
}

impl From<&Difference> for Known {
    fn from(known: &Difference) -> Self {
        let Difference { id, versions, what, link, .. } = *known;
        Self { id, versions, what, link }
    }
}
