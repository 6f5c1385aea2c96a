//! Owns the rules of Windows for host paths. All of them are functions of text, so that every system can test them.

/// The most UTF-16 units of one name, on every file system of Windows.
const LONGEST_NAME: usize = 255;
/// The most UTF-16 units of a whole path, with the terminator.
const LONGEST_PATH: usize = 32_767;

/// Names that lead to devices, in every directory. `COM` and `LPT` are followed by a digit, or by one of `¹²³`.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// How a path begins, which decides what it depends on and which rules hold for the rest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form<'a> {
    /// `a\b`: below the working directory.
    Relative,
    /// `\a`: on the drive of the working directory.
    Rooted,
    /// `C:\a`.
    Drive,
    /// `C:a` or `C:`: below the working directory of that drive, which is not the process's own.
    DriveRelative(char),
    /// `\\server\share\a`; the share is empty if none is named.
    Share { share: &'a str },
    /// `\\?\…`: the rest is taken literally.
    Verbatim,
    /// `\\.\…`: a name among the devices, and the path behind it.
    Device { device: &'a str, rest: &'a str },
}

/// Why a path cannot lead to a directory, whatever is on the disk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Flaw {
    /// The path leads to this device.
    Device(String),
    /// A name contains this character.
    Character(char),
    /// `name:stream` is a stream of a file.
    Stream(String),
    /// `/`, `.` or `..` behind `\\?\`, where they are names.
    Literal,
    /// `\\server` without a share.
    NoShare,
    /// A name has more than [`LONGEST_NAME`] units.
    LongName,
    /// The path has more than [`LONGEST_PATH`] units.
    LongPath,
}

impl Form<'_> {
    /// The form of a path, given or absolute.
    pub(super) fn of(path: &str) -> Form<'_> {
        // Behind `\\?\` only the backslash separates.
        if path.starts_with(r"\\?\") {
            return Form::Verbatim;
        }
        let mut begins = path.chars();
        match (begins.next(), begins.next(), begins.next(), begins.next()) {
            (Some(a), Some(b), Some('.' | '?'), Some(c)) if is_separator(a) && is_separator(b) && is_separator(c) => {
                let (device, rest) = split_name(path.get(4..).unwrap_or_default());
                Form::Device { device, rest }
            }
            (Some(a), Some(b), ..) if is_separator(a) && is_separator(b) => {
                let (_, rest) = split_name(path.get(2..).unwrap_or_default());
                Form::Share { share: split_name(rest.get(1..).unwrap_or_default()).0 }
            }
            (Some(a), ..) if is_separator(a) => Form::Rooted,
            (Some(letter), Some(':'), third, _) if letter.is_ascii_alphabetic() => match third {
                Some(third) if is_separator(third) => Form::Drive,
                _ => Form::DriveRelative(letter),
            },
            _ => Form::Relative,
        }
    }
}

/// What is wrong with an absolute path as text; none if only the operating system can say.
pub(super) fn flaw(path: &str) -> Option<Flaw> {
    if path.encode_utf16().count() >= LONGEST_PATH {
        return Some(Flaw::LongPath);
    }
    let form = Form::of(path);
    let rest = match form {
        Form::Verbatim => {
            let rest = path.get(4..).unwrap_or_default();
            if rest.contains('/') || rest.split('\\').any(|name| matches!(name, "." | "..")) {
                return Some(Flaw::Literal);
            }
            // A drive or a volume, or `UNC`; what comes first is not a name in a directory.
            split_name(rest).1
        }
        Form::Device { device, rest } => {
            // `\\.\C:\` is the root of the drive, `\\.\C:` the device beneath it.
            let is_device = rest.is_empty() || reserved(device).is_some() || is_pipe(device);
            if is_device {
                return Some(Flaw::Device(device.to_owned()));
            }
            rest
        }
        Form::Share { share: "" } => return Some(Flaw::NoShare),
        Form::Drive | Form::DriveRelative(_) => path.get(2..).unwrap_or_default(),
        Form::Share { .. } | Form::Rooted | Form::Relative => path,
    };
    let is_verbatim = form == Form::Verbatim;
    rest.split(['\\', '/']).find_map(|name| name_flaw(name, is_verbatim))
}

