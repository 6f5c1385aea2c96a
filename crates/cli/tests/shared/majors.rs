//! The majors of the command line that is tested, without the code that would run guests on them here, too.

use std::sync::OnceLock;

use wasmtime_compat::report::RuntimeReport;
use wasmtime_compat::{Visitor, Wasmtime, visit_enabled};

/// A major.
pub(crate) struct Major {
    report: RuntimeReport,
}

impl Major {
    pub(crate) fn major(&self) -> u64 {
        self.report.release.major
    }

    pub(crate) fn report(&self) -> &RuntimeReport {
        &self.report
    }
}

/// The majors that are compiled in, oldest first.
pub(crate) fn enabled() -> &'static [Major] {
    struct Reports;

    impl Visitor for Reports {
        type Output = Major;

        fn visit<W: Wasmtime>(&mut self) -> Major {
            Major { report: W::report() }
        }
    }

    static MAJORS: OnceLock<Vec<Major>> = OnceLock::new();
    MAJORS.get_or_init(|| visit_enabled(&mut Reports))
}
