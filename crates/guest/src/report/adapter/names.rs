//! Owns what symbol names tell: the lenient reader of name sections, and the tokens of a build in mangled names.
//!
//! wit-component up to 0.236 wrote function names out of order, which `wasmparser` refuses: so they are read by hand.

/// The crate whose symbols are looked for, as mangled names have it.
const CRATE: &str = "22wasi_snapshot_preview1";

/// The function that every build before 48 keeps, up to the hash in its legacy mangled name.
const ASSERT_FAIL: &str = "_ZN22wasi_snapshot_preview16macros11assert_fail17h";

/// What the function names of a module say about the build of the adapter.
///
/// ```
/// use wasmtime_compat_guest::report::Fingerprint;
///
/// # let wasm = adapter_24::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
/// // `wasm` is the command adapter of Wasmtime 24.0.13 as published.
/// let names = Fingerprint::of(wasm).unwrap().names;
/// assert!(names.symbols);
/// // All symbols are from one build.
/// assert_eq!(names.tokens.len(), 1);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Names {
    /// The compiler's hashes that identify a build; all of one build are the same.
    pub tokens: Vec<u64>,
    /// Whether any symbol of the adapter's crate is there.
    pub symbols: bool,
}

impl Names {
    /// Reads what it can of the contents of a `name` section.
    pub(super) fn read(section: &[u8]) -> Self {
        let mut names = Self::default();
        let mut sections = Bytes(section);
        while let (Some(id), Some(size)) = (sections.byte(), sections.leb()) {
            let Some(contents) = sections.take(size) else { break };
            if id == 1 {
                names.functions(contents);
            }
        }
        names.tokens.sort_unstable();
        names.tokens.dedup();
        names
    }

    fn functions(&mut self, map: &[u8]) {
        let mut map = Bytes(map);
        let Some(_count) = map.leb() else { return };
        while let (Some(_index), Some(size)) = (map.leb(), map.leb()) {
            let Some(name) = map.take(size) else { break };
            if let Ok(name) = std::str::from_utf8(name)
                && name.contains(CRATE)
            {
                self.symbols = true;
                self.tokens.extend(token(name));
            }
        }
    }
}

/// The token of a build in a mangled name of the adapter's crate.
fn token(name: &str) -> Option<u64> {
    match name.strip_prefix(ASSERT_FAIL) {
        Some(rest) => {
            // LLVM may add `.llvm.N` after the mangled name.
            let hash = rest.get(..16).filter(|_| rest.get(16..17) == Some("E"))?;
            u64::from_str_radix(hash, 16).ok()
        }
        None => disambiguator(name),
    }
}

/// The disambiguator of the crate in a v0 mangled name: `Cs`, a number to base 62, `_`, and the crate's name.
fn disambiguator(name: &str) -> Option<u64> {
    let before = name.split(CRATE).next()?.strip_suffix('_')?;
    let run_at = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    let run = before.get(run_at..)?;
    let digits =
        run.match_indices("Cs").map(|(at, _)| &run[at + 2..]).find(|digits| (1..=11).contains(&digits.len()))?;
    digits.bytes().try_fold(0_u64, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            _ => digit - b'A' + 36,
        };
        number.checked_mul(62)?.checked_add(u64::from(digit))
    })
}

/// Bytes that are read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, size: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(size).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn leb(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    //! Names as rustc writes them, and maps as old tools wrote them.

    use super::*;

    #[test]
    fn tokens_of_both_manglings() {
        let legacy = "_ZN22wasi_snapshot_preview16macros11assert_fail17h5cb3041edecdc005E";
        assert_eq!(token(legacy), Some(0x5cb3_041e_decd_c005));
        assert_eq!(token(&format!("{legacy}.llvm.77")), token(legacy));
        assert_eq!(token("_ZN22wasi_snapshot_preview18ImportAlloc5alloc17h0123456789abcdefE"), None);
        let v0 = token("_RNvNtCsi4CVahZSHti_22wasi_snapshot_preview16macros11assert_fail");
        assert!(v0.is_some());
        assert_eq!(token("_RNvCsi4CVahZSHti_22wasi_snapshot_preview17fd_read"), v0);
    }

    #[test]
    fn order_does_not_matter_and_damage_ends_it() {
        let name = b"_ZN22wasi_snapshot_preview16macros11assert_fail17h5cb3041edecdc005E";
        let mut map = vec![2, 9, 3, b'a', b'b', b'c', 1, u8::try_from(name.len()).unwrap()];
        map.extend(name);
        let mut section = vec![1, u8::try_from(map.len()).unwrap()];
        section.extend(&map);
        let names = Names::read(&section);
        assert_eq!(names, Names { tokens: vec![0x5cb3_041e_decd_c005], symbols: true });
        assert_eq!(Names::read(&section[..section.len() - 1]), Names::default());
    }
}
