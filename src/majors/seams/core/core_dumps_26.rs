//! What core dumps are written of, 26 to 35: the contents of shared memories are read as if nobody else wrote them.

/// Memories that threads share are left out.
pub(super) const SHARED_MEMORIES: bool = false;

pub(super) const WIDE_MEMORIES: bool = true;

/// Components that call each other, and globals that hold exceptions or continuations.
pub(super) const EVERYTHING_ELSE: bool = false;
