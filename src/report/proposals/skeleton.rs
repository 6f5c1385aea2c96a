//! Owns a guest without its code: reading it, validating it, and which proposals it uses.

use wasmparser::types::Types;
use wasmparser::{Chunk, Parser, Payload, ValidPayload, Validator, WasmFeatures};

use super::{VALIDATED_CODE, WasmProposal};
use crate::error::{Error, ErrorKind, Result};

/// What is on in every Wasmtime this crate knows, in the order in which guests use it.
const COMMON: &[WasmProposal] = &[
    WasmProposal::MutableGlobal,
    WasmProposal::ReferenceTypes,
    WasmProposal::BulkMemory,
    WasmProposal::MultiValue,
    WasmProposal::Simd,
];

/// What only instructions show.
const IN_CODE_ONLY: &[WasmProposal] = &[
    WasmProposal::LegacyExceptions,
    WasmProposal::RelaxedSimd,
    WasmProposal::SaturatingFloatToInt,
    WasmProposal::SignExtension,
    WasmProposal::TailCall,
    WasmProposal::WideArithmetic,
];

/// A guest's sections, of it and of all modules and components in it, with code set apart.
pub(crate) struct Skeleton<'a> {
    wasm: &'a [u8],
    payloads: Vec<Payload<'a>>,
    code: Vec<&'a [u8]>,
}

impl<'a> Skeleton<'a> {
    /// Reads the sections of `wasm`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`] if it is not a WebAssembly binary or ends too early.
    pub(crate) fn read(wasm: &'a [u8]) -> Result<Self> {
        let damaged = |text: String| Error::new(ErrorKind::InvalidGuest, format!("damaged WebAssembly: {text}"));
        let mut skeleton = Self { wasm, payloads: Vec::new(), code: Vec::new() };
        let mut around = Vec::new();
        let mut parser = Parser::new(0);
        let mut rest = wasm;
        loop {
            let chunk = parser.parse(rest, true).map_err(|error| damaged(error.to_string()))?;
            let Chunk::Parsed { consumed, payload } = chunk else { return Err(damaged("it ends too early".into())) };
            rest = rest.get(consumed..).unwrap_or_default();
            match &payload {
                Payload::CodeSectionStart { size, .. } => {
                    let size = usize::try_from(*size).unwrap_or(usize::MAX);
                    let Some((code, after)) = rest.split_at_checked(size) else {
                        return Err(damaged("it ends within its code".into()));
                    };
                    skeleton.code.push(code);
                    rest = after;
                    parser.skip_section();
                }
                Payload::ModuleSection { parser: inner, .. } | Payload::ComponentSection { parser: inner, .. } => {
                    around.push(std::mem::replace(&mut parser, inner.clone()));
                }
                Payload::End(_) => match around.pop() {
                    Some(outer) => parser = outer,
                    None => {
                        skeleton.payloads.push(payload);
                        return Ok(skeleton);
                    }
                },
                _ => {}
            }
            skeleton.payloads.push(payload);
        }
    }

    /// The types of its outermost level, if it is valid, with all of its code if that is not too much.
    ///
    /// # Errors
    /// Why it is not valid.
    pub(crate) fn validate(&self) -> std::result::Result<Types, String> {
        if self.code.iter().map(|code| code.len()).sum::<usize>() > VALIDATED_CODE {
            return self.types(WasmFeatures::all());
        }
        Validator::new_with_features(WasmFeatures::all()).validate_all(self.wasm).map_err(|error| error.to_string())
    }

    /// All sections.
    pub(crate) fn payloads(&self) -> &[Payload<'a>] {
        &self.payloads
    }

    /// The contents of all code sections, without their counts.
    pub(super) fn code(&self) -> &[&'a [u8]] {
        &self.code
    }

    /// The proposals without which it, being valid, would not be: code aside.
    pub(super) fn proposals(&self) -> Vec<WasmProposal> {
        let shows = |proposal: &WasmProposal| !IN_CODE_ONLY.contains(proposal);
        // What two proposals allow would be found to need neither.
        let all = WasmFeatures::all().difference(WasmFeatures::LEGACY_EXCEPTIONS);
        let least = WasmProposal::ALL.iter().copied().filter(shows).fold(all, without);
        let mut needed = Vec::new();
        if self.types(least).is_err() {
            let rare = |proposal: &WasmProposal| shows(proposal) && !COMMON.contains(proposal);
            let rare: Vec<WasmProposal> = WasmProposal::ALL.iter().copied().filter(rare).collect();
            self.needed(all, &rare, &mut needed);
            self.needed(all, COMMON, &mut needed);
        }
        needed
    }

    /// Which of `proposals` it needs: most guests need none, which one look shows.
    fn needed(&self, all: WasmFeatures, proposals: &[WasmProposal], needed: &mut Vec<WasmProposal>) {
        if self.types(proposals.iter().copied().fold(all, without)).is_ok() {
            return;
        }
        match proposals {
            [proposal] => needed.push(*proposal),
            _ => {
                let (first, second) = proposals.split_at(proposals.len() / 2);
                self.needed(all, first, needed);
                self.needed(all, second, needed);
            }
        }
    }

    fn types(&self, features: WasmFeatures) -> std::result::Result<Types, String> {
        let mut validator = Validator::new_with_features(features);
        let mut outermost = None;
        for payload in &self.payloads {
            if let ValidPayload::End(types) = validator.payload(payload).map_err(|error| error.to_string())? {
                outermost = Some(types);
            }
        }
        outermost.ok_or_else(|| "it does not end".to_owned())
    }
}

fn without(features: WasmFeatures, proposal: WasmProposal) -> WasmFeatures {
    features.difference(proposal.feature())
}
