//! Owns reading code: which proposals its instructions belong to, and what is counted to estimate the cost of compiling it.
//!
//! wasmparser knows every instruction, but asking it about each takes ten times as long as a large guest may take. So
//! the instructions of the first standard, whose shape never changed, are skipped here, and it is asked about the rest.

use wasmparser::{
    AbstractHeapType, BinaryReader, BlockType, BrTable, FrameKind, FrameStack, HeapType, Ieee32, Ieee64, MemArg,
    Ordering, RefType, ResumeTable, TryTable, V128, ValType, VisitOperator, VisitSimdOperator, for_each_visit_operator,
    for_each_visit_simd_operator,
};

use super::cost::{Function, Signatures};
use super::{Proposal, Set};

/// What follows an instruction's first byte.
#[derive(Clone, Copy)]
enum Shape {
    /// Nothing.
    Plain,
    /// The type of a block.
    Block,
    /// A number of variable length.
    Number,
    /// Two of them.
    Numbers,
    /// Nothing, and it ends a block.
    End,
    /// The number of a local that is read.
    Get,
    /// The number of a local that is set.
    Set,
    /// The number of a label.
    Label,
    /// A list of labels and one more.
    Labels,
    /// The number of a function.
    Call,
    /// The numbers of a function type and of a table.
    CallIndirect,
    /// So many bytes.
    Bytes(u8),
    /// Nothing, and it extends a sign.
    SignExtension,
    /// Something that wasmparser knows.
    Other,
}

const SHAPES: [Shape; 256] = shapes();

const fn shapes() -> [Shape; 256] {
    let mut shapes = [Shape::Other; 256];
    let mut code = 0;
    while code < shapes.len() {
        shapes[code] = match code {
            0x00 | 0x01 | 0x05 | 0x0f | 0x1a | 0x1b | 0x45..=0xbf => Shape::Plain,
            0x02..=0x04 => Shape::Block,
            0x0b => Shape::End,
            0x0c | 0x0d => Shape::Label,
            0x10 => Shape::Call,
            0x11 => Shape::CallIndirect,
            0x20 => Shape::Get,
            0x21 | 0x22 => Shape::Set,
            0x23 | 0x24 | 0x3f..=0x42 => Shape::Number,
            0x28..=0x3e => Shape::Numbers,
            0x0e => Shape::Labels,
            0x43 => Shape::Bytes(4),
            0x44 => Shape::Bytes(8),
            0xc0..=0xc4 => Shape::SignExtension,
            _ => Shape::Other,
        };
        code += 1;
    }
    shapes
}

/// Loads and stores name another memory than the first if this bit is in the first of their numbers.
const OTHER_MEMORY: u8 = 0x40;
const LOOP: u8 = 0x03;
const LOADS_AND_STORES: std::ops::RangeInclusive<u8> = 0x28..=0x3e;

/// Adds the proposals that the functions of a code section use to `used`, and the cost of compiling the functions to
/// `signatures`, and stops when that cost is too high. `section` does not include the count at its start.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn scan(section: &[u8], used: &mut Set, signatures: &mut Signatures) -> Result<(), String> {
    let mut at = 0;
    while at < section.len() {
        let (size, start) = number(section, at).ok_or_else(|| "the size of a function is missing".to_owned())?;
        let end = usize::try_from(size).ok().and_then(|size| start.checked_add(size));
        let body = end.and_then(|end| section.get(start..end));
        let body = body.ok_or_else(|| "a function extends beyond its section".to_owned())?;
        let mut costs = signatures.body();
        function(body, used, &mut costs, signatures)?;
        signatures.add(costs);
        if signatures.exhausted() {
            break;
        }
        at = start + body.len();
    }
    Ok(())
}

