//! Owns WASI preview1: its functions, random calls of them, and the part of each result that is compared.

mod describe;
mod maker;

pub(crate) use self::describe::describe;
use self::maker::Maker;
use crate::guest::Plumbing;
use crate::program::{
    Action, Core, Func, Program, Step,
    layout::{SCRATCH, SLOTS},
};
use crate::rng::Rng;

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
    // A trap ends a program. Short programs take less time, so more programs run and more of them end with a trap.
    let calls = if rng.one_in(3) { calls / 8 + 1 } else { calls };
    // Up to 22 a socket function ends the run.
    let sockets = rng.one_in(10);
    // Into a file that is open for appending, 19 writes at the offset of `fd_pwrite`, and 36 writes at the end.
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
