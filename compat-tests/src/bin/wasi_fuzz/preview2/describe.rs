//! Owns the part of a WASI 0.2 call's result that is compared between majors.

use wit_parser::{Type, TypeDefKind};

use super::{Interfaces, Kind, Origin, RETURN, small, small_u64};
use crate::program::layout::HEAP;
use crate::program::{Called, Step, hex};
use crate::rng::fnv;
use crate::world::Time;

impl Interfaces {
    /// The part of a call's result that must be the same on all majors.
    pub(crate) fn describe(&self, step: &Step, called: &Called, time: &Time) -> String {
        let call = &self.calls[step.func];
        let Origin::Function(function) = &call.of else { return "dropped".to_owned() };
        let Some(result) = &function.result else { return "returned".to_owned() };
        let memory = Memory { called, function: &call.func.name, module: &call.func.module, time };
        if call.depends_on_time() {
            return "returned".to_owned();
        }
        if call.return_pointer {
            return self.read(&memory, result, RETURN).unwrap_or_else(|| "too long".to_owned());
        }
        match self.kind(result) {
            _ if memory.differs() => "a number".to_owned(),
            Kind::Defined(_, TypeDefKind::Handle(_)) => "a handle".to_owned(),
            _ => called.result.to_string(),
        }
    }

    /// A value in memory, as text.
    fn read(&self, memory: &Memory<'_>, ty: &Type, at: u32) -> Option<String> {
        let number = |len: u32| memory.number(at, len);
        let (id, kind) = match self.kind(ty) {
            Kind::Plain(Type::String) => return memory.list(at, 1).map(|bytes| memory.text(&bytes)),
            Kind::Plain(plain) => {
                let shown = number(small(self.sizes.size(&plain).size_wasm32()))?;
                return Some(if memory.differs() { "a number".to_owned() } else { shown.to_string() });
            }
            Kind::Defined(id, kind) => (id, kind),
        };
        let name = self.resolve.types[id].name.as_deref().unwrap_or_default();
        if name == "datetime" {
            let nanoseconds = number(8)?.saturating_mul(1_000_000_000);
            return Some(memory.time.show(nanoseconds.saturating_add(memory.number(at + 8, 4)?)));
        }
        if name == "metadata-hash-value" {
            return Some("a hash".to_owned());
        }
        Some(match kind {
            TypeDefKind::Handle(handle) => {
                let resource = self.behind(handle)?;
                self.resolve.types[self.resources[resource]].name.clone()?
            }
            TypeDefKind::Flags(flags) => {
                let size = small(self.sizes.size(&Type::Id(id)).size_wasm32());
                format!("{:#b} of {}", number(size.max(1))?, flags.flags.len())
            }
            TypeDefKind::Enum(cases) => {
                let case = usize::try_from(number(1)?).ok()?;
                cases.cases.get(case).map_or_else(|| case.to_string(), |case| case.name.clone())
            }
            TypeDefKind::List(of) if matches!(self.kind(of), Kind::Plain(Type::U8)) => {
                let bytes = memory.list(at, 1)?;
                if memory.differs() { format!("{} bytes", bytes.len()) } else { format!("[{}]", show_bytes(&bytes)) }
            }
            TypeDefKind::List(of) => {
                let size = small(self.sizes.size(of).size_wasm32());
                let (start, count) = (small_u64(number(4)?), small_u64(memory.number(at + 4, 4)?));
                let items = (0..count.min(64)).map(|item| self.read(memory, of, start + item * size));
                format!("{count}[{}]", items.collect::<Option<Vec<_>>>()?.join(", "))
            }
            kind => {
                if let Some(fields) = Self::fields(kind) {
                    let values = self.sizes.field_offsets(&fields).into_iter();
                    let values =
                        values.map(|(offset, field)| self.read(memory, field, at + small(offset.size_wasm32())));
                    let mut values = values.collect::<Option<Vec<_>>>()?;
                    // The size of a directory and the number of links to it depend on the file system.
                    if name == "descriptor-stat" && values[0] == "directory" {
                        values[1] = "_".to_owned();
                        values[2] = "_".to_owned();
                    }
                    return Some(format!("({})", values.join(", ")));
                }
                let (tag, cases) = Self::cases(kind)?;
                let case = usize::try_from(number(1)?).ok()?;
                let payload = small(self.sizes.payload_offset(tag, cases.iter().map(Option::as_ref)).size_wasm32());
                let name = match (kind, case) {
                    (TypeDefKind::Variant(variant), case) => variant.cases.get(case)?.name.clone(),
                    (TypeDefKind::Option(_), 0) => "none".to_owned(),
                    (TypeDefKind::Option(_), _) => "some".to_owned(),
                    (_, 0) => "ok".to_owned(),
                    _ => "err".to_owned(),
                };
                match cases.get(case)? {
                    None => name,
                    Some(ty) => format!("{name} {}", self.read(memory, ty, at + payload)?),
                }
            }
        })
    }
}

/// The guest's memory after a call, as far as it was logged.
struct Memory<'a> {
    called: &'a Called,
    module: &'a str,
    function: &'a str,
    time: &'a Time,
}

impl Memory<'_> {
    /// Whether the result is another in each run.
    fn differs(&self) -> bool {
        self.module.starts_with("wasi:random/")
            || self.module.starts_with("wasi:clocks/monotonic-clock")
            || self.function == "resolution"
    }

    fn bytes(&self, at: u32, len: u32) -> Option<&[u8]> {
        let of = |start: u32, bytes: &'_ [u8]| {
            let from = usize::try_from(at.checked_sub(start)?).ok()?;
            Some((from, from.checked_add(usize::try_from(len).ok()?)?)).filter(|(_, to)| *to <= bytes.len())
        };
        let dump = self.called.dumps.first().map_or(&[][..], Vec::as_slice);
        if let Some((from, to)) = of(RETURN, dump) {
            return dump.get(from..to);
        }
        let (from, to) = of(HEAP, &self.called.heap)?;
        self.called.heap.get(from..to)
    }

    fn number(&self, at: u32, len: u32) -> Option<u64> {
        let mut bytes = [0; 8];
        bytes.get_mut(..usize::try_from(len).ok()?)?.copy_from_slice(self.bytes(at, len)?);
        Some(u64::from_le_bytes(bytes))
    }

    /// The elements of a list, as far as they were logged; then its length.
    fn list(&self, at: u32, size: u32) -> Option<Vec<u8>> {
        let (start, len) = (small_u64(self.number(at, 4)?), small_u64(self.number(at + 4, 4)?));
        if len == 0 {
            return Some(Vec::new());
        }
        if let Some(bytes) = self.bytes(start, len.checked_mul(size)?) {
            return Some(bytes.to_vec());
        }
        // Longer than what is logged: the beginning and the length are compared.
        let from = usize::try_from(start.checked_sub(HEAP)?).ok()?;
        let mut bytes = self.called.heap.get(from..)?.to_vec();
        bytes.extend(len.to_le_bytes());
        Some(bytes)
    }

    fn text(&self, bytes: &[u8]) -> String {
        // What an error says is not promised.
        if self.function.ends_with("to-debug-string") {
            return "a text".to_owned();
        }
        format!("{:?}", String::from_utf8_lossy(bytes))
    }
}

fn show_bytes(bytes: &[u8]) -> String {
    if bytes.len() > 32 { format!("{} bytes {:016x}", bytes.len(), fnv(bytes)) } else { hex(bytes) }
}