fn function(body: &[u8], used: &mut Set, costs: &mut Function, signatures: &Signatures) -> Result<(), String> {
    let ends_early = || "a function ends within an instruction".to_owned();
    let mut at = locals(body, used, costs)?;
    while let Some(&code) = body.get(at) {
        at += 1;
        match SHAPES[usize::from(code)] {
            Shape::Plain => {}
            Shape::SignExtension => used.add(Proposal::SignExtension),
            Shape::Number => at = skip(body, at).ok_or_else(ends_early)?,
            Shape::End => costs.end(),
            Shape::Get => {
                let (local, next) = number(body, at).ok_or_else(ends_early)?;
                costs.get(local);
                at = next;
            }
            Shape::Set => {
                let (local, next) = number(body, at).ok_or_else(ends_early)?;
                costs.set(local);
                at = next;
            }
            Shape::Label => {
                costs.branch(1);
                at = skip(body, at).ok_or_else(ends_early)?;
            }
            Shape::Call => {
                let (callee, next) = number(body, at).ok_or_else(ends_early)?;
                costs.call(signatures.function(callee));
                at = next;
            }
            Shape::CallIndirect => {
                let (ty, next) = number(body, at).ok_or_else(ends_early)?;
                costs.call_indirect(signatures.ty(ty));
                at = skip(body, next).ok_or_else(ends_early)?;
            }
            Shape::Numbers => {
                let first = body.get(at).copied().ok_or_else(ends_early)?;
                if first & OTHER_MEMORY != 0 && LOADS_AND_STORES.contains(&code) {
                    at = ask(body, at - 1, used, costs, signatures)?;
                } else {
                    at = skip(body, at).and_then(|at| skip(body, at)).ok_or_else(ends_early)?;
                }
            }
            Shape::Bytes(bytes) => at += usize::from(bytes),
            Shape::Block => match body.get(at) {
                // Nothing, or one of the four numbers of the first standard.
                Some(0x40 | 0x7c..=0x7f) => {
                    costs.block(code == LOOP);
                    at += 1;
                }
                _ => at = ask(body, at - 1, used, costs, signatures)?,
            },
            Shape::Labels => {
                let (labels, mut next) = number(body, at).ok_or_else(ends_early)?;
                costs.branch(u64::from(labels) + 1);
                for _ in 0..=labels {
                    next = skip(body, next).ok_or_else(ends_early)?;
                }
                at = next;
            }
            Shape::Other => at = ask(body, at - 1, used, costs, signatures)?,
        }
    }
    if at == body.len() { Ok(()) } else { Err(ends_early()) }
}

/// Reads the declarations of locals; returns where instructions begin.
fn locals(body: &[u8], used: &mut Set, costs: &mut Function) -> Result<usize, String> {
    let ends_early = || "a function ends within its locals".to_owned();
    let (groups, mut at) = number(body, 0).ok_or_else(ends_early)?;
    for _ in 0..groups {
        let (count, next) = number(body, at).ok_or_else(ends_early)?;
        costs.declare(u64::from(count));
        at = next;
        if let Some(0x7c..=0x7f) = body.get(at) {
            at += 1;
        } else {
            let mut reader = BinaryReader::new(body.get(at..).ok_or_else(ends_early)?, 0);
            reader.read::<ValType>().map_err(|error| error.to_string())?.note(used);
            at += reader.current_position();
        }
    }
    Ok(at)
}

/// Has wasmparser read the instruction at `at`; returns where the next one is.
fn ask(body: &[u8], at: usize, used: &mut Set, costs: &mut Function, signatures: &Signatures) -> Result<usize, String> {
    let rest = body.get(at..).unwrap_or_default();
    let mut reader = BinaryReader::new(rest, 0);
    reader.visit_operator(&mut Instruction { used }).map_err(|error| error.to_string())?;
    costs.unusual(rest, signatures).map_err(|error| error.to_string())?;
    Ok(at + reader.current_position())
}

/// The number of at most 32 bits at `at`, and where it ends.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let mut value = 0;
    for (place, byte) in bytes.get(at..)?.iter().take(5).enumerate() {
        value |= u32::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, at + place + 1));
        }
    }
    None
}

/// Where the number at `at` ends.
#[inline]
fn skip(bytes: &[u8], mut at: usize) -> Option<usize> {
    while bytes.get(at)? & 0x80 != 0 {
        at += 1;
    }
    Some(at + 1)
}

/// Takes note of one instruction.
struct Instruction<'s> {
    used: &'s mut Set,
}

impl FrameStack for Instruction<'_> {
    /// wasmparser accepts some instructions only within a certain kind of frame. Those that this visitor gets need this
    /// kind.
    fn current_frame(&self) -> Option<FrameKind> {
        Some(FrameKind::LegacyTry)
    }
}

