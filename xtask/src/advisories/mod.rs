//! `cargo xtask advisories`: owns taking a newer database of security advisories into `advisories.toml`.

mod source;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use self::source::Source;
pub(crate) use self::table::{Advisory, PATH, Table, day};
use crate::codegen;
use crate::versions::Versions;

/// Flags of `cargo xtask advisories`.
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// The database: a checkout of RustSec's `advisory-db`, or a file with tabs; without it the table is only described
    source: Option<PathBuf>,
    /// Writes nothing; fails if the database has something that the table has not
    #[arg(long, requires = "source")]
    check: bool,
    /// The day of the database, such as 2026-08-21; by default that in the file, or today
    #[arg(long, value_name = "DAY", requires = "source")]
    taken: Option<String>,
}

/// What a database has that the table has not.
#[derive(Debug, Default, Eq, PartialEq)]
struct News {
    lines: Vec<String>,
    /// Advisories that nobody has described yet.
    undescribed: Vec<String>,
}

/// Takes the facts of a database into the table, and writes what is generated from it.
pub(crate) fn run(root: &Path, versions: &Versions, flags: &Flags) -> Result<()> {
    let mut table = Table::load(root)?;
    let Some(path) = &flags.source else {
        println!("{}", described(&table, today()));
        return Ok(());
    };
    let source = Source::read(path)?;
    let taken = flags.taken.clone().or_else(|| source.taken.clone());
    let news = merge(&mut table, source, versions);
    news.lines.iter().for_each(|line| println!("{line}"));
    if flags.check {
        ensure!(news.lines.is_empty(), "{PATH} is behind {path:?}: run `cargo xtask advisories` without --check");
        return Ok(());
    }
    table.taken = taken.unwrap_or_else(|| date(today()));
    ensure!(day(&table.taken).is_some(), "{:?} is not a day", table.taken);
    fs::write(root.join(PATH), table.text()).with_context(|| format!("write {PATH}"))?;
    if !news.undescribed.is_empty() {
        bail!(
            "{} in {PATH} need `what`, in words of your own, and `needs`: write them, then run `cargo xtask codegen`",
            news.undescribed.join(", ")
        );
    }
    codegen::write(root, versions)?.iter().for_each(|path| println!("{path}"));
    Ok(())
}

/// Takes the facts of the database into the table; words and reasons stay. Advisories that concern no supported major are
/// left out, and those of the table that the database no longer has are removed.
fn merge(table: &mut Table, source: Source, versions: &Versions) -> News {
    let mut news = News::default();
    let mut merged = Vec::new();
    for (facts, title) in source.advisories {
        if !facts.concerns(versions) {
            continue;
        }
        let known = table.advisories.iter().find(|known| known.id == facts.id);
        let advisory = match known {
            Some(known) => Advisory {
                what: known.what.clone(),
                // The database restricts fewer advisories to a platform than their texts do.
                platform: known.platform.clone(),
                needs: known.needs.clone(),
                unreachable: known.unreachable.clone(),
                ..facts
            },
            None => facts,
        };
        match known {
            None => news.lines.push(format!("new: {} ({title})", advisory.id)),
            Some(known) if *known != advisory => news.lines.push(format!("changed: {}", advisory.id)),
            Some(_) => {}
        }
        if advisory.what.is_empty() {
            news.undescribed.push(advisory.id.clone());
        }
        merged.push(advisory);
    }
    merged.sort_by(|one, other| one.id.cmp(&other.id));
    let is_gone = |known: &&Advisory| merged.iter().all(|advisory| advisory.id != known.id);
    news.lines.extend(table.advisories.iter().filter(is_gone).map(|known| format!("withdrawn: {}", known.id)));
    table.advisories = merged;
    news
}

/// The table in one line, with its age.
pub(crate) fn described(table: &Table, today: i64) -> String {
    let age = day(&table.taken).map_or(0, |taken| today - taken);
    let advice = if age > OLD { ": take a newer database with `cargo xtask advisories`" } else { "" };
    format!("{PATH} has {} advisories of {}, {age} days ago{advice}", table.advisories.len(), table.taken)
}

/// After how many days a newer database should be taken.
const OLD: i64 = 60;

/// The number of this day, counted from 1970-01-01.
pub(crate) fn today() -> i64 {
    let passed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(passed.as_secs() / 86_400).unwrap_or_default()
}

/// The day with this number.
fn date(number: i64) -> String {
    // There is one such day among those that can be, and looking for it takes no time.
    (1970..=2200)
        .flat_map(|year| (1..=12).flat_map(move |month| (1..=31).map(move |day| format!("{year}-{month:02}-{day:02}"))))
        .find(|text| day(text) == Some(number))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    //! A newer database changes facts, and leaves words alone.

    use super::*;

    fn advisory(id: &str, patched: &str) -> Advisory {
        let [patched, published] = [patched, "2026-01-02"].map(str::to_owned);
        Advisory {
            id: id.to_owned(),
            package: "wasmtime".to_owned(),
            published,
            patched: vec![patched],
            ..Advisory::default()
        }
    }

    #[test]
    fn a_newer_database_is_taken_in() {
        let known =
            Advisory { what: "words".to_owned(), needs: vec!["simd".to_owned()], ..advisory("A-1", ">= 48.0.3") };
        let mut table = Table { taken: "2026-08-21".to_owned(), advisories: vec![known, advisory("A-2", ">= 48.0.1")] };
        let facts = [advisory("A-4", ">= 1.0.0"), advisory("A-3", ">= 48.0.4"), advisory("A-1", ">= 48.0.5")];
        let source = Source { taken: None, advisories: facts.map(|facts| (facts, "title".to_owned())).to_vec() };
        let news = merge(&mut table, source, &Versions::sample());
        assert_eq!(news.lines, ["new: A-3 (title)", "changed: A-1", "withdrawn: A-2"]);
        assert_eq!(news.undescribed, ["A-3"]);
        let [first, second] = table.advisories.as_slice() else { panic!("{table:?}") };
        assert_eq!((first.what.as_str(), first.patched[0].as_str(), first.needs.len()), ("words", ">= 48.0.5", 1));
        assert_eq!(second.id, "A-3");
    }

    #[test]
    fn the_age_of_the_table() {
        let table = Table { taken: "2026-08-21".to_owned(), advisories: Vec::new() };
        let taken = day("2026-08-21").unwrap();
        assert!(described(&table, taken + OLD).ends_with("60 days ago"));
        assert!(described(&table, taken + OLD + 1).contains("take a newer database"));
        assert_eq!(date(taken), "2026-08-21");
    }
}
