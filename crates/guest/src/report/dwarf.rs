//! Owns how much reading the DWARF of a guest may take. Wasmtime reads it when a guest traps, with the crate `addr2line`, which has
//! no bound: for each frame of a backtrace it reads all units, and of the units at the frame's address all entries and lines.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gimli::{
    AttributeValue, DebugInfoOffset, DebugLineOffset, Dwarf, EndianSlice, LineInstruction, LittleEndian, Reader,
    Section, Unit, UnitHeader, UnitOffset, UnitType,
};
use wasmparser::Payload;

use super::proposals::DEEPEST;
use crate::guest::payloads;

/// How deep calls may be inlined into each other: `addr2line` calls itself for each.
const DEEPEST_INLINED: usize = 128;

/// Bytes of the names and paths at one instruction. Up to 42 Wasmtime copies them for each frame of a backtrace, and there
/// may be thousands.
const TEXT: u64 = 32 << 10;

/// Bytes of the paths, lines, ranges and functions of all units together, as `addr2line` keeps them.
const MEMORY: u64 = 512 << 20;

/// Bytes and attributes that are read, those of a table once for each unit with it.
const WORK: u64 = 64 << 20;

/// The part of these that is read for each frame, whatever unit it is in.
const EACH: u64 = 16 << 20;

/// Bytes of the names of files in one unit: each can take a hundred times of that before it can be counted.
const FILES: u64 = 1 << 20;

/// How many entries `addr2line` follows for one name.
const ORIGINS: usize = 16;

/// Bytes that `addr2line` keeps of each, rounded up.
mod size {
    /// Of each byte of it.
    pub(super) const ABBREVIATION: u64 = 32;
    pub(super) const DIRECTORY: u64 = 32;
    pub(super) const FILE: u64 = 128;
    pub(super) const FUNCTION: u64 = 192;
    pub(super) const RANGE: u64 = 48;
    pub(super) const ROW: u64 = 48;
    pub(super) const SEQUENCE: u64 = 256;
    pub(super) const UNIT: u64 = 1024;
}

type Bytes<'a> = EndianSlice<'a, LittleEndian>;

/// Reading it would take too much, or it cannot be read.
struct Refused;

impl From<gimli::Error> for Refused {
    fn from(_: gimli::Error) -> Self {
        Self
    }
}

type Checked<T = ()> = std::result::Result<T, Refused>;

/// The guest `wasm` as it may be compiled with its debug information: with DWARF that is damaged, or that takes more than any
/// compiler's to read, its DWARF sections have other names, so that Wasmtime does not find them.
pub fn with_bounded_dwarf(wasm: &[u8]) -> Cow<'_, [u8]> {
    let mut names = Vec::new();
    if check(wasm, &mut names).is_ok() {
        return Cow::Borrowed(wasm);
    }
    let mut hidden = wasm.to_vec();
    for at in names {
        if let Some(first) = hidden.get_mut(at) {
            *first = b'-';
        }
    }
    Cow::Owned(hidden)
}

/// Reads the DWARF of every module in the guest, and collects where the names of its sections are.
fn check(wasm: &[u8], names: &mut Vec<usize>) -> Checked {
    let mut budget = Budget::default();
    let mut result = Ok(());
    let mut modules = vec![BTreeMap::new()];
    for (_, payload) in payloads(wasm, DEEPEST).map_while(Result::ok) {
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => modules.push(BTreeMap::new()),
            Payload::CustomSection(section) if section.name().starts_with(".debug_") => {
                let end = usize::try_from(section.data_offset()).unwrap_or(usize::MAX);
                names.extend(end.checked_sub(section.name().len()));
                let module = modules.last_mut().ok_or(Refused)?;
                if module.insert(section.name(), section.data()).is_some() {
                    result = Err(Refused);
                }
            }
            Payload::End(_) => {
                let module = modules.pop().unwrap_or_default();
                if result.is_ok() && module.contains_key(".debug_info") {
                    result = budget.module(&module);
                }
            }
            _ => {}
        }
    }
    result
}

