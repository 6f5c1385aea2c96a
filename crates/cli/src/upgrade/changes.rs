//! Owns which known differences begin or end between two releases, and in which order they are shown.

use semver::Version;
use serde::Serialize;
use wasmtime_compat::{Difference, Involved, Phase, known_differences};

use super::guests::GuestPage;

/// A known difference that holds for one of the releases only.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Changed {
    pub(super) id: &'static str,
    /// Whether the second release behaves as described; otherwise the first one does.
    pub(super) begins: bool,
    /// Before the guest starts, or while it runs.
    phase: &'static str,
    pub(super) what: &'static str,
    pub(super) link: &'static str,
    /// The guests of the page, by their paths, whose imports can show the difference.
    pub(super) guests: Vec<String>,
}

/// The differences that begin or end, the likeliest first.
pub(super) fn between(from: &Version, to: &Version, guests: &[GuestPage]) -> Vec<Changed> {
    let changed = |known: &&Difference| known.applies_to(from) != known.applies_to(to);
    let mut known: Vec<(&Difference, Vec<String>)> = known_differences()
        .iter()
        .filter(changed)
        .map(|known| {
            let showing = guests.iter().filter(|guest| guest.can_show(known.id));
            (known, showing.map(|guest| guest.path.clone()).collect())
        })
        .collect();
    known.sort_by_key(|(known, guests)| (std::cmp::Reverse(guests.len()), rarity(known)));
    let changed = |(known, guests): (&Difference, Vec<String>)| Changed {
        id: known.id,
        begins: known.applies_to(to),
        phase: if known.phase == Phase::Start { "start" } else { "run" },
        what: known.what,
        link: known.link,
        guests,
    };
    known.into_iter().map(changed).collect()
}

/// How rare it is that a guest is of the kind that shows a difference. What keeps a guest from its start is looked at
/// first.
fn rarity(known: &Difference) -> u32 {
    let rarest = u32::MAX;
    if known.phase == Phase::Start { 0 } else { known.involves.iter().map(condition).min().unwrap_or(rarest) }
}

/// The functions of preview1, those that most programs import first: what the start of a C library needs, then files,
/// then what few programs do.
const FUNCTIONS: [&str; 12] = [
    "fd_write",
    "fd_fdstat_get",
    "path_open",
    "fd_read",
    "path_filestat_get",
    "fd_readdir",
    "path_rename",
    "poll_oneoff",
    "fd_pread",
    "fd_pwrite",
    "fd_renumber",
    "sock_accept",
];

fn condition(involved: &Involved) -> u32 {
    match involved {
        Involved::Import(name) => match name.strip_prefix("wasi_snapshot_preview1::") {
            Some(function) => {
                let place = FUNCTIONS.iter().position(|known| *known == function).unwrap_or(FUNCTIONS.len());
                10 + u32::try_from(place).unwrap_or(u32::MAX - 10)
            }
            None if name.starts_with("wasi:sockets/") => 40,
            None => 20,
        },
        Involved::Component => 30,
        // A host that limits fuel knows.
        Involved::Fuel => 35,
        _ => 50,
    }
}

#[cfg(test)]
mod tests {
    //! The order of the differences, and their direction.

    use super::*;

    fn ids(from: &str, to: &str) -> Vec<(&'static str, bool)> {
        let [from, to] = [from, to].map(|text| text.parse().unwrap());
        between(&from, &to, &[]).iter().map(|changed| (changed.id, changed.begins)).collect()
    }

    #[test]
    fn differences_begin_and_end() {
        assert!(ids("48.0.8", "48.0.8").is_empty());
        assert!(ids("36.0.20", "42.0.2").contains(&("calls-of-inner-components", true)));
        assert!(ids("42.0.2", "36.0.20").contains(&("calls-of-inner-components", false)));
    }

    #[test]
    fn the_likeliest_come_first() {
        let order: Vec<&str> = ids("18.0.4", "50.0.1").iter().map(|(id, _)| *id).collect();
        let place = |sought: &str| order.iter().position(|id| *id == sought).unwrap();
        assert_eq!(place("exact-wasi-imports"), 0);
        assert!(place("directory-rights") < place("pwrite-of-append"), "{order:?}");
        assert!(place("calls-from-post-return") < place("peers-unchecked"), "{order:?}");
        // What runs of guests do not show comes last.
        assert_eq!(order[order.len() - 2..], ["nan-of-conversions", "stores-after-a-trap"]);
    }
}
