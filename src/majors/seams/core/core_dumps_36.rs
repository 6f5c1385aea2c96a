//! What core dumps are written of, 36 to 39.

/// Memories that threads share are left out.
pub(super) const SHARED_MEMORIES: bool = true;

pub(super) const WIDE_MEMORIES: bool = true;

/// Components that call each other, and globals that hold exceptions or continuations.
pub(super) const EVERYTHING_ELSE: bool = false;

/// Instances; up to 33 their lists of exports are empty, and looking an export up panics.
pub(super) const INSTANCES: bool = true;

/// Modules without functions of their own; up to 39 writing them panics.
pub(super) const WITHOUT_FUNCTIONS: bool = false;