#[derive(Default)]
struct Budget {
    work: u64,
    memory: u64,
}

impl Budget {
    fn work(&mut self, more: u64) -> Checked {
        self.work = self.work.saturating_add(more);
        if self.work > WORK { Err(Refused) } else { Ok(()) }
    }

    fn memory(&mut self, count: u64, size: u64) -> Checked {
        self.memory = self.memory.saturating_add(count.saturating_mul(size));
        if self.memory > MEMORY { Err(Refused) } else { Ok(()) }
    }

    fn module(&mut self, sections: &BTreeMap<&str, &[u8]>) -> Checked {
        let dwarf = Dwarf::load(|id| -> gimli::Result<_> {
            Ok(EndianSlice::new(sections.get(id.name()).copied().unwrap_or_default(), LittleEndian))
        })?;
        self.memory(length(sections.get(".debug_aranges").map_or(0, |section| section.len())), 16)?;
        // Other modules of the guest are not read for a frame of this one.
        let before = self.work;
        let mut units = Vec::new();
        let mut headers = dwarf.units();
        while let Some(header) = headers.next()? {
            if !matches!(header.type_(), UnitType::Type { .. } | UnitType::SplitType { .. }) {
                self.memory(1, size::UNIT)?;
                units.push(self.unit(&dwarf, header)?);
                if self.work - before > EACH {
                    return Err(Refused);
                }
            }
        }
        let module = Module { dwarf, units };
        for unit in &module.units {
            let longest = self.lines(&module.dwarf, unit)?;
            self.entries(&module, unit, longest)?;
        }
        Ok(())
    }

    /// Reads what every lookup reads of a unit.
    fn unit<'a>(&mut self, dwarf: &Dwarf<Bytes<'a>>, header: UnitHeader<Bytes<'a>>) -> Checked<Unit<Bytes<'a>>> {
        let table = abbreviations(&dwarf.debug_abbrev, header.debug_abbrev_offset().0)?;
        self.work(table)?;
        self.memory(table, size::ABBREVIATION)?;
        let abbreviations = header.abbreviations(&dwarf.debug_abbrev)?;
        let mut entries = header.entries_raw(&abbreviations, None)?;
        // A null entry in front of the root is no compiler's, and some versions of `gimli` step over it.
        let root = entries.read_abbreviation()?.ok_or(Refused)?;
        for attribute in root.attributes() {
            self.work(1)?;
            if let AttributeValue::DebugLineRef(at) = entries.read_attribute(*attribute)?.value() {
                let length = line_header(dwarf, at)?;
                if length > FILES {
                    return Err(Refused);
                }
                self.work(length)?;
            }
        }
        let unit = dwarf.unit(header)?;
        if let Some(program) = &unit.line_program {
            let header = program.header();
            self.memory(length(header.include_directories().len()), size::DIRECTORY)?;
            self.memory(length(header.file_names().len()), size::FILE)?;
        }
        Ok(unit)
    }

    /// Reads the table of lines of a unit; returns the length of the longest path in it.
    fn lines(&mut self, dwarf: &Dwarf<Bytes<'_>>, unit: &Unit<Bytes<'_>>) -> Checked<u64> {
        let Some(program) = &unit.line_program else { return Ok(0) };
        let header = program.header();
        let mut longest = 0;
        for file in header.file_names() {
            let text = |value| dwarf.attr_string(unit, value).ok();
            let directory = file.directory(header).and_then(text);
            let path = path_length([unit.comp_dir, directory, text(file.path_name())]);
            self.work(path)?;
            self.memory(1, path)?;
            longest = longest.max(path);
        }
        let mut instructions = header.instructions();
        while let Some(instruction) = instructions.next_instruction(header)? {
            self.work(1)?;
            match instruction {
                LineInstruction::Special(_) | LineInstruction::Copy => self.memory(1, size::ROW)?,
                LineInstruction::EndSequence => self.memory(1, size::SEQUENCE)?,
                // No compiler's: it adds files that the header does not have.
                LineInstruction::DefineFile(_) => return Err(Refused),
                _ => {}
            }
        }
        Ok(longest)
    }

