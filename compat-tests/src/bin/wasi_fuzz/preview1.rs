//! Owns WASI preview1: its functions, random calls of them, and the part of each result that is compared.

use std::fmt::Write as _;

use crate::guest::Plumbing;
use crate::program::{
    Action, Arg, Called, Core, Func, Program, Step, hex,
    layout::{DATA, DATA_LEN, END, HIGH, LOW, LOW_END, SCRATCH, SLOTS},
};
use crate::rng::Rng;
use crate::world::Time;

/// How many slots hold descriptors.
const FD_SLOTS: u32 = 12;

/// The meaning of an argument.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Fd,
    /// A pointer to an output of that many bytes.
    Out(u32),
    /// A pointer to the descriptor that is opened: one of the slots.
    NewFd,
    /// A path: pointer and length.
    Path,
    /// Buffers to read into: pointer to them and their number.
    Read,
    /// Buffers to write from: pointer to them and their number.
    Write,
    /// An output buffer: pointer and length.
    Buffer,
    /// A table of pointers and then the strings: arguments or environment.
    Strings,
    /// Subscriptions, events, number, number of events.
    Poll,
    Offset,
    Delta,
    Len,
    Time,
    Cookie,
    Clock,
    Exit,
    /// A number, honest up to this one.
    UpTo(u64),
    /// The same in 64 bits.
    Rights,
}

use Kind::{
    Buffer, Clock, Cookie, Delta, Exit, Fd, Len, NewFd, Offset, Out, Path, Poll, Read, Rights, Strings, UpTo, Write,
};

/// Every function, how often it is called, and its arguments.
const FUNCTIONS: &[(&str, u64, &[Kind])] = &[
    ("args_get", 1, &[Strings]),
    ("args_sizes_get", 1, &[Out(4), Out(4)]),
    ("environ_get", 1, &[Strings]),
    ("environ_sizes_get", 1, &[Out(4), Out(4)]),
    ("clock_res_get", 1, &[Clock, Out(8)]),
    ("clock_time_get", 2, &[Clock, Kind::Time, Out(8)]),
    ("fd_advise", 2, &[Fd, Offset, Len, UpTo(5)]),
    ("fd_allocate", 2, &[Fd, Offset, Len]),
    ("fd_close", 4, &[Fd]),
    ("fd_datasync", 1, &[Fd]),
    ("fd_fdstat_get", 3, &[Fd, Out(24)]),
    ("fd_fdstat_set_flags", 3, &[Fd, UpTo(31)]),
    ("fd_fdstat_set_rights", 2, &[Fd, Rights, Rights]),
    ("fd_filestat_get", 4, &[Fd, Out(64)]),
    ("fd_filestat_set_size", 3, &[Fd, Offset]),
    ("fd_filestat_set_times", 2, &[Fd, Kind::Time, Kind::Time, UpTo(15)]),
    ("fd_pread", 5, &[Fd, Read, Offset, Out(4)]),
    ("fd_prestat_get", 2, &[Fd, Out(8)]),
    ("fd_prestat_dir_name", 2, &[Fd, Buffer]),
    ("fd_pwrite", 5, &[Fd, Write, Offset, Out(4)]),
    ("fd_read", 7, &[Fd, Read, Out(4)]),
    ("fd_readdir", 5, &[Fd, Buffer, Cookie, Out(4)]),
    ("fd_renumber", 1, &[Fd, Fd]),
    ("fd_seek", 5, &[Fd, Delta, UpTo(2), Out(8)]),
    ("fd_sync", 1, &[Fd]),
    ("fd_tell", 3, &[Fd, Out(8)]),
    ("fd_write", 7, &[Fd, Write, Out(4)]),
    ("path_create_directory", 3, &[Fd, Path]),
    ("path_filestat_get", 4, &[Fd, UpTo(1), Path, Out(64)]),
    ("path_filestat_set_times", 2, &[Fd, UpTo(1), Path, Kind::Time, Kind::Time, UpTo(15)]),
    ("path_link", 3, &[Fd, UpTo(1), Path, Fd, Path]),
    ("path_open", 20, &[Fd, UpTo(1), Path, UpTo(15), Rights, Rights, UpTo(31), NewFd]),
    ("path_readlink", 3, &[Fd, Path, Buffer, Out(4)]),
    ("path_remove_directory", 2, &[Fd, Path]),
    ("path_rename", 3, &[Fd, Path, Fd, Path]),
    ("path_symlink", 3, &[Path, Fd, Path]),
    ("path_unlink_file", 2, &[Fd, Path]),
    ("poll_oneoff", 3, &[Poll]),
    ("proc_exit", 0, &[Exit]),
    ("proc_raise", 0, &[UpTo(30)]),
    ("sched_yield", 1, &[]),
    ("random_get", 2, &[Buffer]),
    ("sock_accept", 1, &[Fd, UpTo(31), NewFd]),
    ("sock_recv", 1, &[Fd, Read, UpTo(3), Out(4), Out(2)]),
    ("sock_send", 1, &[Fd, Write, UpTo(0), Out(4)]),
    ("sock_shutdown", 1, &[Fd, UpTo(3)]),
];

