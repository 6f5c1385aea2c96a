//! Owns the program: a list of calls with their arguments, which the guest reads from its standard input and executes.
//!
//! One guest executes every program, so Wasmtime compiles it once and a program costs nothing to change or shorten.

use std::fmt::Write as _;

/// Where things are in the guest's memory. Everything the calls use is in [`layout::LOW`] and [`layout::HIGH`].
pub(crate) mod layout {
    /// Outputs of fixed size; a null pointer points here too.
    pub(crate) const LOW: u32 = 0;
    pub(crate) const LOW_END: u32 = 0x1000;
    /// Numbers that earlier calls returned: descriptors and handles, four bytes each.
    pub(crate) const SLOTS: u32 = 0x1000;
    /// The flat result of a call, eight bytes.
    pub(crate) const RESULT: u32 = 0x2000;
    /// Scratch of the interpreter.
    pub(crate) const SCRATCH: u32 = 0x2100;
    /// Where a record of the log is put together.
    pub(crate) const STAGING: u32 = 0x2200;
    pub(crate) const STAGING_END: u32 = 0x8000;
    /// The program.
    pub(crate) const PROGRAM: u32 = 0x10000;
    pub(crate) const PROGRAM_END: u32 = 0x80000;
    /// What `cabi_realloc` hands out; emptied before each call.
    pub(crate) const HEAP: u32 = 0x80000;
    pub(crate) const HEAP_END: u32 = 0x100000;
    /// Inputs, and outputs of any size.
    pub(crate) const HIGH: u32 = 0x100000;
    /// Constant bytes to be written.
    pub(crate) const DATA: u32 = 0x1C0000;
    pub(crate) const DATA_LEN: u32 = 0x4000;
    /// The end of the memory of 32 pages.
    pub(crate) const END: u32 = 0x200000;
    /// How much of the heap a record of the log holds at most.
    pub(crate) const HEAP_LOGGED: u32 = 0x2000;
}

/// A core function the guest can call.
#[derive(Clone, Debug)]
pub(crate) struct Func {
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) params: Vec<Core>,
    pub(crate) result: Option<Core>,
}

/// A core type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Core {
    I32,
    I64,
}

/// An argument of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg {
    Const(u64),
    /// The four bytes at this address, when the call is made.
    Slot(u32),
}

impl Arg {
    pub(crate) fn constant(&self) -> Option<u64> {
        match self {
            Self::Const(value) => Some(*value),
            Self::Slot(_) => None,
        }
    }
}

/// What is done in the guest's memory before or after a call.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Poke {
        to: u32,
        bytes: Vec<u8>,
    },
    Fill {
        to: u32,
        len: u32,
    },
    Copy {
        to: u32,
        from: u32,
        len: u32,
    },
    /// Copies if the preceding call was made and the byte at each address of `conditions` has the value given there.
    CopyIf {
        to: u32,
        from: u32,
        len: u32,
        conditions: Vec<(u32, u8)>,
    },
}

/// One call, and what belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) before: Vec<Action>,
    pub(crate) func: usize,
    pub(crate) args: Vec<Arg>,
    /// The call is left out if one of these slots is zero.
    pub(crate) needs: Vec<u32>,
    /// The memory that is logged after the call: address and length.
    pub(crate) dumps: Vec<(u32, u32)>,
    pub(crate) after: Vec<Action>,
}

/// A program of one flavour.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) steps: Vec<Step>,
    /// What is on standard input behind the program.
    pub(crate) input: Vec<u8>,
    /// Whether the guest has 4 GiB of memory instead of 2 MiB.
    pub(crate) big: bool,
}

/// The byte that outputs are filled with before a call.
pub(crate) const FILLER: u8 = 0xA5;

pub(crate) const OP_END: u32 = 0;
pub(crate) const OP_POKE: u32 = 1;
pub(crate) const OP_FILL: u32 = 2;
pub(crate) const OP_COPY_IF: u32 = 3;
pub(crate) const OP_CALL: u32 = 4;
pub(crate) const OP_COPY: u32 = 5;

impl Program {
    /// The program and the input behind it, as the guest reads them; `None` if the guest has not the room.
    pub(crate) fn stdin(&self) -> Option<Vec<u8>> {
        let mut out = vec![0; 4];
        for (index, step) in self.steps.iter().enumerate() {
            step.before.iter().for_each(|action| encode(&mut out, action));
            words(&mut out, &[OP_CALL, u32::try_from(index).ok()?, u32::try_from(step.func).ok()?]);
            for count in [step.args.len(), step.needs.len(), step.dumps.len()] {
                words(&mut out, &[u32::try_from(count).ok()?]);
            }
            for arg in &step.args {
                match arg {
                    Arg::Const(value) => {
                        words(&mut out, &[0]);
                        out.extend(value.to_le_bytes());
                    }
                    Arg::Slot(address) => words(&mut out, &[1, *address, 0]),
                }
            }
            words(&mut out, &step.needs);
            step.dumps.iter().for_each(|(address, len)| words(&mut out, &[*address, *len]));
            step.after.iter().for_each(|action| encode(&mut out, action));
        }
        words(&mut out, &[OP_END]);
        let len = u32::try_from(out.len()).ok()?;
        if len > layout::PROGRAM_END - layout::PROGRAM {
            return None;
        }
        out[..4].copy_from_slice(&len.to_le_bytes());
        out.extend(&self.input);
        Some(out)
    }
}

