//! Owns the traps: one list for all majors.

use std::fmt;

mod faults;

/// Why a guest was stopped, the same variant on every major for the same fault.
///
/// The first variants are what the WebAssembly machine stops a guest for. The later ones are faults that the host finds
/// when the guest calls it: the component model and WASI call them traps too, although many majors report them as
/// errors without a type.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Linker, Module, Newest, Store, Trap};
///
/// // (module (func (export "div") (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_s))
/// let wasm = b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03div\0\0\
///     \x0a\x09\x01\x07\0\x20\0\x20\x01\x6d\x0b";
/// let engine = Engine::<Newest>::new(&Config::new())?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let error = instance.get_typed_func::<(i32, i32), i32>(&mut store, "div")?.call(&mut store, (1, 0)).unwrap_err();
/// assert_eq!(error.trap(), Some(&Trap::IntegerDivisionByZero));
/// assert_eq!(Trap::IntegerDivisionByZero.name(), "integer-division-by-zero");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Trap {
    /// The call stack is exhausted.
    StackOverflow,
    /// An access beyond the end of a linear memory.
    MemoryOutOfBounds,
    /// An atomic access to a misaligned address.
    HeapMisaligned,
    /// An access beyond the end of a table.
    TableOutOfBounds,
    /// An indirect call through a null table entry.
    IndirectCallToNull,
    /// An indirect call to a function of another type.
    BadSignature,
    /// An integer operation overflowed.
    IntegerOverflow,
    /// An integer was divided by zero.
    IntegerDivisionByZero,
    /// A float that is not representable was converted to an integer.
    BadConversionToInteger,
    /// `unreachable` was executed.
    Unreachable,
    /// The epoch deadline passed.
    Interrupt,
    /// The fuel is used up.
    OutOfFuel,
    /// An atomic wait on a memory that is not shared.
    AtomicWaitNonSharedMemory,
    /// A null reference was used.
    NullReference,
    /// A component was entered again while it may not be.
    CannotEnterComponent,
    /// An access beyond the end of an array.
    ArrayOutOfBounds,
    /// An allocation is too large to succeed.
    AllocationTooLarge,
    /// A reference could not be cast.
    CastFailure,
    /// An exception was thrown and not caught.
    UncaughtException,
    /// A component called out of itself where the component model forbids it, for example from a `realloc` function.
    CannotLeaveComponent,
    /// A pointer given to the host, with the length that belongs to it, leads out of the guest's memory.
    PointerOutOfBounds,
    /// A pointer given to the host is not aligned as the type behind it demands.
    PointerMisaligned,
    /// An enum, variant, option, result or set of flags has a value that its type does not have.
    InvalidDiscriminant,
    /// A string given to the host is not valid in its encoding.
    InvalidString,
    /// A `char` given to the host is not a Unicode scalar value.
    InvalidChar,
    /// A handle does not exist, or belongs to a resource of another type.
    InvalidHandle,
    /// A resource was dropped while it was borrowed, or while others made from it still existed.
    ResourceInUse,
    /// A function of `wasi_snapshot_preview1` needs the guest's memory, and the guest exports none called `memory`.
    MemoryNotExported,
    /// More of something than the store allows; see [`StoreLimits`](crate::StoreLimits).
    LimitExceeded,
    /// An exit code that `wasi_snapshot_preview1` does not allow: 126 or more.
    InvalidExitCode,
    /// A call into WASI that its object does not allow in its present state, for example a write of more bytes than
    /// `check-write` permitted.
    InvalidOperation,
    /// A trap this crate has no variant for; the text is Wasmtime's.
    Other(String),
}