/// The functions, as the guest imports them.
pub(crate) fn funcs() -> Vec<Func> {
    let func = |(name, _, kinds): &(&str, u64, &[Kind])| Func {
        module: "wasi_snapshot_preview1".to_owned(),
        name: (*name).to_owned(),
        params: kinds.iter().flat_map(|kind| kind.core().iter().copied()).collect(),
        result: (*name != "proc_exit").then_some(Core::I32),
    };
    FUNCTIONS.iter().map(func).collect()
}

impl Kind {
    fn core(self) -> &'static [Core] {
        use Core::{I32, I64};
        match self {
            Fd | Out(_) | NewFd | Clock | Exit | UpTo(_) => &[I32],
            Path | Read | Write | Buffer | Strings => &[I32, I32],
            Poll => &[I32, I32, I32, I32],
            Offset | Delta | Len | Kind::Time | Cookie | Rights => &[I64],
        }
    }
}

pub(crate) fn plumbing() -> Plumbing {
    let (iov, done) = (SCRATCH + 16, SCRATCH + 32);
    // Transfers everything, or leaves the block `$stop`.
    let transfer = |import: &str, fd: u32| {
        format!(
            r#"(loop $next
        (br_if $stop (i32.eqz (local.get $len)))
        (i32.store (i32.const {iov}) (local.get $at))
        (i32.store offset=4 (i32.const {iov}) (local.get $len))
        (br_if $stop (call ${import} (i32.const {fd}) (i32.const {iov}) (i32.const 1) (i32.const {done})))
        (br_if $stop (i32.eqz (i32.load (i32.const {done}))))
        (local.set $at (i32.add (local.get $at) (i32.load (i32.const {done}))))
        (local.set $len (i32.sub (local.get $len) (i32.load (i32.const {done}))))
        (br $next))"#
        )
    };
    let (input, output) = (transfer("in", 0), transfer("out", 2));
    let import = |name: &str, id: &str| {
        format!(r#"(import "wasi_snapshot_preview1" "{name}" (func ${id} (param i32 i32 i32 i32) (result i32)))"#)
    };
    Plumbing {
        imports: import("fd_read", "in") + &import("fd_write", "out"),
        functions: format!(
            r#"(func $start)
(func $input (param $at i32) (param $len i32)
    (block $stop {input})
    (if (local.get $len) (then unreachable)))
(func $output (param $at i32) (param $len i32) (result i32)
    (block $stop {output})
    (local.get $len))"#
        ),
        entry: r#"(export "_start")"#,
        returns: "",
    }
}

