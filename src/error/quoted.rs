//! Owns how messages quote paths: in a form that can be pasted wherever the operating system takes paths.

use std::ffi::OsStr;

/// A path or a name in quotes. Characters that do not show are escaped; a backslash is not on Windows, where it separates.
pub(crate) fn quoted(path: impl AsRef<OsStr>) -> String {
    quoted_on(cfg!(windows), path.as_ref())
}

fn quoted_on(windows: bool, path: &OsStr) -> String {
    match path.to_str() {
        Some(text) if windows && shows(text) => format!("\"{text}\""),
        _ => format!("{path:?}"),
    }
}

/// Whether nothing but backslashes would be escaped.
fn shows(text: &str) -> bool {
    let others = text.replace('\\', "/");
    format!("{others:?}").len() == text.len() + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_windows_can_be_pasted() {
        let windows = |path: &str| quoted_on(true, path.as_ref());
        assert_eq!(windows(r"C:\new\x"), r#""C:\new\x""#);
        assert_eq!(windows(r"\\?\C:\dir with blanks"), r#""\\?\C:\dir with blanks""#);
        assert_eq!(windows("C:/naïve"), "\"C:/naïve\"");
        assert_eq!(windows(""), "\"\"");
        // What does not show is escaped, and then a backslash has to be as well.
        assert_eq!(windows("C:\\a\nb"), r#""C:\\a\nb""#);
        assert_eq!(windows("a\u{202e}b"), r#""a\u{202e}b""#);
        assert_eq!(quoted_on(false, r"a\b".as_ref()), r#""a\\b""#);
        assert_eq!(quoted("a b"), "\"a b\"");
    }
}
