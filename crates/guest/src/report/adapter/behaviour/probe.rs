//! Owns what an adapter is asked, flaw by flaw, and how its answers are read.

use super::super::Obstacle;
use super::responses::{ENTRIES, PREOPENS};
use super::world::World;

/// How to see whether an adapter has a flaw.
pub(super) struct Probe {
    /// The flaw.
    pub(super) issue: &'static str,
    /// The function that shows it.
    pub(super) export: &'static str,
    /// Says whether it is there.
    pub(super) check: fn(&mut World<'_>) -> Result<bool, Obstacle>,
}

pub(super) const PROBES: [Probe; 2] = [
    Probe { issue: "preopen-names", export: "fd_prestat_dir_name", check: preopen_names },
    Probe { issue: "readdir-endless", export: "fd_readdir", check: readdir_endless },
];

/// The first descriptor that is a preopened directory.
const FIRST: i32 = 3;

/// What memory is filled with before an answer is written there: no byte of one.
const FILLER: u8 = 0xee;

/// Asks for the names of all preopened directories. The flaw lays the names of those after the first over one another,
/// and the last one wins.
fn preopen_names(world: &mut World<'_>) -> Result<bool, Obstacle> {
    let mut right = [false; PREOPENS.len()];
    for ((fd, name), right) in (FIRST..).zip(PREOPENS).zip(&mut right) {
        world.buffer().fill(FILLER);
        let (at, size) = world.place(name.len())?;
        if world.call("fd_prestat_dir_name", (fd, at, size))? != 0 {
            return Err(Obstacle::UnexpectedResult);
        }
        let written = world.buffer().get(..name.len()).ok_or(Obstacle::UnexpectedResult)?;
        if written.contains(&FILLER) {
            return Err(Obstacle::UnexpectedResult);
        }
        *right = written == name.as_bytes();
    }
    match right {
        [true, middle @ .., true] => Ok(middle.contains(&false)),
        // That is no flaw which is known.
        _ => Err(Obstacle::UnexpectedResult),
    }
}

/// Reads a directory, which must work; then from a place that it does not have, as if files had been removed since.
/// With the flaw the adapter says that all is well, and not that it has written nothing.
fn readdir_endless(world: &mut World<'_>) -> Result<bool, Obstacle> {
    const SIZE: usize = 512;
    const SENTINEL: u32 = 0x5eed_5eed;
    let (at, size) = world.place(SIZE)?;
    let used_at = at - 8;
    let read = |world: &mut World<'_>, cookie: i64| {
        world.buffer().fill(FILLER);
        world.set_number(used_at, SENTINEL)?;
        match world.call("fd_readdir", (FIRST, at, size, cookie, used_at))? {
            0 => world.number(used_at),
            _ => Err(Obstacle::UnexpectedResult),
        }
    };
    let used = usize::try_from(read(world, 0)?).ok().filter(|used| *used <= SIZE).ok_or(Obstacle::UnexpectedResult)?;
    let names =
        names(world.buffer().get(..used).ok_or(Obstacle::UnexpectedResult)?).ok_or(Obstacle::UnexpectedResult)?;
    if !ENTRIES.iter().all(|entry| names.contains(&entry.as_bytes())) {
        return Err(Obstacle::UnexpectedResult);
    }
    match read(world, 100)? {
        0 => Ok(false),
        SENTINEL => Ok(true),
        _ => Err(Obstacle::UnexpectedResult),
    }
}

/// The names in what `fd_readdir` wrote: each comes after 24 bytes, of which four say how long it is.
fn names(mut entries: &[u8]) -> Option<Vec<&[u8]>> {
    let mut names = Vec::new();
    while !entries.is_empty() {
        let (head, rest) = entries.split_at_checked(24)?;
        let size = u32::from_le_bytes(head.get(16..20)?.try_into().ok()?);
        let (name, rest) = rest.split_at_checked(usize::try_from(size).ok()?)?;
        names.push(name);
        entries = rest;
    }
    Some(names)
}
