//! Owns the differences that are known: results that are not the same on all majors, and why.

use crate::execute::{Finding, What};

/// A difference that is no failure.
pub(crate) struct Known {
    pub(crate) id: &'static str,
    /// What differs, and between which majors.
    #[expect(dead_code, reason = "it is read by whoever reads this table")]
    reason: &'static str,
    matches: fn(&Finding) -> bool,
}

/// All of them.
const KNOWN: &[Known] = &[];

/// The known difference that this finding is.
pub(crate) fn find(finding: &Finding) -> Option<&'static Known> {
    KNOWN.iter().find(|known| finding.what == What::Differs && (known.matches)(finding))
}
