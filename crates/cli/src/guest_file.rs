//! Owns reading a guest: from a file, assembled first if it is text.

use std::path::Path;
use std::sync::Arc;

use wasmtime_compat::{ErrorKind, Guest, GuestError, GuestKind};

use crate::files::Regular;
use crate::json;
use crate::style::{Spinner, in_quotes, visible};

/// The most bytes of a guest in text format: assembling text takes many times its size.
pub(crate) const TEXT_LIMIT: u64 = 64 << 20;
/// How many bytes decide whether a file is a guest at all, and in which format.
const SIGHT: u64 = 512;

/// How files begin that can be UTF-8 all the same, and are described as what they are: ELF, and text with a byte order
/// mark, which assembling would report as an unexpected character.
const NOT_TEXT: [&[u8]; 2] = [b"\x7fELF", b"\xef\xbb\xbf"];

/// A guest's bytes and what they say about it.
#[derive(Debug)]
pub(crate) struct GuestFile {
    /// Shared with the thread that compiles it.
    pub(crate) wasm: Arc<Vec<u8>>,
    /// What the guest gets as its name.
    pub(crate) name: String,
    pub(crate) json: json::Guest,
}

/// The reason why a guest cannot be read.
#[derive(Debug)]
pub(crate) struct UnreadableGuest {
    /// It may have several lines, all of this program's own making: text from outside in it is [`visible`].
    pub(crate) message: String,
    pub(crate) kind: ErrorKind,
    pub(crate) hint: Option<String>,
}

