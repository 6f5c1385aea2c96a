//! Owns the lists of majors that people type. The matrix has the same rules, in a package that this one must not need.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};

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
            let bound =
                |text: &str| text.parse::<u64>().map_err(|_| anyhow!("{text:?} in the range {word:?} is not a number"));
            let (first, last) = (bound(first)?, bound(last)?);
            if first > last {
                return Err(anyhow!("the range {word:?} is empty"));
            }
            chosen.extend(known.iter().filter(|major| (first..=last).contains(major)));
        } else {
            let Ok(major) = word.parse::<u64>() else {
                let mut names = vec!["all", "earliest", "latest"];
                names.extend(groups.keys().map(String::as_str));
                names.sort_unstable();
                names.dedup();
                return Err(anyhow!("{word:?} is neither a major nor one of {}", names.join(", ")));
            };
            if !known.contains(&major) {
                return Err(anyhow!("there is no major {major} here"));
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