fn words(out: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| out.extend(word.to_le_bytes()));
}

fn encode(out: &mut Vec<u8>, action: &Action) {
    match action {
        Action::Poke { to, bytes } => {
            words(out, &[OP_POKE, *to, u32::try_from(bytes.len()).unwrap_or(0)]);
            out.extend(bytes);
            out.resize(out.len().next_multiple_of(4), 0);
        }
        Action::Fill { to, len } => words(out, &[OP_FILL, *to, *len]),
        Action::Copy { to, from, len } => words(out, &[OP_COPY, *to, *from, *len]),
        Action::CopyIf { to, from, len, conditions } => {
            words(out, &[OP_COPY_IF, *to, *from, *len, u32::try_from(conditions.len()).unwrap_or(0)]);
            conditions.iter().for_each(|(address, value)| words(out, &[*address, u32::from(*value)]));
        }
    }
}

/// What the guest logged of one call.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) step: usize,
    /// None if it was left out, as a slot it needs was zero.
    pub(crate) called: Option<Called>,
}

/// A call that returned.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) result: u64,
    /// One for each of [`Step::dumps`].
    pub(crate) dumps: Vec<Vec<u8>>,
    /// The first bytes of what `cabi_realloc` handed out.
    pub(crate) heap: Vec<u8>,
}

/// The length of the head of a record: step, whether it was called, result, heap used.
pub(crate) const HEAD: u32 = 20;

/// Reads the log of a run of `program`. The log is standard error, to which the calls of the program may write as well:
/// bytes that do not belong to a whole record of the next step are skipped.
pub(crate) fn read_log(program: &Program, mut log: &[u8]) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    while let Some((_, behind)) = log.split_first() {
        let mut rest = log;
        log = match read_record(program, &mut rest) {
            Some(record) if record.step == records.len() => {
                records.push(record);
                rest
            }
            _ => behind,
        };
    }
    records
}

fn read_record(program: &Program, log: &mut &[u8]) -> Option<Record> {
    let index = usize::try_from(u32::from_le_bytes(take(log, 4)?.try_into().ok()?)).ok()?;
    let called = u32::from_le_bytes(take(log, 4)?.try_into().ok()?);
    let result = u64::from_le_bytes(take(log, 8)?.try_into().ok()?);
    let heap_used = u32::from_le_bytes(take(log, 4)?.try_into().ok()?);
    let step = program.steps.get(index)?;
    match called {
        0 => return Some(Record { step: index, called: None }),
        1 => {}
        _ => return None,
    }
    let dumps = step.dumps.iter().map(|(_, len)| Some(take(log, *len)?.to_vec())).collect::<Option<Vec<_>>>()?;
    let heap = take(log, heap_used.min(layout::HEAP_LOGGED))?.to_vec();
    Some(Record { step: index, called: Some(Called { result, dumps, heap }) })
}

fn take<'a>(log: &mut &'a [u8], len: u32) -> Option<&'a [u8]> {
    let (taken, rest) = log.split_at_checked(usize::try_from(len).ok()?)?;
    *log = rest;
    Some(taken)
}

/// A call as text: its arguments, and the memory that was prepared for it.
pub(crate) fn show(funcs: &[Func], step: &Step) -> String {
    let func = &funcs[step.func];
    let mut out = format!("{}(", func.name);
    for (at, (arg, core)) in step.args.iter().zip(&func.params).enumerate() {
        out += if at == 0 { "" } else { ", " };
        match (arg, core) {
            (Arg::Slot(address), _) => write!(out, "[{address:#x}]"),
            (Arg::Const(value), Core::I32) => write!(out, "{}", number(*value & 0xFFFF_FFFF)),
            (Arg::Const(value), Core::I64) => write!(out, "{}", number(*value)),
        }
        .expect("write to a string");
    }
    out.push(')');
    for action in &step.before {
        if let Action::Poke { to, bytes } = action {
            let shown = if bytes.iter().all(|byte| (0x20..0x7F).contains(byte)) {
                format!("{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(64)]))
            } else {
                hex(&bytes[..bytes.len().min(48)])
            };
            write!(out, " {to:#x}={shown}").expect("write to a string");
        }
        if let Action::Copy { to, from, .. } = action {
            write!(out, " {to:#x}=[{from:#x}]").expect("write to a string");
        }
    }
    out
}

fn number(value: u64) -> String {
    if value < 0x1000 { value.to_string() } else { format!("{value:#x}") }
}

/// Bytes in hexadecimal; the filler alone is one word, and long ones are their length and hash.
pub(crate) fn hex(bytes: &[u8]) -> String {
    if !bytes.is_empty() && bytes.iter().all(|byte| *byte == FILLER) {
        return "untouched".to_owned();
    }
    if bytes.len() > 64 {
        let end = bytes.iter().rposition(|byte| *byte != FILLER).map_or(0, |at| at + 1);
        return format!("{} of {} bytes, {:016x}", end, bytes.len(), crate::rng::fnv(bytes));
    }
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
