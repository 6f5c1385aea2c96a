//! Guests whose debug information takes far more to read than to store. They trap, and Wasmtime reads it for the backtrace.

use super::{Ending, Hostile, Setting, Source};
use crate::sections::{add_section, leb128, sized};
use crate::wat;

pub(super) fn all() -> Vec<Hostile> {
    let stopped = |name, wasm| Hostile::new(name, Ending::Stopped, Source::Binary(wasm)).with(Setting::Details);
    vec![
        stopped("dwarf-nested-inlined", || nested(2000)),
        stopped("dwarf-long-paths", || paths(500_000, 4000)),
        stopped("dwarf-shared-ranges", || ranges(20_000, 20_000)),
        stopped("dwarf-shared-abbreviations", || abbreviations(20_000, 200_000)),
        stopped("dwarf-shared-lines", || lines(20_000, 500_000)),
        stopped("dwarf-names-in-recursion", || names_in_recursion(30, 16_000)),
        stopped("dwarf-shared-files", || shared_header(&[1], &empty_names(1, 1_000_000))),
        stopped("dwarf-shared-files-behind-nothing", || shared_header(&[0, 1], &empty_names(1, 1_000_000))),
        stopped("dwarf-shared-directories", || shared_header(&[1], &empty_names(1_000_000, 1))),
        stopped("dwarf-defined-files", || defined_files(100_000, 20_000)),
    ]
}

/// Abbreviations: a unit with a name, a directory, lines and an address range; a function with a name and an address range;
/// an inlined call with nothing.
const UNIT: &[u8] = &[1, 0x11, 1, 0x03, 0x08, 0x1b, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x06, 0, 0];
const FUNCTION: &[u8] = &[2, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0];
const INLINED: &[u8] = &[3, 0x1d, 1, 0, 0];
/// An inlined call with a name and an address range.
const NAMED_INLINED: &[u8] = &[3, 0x1d, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0];
/// A function with a list of ranges.
const FUNCTION_OF_RANGES: &[u8] = &[4, 0x2e, 0, 0x55, 0x17, 0, 0];

/// The whole code section, from its first byte.
const WHOLE: [u8; 8] = [0, 0, 0, 0, 255, 0, 0, 0];

fn nested(depth: usize) -> Vec<u8> {
    let info = [&unit_entry(b"/src")[..], &function(b"f"), &vec![3; depth], &vec![0; depth + 2]].concat();
    guest(
        TRAPS,
        &[
            (".debug_abbrev", [UNIT, FUNCTION, INLINED, &[0]].concat()),
            (".debug_info", unit(0, &info)),
            (".debug_line", line_table(1, &[])),
        ],
    )
}

fn paths(length: usize, files: usize) -> Vec<u8> {
    let directory = [b"/".to_vec(), vec![b'x'; length]].concat();
    guest(
        TRAPS,
        &[
            (".debug_abbrev", [UNIT, &[0]].concat()),
            (".debug_info", unit(0, &[&unit_entry(&directory)[..], &[0]].concat())),
            (".debug_line", line_table(files, &[])),
        ],
    )
}

fn ranges(functions: usize, ranges: usize) -> Vec<u8> {
    let range = [1, 0, 0, 0, 2, 0, 0, 0];
    let info = [&unit_entry(b"/src")[..], &[4, 0, 0, 0, 0].repeat(functions), &[0]].concat();
    guest(
        TRAPS,
        &[
            (".debug_abbrev", [UNIT, FUNCTION_OF_RANGES, &[0]].concat()),
            (".debug_info", unit(0, &info)),
            (".debug_line", line_table(1, &[])),
            (".debug_ranges", [&range.repeat(ranges)[..], &[0; 8]].concat()),
        ],
    )
}

/// Many units with one long table of abbreviations.
fn abbreviations(units: usize, attributes: usize) -> Vec<u8> {
    let long = [&[5, 0x2e, 0][..], &[0x03, 0x0b].repeat(attributes), &[0, 0]].concat();
    guest(
        TRAPS,
        &[
            (".debug_abbrev", [UNIT, &long, &[0]].concat()),
            (".debug_info", unit(0, &[&unit_entry(b"/src")[..], &[0]].concat()).repeat(units)),
            (".debug_line", line_table(1, &[])),
        ],
    )
}

