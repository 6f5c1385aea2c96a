//! Owns validating a guest, with its code or without, and which proposals it uses.

use wasmparser::types::Types;
use wasmparser::{CustomSectionReader, KnownCustom, Name, Payload, TypeRef, ValidPayload, Validator, WasmFeatures};

use super::cost::Signatures;
use super::footprint::Footprint;
use super::images::Images;
use super::instances::Instances;
use super::shapes::Shapes;
use super::weight::Weight;
use super::{Proposal, Set, VALIDATED_CODE, code};
use crate::error::Result;
use crate::guest::{GuestKind, damaged, payloads, too_complex};

/// What is on in every Wasmtime this crate knows, in the order in which guests use it.
const COMMON: &[Proposal] =
    &[Proposal::MutableGlobal, Proposal::ReferenceTypes, Proposal::BulkMemory, Proposal::MultiValue, Proposal::Simd];

/// What only instructions show.
const IN_CODE_ONLY: &[Proposal] = &[
    Proposal::LegacyExceptions,
    Proposal::RelaxedSimd,
    Proposal::SaturatingFloatToInt,
    Proposal::SignExtension,
    Proposal::TailCall,
    Proposal::WideArithmetic,
];

/// How many modules and components may be around one: wasmparser allows no more than a thousand in all.
pub(crate) const DEEPEST: usize = 1000;

/// Limits of validating code. Validation needs memory for the results of instructions, and time for their parameters
/// and results. The first limit is for the bytes of code times the most results of a function, and the second for the
/// bytes of code times the most parameters and results; code beyond either limit is not validated.
const MOST_RESULTS: usize = 1_500_000;
const MOST_WIDTH: usize = 32 << 20;

/// What looking for proposals may take for a guest of any size, and for each byte of it more, by its weight.
const EFFORT: u64 = 400_000_000;
const EFFORT_PER_BYTE: u64 = 20;

/// What must be known of a guest before it is validated: of it and of all modules and components in it.
pub(crate) struct Skeleton<'a> {
    wasm: &'a [u8],
    weight: Weight,
    signatures: Signatures,
    images: Images,
    instances: Instances<'a>,
    shapes: Shapes<'a>,
    code: usize,
    used: Set,
    shared_memory: bool,
    longest_table: u64,
    footprint: Footprint,
    unreadable: Option<String>,
}

impl<'a> Skeleton<'a> {
    /// Of `wasm`, of which nothing is read yet.
    pub(crate) fn new(wasm: &'a [u8]) -> Self {
        Self {
            wasm,
            weight: Weight::new(wasm.len()),
            signatures: Signatures::new(wasm.len()),
            images: Images::new(wasm.len()),
            instances: Instances::new(wasm.len()),
            shapes: Shapes::default(),
            code: 0,
            used: Set::default(),
            shared_memory: false,
            longest_table: 0,
            footprint: Footprint::default(),
            unreadable: None,
        }
    }

