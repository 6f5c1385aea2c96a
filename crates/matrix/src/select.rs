//! Owns the lists of majors that people type, and the share of one machine among several.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::exit::Stop;

/// Majors named by `list`, of those that are `known`: numbers, `a..=b` ranges, groups; sorted and without repeats.
/// `all`, `latest` and `earliest` are always groups.
///
/// # Errors
/// If a word is none of these.
pub(crate) fn select(list: &str, known: &[u64], groups: &BTreeMap<String, Vec<u64>>) -> Result<Vec<u64>> {
    let mut chosen = Vec::new();
    for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        if let Some(group) = groups.get(word) {
            chosen.extend(group.iter().filter(|major| known.contains(major)));
        } else if let Some(derived) = derived(word, known) {
            chosen.extend(derived);
        } else if let Some((first, last)) = word.split_once("..=") {
            let bound = |text: &str| {
                text.parse::<u64>().map_err(|_| Stop::usage(format!("{text:?} in the range {word:?} is not a number")))
            };
            let (first, last) = (bound(first)?, bound(last)?);
            if first > last {
                return Err(Stop::usage(format!("the range {word:?} is empty")));
            }
            chosen.extend(known.iter().filter(|major| (first..=last).contains(major)));
        } else {
            let Ok(major) = word.parse::<u64>() else {
                let mut names = vec!["all", "earliest", "latest"];
                names.extend(groups.keys().map(String::as_str));
                names.sort_unstable();
                names.dedup();
                return Err(Stop::usage(format!("{word:?} is neither a major nor one of {}", names.join(", "))));
            };
            if !known.contains(&major) {
                return Err(Stop::usage(format!("there is no major {major} here")));
            }
            chosen.push(major);
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

fn derived(word: &str, known: &[u64]) -> Option<Vec<u64>> {
    match word {
        "all" => Some(known.to_vec()),
        "earliest" => Some(known.iter().copied().min().into_iter().collect()),
        "latest" => Some(known.iter().copied().max().into_iter().collect()),
        _ => None,
    }
}

/// One machine's share of the columns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Partition {
    /// Which share, from 1.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

impl Partition {
    /// Whether the column at `position` is in this share. Neighbours go to different machines: they cost alike.
    pub(crate) fn has(self, position: usize) -> bool {
        position % self.of == self.index - 1
    }
}

impl std::str::FromStr for Partition {
    type Err = String;

    /// Reads `M/N`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(m, n)| Some((m.parse().ok()?, n.parse().ok()?)));
        match parts {
            Some((index, of)) if (1..=of).contains(&index) => Ok(Self { index, of }),
            _ => Err(format!("{text:?} is not M/N with M from 1 to N")),
        }
    }
}

#[cfg(test)]
mod tests {
    //! Lists mean what `--help` says, and shares add up.

    use super::*;

    const KNOWN: [u64; 5] = [18, 20, 36, 48, 50];

    fn chosen(list: &str) -> Result<Vec<u64>> {
        let groups = [("lts".to_owned(), vec![36, 48]), ("old".to_owned(), vec![17, 18])];
        select(list, &KNOWN, &BTreeMap::from(groups))
    }

    #[test]
    fn lists() {
        assert_eq!(chosen("48, 18,48,").unwrap(), [18, 48]);
        assert_eq!(chosen("18..=36").unwrap(), [18, 20, 36]);
        assert_eq!(chosen("lts,latest").unwrap(), [36, 48, 50]);
        assert_eq!(chosen("earliest,old").unwrap(), [18]);
        assert_eq!(chosen("all").unwrap(), KNOWN);
        assert_eq!(chosen("").unwrap(), [0_u64; 0]);
    }

    #[test]
    fn nonsense_is_usage() {
        for list in ["21", "newest", "18..=x", "48..=18"] {
            assert_eq!(crate::exit::of_error(&chosen(list).unwrap_err()), crate::Exit::Usage, "{list}");
        }
        assert!(chosen("newest").unwrap_err().to_string().contains("all, earliest, latest, lts, old"));
    }

    #[test]
    fn shares_add_up() {
        for of in 1..=7 {
            let mut owners = [0; 5];
            for index in 1..=of {
                let share: Partition = format!("{index}/{of}").parse().unwrap();
                (0..5).filter(|&position| share.has(position)).for_each(|position| owners[position] += 1);
            }
            assert_eq!(owners, [1; 5]);
        }
        for nonsense in ["0/2", "3/2", "1", "a/b", "1/0"] {
            assert!(nonsense.parse::<Partition>().is_err(), "{nonsense}");
        }
    }
}
