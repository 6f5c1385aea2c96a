//! Owns what `compare` compares, and how differences are told.

use std::fmt::Write as _;

use wasmtime_compat::{Difference, by_major, known_differences};

use crate::json::{Differing, Group, Known, Run};
use crate::pick::words;
use crate::style::{self, Tone, visible};

/// Something two runs can differ in.
type Aspect = (&'static str, fn(&Run) -> String);

const ASPECTS: [Aspect; 7] = [
    ("outcome", |run| run.outcome.to_owned()),
    ("code", |run| run.code.map_or_else(|| "none".to_owned(), |code| code.to_string())),
    ("trap", |run| run.trap.unwrap_or("none").to_owned()),
    ("error", error),
    ("stdout", |run| stream(&run.stdout_sha256, run.stdout_dropped)),
    ("stderr", |run| stream(&run.stderr_sha256, run.stderr_dropped)),
    ("preopens", preopens),
];

/// What differs between runs; nothing if they agree.
pub(crate) fn differences(runs: &[Run]) -> Vec<Differing> {
    let differing = ASPECTS.iter().filter_map(|(what, aspect)| {
        let mut groups: Vec<Group> = Vec::new();
        for run in runs {
            let value = aspect(run);
            match groups.iter_mut().find(|group| group.value == value) {
                Some(group) => group.majors.push(run.major),
                None => groups.push(Group { majors: vec![run.major], value }),
            }
        }
        (groups.len() > 1).then_some(Differing { what, groups })
    });
    differing.collect()
}

/// The known differences that divide these runs: an entry that holds for all of them, or for none, explains nothing.
pub(crate) fn known(runs: &[Run]) -> Vec<Known> {
    let divides = |applies: usize| applies > 0 && applies < runs.len();
    let applies = |known: &Difference, run: &Run| {
        by_major(run.major).is_some_and(|wasmtime| known.applies_to(&wasmtime.report().wasmtime))
    };
    let entries = known_differences().iter();
    let dividing = entries.filter(|known| divides(runs.iter().filter(|run| applies(known, run)).count()));
    dividing.map(Known::from).collect()
}

/// What differs, for people: each value with the majors that have it.
pub(crate) fn describe(runs: &[Run], differences: &[Differing]) -> String {
    let mut text = String::new();
    for differing in differences {
        let _ = writeln!(text, "{}", style::paint(Tone::Title, &format!("{} differs", differing.what)));
        let rows = differing.groups.iter().map(|group| {
            vec![(Tone::Title, words(group.majors.iter().copied())), (Tone::Plain, shown(differing, group, runs))]
        });
        let _ = writeln!(text, "{}", style::table(&["majors", "value"], rows.collect()));
    }
    let known = known(runs);
    if !known.is_empty() {
        let _ = writeln!(text, "{}", style::paint(Tone::Title, "Known differences between these majors"));
        for Known { id, versions, what, link } in known {
            let versions = versions.join(" or ");
            let _ = writeln!(text, "  {id} (Wasmtime {versions}): {what}\n    {}", style::paint(Tone::Dim, link));
        }
    }
    text
}

/// A group's value; of a stream, the first line that is not the same in all groups.
fn shown(differing: &Differing, group: &Group, runs: &[Run]) -> String {
    let member = |group: &Group| runs.iter().find(|run| group.majors.first() == Some(&run.major));
    let pick: fn(&Run) -> &str = match differing.what {
        "error" => {
            let message = member(group).and_then(|run| run.error.as_deref());
            return visible(message.unwrap_or(&group.value));
        }
        "stdout" => |run| &run.stdout,
        "stderr" => |run| &run.stderr,
        _ => return group.value.clone(),
    };
    let text_of = |group: &Group| member(group).map_or("", pick).lines();
    let others: Vec<Vec<&str>> = differing.groups.iter().map(|other| text_of(other).collect()).collect();
    let own: Vec<&str> = text_of(group).collect();
    let longest = others.iter().map(Vec::len).max().unwrap_or(0);
    let first = (0..longest).find(|line| others.iter().any(|other| other.get(*line) != own.get(*line)));
    let digest = group.value.get(..12).unwrap_or(&group.value);
    match first.map(|line| (line + 1, own.get(line))) {
        Some((number, Some(line))) => {
            let line: String = line.chars().take(100).collect();
            format!("{digest}  line {number}: {}", visible(&line))
        }
        Some((number, None)) => format!("{digest}  ends before line {number}"),
        None => digest.to_owned(),
    }
}

/// An error as far as it is this crate's: other kinds carry Wasmtime's own words, which change without meaning.
fn error(run: &Run) -> String {
    match (&run.error, &run.error_kind) {
        (Some(message), Some(kind)) if kind == "preopens" => message.clone(),
        (_, Some(kind)) => kind.clone(),
        (message, None) => message.clone().unwrap_or_else(|| "none".to_owned()),
    }
}

fn stream(digest: &str, dropped: u64) -> String {
    if dropped == 0 { digest.to_owned() } else { format!("{digest} and {dropped} bytes more") }
}

/// A directory that one run made is simply there for the next.
fn preopens(run: &Run) -> String {
    let entries = run.preopens.iter().map(|preopen| {
        let verdict = if preopen.verdict == "created" { "ok" } else { preopen.verdict };
        format!("{:?}: {verdict} {}", preopen.guest, preopen.reasons.join(", ")).trim_end().to_owned()
    });
    let text = entries.collect::<Vec<_>>().join("\n");
    if text.is_empty() { "none".to_owned() } else { text }
}