/// A random program. `tame` leaves out sizes that are absurd.
pub(crate) fn program(seed: u64, calls: usize, tame: bool) -> Program {
    let mut rng = Rng::new(seed);
    let big = !tame && rng.one_in(8);
    // A trap ends a program: short ones let more of them end so.
    let calls = if rng.one_in(3) { calls / 8 + 1 } else { calls };
    // Up to 22 a socket function ends the run.
    let sockets = rng.one_in(10);
    // What is written at an offset to a file opened for appending goes elsewhere in 19 than in 36.
    let appends = rng.one_in(2);
    let waits = !tame && rng.one_in(40);
    let weight = |(name, weight, _): &(&str, u64, &[Kind])| match *name {
        "fd_pwrite" if appends => 0,
        name if name.starts_with("sock_") && !sockets => 0,
        _ => *weight,
    };
    let mut steps = vec![prepare()];
    let open = FUNCTIONS.iter().position(|(name, ..)| *name == "path_open").unwrap_or(0);
    // A program without an open descriptor tests little.
    for path in ["a.txt", "b.bin", "d", "."] {
        let mut call = Maker::new(&mut rng, tame, big);
        call.honest_open(path);
        steps.push(call.finish(open));
    }
    for _ in 0..calls {
        let func = rng.weighted(FUNCTIONS.iter().map(weight));
        let mut call = Maker::new(&mut rng, tame, big);
        (call.appends, call.waits) = (appends, waits);
        call.arguments(func);
        steps.push(call.finish(func));
    }
    if rng.one_in(3) {
        let name = rng.pick(&["proc_exit", "proc_exit", "proc_exit", "proc_raise"]);
        let func = FUNCTIONS.iter().position(|function| function.0 == name).unwrap_or(0);
        let mut call = Maker::new(&mut rng, tame, big);
        call.arguments(func);
        steps.push(call.finish(func));
    }
    Program { steps, input: b"the standard input\nof the guest\n".repeat(4), big }
}

/// Fills the slots with the preopened directories.
fn prepare() -> Step {
    let bytes = (0..FD_SLOTS).flat_map(|slot| (3 + slot % 2).to_le_bytes()).collect();
    let func = FUNCTIONS.iter().position(|(name, ..)| *name == "sched_yield").unwrap_or(0);
    let before = vec![Action::Poke { to: SLOTS, bytes }];
    Step { before, func, args: Vec::new(), needs: Vec::new(), dumps: Vec::new(), after: Vec::new() }
}

/// Puts one call together.
struct Maker<'a> {
    rng: &'a mut Rng,
    tame: bool,
    big: bool,
    /// Whether the program may wait for what never comes, which takes all of its time.
    waits: bool,
    /// Whether files are opened for appending.
    appends: bool,
    step: Step,
    /// The next free byte for inputs and buffers.
    free: u32,
    /// The next free byte for what is different in each run, which inputs must not read by mistake.
    random: u32,
    /// The next free byte for outputs of fixed size.
    low: u32,
}

pub(crate) const PATHS: &[&[u8]] = &[
    b"a.txt",
    b"b.bin",
    b"empty",
    b"d",
    b"d/e.txt",
    b"d/sub",
    b"link",
    b"dlink",
    b"dlink/e.txt",
    b"loop",
    b"out",
    b"abs",
    b"dangling",
    b"new1",
    b"new2",
    b"new3",
    b"d/new4",
    b"new1/x",
    b"..",
    b"../secret",
    b"/etc/passwd",
    b".",
    b"",
    b"./a.txt",
    b"a.txt/",
    b"d/",
    b"d/../a.txt",
    b"d//e.txt",
    b"a.txt/x",
    b"d/sub/../../link",
    b"r.txt",
    b"rd/x",
    b"nul\0in",
    b"\xff\xfe",
    b"dlink/",
    b"new3/",
    b"/",
    b"d/..",
    b"d/.",
    b"hard",
    b"rd",
];

impl<'a> Maker<'a> {
    fn new(rng: &'a mut Rng, tame: bool, big: bool) -> Self {
        let step = Step {
            before: Vec::new(),
            func: 0,
            args: Vec::new(),
            needs: Vec::new(),
            dumps: Vec::new(),
            after: Vec::new(),
        };
        // An output does not always begin at the same place, and sometimes the first is a null pointer.
        let low = if rng.one_in(10) { LOW } else { LOW + 64 };
        Self { rng, tame, big, appends: true, waits: false, step, free: HIGH, random: HIGH + 0x60000, low }
    }

    fn finish(mut self, func: usize) -> Step {
        self.step.func = func;
        self.step
    }

    fn arguments(&mut self, func: usize) {
        let (name, _, kinds) = FUNCTIONS[func];
        for (at, kind) in kinds.iter().enumerate() {
            self.argument(name, at, *kind);
        }
    }

    fn constant(&mut self, value: impl Into<u64>) {
        self.step.args.push(Arg::Const(value.into()));
    }

    fn poke(&mut self, bytes: Vec<u8>) -> u32 {
        let to = self.room(u32::try_from(bytes.len()).unwrap_or(0));
        self.step.before.push(Action::Poke { to, bytes });
        to
    }

