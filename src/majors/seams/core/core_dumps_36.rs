//! What core dumps are written of, 36 to 48.

/// Memories that threads share are left out.
pub(super) const SHARED_MEMORIES: bool = true;

pub(super) const WIDE_MEMORIES: bool = true;

/// Components that call each other, and globals that hold exceptions or continuations.
pub(super) const EVERYTHING_ELSE: bool = false;
