//! Owns what is done to components before their adapters are told: stripping, optimising, renaming, forging.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasmparser::{Parser, Payload};

/// Binaryen's optimiser; it reads core modules only.
const WASM_OPT: &str = "wasm-opt";

/// The binary without any custom section, also in what is inside.
pub(crate) fn strip(wasm: &[u8]) -> Result<Vec<u8>> {
    let is_component = wasm.get(6) == Some(&1);
    sections(wasm, |id, contents| {
        Ok(match id {
            0 => None,
            1 | 4 if is_component => Some(strip(contents)?),
            _ => Some(contents.to_vec()),
        })
    })
}

/// The component with its core module number `index` as `wasm-opt -O3` leaves it. `None` if it cannot read it.
pub(crate) fn optimise(component: &[u8], index: usize, scratch: &Path) -> Result<Vec<u8>> {
    let mut modules = 0;
    sections(component, |id, contents| {
        if id != 1 {
            return Ok(Some(contents.to_vec()));
        }
        modules += 1;
        if modules != index + 1 {
            return Ok(Some(contents.to_vec()));
        }
        let (from, to) = (scratch.join("in.wasm"), scratch.join("out.wasm"));
        fs::write(&from, contents).with_context(|| format!("write {from:?}"))?;
        let features = ["--enable-bulk-memory", "--enable-sign-ext", "--enable-mutable-globals", "--enable-multivalue"];
        let output = Command::new(WASM_OPT)
            .arg("-O3")
            .args(features)
            .args(["--enable-reference-types", "--enable-nontrapping-float-to-int", "-o"])
            .args([&to, &from])
            .output()
            .with_context(|| format!("start {WASM_OPT}"))?;
        ensure!(output.status.success(), "{WASM_OPT}: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(Some(fs::read(&to).with_context(|| format!("read {to:?}"))?))
    })
}

/// Whether there is an optimiser, and which.
pub(crate) fn optimiser() -> Option<String> {
    let output = Command::new(WASM_OPT).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The binary with each section as `change` wants it.
fn sections(wasm: &[u8], mut change: impl FnMut(u8, &[u8]) -> Result<Option<Vec<u8>>>) -> Result<Vec<u8>> {
    let (header, mut rest) = wasm.split_at_checked(8).context("a header")?;
    let mut out = header.to_vec();
    while let Some((id, after)) = rest.split_first() {
        let (size, used) = leb(after).context("a size")?;
        let contents = after.get(used..used + size).context("contents")?;
        rest = &after[used + size..];
        let Some(contents) = change(*id, contents)? else { continue };
        out.push(*id);
        let mut size = contents.len();
        while size >= 0x80 {
            out.push((size & 0x7f) as u8 | 0x80);
            size >>= 7;
        }
        out.push(size as u8);
        out.extend(contents);
    }
    Ok(out)
}

fn leb(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// The binary as if somebody had built it: other hashes in the symbol names.
pub(crate) fn rename(wasm: &[u8]) -> Vec<u8> {
    const MARKS: [&[u8]; 2] = [b"macros11assert_fail17h", b"_22wasi_snapshot_preview1"];
    let mut out = wasm.to_vec();
    for at in 0..wasm.len() {
        if wasm[at..].starts_with(MARKS[0]) {
            let hash = at + MARKS[0].len();
            out[hash..hash + 8].copy_from_slice(b"0123abcd");
        } else if wasm[at..].starts_with(MARKS[1]) && at > 3 {
            out[at - 3..at].copy_from_slice(b"AbC");
        }
    }
    out
}

/// The binary with the hash of `other` in the symbol that identifies builds before 48; none if it has no such symbol.
pub(crate) fn impersonate(wasm: &[u8], other: &[u8]) -> Vec<Vec<u8>> {
    const MARK: &[u8] = b"macros11assert_fail17h";
    let hash_in = |wasm: &[u8]| {
        let start = wasm.windows(MARK.len()).position(|bytes| bytes == MARK)? + MARK.len();
        (start + 16 <= wasm.len()).then_some(start..start + 16)
    };
    let (Some(here), Some(there)) = (hash_in(wasm), hash_in(other)) else { return Vec::new() };
    let mut out = wasm.to_vec();
    out[here].copy_from_slice(&other[there]);
    vec![out]
}

/// Copies with one instruction of the adapter's own code changed: a constant that is passed on.
pub(crate) fn forge(component: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut forged = Vec::new();
    let mut core = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } => core.clear(),
            Payload::CodeSectionEntry(body) => core.push(body.clone()),
            Payload::CustomSection(section) if section.name() == "name" => {
                let ours = section.data().windows(22).any(|name| name == b"wasi_snapshot_preview1");
                // The last functions may be ones that wit-component has put in; the first may be, too.
                let bodies = if ours && core.len() > 4 { &core[1..core.len() - 3] } else { &[] };
                for body in bodies.iter().step_by(bodies.len().div_ceil(3).max(1)) {
                    let mut reader = body.get_operators_reader()?;
                    while !reader.eof() {
                        let at = usize::try_from(reader.original_position())?;
                        if let wasmparser::Operator::I32Const { .. } = reader.read()? {
                            let mut copy = component.to_vec();
                            copy[at + 1] ^= 1;
                            forged.push(copy);
                            break;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(forged)
}