    /// Reads a part.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if it is damaged,
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if there is more in it than in any guest of its size.
    pub(crate) fn take(&mut self, payload: &Payload<'a>) -> Result<()> {
        self.weight.take(self.wasm, payload)?;
        self.signatures.take(payload)?;
        self.images.take(payload)?;
        self.instances.take(payload)?;
        self.shapes.take(payload)?;
        match payload {
            Payload::CodeSectionStart { unchecked_range: range, size, .. } => {
                let end = usize::try_from(range.end).map_err(damaged)?;
                let start = end.checked_sub(usize::try_from(*size).map_err(damaged)?);
                let code = start.and_then(|start| self.wasm.get(start..end)).unwrap_or_default();
                self.code += code.len();
                if self.unreadable.is_none() {
                    self.unreadable = code::scan(code, &mut self.used, &mut self.signatures).err();
                    self.signatures.check()?;
                }
            }
            Payload::MemorySection(reader) => {
                self.shared_memory |= reader.clone().into_iter().flatten().any(|memory| memory.shared);
            }
            Payload::TableSection(reader) => {
                let longest = reader.clone().into_iter().flatten().map(|table| table.ty.initial).max();
                self.longest_table = self.longest_table.max(longest.unwrap_or_default());
            }
            Payload::ImportSection(reader) => {
                for import in reader.clone().into_imports().flatten() {
                    if let TypeRef::Table(ty) = import.ty {
                        self.longest_table = self.longest_table.max(ty.initial);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Checks what compiling the components in it takes, when all parts are read.
    ///
    /// # Errors
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if that is too much.
    pub(crate) fn finish(&mut self) -> Result<()> {
        // Not needed any more, and validating takes memory, too.
        let shapes = std::mem::take(&mut self.shapes);
        self.footprint = std::mem::replace(&mut self.instances, Instances::new(0)).check(shapes.lifted())?;
        Ok(())
    }

    /// The types of its outermost level, if it is valid, with all of its code if that is not too much.
    ///
    /// # Errors
    /// Why it is not valid.
    pub(crate) fn validate(&self) -> std::result::Result<Types, String> {
        let too_much = self.code > VALIDATED_CODE
            || self.code.saturating_mul(self.weight.results()) > MOST_RESULTS
            || self.code.saturating_mul(self.weight.width()) > MOST_WIDTH;
        if too_much {
            return types(self.wasm, WasmFeatures::all());
        }
        Validator::new_with_features(WasmFeatures::all()).validate_all(self.wasm).map_err(|error| error.to_string())
    }

    /// Whether it defines a memory that threads share.
    pub(crate) fn shared_memory(&self) -> bool {
        self.shared_memory
    }

    /// The most elements that a table begins with, in any of its modules.
    pub(crate) fn longest_table(&self) -> u64 {
        self.longest_table
    }

    /// The memories and tables that instantiating it makes, known when it is finished.
    pub(crate) fn footprint(&self) -> Footprint {
        self.footprint
    }

    /// Why its code cannot be read, if it cannot.
    pub(crate) fn unreadable(self) -> Option<String> {
        self.unreadable
    }

    /// The proposals that the guest uses, ordered by name; if it is not `valid`, only those that its instructions use.
    ///
    /// # Errors
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if the search takes too long: a guest with many
    /// declarations does not normally use many proposals.
    pub(crate) fn proposals(&self, valid: bool) -> Result<Vec<Proposal>> {
        let mut used = self.used;
        if valid {
            self.declared()?.into_iter().for_each(|proposal| used.add(proposal));
        }
        Ok(Proposal::ALL.iter().copied().filter(|&proposal| used.contains(proposal)).collect())
    }

    /// The proposals that the declarations of the valid guest need: without one of them, the guest would not be valid.
    fn declared(&self) -> Result<Vec<Proposal>> {
        let shows = |proposal: &Proposal| !IN_CODE_ONLY.contains(proposal);
        // If two proposals allow a construct, the search would find neither to be needed, so one of them is left out.
        let all = WasmFeatures::all().difference(WasmFeatures::LEGACY_EXCEPTIONS);
        let least = Proposal::ALL.iter().copied().filter(shows).fold(all, without);
        let size = u64::try_from(self.wasm.len()).unwrap_or(u64::MAX);
        let effort = size.saturating_mul(EFFORT_PER_BYTE).saturating_add(EFFORT);
        let mut search = Search { skeleton: self, all, effort, needed: Vec::new() };
        if !search.valid(least)? {
            let rare = |proposal: &Proposal| shows(proposal) && !COMMON.contains(proposal);
            let rare: Vec<Proposal> = Proposal::ALL.iter().copied().filter(rare).collect();
            search.needed(&rare)?;
            search.needed(COMMON)?;
        }
        Ok(search.needed)
    }
}

/// The types of the outermost level of `wasm`, if it is valid apart from its code.
///
/// # Errors
/// Why it is not valid.
pub(crate) fn types(wasm: &[u8], features: WasmFeatures) -> std::result::Result<Types, String> {
    let mut validator = Validator::new_with_features(features);
    let mut outermost = None;
    for payload in payloads(wasm, DEEPEST) {
        let (_, payload) = payload.map_err(|error| error.to_string())?;
        if let ValidPayload::End(types) = validator.payload(&payload).map_err(|error| error.to_string())? {
            outermost = Some(types);
        }
    }
    outermost.ok_or_else(|| "unexpected end of the binary".to_owned())
}

/// Checks that Wasmtime can validate and compile `wasm` in reasonable time and memory. It need not be valid, but it can be
/// read to the end.
///
/// # Errors
/// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if it cannot be read,
/// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if it would take too much.
pub fn check_complexity(wasm: &[u8]) -> Result<()> {
    check_complexity_with(wasm, |_, _| ())
}

/// Whether a module of the guest makes a memory that threads share. Parts that cannot be read make none; modules that are nested
/// too deep to be looked at may make one.
pub fn makes_shared_memory(wasm: &[u8]) -> bool {
    payloads(wasm, DEEPEST).map_while(Result::ok).any(|(depth, payload)| match payload {
        Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth == DEEPEST,
        Payload::MemorySection(memories) => {
            memories.into_iter().map_while(std::result::Result::ok).any(|memory| memory.shared)
        }
        _ => false,
    })
}

/// As [`check_complexity`]; `visit` gets each part that is read, with the number of modules and components around it,
/// so that one pass over a large guest serves both.
pub(crate) fn check_complexity_with<'a>(wasm: &'a [u8], mut visit: impl FnMut(usize, &Payload<'a>)) -> Result<()> {
    GuestKind::of(wasm)?;
    let mut skeleton = Skeleton::new(wasm);
    for payload in payloads(wasm, DEEPEST) {
        let (depth, payload) = payload?;
        if depth == DEEPEST && matches!(payload, Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) {
            return Err(too_complex(format_args!("components are nested more than {DEEPEST} levels deep")));
        }
        if let Payload::CustomSection(section) = &payload {
            check_names(section)?;
        }
        skeleton.take(&payload)?;
        // The estimate holds for code that can be read only.
        if let Some(why) = skeleton.unreadable.take() {
            return Err(damaged(why));
        }
        visit(depth, &payload);
    }
    skeleton.finish()
}

/// Bytes of a function's name. Up to 42 Wasmtime copies the name for each frame of a backtrace, and there may be thousands.
const LONGEST_NAME: usize = 16 << 10;

/// Refuses functions with names that are far longer than compilers make them.
fn check_names(section: &CustomSectionReader<'_>) -> Result<()> {
    let KnownCustom::Name(names) = section.as_known() else { return Ok(()) };
    // Wasmtime stops at what cannot be read, too.
    for name in names.into_iter().map_while(std::result::Result::ok) {
        let Name::Function(functions) = name else { continue };
        let mut names = functions.into_iter().map_while(std::result::Result::ok);
        if let Some(long) = names.find(|naming| naming.name.len() > LONGEST_NAME) {
            return Err(too_complex(format_args!("a function has a name of {} bytes", long.name.len())));
        }
    }
    Ok(())
}

/// Looking for the proposals that a valid guest needs.
struct Search<'s, 'a> {
    skeleton: &'s Skeleton<'a>,
    all: WasmFeatures,
    effort: u64,
    needed: Vec<Proposal>,
}

impl Search<'_, '_> {
    /// Which of `proposals` it needs: most guests need none, which one look shows.
    fn needed(&mut self, proposals: &[Proposal]) -> Result<()> {
        if self.valid(proposals.iter().copied().fold(self.all, without))? {
            return Ok(());
        }
        match proposals {
            [proposal] => self.needed.push(*proposal),
            _ => {
                let (first, second) = proposals.split_at(proposals.len() / 2);
                self.needed(first)?;
                self.needed(second)?;
            }
        }
        Ok(())
    }

    fn valid(&mut self, features: WasmFeatures) -> Result<bool> {
        let left = self.effort.checked_sub(self.skeleton.weight.total());
        self.effort = left
            .ok_or_else(|| too_complex("the declarations are too large for the number of proposals that they use"))?;
        Ok(types(self.skeleton.wasm, features).is_ok())
    }
}

fn without(features: WasmFeatures, proposal: Proposal) -> WasmFeatures {
    features.difference(proposal.feature())
}
