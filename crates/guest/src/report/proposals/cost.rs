//! Owns the estimate of what compiling code takes beyond its size: a few bytes of code can stand for many values.
//!
//! Cranelift takes time for the values of a function, not for its bytes. A call of two bytes may have a thousand
//! arguments, and a declaration of four bytes fifty thousand locals. Where blocks meet that leave a local with different
//! values, there is one value more, and finding registers for many such values takes the square of their number.

use wasmparser::{BinaryReader, BlockType, CompositeInnerType, Operator, OperatorsReader, Payload, TypeRef};

use crate::error::Result;
use crate::guest::{damaged, too_complex};

/// What a guest may take, in nanoseconds: for each of its bytes, and whatever its size. Of what compilers make, also
/// without optimisation, 1 to 50 MB take less than 200 for each byte, and nothing whatever the size.
const PER_BYTE: u64 = 400;
const BASE: u64 = 4_000_000_000;

/// What a local that is declared takes, and a value of a call, block, branch or structure, in nanoseconds: measured with
/// optimised builds of 19 and 48; the slower one counts.
const LOCAL: u64 = 60;
const VALUE: u64 = 10_000;

/// What it takes to find the value of a local in the block before the one where it is read.
const STEP: u64 = 250;

/// What wasmparser allows a function.
const MOST_LOCALS: usize = 50_000;

/// The parameters and results of an ordinary call: only the values beyond this number are counted.
const FEW_VALUES: u64 = 16;

/// What is known of the module being read, and what the code of all modules costs.
#[derive(Default)]
pub(super) struct Signatures {
    types: Vec<Width>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    imported: usize,
    /// How many bodies of functions were read.
    bodies: usize,
    /// The most values that an exception has.
    tag: u64,
    total: u64,
    most: u64,
    /// The lists of the previous function, emptied but with their capacity.
    lists: Function,
}

/// How many values a type has.
#[derive(Clone, Copy, Default)]
pub(super) struct Width {
    /// Parameters of a function, or fields of a structure.
    parameters: u32,
    results: u32,
}

/// What is counted in one function.
#[derive(Default)]
pub(super) struct Function {
    declared: u64,
    /// Branches and blocks.
    joins: u64,
    /// The most values that a label takes.
    widest: u64,
    values: u64,
    /// Calls through a table: each is many blocks of machine code.
    indirect: u64,
    /// Handlers around calls, for each call.
    handled: u64,
    /// The number of merges: one for each local and each end of a block or start of a loop at which two values of the
    /// local meet.
    merged: u64,
    /// The number of locals with at least one merge.
    merging: u64,
    /// What was read: the number of instructions that matter here.
    now: u32,
    /// When a block ended last.
    ended: u32,
    /// The basic blocks that the compiler has made so far, and, for all reads of locals together, the basic blocks
    /// between the read and the previous access to the same local.
    blocks: u32,
    steps: u64,
    /// The blocks around what is being read, and when those that are loops began.
    open: Vec<Block>,
    loops: Vec<u32>,
    locals: Vec<Local>,
}

/// A block that is being read.
#[derive(Clone, Copy)]
struct Block {
    began: u32,
    is_loop: bool,
    /// The handlers of exceptions in and around it.
    handlers: u32,
}

/// A local, from the instruction on that set it last.
#[derive(Clone, Copy, Default)]
struct Local {
    set: u32,
    /// The number of blocks around that instruction that had not ended when the local was read last.
    depth: u32,
    /// When it was read in a loop that had begun since it was set.
    read: u32,
    /// How many blocks there were when it was set or read last.
    blocks: u32,
    merging: bool,
}

impl Width {
    fn all(self) -> u64 {
        u64::from(self.parameters) + u64::from(self.results)
    }

    /// How many values there are beyond what is usual.
    fn excess(self) -> u64 {
        self.all().saturating_sub(FEW_VALUES)
    }
}

