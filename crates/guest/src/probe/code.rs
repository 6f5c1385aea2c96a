//! Owns the probe's code: what it asks of preview1, and how it says what it found.

use std::ops::Range;

use wasm_encoder::{BlockType, Function, Ieee32, InstructionSink, MemArg, MemArgTarget, ValType};

use super::guest::ProbeTarget;
use super::record::{NAME_TOO_LONG, NOT_QUERIED, Word};

/// The functions of preview1 that the guest imports, by their index in its module.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Calls {
    pub(super) prestat: Option<u32>,
    pub(super) name: Option<u32>,
    pub(super) open: Option<u32>,
    pub(super) close: Option<u32>,
    pub(super) write: Option<u32>,
}

impl Calls {
    /// The function that tells names, if its length can be had too.
    pub(super) fn name_query(&self) -> Option<u32> {
        self.prestat.and(self.name)
    }
}

/// A function body and what it needs in memory.
pub(super) struct Program {
    pub(super) body: Function,
    /// What must be at [`DATA`].
    pub(super) data: Vec<u8>,
    /// Where memory begins that it does not use.
    pub(super) heap: u32,
}

/// What an entry point returns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Returns {
    Nothing,
    /// 0, which is success.
    Code,
}

// Addresses. The guest's own data is gone, so all of its memory is free.
const PRESTAT: u32 = 16;
const BUFFER: u32 = 32;
const WRITTEN: u32 = 40;
const OPENED: u32 = 48;
const HEAP_USED: u32 = 64;
pub(super) const DATA: u32 = 1024;

/// The most bytes of a name that are looked at; no system has longer paths.
const LONGEST_NAME: u32 = 1 << 16;

/// The first file descriptor of a preopen.
pub const FIRST_FD: u32 = 3;

const OFLAG_DIRECTORY: i32 = 1 << 1;
const RIGHT_READ: i64 = 1 << 1;
const RIGHT_READDIR: i64 = 1 << 14;

// Locals, all of them integers.
const FROM: u32 = 0;
const LEFT: u32 = 1;
const NAMED: u32 = 2;
const WITHIN_REACH: u32 = 3;
const LOCALS: u32 = 4;

/// Queries everything about the preopens in a range of `targets`, and writes down after each what came of it. At last
/// it asks for one preopen more than there are.
pub(super) fn reporting_program(
    calls: &Calls,
    targets: &[ProbeTarget],
    range: Range<usize>,
    write: u32,
    returns: Returns,
) -> Program {
    let first = FIRST_FD.saturating_add(saturated(range.start));
    let mut data = Data::default();
    let dot = data.add(b".");
    let asked = targets.get(range).unwrap_or_default();
    let files: Vec<_> = asked.iter().map(|target| Some(data.add(target.file.as_ref()?.as_bytes()))).collect();
    let mut code = Code::new(&data);
    for (fd, file) in (first..).zip(files) {
        code.blank_record(fd);
        if let Some(prestat) = calls.prestat {
            code.note(Word::Prestat, |code| code.prestat(prestat, fd));
            code.note(Word::Length, |code| code.load(PRESTAT + 4));
        }
        if let Some(name) = calls.name_query() {
            code.read_name(name, fd);
        }
        if let Some(open) = calls.open {
            code.note(Word::Directory, |code| code.open(open, fd, dot, OFLAG_DIRECTORY, RIGHT_READ | RIGHT_READDIR));
            code.close_opened(calls.close, Word::Directory);
            if let Some(file) = file {
                code.note(Word::File, |code| code.open(open, fd, file, 0, RIGHT_READ));
                code.close_opened(calls.close, Word::File);
            }
        }
        code.write_record(write);
    }
    let after_last = FIRST_FD.saturating_add(saturated(targets.len()));
    code.blank_record(after_last);
    if let Some(prestat) = calls.prestat {
        code.note(Word::Prestat, |code| code.prestat(prestat, after_last));
    }
    code.write_record(write);
    code.end(returns, data)
}

