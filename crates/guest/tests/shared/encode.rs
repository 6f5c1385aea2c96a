//! Owns encoding WebAssembly by hand: binaries that no encoder would make.

pub(crate) fn leb(mut number: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

pub(crate) fn name(name: &str) -> Vec<u8> {
    [leb(name.len()), name.into()].concat()
}

pub(crate) fn section(id: u8, contents: &[u8]) -> Vec<u8> {
    [vec![id], leb(contents.len()), contents.to_vec()].concat()
}

/// A section of items.
pub(crate) fn items(id: u8, items: &[Vec<u8>]) -> Vec<u8> {
    section(id, &[leb(items.len()), items.concat()].concat())
}

pub(crate) fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
}

pub(crate) fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x0d\0\x01\0".to_vec(), sections.concat()].concat()
}

/// `[] -> []`.
pub(crate) fn plain() -> Vec<u8> {
    vec![0x60, 0, 0]
}

pub(crate) fn import(module: &str, field: &str) -> Vec<u8> {
    [name(module), name(field), vec![0, 0]].concat()
}

pub(crate) fn export(field: &str) -> Vec<u8> {
    [name(field), vec![0, 0]].concat()
}

pub(crate) fn body(code: &[u8]) -> Vec<u8> {
    [leb(code.len() + 2), vec![0], code.to_vec(), vec![0x0b]].concat()
}

/// A module of the shape of an adapter, with these types and imports, and one function with this code.
pub(crate) fn adapter(types: &[Vec<u8>], imports: &[Vec<u8>], code: &[u8]) -> Vec<u8> {
    module(&[
        items(1, types),
        items(2, imports),
        items(3, &[vec![0]]),
        items(7, &[export("fd_read")]),
        items(10, &[body(code)]),
    ])
}
