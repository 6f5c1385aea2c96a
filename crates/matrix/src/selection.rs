//! Owns what the arguments of a cargo command say about packages: which it selects, and whose manifest it reads.

use std::path::PathBuf;

/// The packages that a cargo command selects itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Selection {
    packages: Vec<String>,
    excluded: Vec<String>,
    workspace: bool,
    /// The value of `--manifest-path`.
    pub(crate) manifest: Option<PathBuf>,
}

impl Selection {
    /// The selection in the arguments of a cargo command, up to a `--`.
    pub(crate) fn of(args: &[String]) -> Self {
        let mut selection = Self::default();
        let mut words = args.iter().map(String::as_str).take_while(|word| *word != "--");
        while let Some(word) = words.next() {
            if matches!(word, "--workspace" | "--all") {
                selection.workspace = true;
            } else if let Some(name) = value(word, &["--package", "-p"], &mut words) {
                selection.packages.push(name.to_owned());
            } else if let Some(name) = value(word, &["--exclude"], &mut words) {
                selection.excluded.push(name.to_owned());
            } else if let Some(path) = value(word, &["--manifest-path"], &mut words) {
                selection.manifest = Some(path.into());
            }
        }
        selection
    }

    /// Whether the command selects packages itself.
    pub(crate) fn is_explicit(&self) -> bool {
        self.workspace || !self.packages.is_empty()
    }

    /// Whether the command selects the member `name`. Cargo also accepts patterns and URLs as names: they may select
    /// any member.
    pub(crate) fn has(&self, name: &str) -> bool {
        if self.workspace {
            return !self.excluded.iter().any(|excluded| excluded == name);
        }
        self.packages.iter().any(|spec| {
            let (spec_name, _version) = spec.split_once('@').unwrap_or((spec, ""));
            spec_name == name || spec.contains(['*', '?', '[', ':'])
        })
    }
}

/// The value of one of the flags, if `word` is that flag: after `=`, in the next word, or directly after a short flag.
fn value<'a>(word: &'a str, flags: &[&str], words: &mut impl Iterator<Item = &'a str>) -> Option<&'a str> {
    flags.iter().find_map(|flag| match word.strip_prefix(flag)? {
        "" => words.next(),
        rest if flag.starts_with("--") => rest.strip_prefix('='),
        rest => Some(rest.strip_prefix('=').unwrap_or(rest)),
    })
}

#[cfg(test)]
mod tests {
    //! Every spelling of a selection is read, and nothing behind `--`.

    use super::*;

    fn of(line: &str) -> Selection {
        Selection::of(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn packages() {
        for line in
            ["test -p a", "test -pa", "test -p=a", "test --package a", "test --package=a", "nextest run -p a@1.0"]
        {
            let selection = of(line);
            assert!(selection.is_explicit() && selection.has("a") && !selection.has("b"), "{line}");
        }
        for line in ["test --workspace --exclude b", "test --all --exclude=b"] {
            let selection = of(line);
            assert!(selection.is_explicit() && selection.has("a") && !selection.has("b"), "{line}");
        }
        assert!(of("test -p wt*").has("a"));
    }

    #[test]
    fn no_packages() {
        for line in ["test", "nextest run -P ci --profile x", "test -- -p a", "test --package-features=a"] {
            assert_eq!(of(line), Selection::default(), "{line}");
        }
        assert_eq!(of("test --manifest-path a/Cargo.toml").manifest, Some("a/Cargo.toml".into()));
    }
}
