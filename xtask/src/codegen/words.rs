//! Owns how names and text of `versions.toml` are spelled in Rust.

/// The variant of an enumeration for a name with hyphens: `wide-arithmetic` is `WideArithmetic`.
pub(super) fn variant(name: &str) -> String {
    name.split('-').map(|word| [&word[..1].to_uppercase(), &word[1..]].concat()).collect()
}

/// The constant for a name with hyphens: `wide-arithmetic` is `WIDE_ARITHMETIC`.
pub(super) fn constant(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

/// A number of at least five digits in groups, as clippy wants them: `0x1_0000`.
pub(super) fn number(number: u64) -> String {
    if number < 10_000 {
        return number.to_string();
    }
    let digits = format!("{number:x}");
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(4).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    format!("0x{}", groups.join("_"))
}

/// Markdown as the lines of a documentation comment, indented and wrapped at 120 columns.
pub(super) fn doc(markdown: &str, indent: &str) -> String {
    let paragraphs: Vec<String> = markdown
        .split("\n\n")
        .map(|paragraph| {
            let mut lines = vec![format!("{indent}///")];
            for word in paragraph.split_whitespace() {
                if lines.last().is_some_and(|line| line.len() + 1 + word.len() > 120) {
                    lines.push(format!("{indent}///"));
                }
                if let Some(line) = lines.last_mut() {
                    line.push(' ');
                    line.push_str(word);
                }
            }
            lines.join("\n")
        })
        .collect();
    paragraphs.join(&format!("\n{indent}///\n")) + "\n"
}

#[cfg(test)]
mod tests {
    //! Names, numbers and comments are spelled as rustfmt and clippy want them.

    use super::*;

    #[test]
    fn names_and_numbers() {
        assert_eq!((variant("cm-async-stackful").as_str(), variant("gc").as_str()), ("CmAsyncStackful", "Gc"));
        assert_eq!(constant("cm64"), "CM64");
        assert_eq!([0, 9999, 0x1_0000, 0x4000_0000_0000].map(number), ["0", "9999", "0x1_0000", "0x4000_0000_0000"]);
    }

    #[test]
    fn paragraphs_are_wrapped() {
        let text = doc(&format!("{}\n\nb", "word ".repeat(30)), "    ");
        assert!(text.lines().all(|line| line.len() <= 120 && !line.ends_with(' ')), "{text}");
        assert!(text.starts_with("    /// word word") && text.ends_with("\n    ///\n    /// b\n"), "{text}");
        assert_eq!(text.lines().count(), 4);
    }
}