/// Queries everything about one preopen, and says what came of it by how it ends: for guests that cannot write.
pub(super) fn trapping_program(calls: &Calls, index: usize, target: &ProbeTarget, returns: Returns) -> Program {
    let fd = FIRST_FD.saturating_add(saturated(index));
    let mut data = Data::default();
    let (dot, name) = (data.add(b"."), data.add(target.guest.as_bytes()));
    let file = target.file.as_ref().map(|file| data.add(file.as_bytes()));
    let mut code = Code::new(&data);
    code.blank_record(fd);
    code.sink().i32_const(1).local_set(NAMED).i32_const(1).local_set(WITHIN_REACH);
    if let Some(prestat) = calls.prestat {
        code.note(Word::Prestat, |code| code.prestat(prestat, fd));
        code.note(Word::Length, |code| code.load(PRESTAT + 4));
        code.load(code.word(Word::Prestat));
        // Absent: an access beyond the end of memory.
        code.sink().if_(BlockType::Empty).i32_const(-1).i32_load(at(u32::MAX)).drop().end();
    }
    if let Some(call) = calls.name_query() {
        code.read_name(call, fd);
        code.compare_name(name);
    }
    if let Some(open) = calls.open {
        code.open(open, fd, dot, OFLAG_DIRECTORY, RIGHT_READ | RIGHT_READDIR);
        code.sink().if_(BlockType::Empty).i32_const(0).local_set(WITHIN_REACH).end();
        if let Some(file) = file {
            code.open(open, fd, file, 0, RIGHT_READ);
            code.sink().if_(BlockType::Empty).i32_const(0).local_set(WITHIN_REACH).end();
        }
    }
    // Not `unreachable`: that is how adapters give up.
    let mut sink = code.sink();
    sink.local_get(NAMED).i32_eqz().if_(BlockType::Empty);
    sink.local_get(WITHIN_REACH).if_(BlockType::Empty);
    sink.i32_const(i32::MIN).i32_const(-1).i32_div_s().drop();
    sink.else_();
    sink.f32_const(Ieee32::from(f32::NAN)).i32_trunc_f32_s().drop();
    sink.end().end();
    sink.local_get(WITHIN_REACH).i32_eqz().if_(BlockType::Empty);
    sink.i32_const(1).i32_const(0).i32_div_s().drop();
    sink.end();
    code.end(returns, data)
}

/// A `cabi_realloc` that never frees.
pub(super) fn realloc(heap: u32) -> Function {
    let (old, old_size, align, new_size) = (0, 1, 2, 3);
    let (block, missing) = (4, 5);
    let mut body = Function::new([(2, ValType::I32)]);
    let mut sink = body.instructions();
    sink.i32_const(0).i32_load(at(HEAP_USED)).i32_const(heap.cast_signed()).i32_add();
    sink.local_get(align).i32_add().i32_const(1).i32_sub();
    sink.i32_const(0).local_get(align).i32_sub().i32_and().local_set(block);
    sink.i32_const(0).local_get(block).local_get(new_size).i32_add().i32_const(heap.cast_signed()).i32_sub();
    sink.i32_store(at(HEAP_USED));
    sink.local_get(block).local_get(new_size).i32_add().i32_const(0xffff).i32_add().i32_const(16).i32_shr_u();
    sink.memory_size(0).i32_sub().local_tee(missing).i32_const(0).i32_gt_s().if_(BlockType::Empty);
    sink.local_get(missing).memory_grow(0).i32_const(-1).i32_eq().if_(BlockType::Empty).unreachable().end();
    sink.end();
    sink.local_get(old_size).if_(BlockType::Empty);
    sink.local_get(block).local_get(old);
    sink.local_get(old_size).local_get(new_size).local_get(old_size).local_get(new_size).i32_lt_u().select();
    sink.memory_copy(0, 0).end();
    sink.local_get(block).end();
    body
}

/// Stands for a function of the guest that nobody is to call; those without parameters and results, which may be
/// called on the way to the entry point, do nothing.
pub(super) fn stub(does_nothing: bool) -> Function {
    let mut body = Function::new([]);
    if !does_nothing {
        body.instructions().unreachable();
    }
    body.instructions().end();
    body
}

/// Strings in memory.
#[derive(Default)]
struct Data(Vec<u8>);

/// Address and length of a string.
type Place = (u32, u32);

impl Data {
    fn add(&mut self, text: &[u8]) -> Place {
        let place = (self.end(), saturated(text.len()));
        self.0.extend_from_slice(text);
        place
    }

    fn end(&self) -> u32 {
        DATA.saturating_add(saturated(self.0.len()))
    }
}

/// The body that is being written.
struct Code {
    body: Function,
    /// Where the record is; the name comes right after it.
    record: u32,
}

impl Code {
    fn new(data: &Data) -> Self {
        let record = data.end().saturating_add(16) & !15;
        Self { body: Function::new([(LOCALS, ValType::I32)]), record }
    }

    fn end(mut self, returns: Returns, data: Data) -> Program {
        let heap = self.name().saturating_add(LONGEST_NAME + 16) & !15;
        if returns == Returns::Code {
            self.sink().i32_const(0);
        }
        self.sink().end();
        Program { body: self.body, data: data.0, heap }
    }