    fn room(&mut self, len: u32) -> u32 {
        let at = self.free;
        self.free = (at + len + 16).next_multiple_of(16);
        at
    }

    /// Room for an output that is looked at afterwards.
    fn output(&mut self, len: u32, logged: u32) -> u32 {
        let at = self.room(len);
        self.log(at, logged);
        at
    }

    fn log(&mut self, at: u32, len: u32) {
        if len > 0 {
            self.step.before.push(Action::Fill { to: at, len });
            self.step.dumps.push((at, len));
        }
    }

    /// Once in a while a pointer that is not honest, instead of this one.
    fn pointer(&mut self, honest: u32) {
        let wild = self.wild_pointer(honest, 250);
        self.constant(wild);
    }

    fn wild_pointer(&mut self, honest: u32, times: u64) -> u32 {
        if !self.rng.one_in(times) {
            return honest;
        }
        let end = if self.big { 0xFFFF_FFFF } else { END };
        self.rng.pick(&[
            honest + 1,
            honest + 2,
            honest + 4,
            end - 1,
            end,
            end - 4,
            end - 8,
            0x7FFF_FFFF,
            0x8000_0000,
            0xFFFF_FFFF,
            0xFFFF_FFF8,
        ])
    }

    /// The honest length, or an absurd one.
    fn length(&mut self, honest: u32) -> u32 {
        if self.rng.one_in(250) {
            return self.rng.pick(&[honest + 1, 0x1000, 0x10000]);
        }
        if self.tame || !self.rng.one_in(120) {
            return honest;
        }
        self.rng.pick(&[0x10_0000, 0x400_0000, 0x1FFF_FFF0, 0x7FFF_FFFF, 0x8000_0000, 0xFFFE_0000, 0xFFFF_FFFF])
    }

    fn honest_open(&mut self, path: &str) {
        let base = 3;
        self.constant(3_u64);
        self.constant(1_u64);
        let at = self.poke(path.as_bytes().to_vec());
        self.constant(at);
        self.constant(path.len() as u64);
        self.constant(0_u64);
        self.constant(if path.contains('.') && path != "." { 0x1FFF_FFFF_u64 } else { 0x1FFF_FFBF & !0x40 });
        self.constant(0x1FFF_FFFF_u64);
        self.constant(0_u64);
        let slot = base + u32::try_from(path.len() % 4).unwrap_or(0);
        self.constant(SLOTS + 4 * slot);
    }

    fn fd(&mut self, name: &str) {
        // The log goes to descriptor 2: it is only looked at.
        let harmless = name.ends_with("_get") || name == "fd_tell" || name == "fd_seek" || name == "fd_sync";
        let ending = name == "fd_close" || name == "fd_renumber";
        match self.rng.below(100) {
            0..60 => {
                let slot = self.rng.below(u64::from(FD_SLOTS));
                let slot = if ending { 3 + slot % u64::from(FD_SLOTS - 3) } else { slot };
                self.step.args.push(Arg::Slot(SLOTS + 4 * u32::try_from(slot).unwrap_or(0)));
            }
            60..82 if !ending || self.rng.one_in(20) => {
                let fd = self.rng.pick(&[3_u64, 3, 3, 4]);
                self.constant(fd);
            }
            82..90 => {
                let fd = self.rng.pick(&[0_u64, 1]);
                self.constant(fd);
            }
            90 if harmless => self.constant(2_u64),
            91 if self.rng.one_in(8) => {
                let fd = self.rng.pick(&[0x7FFF_FFFF_u64, 0x8000_0000, 0xFFFF_FFFF]);
                self.constant(fd);
            }
            _ => {
                let fd = 5 + self.rng.below(20);
                self.constant(fd);
            }
        }
    }

    fn number64(&mut self, honest: &[u64]) {
        let value = if self.rng.one_in(12) {
            self.rng.pick(&[
                1 << 20,
                1 << 31,
                (1 << 32) - 1,
                1 << 46,
                (1 << 62) + 1,
                (1 << 63) - 1,
                1 << 63,
                u64::MAX - 1,
                u64::MAX,
            ])
        } else {
            self.rng.pick(honest)
        };
        self.constant(value);
    }

