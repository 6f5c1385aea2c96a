//! Owns what `compare` compares, and how differences are told.

use std::fmt::Write as _;

use wasmtime_compat::{Difference, ErrorKind, Guest, Phase, Remains, RunConfig, Trap, by_major, known_differences};

use crate::json::{Aspect, Differing, Group, Kind, Known, Outcome, Run, Signal, Verdict};
use crate::pick::words;
use crate::style::{self, Tone, visible};

/// A stream, and how many bytes of it were kept and dropped.
type Stream = (&'static str, fn(&Run) -> (usize, u64));

const ASPECTS: [Aspect; 9] = [
    Aspect::Outcome,
    Aspect::Code,
    Aspect::Results,
    Aspect::Trap,
    Aspect::Signal,
    Aspect::Error,
    Aspect::Stdout,
    Aspect::Stderr,
    Aspect::Preopens,
];

impl Aspect {
    /// What a run is in this aspect, in words; `None` where that is not known.
    fn of(self, run: &Run) -> Option<String> {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        match self {
            Self::Outcome => Some(run.outcome.name().to_owned()),
            Self::Code => Some(or_none(run.code.map(|code| code.to_string()))),
            Self::Results => Some(or_none(run.results.as_deref().map(results))),
            Self::Trap => Some(or_none(run.trap.as_deref().map(str::to_owned))),
            Self::Signal => Some(or_none(run.signal.as_ref().map(Signal::shown))),
            Self::Error => Some(error(run)),
            Self::Stdout | Self::Stderr | Self::Preopens if run.output_lost => None,
            Self::Stdout => Some(stream(&run.stdout_sha256, run.stdout_dropped)),
            Self::Stderr => Some(stream(&run.stderr_sha256, run.stderr_dropped)),
            Self::Preopens => Some(preopens(run)),
        }
    }
}

/// Characters of results that are shown.
const LONGEST: usize = 200;

/// The results of a function on one line.
pub(crate) fn results(results: &[String]) -> String {
    if results.is_empty() { "none".to_owned() } else { results.join(", ") }
}

/// What differs between runs; nothing if they agree.
pub(crate) fn differences(runs: &[Run]) -> Vec<Differing> {
    let differing = ASPECTS.into_iter().filter_map(|what| {
        let mut groups: Vec<Group> = Vec::new();
        for run in runs {
            let Some(value) = what.of(run) else { continue };
            match groups.iter_mut().find(|group| group.value == value) {
                Some(group) => group.majors.push(run.major),
                None => groups.push(Group { majors: vec![run.major], value }),
            }
        }
        (groups.len() > 1).then_some(Differing { what, groups })
    });
    differing.collect()
}

/// The known differences that can explain what differs between these runs of a guest: those that can show in it, and that
/// hold for one of two runs that differ and not for the other.
pub(crate) fn known(runs: &[Run], wasm: &[u8], config: &RunConfig) -> Vec<Known> {
    // Of a guest that cannot be read nothing is ruled out.
    let guest = Guest::parse(wasm).ok();
    let can_show = |known: &&Difference| {
        // The others are about WASI as this crate links it.
        (!config.raw_wasi || known.remains == Remains::Runtime)
            && guest.as_ref().is_none_or(|guest| known.can_show(guest, config))
    };
    known_differences().iter().filter(can_show).filter(|known| explains(known, runs)).map(Known::from).collect()
}

/// Whether an entry holds for one of two runs that differ as the entry says, and not for the other; and for none of two
/// that are alike, as the difference would have shown in these too.
fn explains(known: &Difference, runs: &[Run]) -> bool {
    let holds = |run: &&Run| by_major(run.major).is_some_and(|wasmtime| known.applies_to(&wasmtime.report().wasmtime));
    let (with, without): (Vec<&Run>, Vec<&Run>) = runs.iter().partition(holds);
    let pairs = || with.iter().flat_map(|with| without.iter().map(move |without| (with, without)));
    pairs().any(|(with, without)| fits(known.phase, with, without) && traps_fit(known.traps, with, without))
        && !pairs().any(|(with, without)| agree(with, without))
}

/// Whether two runs are the same in every aspect that is known of both.
fn agree(one: &Run, other: &Run) -> bool {
    ASPECTS.iter().all(|aspect| match (aspect.of(one), aspect.of(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    })
}

/// Whether two runs differ in this phase.
fn fits(phase: Phase, one: &Run, other: &Run) -> bool {
    let refused = [one, other].map(|run| run.outcome == Outcome::Refused);
    let differ = |aspect: &Aspect| match (aspect.of(one), aspect.of(other)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    match phase {
        Phase::Start => refused[0] != refused[1],
        Phase::Run => refused == [false; 2] && ASPECTS.iter().any(differ),
        _ => ASPECTS.iter().any(differ),
    }
}

/// Traps that the host raises. Every other one can be the end of a guest that got another result and went on.
const OF_THE_HOST: [Trap; 14] = [
    Trap::CannotEnterComponent,
    Trap::CannotLeaveComponent,
    Trap::InvalidChar,
    Trap::InvalidDiscriminant,
    Trap::InvalidExitCode,
    Trap::InvalidHandle,
    Trap::InvalidOperation,
    Trap::InvalidString,
    Trap::LimitExceeded,
    Trap::MemoryNotExported,
    Trap::OutOfFuel,
    Trap::PointerMisaligned,
    Trap::PointerOutOfBounds,
    Trap::ResourceInUse,
];

/// Whether a difference with these traps can be why two runs ended as they did.
fn traps_fit(traps: &[Trap], one: &Run, other: &Run) -> bool {
    if one.trap == other.trap {
        return traps.is_empty();
    }
    let is_one_of = |traps: &[Trap]| {
        let ended = [&one.trap, &other.trap].into_iter().flatten();
        ended.into_iter().any(|ended| traps.iter().any(|trap| trap.name() == ended))
    };
    if traps.is_empty() { !is_one_of(&OF_THE_HOST) } else { is_one_of(traps) }
}

/// What differs, for people: each value with the majors that have it.
pub(crate) fn describe(runs: &[Run], differences: &[Differing]) -> String {
    let mut text = String::new();
    for differing in differences {
        let _ = writeln!(text, "{}", style::paint(Tone::Title, &format!("{} differs", differing.what.name())));
        let rows = differing.groups.iter().map(|group| {
            vec![(Tone::Title, words(group.majors.iter().copied())), (Tone::Plain, shown(differing, group, runs))]
        });
        let _ = writeln!(text, "{}", style::table(&["majors", "value"], rows.collect()));
    }
    text
}

/// Known differences, for people; nothing if there are none.
pub(crate) fn describe_known(known: &[Known]) -> String {
    if known.is_empty() {
        return String::new();
    }
    let mut text = style::paint(Tone::Title, "Known differences that can explain this") + "\n";
    for Known { id, versions, what, link } in known {
        let versions = versions.join(" or ");
        let _ = writeln!(text, "  {id} (Wasmtime {versions}): {what}\n    {}", style::paint(Tone::Dim, link));
    }
    text
}

/// A report on output that was not compared: a line for each stream that is longer than its kept part, and one for the
/// majors whose output was lost.
pub(crate) fn cut(runs: &[Run]) -> String {
    let streams: [Stream; 2] = [
        ("stdout", |run| (run.stdout_kept, run.stdout_dropped)),
        ("stderr", |run| (run.stderr_kept, run.stderr_dropped)),
    ];
    let line = |(name, size): Stream| {
        let kept = runs.iter().map(size).filter(|(_, dropped)| *dropped > 0).map(|(kept, _)| kept).min()?;
        Some(format!("of {name} only the first {kept} bytes and the total length were compared: see --capture-limit\n"))
    };
    let lost: Vec<u64> = runs.iter().filter(|run| run.output_lost).map(|run| run.major).collect();
    let lost = (!lost.is_empty())
        .then(|| format!("the output on Wasmtime {} was lost with its process, and was not compared\n", words(lost)));
    streams.into_iter().filter_map(line).chain(lost).collect()
}

/// A group's value, as [`describe`] shows it; of a stream, the first line that is not the same in all groups.
pub(crate) fn shown(differing: &Differing, group: &Group, runs: &[Run]) -> String {
    let member = |group: &Group| runs.iter().find(|run| group.majors.first() == Some(&run.major));
    let pick: fn(&Run) -> (&str, u64) = match differing.what {
        Aspect::Error => {
            return member(group).and_then(Run::shown_error).unwrap_or_else(|| group.value.clone());
        }
        Aspect::Results => return visible(&style::shortened(&group.value, LONGEST)),
        Aspect::Stdout => |run| (&run.stdout, run.stdout_dropped),
        Aspect::Stderr => |run| (&run.stderr, run.stderr_dropped),
        _ => return group.value.clone(),
    };
    let text_of = |group: &Group| member(group).map_or("", |run| pick(run).0).lines();
    let others: Vec<Vec<&str>> = differing.groups.iter().map(|other| text_of(other).collect()).collect();
    let own: Vec<&str> = text_of(group).collect();
    let longest = others.iter().map(Vec::len).max().unwrap_or(0);
    let first = (0..longest).find(|line| others.iter().any(|other| other.get(*line) != own.get(*line)));
    let digest = stream(group.value.get(..12).unwrap_or(&group.value), member(group).map_or(0, |run| pick(run).1));
    match first.map(|line| (line + 1, own.get(line))) {
        Some((number, Some(line))) => {
            let line: String = line.chars().take(100).collect();
            format!("{digest}  line {number}: {}", visible(&line))
        }
        Some((number, None)) => format!("{digest}  ends before line {number}"),
        None => digest,
    }
}

/// An error as far as it is this crate's: other kinds carry Wasmtime's own words, which change without meaning.
fn error(run: &Run) -> String {
    match (run.error_kind, &run.error) {
        (Some(Kind::Library(ErrorKind::Preopens)), Some(message)) => run.error_text.as_ref().unwrap_or(message).clone(),
        (Some(kind), _) => kind.name().to_owned(),
        (None, Some(message)) => message.clone(),
        (None, None) => "none".to_owned(),
    }
}

fn stream(digest: &str, dropped: u64) -> String {
    if dropped == 0 { digest.to_owned() } else { format!("{digest} and {dropped} bytes more") }
}

/// A directory that one run made is simply there for the next.
fn preopens(run: &Run) -> String {
    let entries = run.preopens.iter().map(|preopen| {
        let verdict = if preopen.verdict == Verdict::Created { Verdict::Ok } else { preopen.verdict }.name();
        let guest = style::in_quotes(&preopen.guest);
        format!("{guest}: {verdict} {}", preopen.reasons.join(", ")).trim_end().to_owned()
    });
    let text = entries.collect::<Vec<_>>().join("\n");
    if text.is_empty() { "none".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Guest, Outcome, SCHEMA, sha256};

    fn run(major: u64, stdout: &str, dropped: u64) -> Run {
        Run {
            schema: SCHEMA,
            major,
            wasmtime: format!("{major}.0.0"),
            outcome: Outcome::Exited,
            code: Some(0),
            results: None,
            trap: None,
            trap_text: None,
            backtrace: Vec::new(),
            backtrace_cut: false,
            signal: None,
            error: None,
            error_text: None,
            error_kind: None,
            error_hint: None,
            stdout: stdout.to_owned(),
            stderr: String::new(),
            stdout_sha256: sha256(stdout.as_bytes()),
            stderr_sha256: sha256(&[]),
            stdout_dropped: dropped,
            stderr_dropped: 0,
            output_lost: false,
            stdout_kept: stdout.len(),
            stderr_kept: 0,
            seconds: 0.0,
            fuel_consumed: None,
            preopens: Vec::new(),
            warnings: Vec::new(),
            broken_adapter: None,
            guest: Guest { path: "guest.wasm".to_owned(), kind: None, imports_wasi: Vec::new() },
        }
    }

    #[test]
    fn streams_that_differ_in_length_only_show_how_long_they_are() {
        let runs = [run(24, "same", 3), run(48, "same", 5)];
        let text = describe(&runs, &differences(&runs));
        assert!(text.contains("and 3 bytes more") && text.contains("and 5 bytes more"), "{text}");
    }

    #[test]
    fn lost_output_is_not_a_difference() {
        let crashed = Run { outcome: Outcome::Crashed, code: None, output_lost: true, ..run(24, "", 0) };
        let runs = [crashed, run(48, "hello", 0)];
        let found: Vec<_> = differences(&runs).iter().map(|differing| differing.what).collect();
        assert_eq!(found, [Aspect::Outcome, Aspect::Code]);
        assert_eq!(cut(&runs), "the output on Wasmtime 24 was lost with its process, and was not compared\n");
    }

    #[test]
    fn what_was_not_compared_is_named() {
        assert_eq!(cut(&[run(24, "same", 0), run(48, "same", 0)]), "");
        let told = cut(&[run(24, "same", 3), run(48, "same", 3)]);
        assert!(told.starts_with("of stdout only the first 4 bytes and the total length were compared"), "{told}");
        assert_eq!(told.lines().count(), 1);
    }
}
