//! Owns what guests write to their standard streams: whole lines for the log, each with the number of its request.

use wasmtime_compat::wasi::Stdout;

use super::log::{Log, Stream};

/// The most bytes of a line. Longer lines are several of the log, so that a guest cannot make the server keep more.
const LONGEST: usize = 4096;

/// A stream of a guest that has the request with this number, written to the log line by line.
pub(super) fn stream(log: Log, id: u64, stream: Stream) -> Stdout {
    let mut lines = Lines { line: Vec::new(), put: move |text: &str, cut| log.output(id, stream, text, cut) };
    Stdout::callback(move |bytes| lines.write(bytes))
}

/// The line that has begun, whose rest is put when this is dropped.
struct Lines<F: FnMut(&str, bool)> {
    line: Vec<u8>,
    /// Gets a line without its end, and whether the line goes on.
    put: F,
}

impl<F: FnMut(&str, bool)> Lines<F> {
    fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let (mut piece, is_whole) = match piece.strip_suffix(b"\n") {
                Some(piece) => (piece, true),
                None => (piece, false),
            };
            while self.line.len() + piece.len() > LONGEST {
                let (fitting, rest) = piece.split_at(LONGEST - self.line.len());
                self.line.extend_from_slice(fitting);
                self.put_first(without_part(&self.line), true);
                piece = rest;
            }
            self.line.extend_from_slice(piece);
            if is_whole {
                self.put_first(self.line.len(), false);
            }
        }
    }

    /// Puts the first bytes of the line.
    fn put_first(&mut self, length: usize, cut: bool) {
        let (text, _) = self.line.split_at(length);
        let text = if cut { text } else { text.strip_suffix(b"\r").unwrap_or(text) };
        (self.put)(&String::from_utf8_lossy(text), cut);
        self.line.drain(..length);
    }
}

impl<F: FnMut(&str, bool)> Drop for Lines<F> {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.put_first(self.line.len(), false);
        }
    }
}

/// The length of text without a character at the end of which only a part is there.
fn without_part(text: &[u8]) -> usize {
    match std::str::from_utf8(text) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that come of these pieces, and whether each goes on.
    fn lines(pieces: &[&[u8]]) -> Vec<(String, bool)> {
        let mut found = Vec::new();
        let mut lines = Lines { line: Vec::new(), put: |text: &str, cut| found.push((text.to_owned(), cut)) };
        pieces.iter().for_each(|piece| lines.write(piece));
        drop(lines);
        found
    }

    #[test]
    fn lines_are_put_whole() {
        let whole = |text: &str| (text.to_owned(), false);
        assert_eq!(lines(&[b"one", b" line\ntwo\r\n\nth", b"ree"]), ["one line", "two", "", "three"].map(whole));
        assert_eq!(lines(&[b"", b"\xff\n"]), [whole("\u{fffd}")]);
        assert_eq!(lines(&[]), []);
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let text = "é".repeat(5000) + "\n";
        // Another offset for each piece.
        let found = lines(&[b"x", text.as_bytes()]);
        assert_eq!(found.iter().map(|line| line.1).collect::<Vec<_>>(), [true, true, false]);
        assert!(found.iter().all(|line| line.0.len() <= LONGEST && line.0.len() + 3 > LONGEST || !line.1));
        assert_eq!(found.into_iter().map(|line| line.0).collect::<String>() + "\n", format!("x{text}"));
        // Neither text nor an end of it.
        let found = lines(&[&[0xc3; 3 * LONGEST]]);
        assert!(found.iter().all(|line| line.0.chars().count() <= LONGEST), "{}", found.len());
    }
}