impl Signatures {
    /// Of nothing yet, in a guest of `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        Self { most: bytes.saturating_mul(PER_BYTE).saturating_add(BASE), ..Self::default() }
    }

    /// Adds a part of a module that is not its code.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidGuest`](crate::ErrorKind::InvalidGuest) if it is damaged.
    pub(super) fn take(&mut self, payload: &Payload<'_>) -> Result<()> {
        match payload {
            Payload::Version { .. } => {
                let (total, most) = (self.total, self.most);
                *self = Self { total, most, ..Self::default() };
            }
            Payload::TypeSection(reader) => {
                for group in reader.clone() {
                    let group = group.map_err(damaged)?;
                    self.types.extend(group.types().map(|ty| Width::of(&ty.composite_type.inner)));
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.clone().into_imports() {
                    match import.map_err(damaged)?.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                            self.functions.push(ty);
                            self.imported += 1;
                        }
                        TypeRef::Tag(tag) => self.tag = self.tag.max(self.ty(tag.func_type_idx).all()),
                        _ => {}
                    }
                }
            }
            Payload::FunctionSection(reader) => {
                for ty in reader.clone() {
                    self.functions.push(ty.map_err(damaged)?);
                }
            }
            Payload::TagSection(reader) => {
                for tag in reader.clone() {
                    self.tag = self.tag.max(self.ty(tag.map_err(damaged)?.func_type_idx).all());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The next function, of which nothing is counted yet.
    pub(super) fn body(&mut self) -> Function {
        let function = self.functions.get(self.imported + self.bodies).map_or_else(Width::default, |ty| self.ty(*ty));
        self.bodies += 1;
        // Lists are taken from the function before, so that they are not made anew for each.
        let Function { open, loops, locals, .. } = std::mem::take(&mut self.lists);
        Function {
            declared: u64::from(function.parameters),
            widest: u64::from(function.results),
            values: function.excess(),
            open,
            loops,
            locals,
            ..Function::default()
        }
    }

    /// The width of a function; one that does not exist has none, and makes the guest invalid.
    pub(super) fn function(&self, index: u32) -> Width {
        let function = usize::try_from(index).ok().and_then(|index| self.functions.get(index));
        function.map_or_else(Width::default, |ty| self.ty(*ty))
    }

    /// The width of a type, likewise.
    pub(super) fn ty(&self, index: u32) -> Width {
        usize::try_from(index).ok().and_then(|index| self.types.get(index)).copied().unwrap_or_default()
    }

    /// Adds a function that is read to its end.
    pub(super) fn add(&mut self, mut function: Function) {
        self.total = self.total.saturating_add(function.cost());
        function.open.clear();
        function.loops.clear();
        function.locals.clear();
        self.lists = function;
    }

    /// Checks what all code read so far costs.
    ///
    /// # Errors
    /// [`ErrorKind::TooComplex`](crate::ErrorKind::TooComplex) if it is too much for a guest of its size.
    pub(super) fn check(&self) -> Result<()> {
        if self.exhausted() {
            return Err(too_complex("the code has more values than a guest of this size can have"));
        }
        Ok(())
    }

    /// Whether nothing more needs to be read.
    pub(super) fn exhausted(&self) -> bool {
        self.total > self.most
    }
}

impl Width {
    fn of(ty: &CompositeInnerType) -> Self {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        match ty {
            CompositeInnerType::Func(ty) => {
                Self { parameters: count(ty.params().len()), results: count(ty.results().len()) }
            }
            CompositeInnerType::Struct(ty) => Self { parameters: count(ty.fields.len()), results: 0 },
            _ => Self { parameters: 1, results: 0 },
        }
    }
}

impl Function {
    pub(super) fn declare(&mut self, locals: u64) {
        self.declared = self.declared.saturating_add(locals);
    }

    /// Counts an instruction that sets a local.
    #[inline]
    pub(super) fn set(&mut self, index: u32) {
        self.now += 1;
        let Some(place) = self.place(index) else { return };
        let Local { set, read, merging, .. } = self.locals[place];
        if read > 0 {
            // Each loop around that had begun before that now begins with one value or the other.
            let began = |time: u32| self.loops.partition_point(|began| *began < time);
            let loops = began(read).saturating_sub(began(set));
            self.merge(place, loops);
        }
        let merging = merging || self.locals[place].merging;
        let depth = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        self.locals[place] = Local { set: self.now, depth, read: 0, blocks: self.blocks, merging };
    }

    /// Counts an instruction that reads a local.
    #[inline]
    pub(super) fn get(&mut self, index: u32) {
        self.now += 1;
        let Some(place) = self.place(index) else { return };
        let Local { set, depth, blocks, .. } = self.locals[place];
        self.steps += u64::from(self.blocks - blocks);
        self.locals[place].blocks = self.blocks;
        if self.ended > set && depth > 0 {
            // Behind each block that ended since it was set, it has this value or the one before the block.
            let around = self.open.partition_point(|block| block.began < set);
            let around = u32::try_from(around).unwrap_or(u32::MAX).min(depth);
            self.merge(place, (depth - around) as usize);
            self.locals[place].depth = around;
        }
        if self.loops.last().is_some_and(|began| *began > set) {
            self.locals[place].read = self.now;
        }
    }

    fn merge(&mut self, place: usize, values: usize) {
        if values > 0 {
            self.merged = self.merged.saturating_add(values as u64);
            self.merging += u64::from(!self.locals[place].merging);
            self.locals[place].merging = true;
        }
    }

    /// Where a local is in the list; one that cannot be there is in no valid function.
    #[inline]
    fn place(&mut self, index: u32) -> Option<usize> {
        let place = usize::try_from(index).ok().filter(|place| *place < MOST_LOCALS)?;
        if place >= self.locals.len() {
            self.locals.resize(place + 1, Local::default());
        }
        Some(place)
    }

    #[inline]
    pub(super) fn block(&mut self, is_loop: bool) {
        self.joins += 1;
        self.blocks += 1;
        self.now += 1;
        let handlers = self.open.last().map_or(0, |block| block.handlers);
        self.open.push(Block { began: self.now, is_loop, handlers });
        if is_loop {
            self.loops.push(self.now);
        }
    }

    #[inline]
    pub(super) fn end(&mut self) {
        self.now += 1;
        self.blocks += 1;
        self.ended = self.now;
        if self.open.pop().is_some_and(|block| block.is_loop) {
            self.loops.pop();
        }
    }

    #[inline]
    pub(super) fn branch(&mut self, labels: u64) {
        self.blocks += 1;
        self.joins = self.joins.saturating_add(labels);
    }

    #[inline]
    pub(super) fn call(&mut self, callee: Width) {
        self.values += callee.excess();
        self.handled += self.open.last().map_or(0, |block| u64::from(block.handlers));
    }

    #[inline]
    pub(super) fn call_indirect(&mut self, callee: Width) {
        self.indirect += 1;
        self.call(callee);
    }

    /// Counts an instruction that is rare.
    pub(super) fn unusual(&mut self, code: &[u8], signatures: &Signatures) -> wasmparser::Result<()> {
        // Vectors are the only ones that are common, and nothing is to be counted in them.
        if !matches!(code.first(), Some(0x02..=0x04 | 0x06 | 0x12..=0x15 | 0x18 | 0x19 | 0x1f | 0xd5 | 0xd6 | 0xfb)) {
            return Ok(());
        }
        match OperatorsReader::new(BinaryReader::new(code, 0)).read()? {
            Operator::Loop { blockty } => self.typed_block(blockty, true, signatures),
            Operator::Block { blockty } | Operator::If { blockty } | Operator::Try { blockty } => {
                self.typed_block(blockty, false, signatures);
            }
            Operator::TryTable { try_table } => {
                self.typed_block(try_table.ty, false, signatures);
                let catches = u64::try_from(try_table.catches.len()).unwrap_or(u64::MAX);
                self.values += catches.saturating_mul(signatures.tag);
                if let Some(block) = self.open.last_mut() {
                    block.handlers = block.handlers.saturating_add(u32::try_from(catches).unwrap_or(u32::MAX));
                }
            }
            Operator::ReturnCall { function_index } => self.call(signatures.function(function_index)),
            Operator::ReturnCallIndirect { type_index, .. }
            | Operator::CallRef { type_index }
            | Operator::ReturnCallRef { type_index } => self.call_indirect(signatures.ty(type_index)),
            Operator::StructNew { struct_type_index } | Operator::StructNewDefault { struct_type_index } => {
                self.values += signatures.ty(struct_type_index).excess();
            }
            Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. } => self.branch(1),
            _ => {}
        }
        Ok(())
    }

    fn typed_block(&mut self, ty: BlockType, is_loop: bool, signatures: &Signatures) {
        self.block(is_loop);
        if let BlockType::FuncType(ty) = ty {
            let ty = signatures.ty(ty);
            self.widest = self.widest.max(ty.all());
            self.values += ty.excess();
        }
    }

    /// In nanoseconds, roughly; what an ordinary function costs is not in it.
    fn cost(&self) -> u64 {
        let wide = self.widest.saturating_sub(FEW_VALUES);
        let values = self.values.saturating_add(self.joins.saturating_mul(wide));
        // Fitted to measurements: 48 takes the square of the values, and 19 also moves all of them at each branch.
        let moved = self.merging.saturating_mul(self.merging.min(self.joins));
        let parts = [
            self.declared.saturating_mul(LOCAL),
            values.saturating_mul(VALUE),
            self.steps.saturating_mul(STEP),
            self.merged.saturating_mul(self.merged.saturating_add(moved)).saturating_mul(2),
            self.handled.saturating_mul(self.handled),
            self.indirect.saturating_mul(self.indirect).saturating_mul(12),
        ];
        parts.into_iter().fold(0, u64::saturating_add)
    }
}
