//! Owns the texts with which Wasmtime reports a guest's faults where its errors have no type: the names of the same
//! fault differ between majors and between parts of one major.

use super::Trap;

/// Part of a text, and the fault it stands for. The first that is found counts.
const FAULTS: &[(&str, Trap)] = &[
    ("cannot leave component instance", Trap::CannotLeaveComponent),
    ("cannot enter component instance", Trap::CannotEnterComponent),
    ("thrown Wasm exception", Trap::UncaughtException),
    ("missing required memory export", Trap::MemoryNotExported),
    ("invalid exit status", Trap::InvalidExitCode),
    // Limits. `ResourceTable` is full at its capacity, handles of guests and instances at the store's numbers.
    ("store handle limit exceeded", Trap::LimitExceeded),
    ("too many active lends", Trap::LimitExceeded),
    ("cannot allocate another handle", Trap::LimitExceeded),
    ("resource limit exceeded", Trap::LimitExceeded),
    ("table has no free keys", Trap::LimitExceeded),
    ("exceeds memory limits", Trap::LimitExceeded),
    ("exceeds table limits", Trap::LimitExceeded),
    ("overflow calculating new table size", Trap::LimitExceeded),
    ("exceeds limit", Trap::LimitExceeded),
    // Fields of HTTP.
    ("Field size limit", Trap::LimitExceeded),
    ("too many fields in the field map", Trap::LimitExceeded),
    ("max size reached", Trap::LimitExceeded),
    ("too much data", Trap::LimitExceeded),
    ("fuel allocated for hostcalls has been exhausted", Trap::LimitExceeded),
    ("GC heap out of memory", Trap::LimitExceeded),
    ("failed to grow GC heap", Trap::LimitExceeded),
    // Handles and resources.
    ("resource has children", Trap::ResourceInUse),
    ("owned resource while borrowed", Trap::ResourceInUse),
    ("borrow handles still remain", Trap::ResourceInUse),
    ("unknown handle index", Trap::InvalidHandle),
    ("mismatched resource types", Trap::InvalidHandle),
    ("resource type mismatch", Trap::InvalidHandle),
    ("resource not present", Trap::InvalidHandle),
    ("resource is of another type", Trap::InvalidHandle),
    ("resource already consumed", Trap::InvalidHandle),
    ("resource was already de-allocated", Trap::InvalidHandle),
    ("used with the wrong type", Trap::InvalidHandle),
    ("cannot lift own resource from a borrow", Trap::InvalidHandle),
    ("is not a resource", Trap::InvalidHandle),
    ("is not an own resource", Trap::InvalidHandle),
    // Pointers. The component model speaks in small letters, `wiggle`, which reads preview1's arguments, in capitals.
    ("not aligned", Trap::PointerMisaligned),
    ("out of bounds of memory", Trap::PointerOutOfBounds),
    ("ointer out of bounds", Trap::PointerOutOfBounds),
    ("ointer overflow", Trap::PointerOutOfBounds),
    ("pointer size overflow", Trap::PointerOutOfBounds),
    ("realloc return: beyond end of memory", Trap::PointerOutOfBounds),
    ("byte length too large", Trap::PointerOutOfBounds),
    ("byte length overflow", Trap::PointerOutOfBounds),
    ("size overflow copying", Trap::PointerOutOfBounds),
    // Values.
    ("invalid option discriminant", Trap::InvalidDiscriminant),
    ("invalid expected discriminant", Trap::InvalidDiscriminant),
    ("unexpected discriminant", Trap::InvalidDiscriminant),
    ("out of range [0..", Trap::InvalidDiscriminant),
    ("Invalid enum value", Trap::InvalidDiscriminant),
    ("Invalid flag value", Trap::InvalidDiscriminant),
    // More bits than the enum or the set of flags has.
    ("out of range integral type conversion", Trap::InvalidDiscriminant),
    ("invalid utf8 encoding", Trap::InvalidString),
    ("invalid utf16 encoding", Trap::InvalidString),
    ("invalid utf-16", Trap::InvalidString),
    ("unpaired surrogate", Trap::InvalidString),
    ("utf-8 sequence", Trap::InvalidString),
    ("utf-8 byte sequence", Trap::InvalidString),
    ("Invalid UTF-8", Trap::InvalidString),
    ("out of range for `char`", Trap::InvalidChar),
    // The order of calls.
    ("write exceeded budget", Trap::InvalidOperation),
    ("empty poll list", Trap::InvalidOperation),
    ("concurrent reads are not supported", Trap::InvalidOperation),
    ("concurrent skips are not supported", Trap::InvalidOperation),
    ("concurrent writes", Trap::InvalidOperation),
    ("concurrent flushes", Trap::InvalidOperation),
    ("streams not dropped yet", Trap::InvalidOperation),
    ("cannot write more zeroes than", Trap::InvalidOperation),
    ("Buffer too large for blocking", Trap::InvalidOperation),
    ("not permitted to write", Trap::InvalidOperation),
    ("write not permitted", Trap::InvalidOperation),
    ("unpermitted", Trap::InvalidOperation),
];

impl Trap {
    /// The fault that Wasmtime describes as `text`, if it is a fault of the guest's.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        FAULTS.iter().find(|(part, _)| text.contains(part)).map(|(_, trap)| trap.clone())
    }
}
