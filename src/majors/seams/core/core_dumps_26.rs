//! What core dumps are written of, 26 to 33: the contents of shared memories are read as if nobody else wrote them.

/// Memories that threads share are left out.
pub(super) const SHARED_MEMORIES: bool = false;

pub(super) const WIDE_MEMORIES: bool = true;

/// Components that call each other, and globals that hold exceptions or continuations.
pub(super) const EVERYTHING_ELSE: bool = false;

/// Instances; up to 33 their lists of exports are empty, and looking an export up panics.
pub(super) const INSTANCES: bool = false;

/// Modules without functions of their own; up to 39 writing them panics.
pub(super) const WITHOUT_FUNCTIONS: bool = false;