impl Trap {
    /// The trap Wasmtime calls `name` (the variant of its own enum) and describes as `text`.
    ///
    /// Names are stable across majors while the set of variants is not, so this works for all of them without
    /// naming a variant that some major lacks.
    pub(crate) fn named(name: &str, text: String) -> Self {
        match name {
            "StackOverflow" => Self::StackOverflow,
            "MemoryOutOfBounds" => Self::MemoryOutOfBounds,
            "HeapMisaligned" => Self::HeapMisaligned,
            "TableOutOfBounds" => Self::TableOutOfBounds,
            "IndirectCallToNull" => Self::IndirectCallToNull,
            "BadSignature" => Self::BadSignature,
            "IntegerOverflow" => Self::IntegerOverflow,
            "IntegerDivisionByZero" => Self::IntegerDivisionByZero,
            "BadConversionToInteger" => Self::BadConversionToInteger,
            "UnreachableCodeReached" => Self::Unreachable,
            "Interrupt" => Self::Interrupt,
            "OutOfFuel" => Self::OutOfFuel,
            "AtomicWaitNonSharedMemory" => Self::AtomicWaitNonSharedMemory,
            "NullReference" | "NullI31Ref" => Self::NullReference,
            // Up to 36 for a component that calls itself.
            "CannotEnterComponent" | "AlwaysTrapAdapter" => Self::CannotEnterComponent,
            "ArrayOutOfBounds" => Self::ArrayOutOfBounds,
            "AllocationTooLarge" => Self::AllocationTooLarge,
            "CastFailure" => Self::CastFailure,
            "UncaughtException" => Self::UncaughtException,
            "CannotLeaveComponent" => Self::CannotLeaveComponent,
            "StringOutOfBounds" | "ListOutOfBounds" => Self::PointerOutOfBounds,
            "UnalignedPointer" => Self::PointerMisaligned,
            "InvalidDiscriminant" => Self::InvalidDiscriminant,
            "InvalidChar" => Self::InvalidChar,
            _ => Self::Other(text),
        }
    }

    /// A short name for machines: lower case, words joined by hyphens; `other` for [`Trap::Other`].
    pub fn name(&self) -> &'static str {
        match self {
            Self::StackOverflow => "stack-overflow",
            Self::MemoryOutOfBounds => "memory-out-of-bounds",
            Self::HeapMisaligned => "heap-misaligned",
            Self::TableOutOfBounds => "table-out-of-bounds",
            Self::IndirectCallToNull => "indirect-call-to-null",
            Self::BadSignature => "bad-signature",
            Self::IntegerOverflow => "integer-overflow",
            Self::IntegerDivisionByZero => "integer-division-by-zero",
            Self::BadConversionToInteger => "bad-conversion-to-integer",
            Self::Unreachable => "unreachable",
            Self::Interrupt => "interrupt",
            Self::OutOfFuel => "out-of-fuel",
            Self::AtomicWaitNonSharedMemory => "atomic-wait-non-shared-memory",
            Self::NullReference => "null-reference",
            Self::CannotEnterComponent => "cannot-enter-component",
            Self::ArrayOutOfBounds => "array-out-of-bounds",
            Self::AllocationTooLarge => "allocation-too-large",
            Self::CastFailure => "cast-failure",
            Self::UncaughtException => "uncaught-exception",
            Self::CannotLeaveComponent => "cannot-leave-component",
            Self::PointerOutOfBounds => "pointer-out-of-bounds",
            Self::PointerMisaligned => "pointer-misaligned",
            Self::InvalidDiscriminant => "invalid-discriminant",
            Self::InvalidString => "invalid-string",
            Self::InvalidChar => "invalid-char",
            Self::InvalidHandle => "invalid-handle",
            Self::ResourceInUse => "resource-in-use",
            Self::MemoryNotExported => "memory-not-exported",
            Self::LimitExceeded => "limit-exceeded",
            Self::InvalidExitCode => "invalid-exit-code",
            Self::InvalidOperation => "invalid-operation",
            Self::Other(_) => "other",
        }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(text) => f.write_str(text),
            known => f.write_str(&known.name().replace('-', " ")),
        }
    }
}

impl std::error::Error for Trap {}