    fn argument(&mut self, name: &str, at: usize, kind: Kind) {
        match kind {
            Fd => self.fd(name),
            Out(len) => {
                let at = self.low;
                self.low = (at + len + 8).next_multiple_of(8).min(LOW_END - 64);
                self.log(at, len);
                self.pointer(at);
            }
            NewFd => {
                let slot = 3 + self.rng.below(u64::from(FD_SLOTS) - 3);
                let slot = SLOTS + 4 * u32::try_from(slot).unwrap_or(0);
                // It is not filled: on failure the slot keeps what it had.
                self.step.dumps.push((slot, 4));
                self.constant(slot);
            }
            Path => self.path(),
            Read => self.buffers(true),
            Write => self.buffers(false),
            Buffer => {
                let honest = self.rng.pick(&[0, 1, 2, 3, 5, 16, 23, 24, 25, 64, 100, 256, 1000, 4096]);
                // The most that can be asked for, 64 MiB, takes a build without optimisation past any timeout.
                let len = match self.length(honest) {
                    0x400_0000 if name == "random_get" => 0x400_0001,
                    len => len,
                };
                let buffer = self.random;
                self.random += len.min(0x10000).next_multiple_of(16) + 16;
                self.log(buffer, honest.min(4096));
                self.pointer(buffer);
                self.constant(len);
            }
            Strings => {
                let table = self.output(64, 0);
                let strings = self.output(256, 128);
                self.pointer(table);
                self.pointer(strings);
            }
            Poll => self.poll(),
            Offset => self.number64(&[0, 0, 1, 5, 26, 100, 4096, 5000, 65536]),
            Len => self.number64(&[0, 1, 16, 4096, 65536]),
            Delta => self.number64(&[0, 0, 1, 5, 26, 100, 4096, u64::MAX, u64::MAX - 4, u64::MAX - 99]),
            Kind::Time => self.number64(&[0, 1, 1_000_000_000, 1_000_000_000_000_000_001, 1_500_000_000_000_000_000]),
            Cookie => self.number64(&[0, 0, 0, 1, 2, 3, 5, 100]),
            Clock => {
                let clock = if self.rng.one_in(60) { self.rng.pick(&[4_u64, 1 << 31]) } else { self.rng.below(4) };
                self.constant(clock);
            }
            Exit => {
                let code = self.rng.pick(&[0_u64, 1, 2, 42, 125, 126, 127, 255, 256, 1 << 31, (1 << 32) - 1]);
                self.constant(code);
            }
            UpTo(most) => self.flags(name, at, most),
            Rights => {
                let all = 0x1FFF_FFFF_u64;
                let rights = if self.rng.one_in(200) { 1 << 29 } else { all };
                let rights = match self.rng.below(6) {
                    0 => 0x2,
                    1 => 0x40,
                    2 => 0x42 | (1 << 14),
                    3 => all & !0x40,
                    4 => self.rng.next() & all,
                    _ => rights,
                };
                self.constant(rights);
            }
        }
    }

    fn flags(&mut self, name: &str, at: usize, most: u64) {
        let value = match (name, at) {
            _ if self.rng.one_in(700) => self.rng.pick(&[most + 1, 1 << 15, 1 << 16, (1 << 32) - 1]),
            // Most files are opened as they are.
            ("path_open", 3) if !self.rng.one_in(3) => self.rng.pick(&[0, 0, 1, 2, 9]),
            ("path_open", 6) if !self.rng.one_in(3) => self.rng.pick(&[0, 0, 0, 1, 4]),
            ("fd_fdstat_set_flags", _) if !self.rng.one_in(3) => self.rng.pick(&[0, 1, 4, 5]),
            ("sock_send", _) => 0,
            _ => self.rng.below(most + 1),
        };
        let flags = matches!((name, at), ("path_open", 6) | ("fd_fdstat_set_flags", _));
        let value = if flags && !self.appends { value & !1 } else { value };
        self.constant(value);
    }

    fn path(&mut self) {
        let path = match self.rng.below(120) {
            0 => vec![b'x'; 255],
            1 => vec![b'x'; 256],
            2 => b"x/".repeat(2048),
            3 => (0..=self.rng.below(12)).map(|_| self.rng.next().to_le_bytes()[0]).collect(),
            _ => self.rng.pick(PATHS).to_vec(),
        };
        let honest = u32::try_from(path.len()).unwrap_or(0);
        let at = self.poke(path);
        self.pointer(at);
        let len = self.length(honest);
        self.constant(len);
    }

