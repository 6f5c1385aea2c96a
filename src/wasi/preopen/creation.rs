//! Owns the walk down a host path: what stands in its way, whether a missing directory can be made, and making it.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::system::{self, Remedy, WriteRefusal};
use super::{Problem, Reason};
use crate::error::quoted;

/// What keeps a missing directory from being made, or an existing one from being reached; none if nothing does. The walk
/// follows symbolic links and `..` as the operating system would.
pub(super) fn problem_on_path(path: &Path) -> Option<Problem> {
    if path.is_relative() {
        // The path would be absolute if there were a working directory.
        let hint =
            "the working directory was removed: start the program in another one, or choose an absolute host path";
        return Some(problem(Reason::NotCreatable, hint));
    }
    // The last directory on the way that exists, and how many below it would be made so far.
    let (mut here, mut new) = (PathBuf::new(), 0_usize);
    let mut components = path.components().peekable();
    while let Some(component) = components.next() {
        match component {
            Component::CurDir => {}
            Component::Prefix(_) => here.push(component),
            Component::RootDir => {
                here.push(component);
                // A missing drive, or a share that is not there.
                if let Err(error) = std::fs::metadata(&here) {
                    return Some(problem(
                        Reason::NotCreatable,
                        format!("{} cannot be used ({error}): choose another host path", quoted(&here)),
                    ));
                }
            }
            Component::ParentDir if new > 0 => new -= 1,
            Component::ParentDir => here.push(component),
            Component::Normal(name) if new > 0 => {
                if let Some(problem) = too_long(name, &here) {
                    return Some(problem);
                }
                new += 1;
            }
            Component::Normal(name) => {
                let next = here.join(name);
                match std::fs::metadata(&next) {
                    Ok(metadata) if metadata.is_dir() => here = next,
                    Ok(_) => return Some(not_a_directory(&next, components.peek().is_none())),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        if let Some(problem) = dangling_link(&next).or_else(|| not_writable(&here)) {
                            return Some(problem);
                        }
                        new = 1;
                    }
                    Err(error) => return Some(unreachable(&here, &next, &error)),
                }
            }
        }
    }
    None
}

fn problem(reason: Reason, hint: impl Into<String>) -> Problem {
    Problem { reason, hint: hint.into() }
}

fn not_a_directory(path: &Path, is_last: bool) -> Problem {
    let hint = match is_last {
        true => "preopen the directory that holds the file".to_owned(),
        false => format!("{} is not a directory: choose another host path", quoted(path)),
    };
    problem(Reason::NotADirectory, hint)
}

fn dangling_link(path: &Path) -> Option<Problem> {
    let target = std::fs::read_link(path).ok()?;
    let hint = format!(
        "the symbolic link {} leads to {}, which is missing: let the link lead to a directory",
        quoted(path),
        quoted(target)
    );
    Some(problem(Reason::DanglingLink, hint))
}

fn not_writable(directory: &Path) -> Option<Problem> {
    let hint = match system::creation_refusal(directory)? {
        WriteRefusal::ReadOnlyFileSystem => {
            format!("{} is on a read-only file system: choose another host path", quoted(directory))
        }
        WriteRefusal::NoDirectories => {
            format!(
                "{} is on a file system in which only the operating system creates directories: choose another host path",
                quoted(directory)
            )
        }
        WriteRefusal::Permission => {
            let metadata = std::fs::metadata(directory);
            permission_hint("create directories in", &quoted(directory), metadata.ok().as_ref(), 'w')
        }
    };
    Some(problem(Reason::NotCreatable, hint))
}

fn too_long(name: &OsStr, directory: &Path) -> Option<Problem> {
    let most = system::longest_name(directory)?;
    let too_long = u64::try_from(name.len()).is_ok_and(|bytes| bytes > most);
    too_long.then(|| {
        problem(Reason::NotCreatable, format!("a name can have at most {most} bytes: choose another host path"))
    })
}

/// `here` exists; what is next on the path cannot be looked at.
fn unreachable(here: &Path, next: &Path, error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::PermissionDenied if std::fs::symlink_metadata(next).is_ok() => {
            let next = quoted(next);
            let hint = format!("let this user enter every directory through which the symbolic link {next} leads");
            problem(Reason::NotSearchable, hint)
        }
        io::ErrorKind::PermissionDenied => {
            let metadata = std::fs::metadata(here);
            problem(Reason::NotSearchable, permission_hint("enter", &quoted(here), metadata.ok().as_ref(), 'x'))
        }
        io::ErrorKind::NotADirectory => {
            let hint = format!("the symbolic link {} leads through a file: choose another host path", quoted(next));
            problem(Reason::NotADirectory, hint)
        }
        _ => problem(Reason::Io, error.to_string()),
    }
}

/// Advice to let this user do something with a directory, for which the mode of its owner must have `bit`.
pub(super) fn permission_hint(what: &str, directory: &str, metadata: Option<&Metadata>, bit: char) -> String {
    match metadata.map_or(Remedy::Unknown, |metadata| system::remedy(metadata, bit)) {
        Remedy::Mode => format!("let this user {what} {directory} (chmod u+{bit})"),
        Remedy::Owner => format!("ask the owner to let this user {what} {directory}"),
        Remedy::BeyondMode => {
            format!(
                "let this user {what} {directory}: the mode permits that, but another rule of the operating system \
                 does not"
            )
        }
        Remedy::Unknown => format!("let this user {what} {directory}"),
    }
}

/// Makes a directory with its parents, and adds those that it made to `made`.
pub(super) fn create(path: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|path| !path.is_dir()).collect();
    for path in missing.into_iter().rev() {
        match std::fs::create_dir(path) {
            Ok(()) => made.push(path.to_owned()),
            // Another process was faster, or `..` leads back to what exists.
            Err(_) if path.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Removes what [`create`] made. What something was put into meanwhile stays.
pub(super) fn remove(made: &[PathBuf]) {
    for path in made.iter().rev() {
        // A directory that stays does no harm, and the report says what went wrong before.
        let _ = std::fs::remove_dir(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_mode_no_command_is_advised() {
        for (what, bit) in [("read", 'r'), ("enter", 'x'), ("write in", 'w')] {
            let hint = permission_hint(what, "the directory", None, bit);
            assert_eq!(hint, format!("let this user {what} the directory"));
        }
    }
}
