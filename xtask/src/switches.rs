//! Owns `[switches]` of `versions.toml`: what is forwarded to `wasmtime::Config` as it is, and under which names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::versions::Span;

/// The tables of switches.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// Name of a WebAssembly proposal to what is known of it.
    pub proposals: BTreeMap<String, Proposal>,
    /// Name of a knob to what is known of it.
    pub knobs: BTreeMap<String, Knob>,
    /// Knob of Wasmtime that is not forwarded, to the reason.
    pub left_out: BTreeMap<String, String>,
}

/// A proposal of WebAssembly.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The documentation of the variant: one sentence.
    pub doc: String,
    /// The majors whose default engine takes the proposal; no major if there is none.
    pub default: Option<Span>,
    /// The switch.
    #[serde(default)]
    pub calls: Calls,
}

/// A knob.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knob {
    /// The documentation of the setter, in Markdown.
    pub doc: String,
    /// The type of the value.
    pub takes: Type,
    /// Sizes are rounded up to a multiple of this number.
    pub multiple_of: Option<u64>,
    /// The largest size.
    pub most: Option<u64>,
    /// What a major must be compiled with to have the knob, if not every build of it has it.
    pub needs: Option<Needs>,
    /// The sizes that the suite sets.
    #[serde(default)]
    pub tried: Vec<u64>,
    /// What sets the knob.
    pub calls: Calls,
}

/// What a major must be compiled with to have a knob.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// The part of the major.
    pub part: Part,
    /// The last major where that is so.
    pub until: Option<u64>,
}

/// A part of a major that can be left out.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// A code generator.
    Compiler,
    /// Asynchronous calls.
    Async,
    /// The component model.
    ComponentModel,
}

/// The files that set switches, by what of a major is compiled in when the file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Room {
    /// Always.
    Core,
    /// With a code generator.
    Compiler,
    /// With all of the major.
    Whole,
}

impl Knob {
    /// Where the knob is set on `major`.
    pub fn room(&self, major: u64) -> Room {
        match self.needs {
            Some(needs) if needs.until.is_none_or(|until| major <= until) => match needs.part {
                Part::Compiler => Room::Compiler,
                Part::Async | Part::ComponentModel => Room::Whole,
            },
            _ => Room::Core,
        }
    }
}

/// The type of a knob's value.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// On or off.
    Bool,
    /// A size.
    U64,
    /// A size that is at most the address space.
    Usize,
}

impl Type {
    /// As Rust spells the type.
    pub fn rust(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::U64 => "u64",
            Self::Usize => "usize",
        }
    }
}

/// The methods of `wasmtime::Config`, by the first major that has them.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Calls(BTreeMap<String, Methods>);

#[derive(Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged)]
enum Methods {
    One(String),
    Several(Vec<String>),
}

impl Methods {
    fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

impl Calls {
    /// The methods of `major`, with `!` in front of those that take the opposite; none if it lacks the switch.
    pub fn at(&self, major: u64) -> &[String] {
        let older = self.0.iter().filter_map(|(first, methods)| Some((first.parse::<u64>().ok()?, methods)));
        older.filter(|(first, _)| *first <= major).max_by_key(|(first, _)| *first).map_or(&[], |(_, it)| it.names())
    }

    /// The majors that have the switch: from and up to, where `None` is open. `None` if no major has it.
    pub fn span(&self, majors: &[u64]) -> Option<(u64, Option<u64>)> {
        let mut having = majors.iter().copied().filter(|major| !self.at(*major).is_empty());
        let first = having.next()?;
        let last = having.next_back().unwrap_or(first);
        Some((first, (Some(&last) != majors.last()).then_some(last)))
    }

    /// Every range of majors with the same methods: first, last, methods. Majors without the switch are left out.
    pub fn forms(&self, majors: &[u64]) -> Vec<(u64, u64, &[String])> {
        let mut forms: Vec<(u64, u64, &[String])> = Vec::new();
        for &major in majors {
            match forms.last_mut() {
                Some((_, last, methods)) if *methods == self.at(major) => *last = major,
                _ => forms.push((major, major, self.at(major))),
            }
        }
        forms.retain(|(_, _, methods)| !methods.is_empty());
        forms
    }