/// Many units with one long table of lines.
fn lines(units: usize, rows: usize) -> Vec<u8> {
    // Each of these advances the address by one, and makes a row.
    let rows = vec![0x20; rows];
    guest(
        TRAPS,
        &[
            (".debug_abbrev", [UNIT, &[0]].concat()),
            (".debug_info", unit(0, &[&unit_entry(b"/src")[..], &[0]].concat()).repeat(units)),
            (".debug_line", line_table(1, &rows)),
        ],
    )
}

/// Units that begin with these bytes, with one table of lines of DWARF 5.
fn shared_header(start: &[u8], names: &[u8]) -> Vec<u8> {
    const LINES: &[u8] = &[1, 0x11, 0, 0x10, 0x17, 0, 0];
    let header = [&[1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1][..], names].concat();
    let table = sized(&[&[5, 0, 4, 0][..], &sized(&header)].concat());
    guest(
        TRAPS,
        &[
            (".debug_abbrev", [LINES, &[0]].concat()),
            (".debug_info", unit(0, &[start, &[0; 4]].concat()).repeat(31)),
            (".debug_line", table),
        ],
    )
}

/// So many directories and files without names, each of one byte.
fn empty_names(directories: usize, files: usize) -> Vec<u8> {
    let names = |count: usize| [vec![1, 1, 0x08], leb128(count), vec![0; count]].concat();
    [names(directories), names(files)].concat()
}

/// Files that the program of a table of lines adds to it, in a directory with a long name.
fn defined_files(files: usize, length: usize) -> Vec<u8> {
    let directory = [b"/".to_vec(), vec![b'x'; length]].concat();
    guest(
        TRAPS,
        &[
            (".debug_abbrev", [UNIT, &[0]].concat()),
            (".debug_info", unit(0, &[&unit_entry(&directory)[..], &[0]].concat())),
            (".debug_line", line_table(1, &[0, 5, 3, 0, 0, 0, 0].repeat(files))),
        ],
    )
}

/// Long names of inlined calls around each frame of a backtrace of thousands.
fn names_in_recursion(depth: usize, length: usize) -> Vec<u8> {
    let name = vec![b'n'; length];
    let inlined = [&[3][..], &name, &[0], &WHOLE].concat().repeat(depth);
    let info = [&unit_entry(b"/src")[..], &function(&name), &inlined, &vec![0; depth + 2]].concat();
    guest(
        RECURSES,
        &[
            (".debug_abbrev", [UNIT, FUNCTION, NAMED_INLINED, &[0]].concat()),
            (".debug_info", unit(0, &info)),
            (".debug_line", line_table(1, &[])),
        ],
    )
}

/// The body of a `_start` that traps, and of one that calls itself.
const TRAPS: &str = "unreachable";
const RECURSES: &str = "(call $start)";

fn guest(body: &str, sections: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut wasm = wat(&format!(r#"(module (func $start (export "_start") {body}))"#));
    for (name, content) in sections {
        add_section(&mut wasm, name, content);
    }
    wasm
}

fn unit_entry(directory: &[u8]) -> Vec<u8> {
    [b"\x01m.c\0", directory, &[0], &[0; 4], &WHOLE].concat()
}

fn function(name: &[u8]) -> Vec<u8> {
    [b"\x02", name, &[0], &WHOLE].concat()
}

/// A unit of DWARF 4 with the table of abbreviations at this offset.
fn unit(table: u32, entries: &[u8]) -> Vec<u8> {
    sized(&[&[4, 0][..], &table.to_le_bytes(), &[4], entries].concat())
}

/// A table of lines with so many files, and this program between the first address and the end.
fn line_table(files: usize, program: &[u8]) -> Vec<u8> {
    let header = [1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0];
    let header = [&header[..], &b"a\0\0\0\0".repeat(files), &[0]].concat();
    let program = [&[0, 5, 2, 0, 0, 0, 0, 1][..], program, &[2, 0x20, 0, 1, 1]].concat();
    sized(&[&[4, 0][..], &sized(&header), &program].concat())
}