impl GuestFile {
    /// Reads and, if it is text, assembles a guest. The file must be a regular one of `limit` bytes at most.
    pub(crate) fn read(path: &Path, limit: u64) -> Result<Self, UnreadableGuest> {
        let shown = path.display().to_string();
        let unreadable = |error: std::io::Error| UnreadableGuest {
            message: format!("cannot read the guest {}: {error}", in_quotes(&shown)),
            kind: ErrorKind::Io,
            hint: (error.kind() == std::io::ErrorKind::InvalidInput)
                .then(|| "a guest is read from a regular file".to_owned()),
        };
        let mut file = Regular::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        // One byte more than that is read.
        file.read(&mut bytes, SIGHT - 1).map_err(unreadable)?;
        let limit = if is_text(&bytes) {
            limit.min(TEXT_LIMIT)
        } else {
            if let Err(error) = GuestKind::of(&bytes) {
                // What has compiled a guest stands at the end of some files, which begin as ELF or as this crate's
                // artefacts. Of others a gigabyte would be read for nothing.
                if matches!(bytes.first(), Some(0x7f | 0xff)) {
                    let _ = file.read(&mut bytes, limit);
                }
                return Err(invalid(&shown, &GuestKind::of(&bytes).err().unwrap_or(error)));
            }
            limit
        };
        if file.length() <= limit {
            file.read(&mut bytes, limit).map_err(unreadable)?;
        }
        if file.length() > limit || u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(too_long(&shown, limit));
        }
        Self::new(bytes, shown, name(path))
    }

    /// A guest called `name` from the bytes of `path`.
    pub(crate) fn new(bytes: Vec<u8>, path: String, name: String) -> Result<Self, UnreadableGuest> {
        let wasm = if is_text(&bytes) {
            // What is text at its beginning only is explained by the parser of binaries.
            match String::from_utf8(bytes) {
                Ok(text) => assemble(&text, &path)?,
                Err(error) => error.into_bytes(),
            }
        } else {
            bytes
        };
        let guest = Guest::parse(&wasm).map_err(|error| invalid(&path, &error))?;
        let json = json::Guest { path, kind: Some(guest.kind.name().into()), imports_wasi: imports_wasi(&guest) };
        Ok(Self { wasm: Arc::new(wasm), name, json })
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

/// Whether a guest is text, by its beginning.
fn is_text(bytes: &[u8]) -> bool {
    let start = bytes.get(..usize::try_from(SIGHT).unwrap_or(usize::MAX)).unwrap_or(bytes);
    // A letter of several bytes may be cut in two.
    let utf8 = std::str::from_utf8(start).map_or_else(|error| error.error_len().is_none(), |_| true);
    utf8 && !start.is_empty() && !start.contains(&0) && !NOT_TEXT.iter().any(|beginning| start.starts_with(beginning))
}

fn assemble(text: &str, path: &str) -> Result<Vec<u8>, UnreadableGuest> {
    let _spinner = Spinner::new(format!("assembling {}", visible(path)));
    wat::parse_str(text).map_err(|mut error| {
        error.set_path(visible(path));
        UnreadableGuest {
            message: format!("cannot assemble the guest: {}", shortened(&error.to_string())),
            kind: ErrorKind::InvalidGuest,
            hint: Some("a guest is a WebAssembly module or component, binary or in text format".to_owned()),
        }
    })
}

/// The longest line of a message, in characters.
const LONGEST: usize = 200;
/// How many lines follow the message proper: where it is, a bar, the source line, and a mark below it.
const EXCERPT: usize = 4;

/// `message` with long lines cut: the source line in it is as long as it is in the file. That line and the mark below
/// it, the last two, are cut before the mark too if it would be out of sight. The message proper becomes one line: it
/// may quote names with line ends in them.
fn shortened(message: &str) -> String {
    let all: Vec<&str> = message.split('\n').collect();
    let proper = all.len().saturating_sub(EXCERPT);
    let (proper, excerpt) = match all.get(proper) {
        Some(place) if proper > 0 && place.starts_with("     --> ") => all.split_at(proper),
        _ => (all.as_slice(), [].as_slice()),
    };
    let mark = excerpt.last().and_then(|line| line.strip_suffix('^')).map_or(0, |before| before.chars().count());
    let left_out = if mark < LONGEST { 0 } else { mark - LONGEST / 2 };
    let shown = excerpt.iter().enumerate().map(|(number, line)| {
        let left_out = if number + 2 < excerpt.len() { 0 } else { left_out };
        cut(line, left_out)
    });
    let proper = cut(&visible(&proper.join("\n")), 0);
    std::iter::once(proper).chain(shown).collect::<Vec<_>>().join("\n")
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

fn invalid(path: &str, error: &GuestError) -> UnreadableGuest {
    UnreadableGuest {
        message: format!("{} ({})", visible(error.message()), in_quotes(path)),
        kind: ErrorKind::InvalidGuest,
        hint: error.hint().map(str::to_owned),
    }
}

fn too_long(path: &str, limit: u64) -> UnreadableGuest {
    UnreadableGuest {
        message: format!("cannot read the guest {}: the file has more than {limit} bytes", in_quotes(path)),
        kind: ErrorKind::Io,
        hint: Some(match limit {
            TEXT_LIMIT => "this is the limit of a guest in text format: assemble the text first".to_owned(),
            _ => "--guest-limit sets the limit".to_owned(),
        }),
    }
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
        GuestFile::new(text.as_bytes().to_vec(), "guest.wat".to_owned(), "guest.wat".to_owned()).unwrap_err().message
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
    fn a_name_in_the_text_does_not_make_a_line() {
        let message = message("(module (export \"f\" (func $\"evil\\nerror: fake\")))");
        assert!(message.lines().all(|line| !line.starts_with("error")), "{message}");
        assert!(message.contains("evil\\nerror: fake"), "{message}");
    }

    #[test]
    fn text_and_binaries_are_told_apart_by_their_beginning() {
        assert!(is_text(b"(module)"));
        assert!(is_text(&"é".repeat(400).as_bytes()[..511]), "the last letter is cut");
        assert!(!is_text(b"\x7fELF") && !is_text(b"\x7fELF text") && !is_text("\u{feff}(module)".as_bytes()));
        assert!(!is_text(b"") && !is_text(&[0; 600]) && !is_text(b"\0asm\x01\0\0\0") && !is_text(b"(\xff)"));
        let invalid = GuestFile::new(vec![0; 8], "guest".to_owned(), "guest".to_owned()).unwrap_err();
        assert!(invalid.message.starts_with("not WebAssembly"), "{}", invalid.message);
    }

    #[test]
    fn short_lines_stay_as_they_are() {
        let text = "expected `(`\n     --> a.wat:1:1\n      |\n    1 | x\n      | ^";
        assert_eq!(shortened(text), text);
    }
}