/// What is wrong with one name of a path.
fn name_flaw(name: &str, is_verbatim: bool) -> Option<Flaw> {
    if let Some(character) = name.chars().find(|c| c.is_control() && *c < '\u{20}' || r#"<>"|?*"#.contains(*c)) {
        return Some(Flaw::Character(character));
    }
    // `name::$INDEX_ALLOCATION` and `name:$I30:$INDEX_ALLOCATION` are the directory itself.
    if name.contains(':') && !name.to_ascii_uppercase().ends_with(":$INDEX_ALLOCATION") {
        return Some(Flaw::Stream(name.to_owned()));
    }
    if name.encode_utf16().count() > LONGEST_NAME {
        return Some(Flaw::LongName);
    }
    // Of a name with an extension, such as `nul.txt`, some versions make a file and others a device: the absolute path,
    // which the operating system makes, shows which.
    let bare = name.trim_end_matches(['.', ' ']);
    match reserved(bare) {
        Some(device) if !is_verbatim && !bare.contains('.') => Some(Flaw::Device(device)),
        _ => None,
    }
}

/// The device that a name stands for, without regard to case, to an extension, and to dots and blanks at the end.
fn reserved(name: &str) -> Option<String> {
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end_matches(' ').to_uppercase();
    let is_port = |prefix: &str| {
        let mut number = stem.strip_prefix(prefix)?.chars();
        let is_number = number.next().is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'));
        (is_number && number.next().is_none()).then_some(())
    };
    let is_device = DEVICES.contains(&stem.as_str()) || is_port("COM").or_else(|| is_port("LPT")).is_some();
    is_device.then_some(stem)
}

/// Whether a name among the devices is a folder of pipes or mail slots, which has no directories.
fn is_pipe(device: &str) -> bool {
    device.eq_ignore_ascii_case("pipe") || device.eq_ignore_ascii_case("mailslot")
}

fn is_separator(letter: char) -> bool {
    matches!(letter, '\\' | '/')
}

/// The first name of a path, and what follows, with its separator.
fn split_name(path: &str) -> (&str, &str) {
    path.split_at(path.find(['\\', '/']).unwrap_or(path.len()))
}

impl Flaw {
    /// Whether something can be there, which is not a directory.
    pub(super) fn is_other_than_directory(&self) -> bool {
        matches!(self, Self::Device(_) | Self::Stream(_))
    }

    /// Advice on what to do instead.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Device(name) => format!("{name} is a device: choose the path of a directory"),
            Self::Stream(name) => {
                format!("\"{name}\" is a stream of a file, because of the `:`: choose the path of a directory")
            }
            Self::Character(letter) => {
                format!("no name on Windows can contain {}: choose another host path", shown(*letter))
            }
            Self::Literal => "a path that begins with `\\\\?\\` is taken literally: separate names with `\\`, without \
                              `.` and `..`"
                .to_owned(),
            Self::NoShare => "name a share of the server as well: `\\\\server\\share`".to_owned(),
            Self::LongName => {
                format!("a name can have at most {LONGEST_NAME} UTF-16 units: choose another host path")
            }
            Self::LongPath => {
                format!("a path can have fewer than {LONGEST_PATH} UTF-16 units: choose another host path")
            }
        }
    }
}

/// Advice about a missing directory that is written `C:name`, which is not in the root of the drive.
pub(super) fn drive_relative_hint(given: &str) -> Option<String> {
    let Form::DriveRelative(letter) = Form::of(given) else { return None };
    let rest = given.get(2..).unwrap_or_default();
    Some(format!(
        "\"{given}\" starts from the working directory of the drive: \"{letter}:\\{rest}\" starts from its root"
    ))
}

fn shown(letter: char) -> String {
    if letter.is_control() { format!("U+{:04X}", u32::from(letter)) } else { format!("`{letter}`") }
}