    /// The majors at which something changes.
    fn borders(&self) -> Result<BTreeSet<u64>> {
        self.0.keys().map(|key| key.parse().with_context(|| format!("{key:?} is not a major"))).collect()
    }

    /// Fails if the table has a gap, or says something twice.
    fn check(&self, majors: &[u64]) -> Result<()> {
        let borders = self.borders()?;
        for border in &borders {
            ensure!(majors.contains(border), "names unknown major {border}");
            let older = majors.iter().copied().filter(|major| major < border).max();
            let before = older.map_or(&[][..], |major| self.at(major));
            ensure!(self.at(*border) != before, "changes nothing at {border}");
        }
        if let (Some((first, last)), Some(newest)) = (self.span(majors), majors.last()) {
            let last = last.unwrap_or(*newest);
            let gap = majors.iter().find(|major| (first..=last).contains(*major) && self.at(**major).is_empty());
            ensure!(gap.is_none(), "has a gap at {}", gap.copied().unwrap_or_default());
        }
        Ok(())
    }
}

impl Switches {
    /// The knobs that are set in `room` on `major`, with their methods.
    pub fn knobs_in(&self, room: Room, major: u64) -> impl Iterator<Item = (&str, &[String])> {
        let here = self.knobs.iter().filter(move |(_, knob)| knob.room(major) == room);
        here.map(move |(name, knob)| (name.as_str(), knob.calls.at(major))).filter(|(_, methods)| !methods.is_empty())
    }

    /// The proposals that are switched on `major`, with their methods.
    pub fn proposals_at(&self, major: u64) -> impl Iterator<Item = (&str, &[String])> {
        let all = self.proposals.iter().map(move |(name, proposal)| (name.as_str(), proposal.calls.at(major)));
        all.filter(|(_, methods)| !methods.is_empty())
    }

    /// The first major of every form that the switches of `room` have.
    pub fn borders(&self, room: Room, majors: &[u64]) -> Vec<u64> {
        let alike = |one: u64, other: u64| {
            self.knobs_in(room, one).eq(self.knobs_in(room, other))
                && (room != Room::Core || self.proposals_at(one).eq(self.proposals_at(other)))
        };
        let first = majors.first().copied();
        first.into_iter().chain(majors.windows(2).filter(|pair| !alike(pair[0], pair[1])).map(|pair| pair[1])).collect()
    }

    /// The first major of the form of `room` that serves `major`.
    pub fn arm(&self, room: Room, majors: &[u64], major: u64) -> u64 {
        self.borders(room, majors).into_iter().filter(|border| *border <= major).max().unwrap_or(major)
    }

