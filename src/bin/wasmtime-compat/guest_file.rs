//! Owns reading a guest: from a file, assembled first if it is text.

use std::path::Path;

use wasmtime_compat::{Error, Guest, GuestKind};

use crate::json;

/// A guest's bytes and what they say about it.
#[derive(Debug)]
pub(crate) struct GuestFile {
    pub(crate) wasm: Vec<u8>,
    /// What the guest gets as its name.
    pub(crate) name: String,
    pub(crate) json: json::Guest,
}

/// Why there is no guest.
#[derive(Debug)]
pub(crate) struct NoGuest {
    pub(crate) message: String,
    pub(crate) kind: &'static str,
    pub(crate) hint: Option<&'static str>,
}

impl GuestFile {
    /// Reads and, if it is text, assembles a guest.
    pub(crate) fn read(path: &Path) -> Result<Self, NoGuest> {
        let shown = path.display();
        let bytes = std::fs::read(path).map_err(|error| NoGuest {
            message: format!("cannot read the guest {shown:?}: {error}", shown = shown.to_string()),
            kind: "io",
            hint: None,
        })?;
        Self::new(&bytes, shown.to_string(), name(path))
    }

    /// A guest called `name` from the bytes of `path`.
    pub(crate) fn new(bytes: &[u8], path: String, name: String) -> Result<Self, NoGuest> {
        let wasm = match text(bytes) {
            Some(text) => wat::parse_str(text).map_err(|mut error| {
                error.set_path(&path);
                NoGuest {
                    message: format!("cannot assemble the guest: {}", shortened(&error.to_string())),
                    kind: "invalid-guest",
                    hint: Some("a guest is a WebAssembly module or component, binary or in text format"),
                }
            })?,
            None => bytes.to_vec(),
        };
        let guest = Guest::parse(&wasm).map_err(|error| invalid(&path, &error))?;
        let json = json::Guest { path, kind: Some(guest.kind.name()), imports_wasi: imports_wasi(&guest) };
        Ok(Self { wasm, name, json })
    }
}

/// A guest of which only the path is known.
pub(crate) fn unknown(path: &Path) -> json::Guest {
    json::Guest { path: path.display().to_string(), kind: None, imports_wasi: Vec::new() }
}

/// The guest's `argv[0]`.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The guest as text, if that is what it looks like: what is neither text nor WebAssembly is for the parser of
/// binaries to explain.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.is_empty() && !text.starts_with('\0')).then_some(text)
}

/// The longest line of a message, in characters.
const LONGEST: usize = 200;

/// `message` with long lines cut: the source line in it is as long as it is in the file. That line and the mark below
/// it, the last two, are cut before the mark too if it would be out of sight.
fn shortened(message: &str) -> String {
    let lines: Vec<&str> = message.lines().collect();
    let mark = lines.last().and_then(|line| line.strip_suffix('^')).map_or(0, |before| before.chars().count());
    let left_out = if mark < LONGEST { 0 } else { mark - LONGEST / 2 };
    let shown = lines.iter().enumerate().map(|(number, line)| {
        let left_out = if number + 2 < lines.len() { 0 } else { left_out };
        cut(line, left_out)
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// What is in sight of a line of which `left_out` characters are left out behind its line number.
fn cut(line: &str, left_out: usize) -> String {
    let gutter = if left_out > 0 { line.find("| ").map_or(0, |bar| bar + 2) } else { 0 };
    let (gutter, text) = line.split_at(gutter);
    let mut letters = text.chars().skip(left_out);
    let seen: String = letters.by_ref().take(LONGEST).collect();
    let more = if letters.next().is_some() { "…" } else { "" };
    format!("{gutter}{seen}{more}")
}

fn invalid(path: &str, error: &Error) -> NoGuest {
    NoGuest { message: format!("{} ({path:?})", error.message()), kind: "invalid-guest", hint: None }
}

/// The WASI interfaces a component imports, or the WASI modules a module imports from, each once.
fn imports_wasi(guest: &Guest) -> Vec<String> {
    let mut wasi: Vec<String> = Vec::new();
    for import in &guest.imports {
        let name = match guest.kind {
            GuestKind::Module => import.split("::").next().unwrap_or(import),
            GuestKind::Component => import,
        };
        let is_wasi = name.starts_with("wasi:") || name.starts_with("wasi_") || name == "wasi";
        if is_wasi && !wasi.iter().any(|known| known == name) {
            wasi.push(name.to_owned());
        }
    }
    wasi
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        GuestFile::new(text.as_bytes(), "guest.wat".to_owned(), "guest.wat".to_owned()).unwrap_err().message
    }

    #[test]
    fn a_long_line_is_not_shown_whole() {
        for before in [0, 150, 300, 450, 600] {
            let text = format!("{}(nonsense) ;;{}", "(;-;)".repeat(before / 5), "é".repeat(1 << 20));
            let message = message(&text);
            assert!(message.lines().all(|line| line.chars().count() <= LONGEST + 20), "{message}");
            assert!(message.contains(&format!("guest.wat:1:{}", 2 + before)), "{before}: {message}");
        }
    }

    #[test]
    fn the_mark_stays_below_what_it_marks() {
        for before in [150, 300, 450] {
            let message = message(&format!("{}(nonsense) {}", "(;-;)".repeat(before / 5), ";".repeat(1000)));
            let [.., source, mark] = message.lines().collect::<Vec<_>>()[..] else { panic!("{message}") };
            let at = mark.find('^').unwrap();
            assert!(source[at..].starts_with("nonsense"), "{message}");
        }
    }

    #[test]
    fn short_lines_stay_as_they_are() {
        let text = "expected `(`\n     --> a.wat:1:1\n      |\n    1 | x\n      | ^";
        assert_eq!(shortened(text), text);
    }
}