/// The letters of the drives that exist, by a query for each root.
pub(super) fn drive_letters(exists: impl Fn(&str) -> bool) -> Vec<char> {
    ('A'..='Z').filter(|letter| exists(&format!("{letter}:\\"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str) -> Option<Flaw> {
        Some(Flaw::Device(name.to_owned()))
    }

    #[test]
    fn every_form_is_recognised() {
        for (path, form) in [
            ("a\\b", Form::Relative),
            ("a/b", Form::Relative),
            ("", Form::Relative),
            (".", Form::Relative),
            ("1:\\x", Form::Relative),
            ("ä:\\x", Form::Relative),
            ("\\a", Form::Rooted),
            ("/a", Form::Rooted),
            ("C:\\", Form::Drive),
            ("c:/x", Form::Drive),
            ("C:", Form::DriveRelative('C')),
            ("C:x", Form::DriveRelative('C')),
            ("\\\\server\\share\\a", Form::Share { share: "share" }),
            ("//server/share", Form::Share { share: "share" }),
            ("\\\\server", Form::Share { share: "" }),
            ("\\\\server\\", Form::Share { share: "" }),
            ("\\\\?\\C:\\x", Form::Verbatim),
            ("\\\\?\\UNC\\server\\share", Form::Verbatim),
            ("\\\\.\\NUL", Form::Device { device: "NUL", rest: "" }),
            ("\\\\.\\C:\\x", Form::Device { device: "C:", rest: "\\x" }),
            ("//./pipe/x", Form::Device { device: "pipe", rest: "/x" }),
            // With other separators it is not verbatim.
            ("//?/C:/x", Form::Device { device: "C:", rest: "/x" }),
        ] {
            assert_eq!(Form::of(path), form, "{path:?}");
        }
    }

    #[test]
    fn devices_are_not_directories() {
        for path in ["\\\\.\\NUL", "\\\\.\\nul", "\\\\.\\COM1", "\\\\.\\C:", "\\\\.\\pipe\\x", "\\\\.\\CONIN$"] {
            assert!(matches!(flaw(path), Some(Flaw::Device(_))), "{path:?}");
            assert!(flaw(path).is_some_and(|flaw| flaw.is_other_than_directory()));
        }
        assert_eq!(flaw("C:\\t\\con\\sub"), device("CON"));
        assert_eq!(flaw("C:\\t\\aux. \\sub"), device("AUX"));
        assert_eq!(flaw("C:\\lpt\u{b9}"), device("LPT\u{b9}"));
        // Whether these are devices depends on the version, and is seen in the absolute path.
        assert_eq!(flaw("C:\\t\\nul.txt"), None);
        for path in ["C:\\console", "C:\\com", "C:\\com10", "C:\\comx", "C:\\nulls", "C:\\t\\x.nul", "\\\\?\\C:\\nul"] {
            assert_eq!(flaw(path), None, "{path:?}");
        }
    }

    #[test]
    fn what_the_system_must_judge_is_left_to_it() {
        for path in [
            "C:\\",
            "c:/x",
            "C:\\PROGRA~1",
            "C:\\x.",
            "C:\\x ",
            "\\\\server\\share",
            "\\\\?\\C:\\x",
            "\\\\?\\UNC\\server\\share\\x",
            "\\\\?\\Volume{b75e2c83-0000-0000-0000-602f00000000}\\x",
            "\\\\.\\C:\\x",
            "\\\\.\\GLOBALROOT\\Device\\HarddiskVolume1\\x",
            "C:\\dir::$INDEX_ALLOCATION",
            "C:\\a\\..\\b\\.",
            "C:\\naïve\\日本語\\😀",
            "C:\\x\u{7f}",
        ] {
            assert_eq!(flaw(path), None, "{path:?}");
        }
        let deep = format!("C:\\{}", "a\\".repeat(16_000));
        assert_eq!(flaw(&deep), None);
    }

    #[test]
    fn names_that_cannot_exist() {
        for (path, letter) in
            [("C:\\a<b", '<'), ("C:\\a?", '?'), ("C:\\*\\x", '*'), ("C:\\a\tb", '\t'), ("\\\\?\\C:\\|", '|')]
        {
            assert_eq!(flaw(path), Some(Flaw::Character(letter)), "{path:?}");
        }
        assert!(Flaw::Character('\t').hint().contains("U+0009") && Flaw::Character('<').hint().contains("`<`"));
        assert_eq!(flaw("C:\\x.txt:stream"), Some(Flaw::Stream("x.txt:stream".to_owned())));
        assert_eq!(flaw("C:\\t\\D:\\x"), Some(Flaw::Stream("D:".to_owned())));
        assert_eq!(flaw("\\\\server"), Some(Flaw::NoShare));
        for path in ["\\\\?\\C:/x", "\\\\?\\C:\\x\\.", "\\\\?\\C:\\x\\..\\y"] {
            assert_eq!(flaw(path), Some(Flaw::Literal), "{path:?}");
        }
        // Of two units each.
        let name = |letters: usize| format!("C:\\{}", "😀".repeat(letters));
        assert_eq!((flaw(&name(127)), flaw(&name(128))), (None, Some(Flaw::LongName)));
        assert_eq!(flaw(&format!("C:\\{}", "a\\".repeat(17_000))), Some(Flaw::LongPath));
    }

    #[test]
    fn paths_from_the_working_directory_of_a_drive_are_explained() {
        let hint = drive_relative_hint("C:share").unwrap();
        assert!(hint.contains("\"C:share\"") && hint.contains("\"C:\\share\""), "{hint}");
        assert_eq!(drive_relative_hint("C:\\share"), None);
        assert_eq!(drive_relative_hint("share"), None);
    }

    #[test]
    fn drives_are_in_order() {
        assert_eq!(drive_letters(|root| matches!(root, "Z:\\" | "C:\\")), ['C', 'Z']);
    }
}