    fn buffers(&mut self, read: bool) {
        // Writing nothing moves to the end of a file opened for appending in 36, but not in 19.
        let some = self.appends && !read;
        let count = self.rng.pick(&[u32::from(some), 1, 1, 1, 1, 2, 3]);
        let mut table = Vec::new();
        for _ in 0..count {
            let honest = self.rng.pick(&[u32::from(some), 1, 7, 26, 64, 512, 4096]);
            let (at, len) = if read {
                let len = self.length(honest);
                (self.output(len.min(0x8000), honest.min(512)), len)
            } else {
                (DATA + u32::try_from(self.rng.below(64)).unwrap_or(0), self.length(honest).min(DATA_LEN))
            };
            let len = if !read && !self.tame && self.rng.one_in(200) { 0xFFFF_FFFF } else { len };
            let at = self.wild_pointer(at, 400);
            table.extend(at.to_le_bytes());
            table.extend(len.to_le_bytes());
        }
        // Behind the table of a big guest are four gigabytes of empty buffers.
        let at = self.poke(table);
        self.pointer(at);
        let count = self.length(count);
        self.constant(count);
    }

    fn poll(&mut self) {
        let count: u32 = self.rng.pick(&[0, 1, 1, 1, 2, 3]);
        let mut table = Vec::new();
        let mut slots = Vec::new();
        for at in 0..count {
            let mut bytes = [0_u8; 48];
            bytes[..8].copy_from_slice(&(0x7700 + u64::from(at)).to_le_bytes());
            let kind = if self.rng.one_in(100) { 3 } else { u8::try_from(self.rng.below(3)).unwrap_or(0) };
            bytes[8] = kind;
            if kind == 0 {
                let clock = if self.rng.one_in(50) { 4 } else { u32::try_from(self.rng.below(2)).unwrap_or(0) };
                let absolute = u16::from(self.rng.one_in(4));
                let times: &[u64] =
                    if self.waits && self.rng.one_in(10) { &[u64::MAX, 1 << 62] } else { &[0, 1, 1000, 500_000] };
                let flags = if self.rng.one_in(100) { 2 } else { absolute };
                bytes[16..20].copy_from_slice(&clock.to_le_bytes());
                bytes[24..32].copy_from_slice(&self.rng.pick(times).to_le_bytes());
                bytes[40..42].copy_from_slice(&flags.to_le_bytes());
            } else if self.rng.one_in(3) {
                bytes[16..20].copy_from_slice(&self.rng.pick(&[0_u32, 1, 3, 4, 30]).to_le_bytes());
            } else {
                slots.push((at * 48 + 16, SLOTS + 4 * u32::try_from(self.rng.below(u64::from(FD_SLOTS))).unwrap_or(0)));
            }
            table.extend(bytes);
        }
        let subscriptions = self.poke(table);
        for (offset, slot) in slots {
            self.step.before.push(Action::Copy { to: subscriptions + offset, from: slot, len: 4 });
        }
        let events = self.output(32 * count.max(1), 32 * count.max(1));
        self.pointer(subscriptions);
        self.pointer(events);
        let count = self.length(count);
        self.constant(count);
        let at = self.low;
        self.log(at, 4);
        self.pointer(at);
    }
}

