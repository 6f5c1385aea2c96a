//! Owns edits to the text of `versions.toml`: a new pin, a new major. Comments and layout stay as they are.

use std::ops::Range;

use anyhow::{Context, Result, bail};
use semver::Version;
use serde::Deserialize;
use toml::Spanned;

/// What is edited, and where it stands.
#[derive(Debug, Deserialize)]
struct Entry {
    major: Spanned<u64>,
    pin: Spanned<Version>,
}

/// `text` with `pin` as the pin of its major.
pub(crate) fn set_pin(text: &str, pin: &Version) -> Result<String> {
    let entries = entries(text)?;
    let entry = entries.iter().find(|entry| *entry.major.get_ref() == pin.major);
    let Range { start, end } = entry.with_context(|| format!("no entry for {}", pin.major))?.pin.span();
    Ok(format!("{}\"{pin}\"{}", &text[..start], &text[end..]))
}

/// `text` with the entry of `major`, which ends with a line break, before that of the next newer major.
pub(crate) fn insert(text: &str, major: u64, entry: &str) -> Result<String> {
    for other in entries(text)? {
        let number = *other.major.get_ref();
        if number == major {
            bail!("major {major} is already there, with the pin {}", other.pin.get_ref());
        }
        if number > major {
            let start = other.major.span().start;
            let header = text[..start].rfind("[[major]]").context("an entry without its header")?;
            return Ok(format!("{}{entry}\n{}", &text[..header], &text[header..]));
        }
    }
    Ok(format!("{}\n\n{entry}", text.trim_end()))
}

fn entries(text: &str) -> Result<Vec<Entry>> {
    #[derive(Deserialize)]
    struct File {
        major: Vec<Entry>,
    }
    let file: File = toml::from_str(text).context("parse versions.toml")?;
    Ok(file.major)
}

#[cfg(test)]
mod tests {
    //! An edit changes what it should, and no comment, blank line or neighbour.

    use super::*;

    fn entry(major: u64) -> String {
        format!("[[major]]\nmajor = {major}\npin = \"{major}.0.1\" # pinned\nrequires = \"{major}.0.0\"\n")
    }

    fn text(majors: &[u64]) -> String {
        let entries: Vec<String> = majors.iter().copied().map(entry).collect();
        format!("# Top.\n[axes]\n\n# Majors.\n{}", entries.join("\n"))
    }

    #[test]
    fn one_pin_is_replaced() {
        let after = set_pin(&text(&[18, 20]), &Version::new(20, 0, 3)).unwrap();
        assert_eq!(after, text(&[18, 20]).replace("pin = \"20.0.1\" # pinned", "pin = \"20.0.3\" # pinned"));
        assert!(set_pin(&text(&[18]), &Version::new(20, 0, 3)).is_err());
    }

    #[test]
    fn a_new_major_comes_in_order() {
        assert_eq!(insert(&text(&[18, 20]), 21, &entry(21)).unwrap(), text(&[18, 20, 21]));
        assert_eq!(insert(&text(&[18, 20]), 19, &entry(19)).unwrap(), text(&[18, 19, 20]));
        let error = insert(&text(&[18, 20]), 20, &entry(20)).unwrap_err().to_string();
        assert_eq!(error, "major 20 is already there, with the pin 20.0.1");
    }
}