    /// Reads the entries of a unit.
    fn entries<'a>(&mut self, module: &Module<'a>, unit: &Unit<Bytes<'a>>, path: u64) -> Checked {
        let mut around: Vec<Function> = Vec::new();
        let mut entries = unit.entries_raw(None)?;
        let root = entries.next_offset();
        while !entries.is_empty() {
            let (depth, start) = (entries.next_depth(), entries.next_offset());
            let Some(abbreviation) = entries.read_abbreviation()? else {
                self.work(1)?;
                continue;
            };
            while around.last().is_some_and(|function| function.depth >= depth) {
                around.pop();
            }
            let (attributes, tag) = (abbreviation.attributes(), abbreviation.tag());
            let is_inlined = tag == gimli::DW_TAG_inlined_subroutine;
            if is_inlined || tag == gimli::DW_TAG_subprogram || start == root {
                self.memory(1, size::FUNCTION)?;
                let mut text = path;
                let (mut low, mut size) = (0, 0);
                for attribute in attributes {
                    let attribute = entries.read_attribute(*attribute)?;
                    text += self.attribute(module, unit, &attribute)?;
                    match (attribute.name(), attribute.value()) {
                        (gimli::DW_AT_low_pc, AttributeValue::Addr(address)) => low = address,
                        (gimli::DW_AT_low_pc, AttributeValue::DebugAddrIndex(index)) => {
                            low = module.dwarf.address(unit, index).unwrap_or_default();
                        }
                        (gimli::DW_AT_high_pc, AttributeValue::Udata(bytes)) => size = bytes,
                        _ => {}
                    }
                }
                // Up to 25 Wasmtime panics at the sum in a build with debug assertions.
                low.checked_add(size).ok_or(Refused)?;
                let caller = around.last().filter(|_| is_inlined);
                let text = text + caller.map_or(0, |caller| caller.text);
                let inlined = caller.map_or(0, |caller| caller.inlined + 1);
                if inlined > DEEPEST_INLINED || text > TEXT {
                    return Err(Refused);
                }
                around.push(Function { depth, inlined, text });
            } else {
                entries.skip_attributes(attributes)?;
            }
            self.work(length(attributes.len() + entries.next_offset().0 - start.0))?;
        }
        Ok(())
    }

    /// Reads an attribute of a function or a unit; returns the bytes of the name in it, or behind it.
    fn attribute<'a>(
        &mut self,
        module: &Module<'a>,
        unit: &Unit<Bytes<'a>>,
        attribute: &gimli::Attribute<Bytes<'a>>,
    ) -> Checked<u64> {
        match attribute.name() {
            gimli::DW_AT_ranges => {
                if let Ok(Some(offset)) = module.dwarf.attr_ranges_offset(unit, attribute.value())
                    && let Ok(mut ranges) = module.dwarf.raw_ranges(unit, offset)
                {
                    while let Ok(Some(_)) = ranges.next() {
                        self.work(1)?;
                        self.memory(1, size::RANGE)?;
                    }
                }
                Ok(0)
            }
            gimli::DW_AT_name | gimli::DW_AT_linkage_name | gimli::DW_AT_MIPS_linkage_name => {
                let name = module.dwarf.attr_string(unit, attribute.value()).map_or(0, |name| length(name.len()));
                self.work(name)?;
                Ok(name)
            }
            gimli::DW_AT_abstract_origin | gimli::DW_AT_specification => self.origin(module, unit, attribute.value()),
            _ => Ok(0),
        }
    }

    /// Follows the entries behind a name as `addr2line` does; returns the bytes of the longest name.
    fn origin<'a>(
        &mut self,
        module: &Module<'a>,
        unit: &Unit<Bytes<'a>>,
        value: AttributeValue<Bytes<'a>>,
    ) -> Checked<u64> {
        let mut longest = 0;
        let mut next = Some((unit, value));
        for _ in 0..ORIGINS {
            let Some((unit, at)) = next.take().and_then(|(unit, value)| module.entry(unit, &value)) else { break };
            let Ok(mut entries) = unit.entries_raw(Some(at)) else { break };
            let Ok(Some(abbreviation)) = entries.read_abbreviation() else { break };
            for attribute in abbreviation.attributes() {
                let Ok(attribute) = entries.read_attribute(*attribute) else { break };
                match attribute.name() {
                    gimli::DW_AT_abstract_origin | gimli::DW_AT_specification => next = Some((unit, attribute.value())),
                    gimli::DW_AT_ranges => {}
                    _ => longest = longest.max(self.attribute(module, unit, &attribute)?),
                }
            }
            self.work(length(abbreviation.attributes().len() + entries.next_offset().0.saturating_sub(at.0)))?;
        }
        Ok(longest)
    }
}