    /// Checks the tables.
    ///
    /// # Errors
    /// If they are inconsistent.
    pub fn check(&self, majors: &[u64]) -> Result<()> {
        let newest = majors.last().copied().unwrap_or_default();
        for (name, proposal) in &self.proposals {
            proposal.calls.check(majors).with_context(|| format!("the switch of the proposal {name}"))?;
            for bound in proposal.default.iter().flat_map(|span| [span.since, span.until]).flatten() {
                ensure!(majors.contains(&bound), "the proposal {name} names unknown major {bound}");
            }
        }
        for (name, knob) in &self.knobs {
            knob.calls.check(majors).with_context(|| format!("the knob {name}"))?;
            ensure!(knob.calls.span(majors).is_some(), "no major has the knob {name}");
            ensure!(!self.left_out.contains_key(name), "the knob {name} is left out as well");
            let last = knob.calls.at(newest);
            ensure!(last.is_empty() || last == [name.as_str()], "Wasmtime {newest} does not call the knob {name} so");
            if let Some(until) = knob.needs.and_then(|needs| needs.until) {
                ensure!(majors.contains(&until), "the knob {name} needs something until unknown major {until}");
            }
            match knob.takes {
                Type::Bool => ensure!(
                    knob.tried.is_empty() && knob.most.is_none() && knob.multiple_of.is_none(),
                    "the knob {name} is a bool, and has a size"
                ),
                Type::U64 | Type::Usize => {
                    let most = knob.most.with_context(|| format!("the knob {name} has no `most`"))?;
                    ensure!(!knob.tried.is_empty(), "the knob {name} has no size that is tried");
                    ensure!(knob.tried.iter().all(|size| *size <= most), "the knob {name} is tried beyond {most}");
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    //! A switch has the name of its range, and tables with gaps are refused.

    use super::*;

    const MAJORS: [u64; 5] = [18, 20, 27, 36, 48];

    fn parse(calls: &str) -> Switches {
        let text = format!(
            "left_out = {{}}\n[proposals]\ngc = {{ doc = \"Types.\", calls = {{ 27 = \"wasm_gc\" }} }}\nold = {{ doc = \"Old.\" }}\n\
             [knobs.size]\ndoc = \"A size.\"\ntakes = \"u64\"\nmost = 9\ntried = [0, 9]\ncalls = {{ {calls} }}\n"
        );
        toml::from_str(&text).unwrap()
    }

    fn refused(calls: &str) -> String {
        format!("{:#}", parse(calls).check(&MAJORS).unwrap_err())
    }

    #[test]
    fn each_range_has_its_methods() {
        let switches = parse(r#"18 = ["!a", "b"], 36 = "size""#);
        switches.check(&MAJORS).unwrap();
        let calls = &switches.knobs["size"].calls;
        assert_eq!((calls.at(27), calls.at(36)), (&["!a".to_owned(), "b".to_owned()][..], &["size".to_owned()][..]));
        assert_eq!(calls.span(&MAJORS), Some((18, None)));
        let forms: Vec<(u64, u64)> = calls.forms(&MAJORS).into_iter().map(|(first, last, _)| (first, last)).collect();
        assert_eq!(forms, [(18, 27), (36, 48)]);
        assert_eq!(switches.proposals["gc"].calls.span(&MAJORS), Some((27, None)));
        assert_eq!(switches.proposals["old"].calls.span(&MAJORS), None);
        let arms = |switches: &Switches, room| MAJORS.map(|major| switches.arm(room, &MAJORS, major));
        assert_eq!(arms(&switches, Room::Core), [18, 18, 27, 36, 36]);
        assert_eq!(arms(&switches, Room::Compiler), [18; 5]);
    }

    #[test]
    fn a_knob_is_set_where_what_it_needs_is() {
        let mut switches = parse(r#"18 = "length", 20 = "size""#);
        switches.knobs.get_mut("size").unwrap().needs = Some(Needs { part: Part::Async, until: Some(36) });
        switches.check(&MAJORS).unwrap();
        assert_eq!(switches.borders(Room::Whole, &MAJORS), [18, 20, 48]);
        assert_eq!(switches.borders(Room::Core, &MAJORS), [18, 27, 48]);
        assert_eq!(switches.knobs_in(Room::Core, 48).count(), 1);
        assert_eq!(switches.knobs_in(Room::Core, 36).count(), 0);
    }

    #[test]
    fn a_switch_can_end() {
        let switches = parse(r#"20 = "size", 36 = []"#);
        switches.check(&MAJORS).unwrap();
        assert_eq!(switches.knobs["size"].calls.span(&MAJORS), Some((20, Some(27))));
    }

    #[test]
    fn inconsistent_tables_are_refused() {
        assert!(refused(r#"19 = "size""#).contains("unknown major 19"));
        assert!(refused(r#"x = "size""#).contains("\"x\" is not a major"));
        assert!(refused(r#"18 = "size", 36 = "size""#).contains("changes nothing at 36"));
        assert!(refused(r#"18 = "size", 20 = [], 36 = "size""#).contains("has a gap at 20"));
        assert!(refused(r#"18 = "length""#).contains("does not call the knob size so"));
        assert!(refused("").contains("no major has the knob size"));
        let mut switches = parse(r#"18 = "size""#);
        switches.knobs.get_mut("size").unwrap().tried.push(10);
        assert!(switches.check(&MAJORS).unwrap_err().to_string().contains("tried beyond 9"));
    }
}
