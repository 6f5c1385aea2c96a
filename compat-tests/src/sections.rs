//! Custom sections for guests, and the layout of DWARF in them.

/// Adds a custom section to a module.
pub fn add_section(wasm: &mut Vec<u8>, name: &str, content: &[u8]) {
    let content = [&leb128(name.len())[..], name.as_bytes(), content].concat();
    wasm.push(0);
    wasm.extend(leb128(content.len()));
    wasm.extend(content);
}

/// The content behind its size, as most tables of DWARF are.
pub fn sized(content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).expect("a section is smaller than 4 GiB");
    [&size.to_le_bytes()[..], content].concat()
}

/// The number in LEB128, without a sign.
pub fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
