//! Owns the text that the printer of WIT writes into: indented, and not longer than a limit.

use wit_component::Output;

/// Text with a limit. The printer cannot be stopped, so what exceeds the limit is dropped, and there is no text in the end.
pub(super) struct Text {
    text: String,
    limit: usize,
    indent: usize,
    at_start: bool,
    overflowed: bool,
}

impl Text {
    pub(super) fn new(limit: usize) -> Self {
        Self { text: String::new(), limit, indent: 0, at_start: false, overflowed: false }
    }

    /// The text; `None` if it is longer than the limit.
    pub(super) fn finish(self) -> Option<String> {
        (!self.overflowed).then_some(self.text)
    }
}

impl Output for Text {
    fn push_str(&mut self, src: &str) {
        self.overflowed |= src.len() > self.limit.saturating_sub(self.text.len());
        if !self.overflowed {
            self.text.push_str(src);
        }
    }

    fn indent_if_needed(&mut self) -> bool {
        let needed = std::mem::take(&mut self.at_start);
        if needed {
            (0..self.indent).for_each(|_| self.push_str("  "));
        }
        needed
    }

    fn indent_start(&mut self) {
        self.push_str(" {");
        self.indent += 1;
        self.newline();
    }

    fn indent_end(&mut self) {
        self.indent = self.indent.saturating_sub(1);
        self.indent_if_needed();
        self.push_str("}");
        self.newline();
    }

    fn newline(&mut self) {
        self.push_str("\n");
        self.at_start = true;
    }
}