/// A function around an entry.
struct Function {
    depth: isize,
    /// How many calls around its code are inlined.
    inlined: usize,
    /// Bytes of its name and path, and of those around it that it is inlined into.
    text: u64,
}

struct Module<'a> {
    dwarf: Dwarf<Bytes<'a>>,
    units: Vec<Unit<Bytes<'a>>>,
}

impl<'a> Module<'a> {
    /// The entry that an attribute refers to.
    fn entry<'u>(
        &'u self,
        unit: &'u Unit<Bytes<'a>>,
        value: &AttributeValue<Bytes<'a>>,
    ) -> Option<(&'u Unit<Bytes<'a>>, UnitOffset)> {
        match value {
            AttributeValue::UnitRef(at) => Some((unit, *at)),
            AttributeValue::DebugInfoRef(at) => {
                let starts = |unit: &Unit<Bytes<'a>>| unit.header.debug_info_offset().unwrap_or(DebugInfoOffset(0)).0;
                let after = self.units.partition_point(|unit| starts(unit) < at.0);
                let unit = self.units.get(after.checked_sub(1)?)?;
                Some((unit, at.to_unit_offset(&unit.header)?))
            }
            _ => None,
        }
    }
}

/// The bytes of a path that is put together from these, as text.
fn path_length(parts: [Option<Bytes<'_>>; 3]) -> u64 {
    let mut path = 0;
    for part in parts.into_iter().flatten() {
        // Of bytes that are not UTF-8 each becomes three.
        let bytes = length(part.len()) * if std::str::from_utf8(part.slice()).is_ok() { 1 } else { 3 };
        path = if part.slice().first() == Some(&b'/') { bytes } else { path + 1 + bytes };
    }
    path
}

/// The bytes of a table of abbreviations.
fn abbreviations(section: &gimli::DebugAbbrev<Bytes<'_>>, at: usize) -> gimli::Result<u64> {
    let mut rest = *section.reader();
    rest.skip(at)?;
    let whole = rest.len();
    while rest.read_uleb128()? != 0 {
        rest.skip_leb128()?;
        rest.skip(1)?;
        loop {
            let (name, form) = (rest.read_uleb128()?, rest.read_uleb128()?);
            if form == u64::from(gimli::DW_FORM_implicit_const.0) {
                rest.skip_leb128()?;
            }
            if (name, form) == (0, 0) {
                break;
            }
        }
    }
    Ok(length(whole - rest.len()))
}

/// The bytes of the header of a table of lines.
fn line_header(dwarf: &Dwarf<Bytes<'_>>, at: DebugLineOffset) -> gimli::Result<u64> {
    let mut rest = *dwarf.debug_line.reader();
    rest.skip(at.0)?;
    let (_, format) = rest.read_initial_length()?;
    if rest.read_u16()? >= 5 {
        rest.skip(2)?;
    }
    rest.read_length(format).map(length)
}

fn length(length: usize) -> u64 {
    length as u64
}
