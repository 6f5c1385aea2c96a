//! Owns making one random call of preview1: its arguments, and the memory that they point to.

use super::Kind::{
    Buffer, Clock, Cookie, Delta, Exit, Fd, Len, NewFd, Offset, Out, Path, Poll, Read, Rights, Strings, UpTo, Write,
};
use super::{FD_SLOTS, FUNCTIONS, Kind, PATHS};
use crate::program::layout::{DATA, DATA_LEN, END, HIGH, LOW, LOW_END, SLOTS};
use crate::program::{Action, Arg, Step};
use crate::rng::Rng;

/// Puts one call together.
pub(super) struct Maker<'a> {
    rng: &'a mut Rng,
    tame: bool,
    big: bool,
    /// Whether the program may wait for what never comes, which takes all of its time.
    pub(super) waits: bool,
    /// Whether files are opened for appending.
    pub(super) appends: bool,
    step: Step,
    /// The next free byte for inputs and buffers.
    free: u32,
    /// The next free byte for what is different in each run, which inputs must not read by mistake.
    random: u32,
    /// The next free byte for outputs of fixed size.
    low: u32,
}

impl<'a> Maker<'a> {
    pub(super) fn new(rng: &'a mut Rng, tame: bool, big: bool) -> Self {
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

    pub(super) fn finish(mut self, func: usize) -> Step {
        self.step.func = func;
        self.step
    }

    pub(super) fn arguments(&mut self, func: usize) {
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

    pub(super) fn honest_open(&mut self, path: &str) {
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