/// The proposal that wasmparser's lists call `$name`.
macro_rules! proposal {
    (mvp) => {
        None
    };
    (acquire_release_atomics) => {
        Some(Proposal::AcquireReleaseAtomics)
    };
    (bulk_memory) => {
        Some(Proposal::BulkMemory)
    };
    (custom_descriptors) => {
        Some(Proposal::CustomDescriptors)
    };
    (exceptions) => {
        Some(Proposal::Exceptions)
    };
    (function_references) => {
        Some(Proposal::FunctionReferences)
    };
    (gc) => {
        Some(Proposal::Gc)
    };
    (legacy_exceptions) => {
        Some(Proposal::LegacyExceptions)
    };
    (memory_control) => {
        Some(Proposal::MemoryControl)
    };
    (reference_types) => {
        Some(Proposal::ReferenceTypes)
    };
    (relaxed_simd) => {
        Some(Proposal::RelaxedSimd)
    };
    (saturating_float_to_int) => {
        Some(Proposal::SaturatingFloatToInt)
    };
    (shared_everything_threads) => {
        Some(Proposal::SharedEverythingThreads)
    };
    (sign_extension) => {
        Some(Proposal::SignExtension)
    };
    (simd) => {
        Some(Proposal::Simd)
    };
    (stack_switching) => {
        Some(Proposal::StackSwitching)
    };
    (tail_call) => {
        Some(Proposal::TailCall)
    };
    (threads) => {
        Some(Proposal::Threads)
    };
    (wide_arithmetic) => {
        Some(Proposal::WideArithmetic)
    };
}

macro_rules! note_instructions {
    ($(@$proposal:ident $name:ident $({ $($argument:ident: $type:ty),* })? => $visit:ident ($($_:tt)*))*) => {
        $(fn $visit(&mut self $($(, $argument: $type)*)?) {
            if let Some(proposal) = proposal!($proposal) {
                self.used.add(proposal);
            }
            $($($argument.note(self.used);)*)?
        })*
    };
}

impl<'a> VisitOperator<'a> for Instruction<'_> {
    type Output = ();

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = ()>> {
        Some(self)
    }

    for_each_visit_operator!(note_instructions);
}

impl VisitSimdOperator<'_> for Instruction<'_> {
    for_each_visit_simd_operator!(note_instructions);
}

/// What an instruction's argument says about proposals.
trait Note {
    fn note(&self, _used: &mut Set) {}
}

/// Numbers that say nothing: more than one memory or table is seen where they are declared.
macro_rules! nothing {
    ($($type:ty),*) => {
        $(impl Note for $type {})*
    };
}

nothing!(u8, u32, i32, i64, Ieee32, Ieee64, V128, [u8; 16], MemArg, BrTable<'_>, Ordering, ResumeTable);

impl Note for BlockType {
    fn note(&self, used: &mut Set) {
        match self {
            Self::Empty => {}
            Self::Type(ty) => ty.note(used),
            Self::FuncType(_) => used.add(Proposal::MultiValue),
        }
    }
}

impl Note for TryTable {
    fn note(&self, used: &mut Set) {
        self.ty.note(used);
    }
}

impl Note for Vec<ValType> {
    fn note(&self, used: &mut Set) {
        self.iter().for_each(|ty| ty.note(used));
    }
}

impl Note for ValType {
    fn note(&self, used: &mut Set) {
        match self {
            Self::I32 | Self::I64 | Self::F32 | Self::F64 => {}
            Self::V128 => used.add(Proposal::Simd),
            Self::Ref(ty) => ty.note(used),
        }
    }
}

impl Note for RefType {
    fn note(&self, used: &mut Set) {
        self.heap_type().note(used);
        if !self.is_nullable() {
            used.add(Proposal::FunctionReferences);
        }
    }
}

impl Note for HeapType {
    fn note(&self, used: &mut Set) {
        let (shared, ty) = match self {
            Self::Abstract { shared, ty } => (*shared, *ty),
            Self::Concrete(_) => return used.add(Proposal::FunctionReferences),
            Self::Exact(_) => return used.add(Proposal::CustomDescriptors),
        };
        if shared {
            used.add(Proposal::SharedEverythingThreads);
        }
        used.add(match ty {
            AbstractHeapType::Func | AbstractHeapType::Extern => Proposal::ReferenceTypes,
            AbstractHeapType::Exn | AbstractHeapType::NoExn => Proposal::Exceptions,
            AbstractHeapType::Cont | AbstractHeapType::NoCont => Proposal::StackSwitching,
            _ => Proposal::Gc,
        });
    }
}