/// The part of a call's result that must be the same on all majors.
pub(crate) fn describe(step: &Step, called: &Called, time: &Time) -> String {
    let name = FUNCTIONS[step.func].0;
    let errno = usize::try_from(called.result & 0xFFFF).unwrap_or(usize::MAX);
    let mut out = ERRNOS.get(errno).map_or_else(|| format!("errno {errno}"), |name| (*name).to_owned());
    let dumps = &called.dumps;
    match (name, errno) {
        ("clock_time_get" | "clock_res_get" | "random_get", 0) => {}
        ("fd_filestat_get" | "path_filestat_get", 0) => out += &filestat(&dumps[0], time),
        ("fd_readdir", 0) => out += &entries(dumps),
        ("poll_oneoff", 0) => out += &events(dumps),
        _ => dumps.iter().for_each(|dump| write!(out, " {}", hex(dump)).expect("write to a string")),
    }
    out
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// Numbers of devices and inodes differ between runs, the size of a directory between file systems.
fn filestat(bytes: &[u8], time: &Time) -> String {
    if bytes.iter().all(|byte| *byte == crate::program::FILLER) {
        return " untouched".to_owned();
    }
    let kind = bytes[16];
    let directory = kind == 3;
    format!(
        " dev{} ino{} type={kind} nlink={} size={} atim={} mtim={} ctim={}",
        if u64_at(bytes, 0) == 0 { "=0" } else { "" },
        if u64_at(bytes, 8) == 0 { "=0" } else { "" },
        u64_at(bytes, 24),
        if directory { 0 } else { u64_at(bytes, 32) },
        time.show(u64_at(bytes, 40)),
        time.show(u64_at(bytes, 48)),
        time.show(u64_at(bytes, 56)),
    )
}

/// The names in any order; that of the last one, which may not fit, is left out.
fn entries(dumps: &[Vec<u8>]) -> String {
    let [.., used] = dumps else { return String::new() };
    let used = u32_at(used, 0);
    let buffer = if dumps.len() > 1 { dumps[0].as_slice() } else { &[] };
    let full = usize::try_from(used).unwrap_or(usize::MAX) >= buffer.len();
    let mut names = Vec::new();
    let mut at = 0;
    let end = usize::try_from(used).unwrap_or(usize::MAX).min(buffer.len());
    while at + 24 <= end {
        let len = usize::try_from(u32_at(buffer, at + 16)).unwrap_or(usize::MAX);
        let Some(name) = buffer[..end].get(at + 24..(at + 24).saturating_add(len)) else { break };
        names.push(format!("{}:{}", String::from_utf8_lossy(name), buffer[at + 20]));
        at += 24 + len;
    }
    names.sort();
    if full { format!(" full, {used} bytes") } else { format!(" {used} bytes {}", names.join(" ")) }
}

fn events(dumps: &[Vec<u8>]) -> String {
    let [events, count] = dumps else { return String::new() };
    let count = u32_at(count, 0);
    // Which of several are ready depends on time.
    if events.len() > 32 {
        return if count == 0 { " no events".to_owned() } else { String::new() };
    }
    let shown: Vec<_> = (0..usize::try_from(count).unwrap_or(0).min(1))
        .filter_map(|at| events.get(at * 32..at * 32 + 32))
        .map(|event| {
            let (error, kind) = (u16::from_le_bytes([event[8], event[9]]), event[10]);
            let ready = if kind == 0 { String::new() } else { format!(" {} {}", u64_at(event, 16), event[24]) };
            format!("{:x}:{error}:{kind}{ready}", u64_at(event, 0))
        })
        .collect();
    format!(" events {}", shown.join(", "))
}

const ERRNOS: &[&str] = &[
    "success",
    "2big",
    "acces",
    "addrinuse",
    "addrnotavail",
    "afnosupport",
    "again",
    "already",
    "badf",
    "badmsg",
    "busy",
    "canceled",
    "child",
    "connaborted",
    "connrefused",
    "connreset",
    "deadlk",
    "destaddrreq",
    "dom",
    "dquot",
    "exist",
    "fault",
    "fbig",
    "hostunreach",
    "idrm",
    "ilseq",
    "inprogress",
    "intr",
    "inval",
    "io",
    "isconn",
    "isdir",
    "loop",
    "mfile",
    "mlink",
    "msgsize",
    "multihop",
    "nametoolong",
    "netdown",
    "netreset",
    "netunreach",
    "nfile",
    "nobufs",
    "nodev",
    "noent",
    "noexec",
    "nolck",
    "nolink",
    "nomem",
    "nomsg",
    "noprotoopt",
    "nospc",
    "nosys",
    "notconn",
    "notdir",
    "notempty",
    "notrecoverable",
    "notsock",
    "notsup",
    "notty",
    "nxio",
    "overflow",
    "ownerdead",
    "perm",
    "pipe",
    "proto",
    "protonosupport",
    "prototype",
    "range",
    "rofs",
    "spipe",
    "srch",
    "stale",
    "timedout",
    "txtbsy",
    "xdev",
    "notcapable",
];
