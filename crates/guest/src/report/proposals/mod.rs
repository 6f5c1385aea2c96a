//! Owns which WebAssembly proposals a guest uses.

mod code;
mod cost;
mod images;
mod instances;
mod instantiate;
mod room;
mod shapes;
mod skeleton;
mod weight;

use wasmparser::WasmFeatures;

pub(super) use self::room::Room;
pub use self::skeleton::weigh;
pub(super) use self::skeleton::{DEEPEST, Skeleton};

/// Code of up to this many bytes is validated; more is only decoded, because validation costs a compiler's time.
const VALIDATED_CODE: usize = 512 << 10;

/// Lists the proposals once: variant, what it is, name, and wasmparser's feature.
macro_rules! proposals {
    ($($variant:ident $name:literal $feature:ident $doc:literal,)*) => {
        /// A WebAssembly proposal, or what was one before it was merged into the standard.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum WasmProposal {
            $(#[doc = $doc] $variant,)*
        }

        impl WasmProposal {
            /// All of them, in the order of their names.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The proposal's name, lower case with hyphens; those of the component model begin with `cm`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            fn feature(self) -> WasmFeatures {
                match self {
                    $(Self::$variant => WasmFeatures::$feature,)*
                }
            }
        }
    };
}

proposals! {
    AcquireReleaseAtomics "acquire-release-atomics" ACQUIRE_RELEASE_ATOMICS "Atomics weaker than sequentially consistent.",
    BulkMemory "bulk-memory" BULK_MEMORY "Copying and filling memories and tables.",
    Cm64 "cm64" CM64 "Components with 64-bit memories.",
    CmAccessors "cm-accessors" CM_ACCESSORS "Accessors in components.",
    CmAsync "cm-async" CM_ASYNC "Asynchronous functions, streams and futures of components.",
    CmAsyncStackful "cm-async-stackful" CM_ASYNC_STACKFUL "Asynchronous functions with stacks of their own.",
    CmCanonNames "cm-canon-names" CM_CANON_NAMES "Names without the part of the version that says nothing.",
    CmErrorContext "cm-error-context" CM_ERROR_CONTEXT "Error contexts of components.",
    CmFixedLengthLists "cm-fixed-length-lists" CM_FIXED_LENGTH_LISTS "Lists of a fixed length.",
    CmForward "cm-forward" CM_FORWARD "Forward declarations in components.",
    CmGc "cm-gc" CM_GC "The canonical ABI over garbage-collected types.",
    CmImplements "cm-implements" CM_IMPLEMENTS "Several imports of one interface.",
    CmMap "cm-map" CM_MAP "Maps in components.",
    CmMoreAsyncBuiltins "cm-more-async-builtins" CM_MORE_ASYNC_BUILTINS "More functions for asynchronous components.",
    CmNestedNames "cm-nested-names" CM_NESTED_NAMES "Nested names of components.",
    CmThreading "cm-threading" CM_THREADING "Threads of components.",
    CmValues "cm-values" CM_VALUES "Values in components.",
    CompactImports "compact-imports" COMPACT_IMPORTS "A shorter import section.",
    CustomDescriptors "custom-descriptors" CUSTOM_DESCRIPTORS "Descriptors of garbage-collected types.",
    CustomPageSizes "custom-page-sizes" CUSTOM_PAGE_SIZES "Memories with other page sizes than 64 KiB.",
    Exceptions "exceptions" EXCEPTIONS "Exception handling.",
    ExtendedConst "extended-const" EXTENDED_CONST "Arithmetic in constant expressions.",
    FunctionReferences "function-references" FUNCTION_REFERENCES "Typed references to functions.",
    Gc "gc" GC "Garbage-collected types.",
    LegacyExceptions "legacy-exceptions" LEGACY_EXCEPTIONS "Exception handling as it was proposed first.",
    Memory64 "memory64" MEMORY64 "64-bit memories and tables.",
    MemoryControl "memory-control" MEMORY_CONTROL "Giving memory back.",
    MultiMemory "multi-memory" MULTI_MEMORY "Several memories in one module.",
    MultiValue "multi-value" MULTI_VALUE "Functions and blocks with several results.",
    MultibyteArrayAccess "multibyte-array-access" MULTIBYTE_ARRAY_ACCESS "Wider access to arrays of bytes.",
    MutableGlobal "mutable-global" MUTABLE_GLOBAL "Mutable globals that are imported or exported.",
    ReferenceTypes "reference-types" REFERENCE_TYPES "References to functions and to things of the host.",
    RelaxedSimd "relaxed-simd" RELAXED_SIMD "SIMD whose results may differ between machines.",
    SaturatingFloatToInt "saturating-float-to-int" SATURATING_FLOAT_TO_INT "Conversions to integers that do not trap.",
    SharedEverythingThreads "shared-everything-threads" SHARED_EVERYTHING_THREADS "Threads that share more than memories.",
    SignExtension "sign-extension" SIGN_EXTENSION "Sign extension of integers.",
    Simd "simd" SIMD "128-bit SIMD.",
    StackSwitching "stack-switching" STACK_SWITCHING "Continuations.",
    TailCall "tail-call" TAIL_CALL "Tail calls.",
    Threads "threads" THREADS "Atomics and shared memories.",
    WideArithmetic "wide-arithmetic" WIDE_ARITHMETIC "128-bit arithmetic.",
}

/// A set of proposals.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Set(u64);

impl Set {
    fn add(&mut self, proposal: WasmProposal) {
        self.0 |= 1 << proposal as u32;
    }

    fn contains(self, proposal: WasmProposal) -> bool {
        self.0 & (1 << proposal as u32) != 0
    }
}