    fn sink(&mut self) -> InstructionSink<'_> {
        self.body.instructions()
    }

    /// The address of a word of the record.
    fn word(&self, word: Word) -> u32 {
        self.record.saturating_add(word.offset())
    }

    fn name(&self) -> u32 {
        self.record.saturating_add(Word::BYTES)
    }

    fn load(&mut self, address: u32) {
        self.sink().i32_const(0).i32_load(at(address));
    }

    /// Keeps in the record what `value` pushes.
    fn note(&mut self, word: Word, value: impl FnOnce(&mut Self)) {
        let address = self.word(word);
        self.sink().i32_const(0);
        value(self);
        self.sink().i32_store(at(address));
    }

    fn blank_record(&mut self, fd: u32) {
        for word in Word::ALL {
            let value = if word == Word::Fd { fd } else { NOT_QUERIED };
            self.note(word, |code| {
                code.sink().i32_const(value.cast_signed());
            });
        }
    }

    fn prestat(&mut self, call: u32, fd: u32) {
        self.sink().i32_const(fd.cast_signed()).i32_const(PRESTAT.cast_signed()).call(call);
    }

    /// Queries for a name as long as the record says, unless that is too long or nothing said it.
    fn read_name(&mut self, call: u32, fd: u32) {
        let (length, name) = (self.word(Word::Length), self.name());
        self.load(self.word(Word::Prestat));
        self.sink().i32_eqz().if_(BlockType::Empty);
        self.note(Word::Name, |code| {
            code.load(length);
            code.sink().i32_const(LONGEST_NAME.cast_signed()).i32_gt_u();
            code.sink().if_(BlockType::Result(ValType::I32)).i32_const(NAME_TOO_LONG.cast_signed()).else_();
            code.sink().i32_const(fd.cast_signed()).i32_const(name.cast_signed());
            code.load(length);
            code.sink().call(call).end();
        });
        self.sink().end();
    }

    /// Clears [`NAMED`] unless the name that was read is this.
    fn compare_name(&mut self, (address, length): Place) {
        let name = self.name();
        self.load(self.word(Word::Name));
        self.load(self.word(Word::Length));
        let mut sink = self.sink();
        sink.i32_const(length.cast_signed()).i32_ne().i32_or();
        sink.if_(BlockType::Empty).i32_const(0).local_set(NAMED).else_();
        sink.i32_const(0).local_set(FROM);
        sink.block(BlockType::Empty).loop_(BlockType::Empty);
        sink.local_get(FROM).i32_const(length.cast_signed()).i32_ge_u().br_if(1);
        sink.local_get(FROM).i32_load8_u(byte_at(name)).local_get(FROM).i32_load8_u(byte_at(address)).i32_ne();
        sink.if_(BlockType::Empty).i32_const(0).local_set(NAMED).end();
        sink.local_get(FROM).i32_const(1).i32_add().local_set(FROM).br(0);
        sink.end().end().end();
    }

    fn open(&mut self, call: u32, fd: u32, (address, length): Place, flags: i32, rights: i64) {
        let mut sink = self.sink();
        sink.i32_const(fd.cast_signed()).i32_const(0);
        sink.i32_const(address.cast_signed()).i32_const(length.cast_signed());
        sink.i32_const(flags).i64_const(rights).i64_const(rights).i32_const(0).i32_const(OPENED.cast_signed());
        sink.call(call);
    }

    /// Closes what was opened: old adapters have room for 128 descriptors.
    fn close_opened(&mut self, call: Option<u32>, word: Word) {
        let Some(call) = call else { return };
        self.load(self.word(word));
        self.sink().i32_eqz().if_(BlockType::Empty);
        self.load(OPENED);
        self.sink().call(call).drop().end();
    }

    /// Writes the record, and the name if there is one.
    fn write_record(&mut self, call: u32) {
        let record = self.record;
        let (name, length) = (self.word(Word::Name), self.word(Word::Length));
        self.load(length);
        self.sink().i32_const(0);
        self.load(name);
        let mut sink = self.sink();
        sink.i32_eqz().select().i32_const(Word::BYTES.cast_signed()).i32_add().local_set(LEFT);
        sink.i32_const(record.cast_signed()).local_set(FROM);
        sink.block(BlockType::Empty).loop_(BlockType::Empty);
        sink.local_get(LEFT).i32_eqz().br_if(1);
        sink.i32_const(0).local_get(FROM).i32_store(at(BUFFER));
        sink.i32_const(0).local_get(LEFT).i32_store(at(BUFFER + 4));
        sink.i32_const(1).i32_const(BUFFER.cast_signed()).i32_const(1).i32_const(WRITTEN.cast_signed()).call(call);
        sink.i32_const(0).i32_load(at(WRITTEN)).i32_eqz().i32_or().if_(BlockType::Empty).unreachable().end();
        sink.local_get(FROM).i32_const(0).i32_load(at(WRITTEN)).i32_add().local_set(FROM);
        sink.local_get(LEFT).i32_const(0).i32_load(at(WRITTEN)).i32_sub().local_set(LEFT);
        sink.br(0).end().end();
    }
}

fn at(address: u32) -> MemArg {
    MemArg { offset: address.into(), align: 2, target: MemArgTarget::default(), ordering: None }
}

fn byte_at(address: u32) -> MemArg {
    MemArg { align: 0, ..at(address) }
}

fn saturated(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
