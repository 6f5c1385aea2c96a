//! Owns `versions.toml`: its shape, its rules, and what follows from them for one major.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use semver::Version;
use serde::Deserialize;

use crate::switches::Switches;

/// The whole of `versions.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// Named sets of majors that are written by hand.
    pub groups: BTreeMap<String, Vec<u64>>,
    /// Axis, as `room/name`, to its arms; the room is the folder of its seam files.
    #[serde(deserialize_with = "by_room")]
    pub axes: BTreeMap<String, Vec<Arm>>,
    /// The minor version of rand_core, 0.N, that a builder of WASI takes sources of random bytes by, from a major on.
    #[serde(default, rename = "rand-core")]
    rand_core: BTreeMap<u64, u64>,
    /// Package name to the cargo features it gets.
    pub recipe: BTreeMap<String, Vec<Recipe>>,
    /// Rooms, or axes as `room/name`, that only the whole of a major has.
    #[serde(default)]
    pub whole: Vec<String>,
    /// What is forwarded to `wasmtime::Config` as it is.
    #[serde(default)]
    pub switches: Switches,
    /// What else decides whether a guest can start, to the majors where it is so.
    #[serde(default)]
    pub hosting: BTreeMap<String, Span>,
    /// The majors, oldest first.
    #[serde(rename = "major")]
    pub majors: Vec<Major>,
}

/// Reads the axes of each room.
fn by_room<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Vec<Arm>>, D::Error> {
    let rooms = BTreeMap::<String, BTreeMap<String, Vec<Arm>>>::deserialize(deserializer)?;
    let in_room = |(room, axes): (String, BTreeMap<String, Vec<Arm>>)| {
        axes.into_iter().map(move |(name, arms)| (format!("{room}/{name}"), arms))
    };
    Ok(rooms.into_iter().flat_map(in_room).collect())
}

/// From which major on which form of an axis serves.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged)]
pub enum Arm {
    /// A new form, named by this major.
    New(u64),
    /// From the first major on, the form named by the second, which served before.
    Again([u64; 2]),
}

impl Arm {
    /// The first major that it serves.
    pub fn first(self) -> u64 {
        match self {
            Self::New(first) | Self::Again([first, _]) => first,
        }
    }

    /// The major that its form is named by.
    pub fn form(self) -> u64 {
        match self {
            Self::New(form) | Self::Again([_, form]) => form,
        }
    }
}

/// How much of a major a cargo feature of ours turns on.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Core modules, without a compiler: `wasmtime-NN-core`.
    #[default]
    Core,
    /// The core and Cranelift: `wasmtime-NN-cranelift`.
    Cranelift,
    /// The core and Winch: `wasmtime-NN-winch`.
    Winch,
    /// All of it, with Cranelift: `wasmtime-NN`.
    Whole,
    /// The whole and the HTTP of WASI: `wasmtime-NN-http`.
    Http,
    /// The whole and WASI 0.3, where a major has it: `wasmtime-NN-p3`.
    P3,
}

impl Step {
    /// All steps.
    const ALL: [Self; 6] = [Self::Core, Self::Cranelift, Self::Winch, Self::Whole, Self::Http, Self::P3];

    /// The feature of ours that turns on this much of `major`.
    pub fn feature(self, major: u64) -> String {
        match self {
            Self::Core => format!("wasmtime-{major}-core"),
            Self::Cranelift => format!("wasmtime-{major}-cranelift"),
            Self::Winch => format!("wasmtime-{major}-winch"),
            Self::Whole => format!("wasmtime-{major}"),
            Self::Http => format!("wasmtime-{major}-http"),
            Self::P3 => format!("wasmtime-{major}-p3"),
        }
    }

    /// The step that this step builds on.
    pub fn below(self) -> Option<Self> {
        match self {
            Self::Core => None,
            Self::Cranelift | Self::Winch => Some(Self::Core),
            Self::Whole => Some(Self::Cranelift),
            Self::Http | Self::P3 => Some(Self::Whole),
        }
    }
}

/// Cargo features of a dependency, for a range of majors.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    #[serde(default)]
    step: Step,
    since: u64,
    until: Option<u64>,
    features: Vec<String>,
}

/// A range of majors, open where nothing is said.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first major, if there are older ones.
    pub since: Option<u64>,
    /// The last major, if there are newer ones.
    pub until: Option<u64>,
}

/// One Wasmtime major.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Major {
    /// The major version number.
    pub major: u64,
    /// The version in `Cargo.lock`.
    pub pin: Version,
    /// The lowest version accepted.
    pub requires: Version,
    /// Wasmtime's own `rust-version`.
    pub rust: String,
    /// Release day, ISO 8601.
    pub released: String,
    /// Last day of support, ISO 8601.
    pub end_of_life: String,
    /// WASI 0.2 version hosted.
    pub p2: String,
    /// WASI 0.3 version hosted.
    pub p3: Option<String>,
    /// The cap-std major whose `Dir` this major's builder takes.
    pub cap_std: Option<u64>,
    /// The minor version of gimli, 0.N, whose feature `std` this major needs and turns on only together with Cranelift.
    pub gimli: Option<u64>,
}

impl Versions {
    /// Reads and checks `versions.toml` below `root`.
    pub fn load(root: &Path) -> Result<Self> {
        let path = root.join("versions.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("read {path:?}"))?;
        Self::parse(&text)
    }

    /// Reads and checks the text of a `versions.toml`.
    pub fn parse(text: &str) -> Result<Self> {
        let versions: Self = toml::from_str(text).context("parse versions.toml")?;
        versions.check().context("versions.toml is inconsistent")?;
        Ok(versions)
    }

    /// The numbers of all majors, oldest first.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.majors.iter().map(|major| major.major)
    }

    /// All groups: those in the file and the derived ones.
    pub fn groups(&self) -> BTreeMap<String, Vec<u64>> {
        let mut groups = self.groups.clone();
        groups.insert("all".into(), self.numbers().collect());
        groups.insert("earliest".into(), self.numbers().take(1).collect());
        groups.insert("latest".into(), self.numbers().last().into_iter().collect());
        groups
    }

    /// The API generation of `major`, by the names of the groups: the newest `since-N` that is not newer than it, or else
    /// the group `pre-N`.
    pub fn generation(&self, major: u64) -> &str {
        let since = |name: &&String| name.strip_prefix("since-").and_then(|since| since.parse::<u64>().ok());
        let names = || self.groups.keys();
        let newest = names().filter(|name| since(name).is_some_and(|since| since <= major)).max_by_key(since);
        newest.or_else(|| names().find(|name| name.starts_with("pre-"))).map_or("", String::as_str)
    }

    /// The minor version of rand_core that `major` needs.
    pub fn rand_core(&self, major: u64) -> Option<u64> {
        self.rand_core.range(..=major).next_back().map(|(_, minor)| *minor)
    }

    /// Whether `major` needs `package`.
    pub fn needs(&self, package: &str, major: u64) -> bool {
        self.recipes(package, major).next().is_some()
    }

    fn recipes(&self, package: &str, major: u64) -> impl Iterator<Item = &Recipe> {
        self.recipe[package]
            .iter()
            .filter(move |recipe| recipe.since <= major && recipe.until.is_none_or(|until| major <= until))
    }

    /// Cargo features of `package` that `step` adds for `major`, sorted.
    pub fn features(&self, package: &str, major: u64, step: Step) -> Vec<&str> {
        let recipes = self.recipes(package, major).filter(|recipe| recipe.step == step);
        let mut features: Vec<&str> = recipes.flat_map(|recipe| recipe.features.iter().map(String::as_str)).collect();
        features.sort_unstable();
        features
    }

    /// The first step that has `package`, for `major`; `None` if the major does not need the package.
    pub fn first_step(&self, package: &str, major: u64) -> Option<Step> {
        self.recipes(package, major).map(|recipe| recipe.step).min()
    }

    /// Whether only the whole of a major has `axis`.
    pub fn is_whole(&self, axis: &str) -> bool {
        self.whole
            .iter()
            .any(|part| axis.strip_prefix(part.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    /// The form of `axis` that serves `major`.
    pub fn arm(&self, axis: &str, major: u64) -> u64 {
        let arms = &self.axes[axis];
        arms.iter().rfind(|arm| arm.first() <= major).unwrap_or(&arms[0]).form()
    }

    /// Majors named by `list`: numbers, `a..=b` ranges, group names, `all`; sorted and without repeats.
    pub fn select(&self, list: &str) -> Result<Vec<u64>> {
        let known: Vec<u64> = self.numbers().collect();
        let chosen = crate::select::select(list, &known, &self.groups())?;
        ensure!(!chosen.is_empty(), "{list:?} selects no major");
        Ok(chosen)
    }

    fn check(&self) -> Result<()> {
        ensure!(!self.majors.is_empty(), "no majors");
        ensure!(self.majors.windows(2).all(|pair| pair[0].major < pair[1].major), "majors must be in order");
        for major in &self.majors {
            let number = major.major;
            ensure!(
                self.recipe.values().flatten().any(|recipe| recipe.step == Step::P3 && recipe.since <= number)
                    || major.p3.is_none(),
                "no recipe has the WASI 0.3 of major {number}"
            );
            ensure!(major.pin.major == number, "pin {} of major {number}", major.pin);
            ensure!(
                major.requires.major == number && major.requires <= major.pin,
                "requires {} of major {number} with pin {}",
                major.requires,
                major.pin
            );
            major.needs_rust()?;
        }
        let oldest = self.majors[0].major;
        for (axis, arms) in &self.axes {
            ensure!(arms.first().is_some_and(|arm| arm.first() <= oldest), "axis {axis} has no arm for {oldest}");
            ensure!(
                arms.windows(2).all(|pair| pair[0].first() < pair[1].first()),
                "arms of axis {axis} must be in order"
            );
            for again in arms.iter().filter(|arm| arm.first() != arm.form()) {
                ensure!(
                    arms.iter().any(|arm| *arm == Arm::New(again.form()) && arm.first() < again.first()),
                    "axis {axis} has no form {} before {}",
                    again.form(),
                    again.first()
                );
            }
        }
        self.switches.check(&self.numbers().collect::<Vec<_>>())?;
        for (name, span) in &self.hosting {
            for bound in [span.since, span.until].into_iter().flatten() {
                ensure!(self.numbers().any(|n| n == bound), "{name} names unknown major {bound}");
            }
        }
        for number in self.numbers() {
            ensure!(!self.generation(number).is_empty(), "no group since-N or pre-N has major {number}");
        }
        for part in &self.whole {
            let names = |axis: &String| axis == part || axis.split_once('/').is_some_and(|(room, _)| room == part);
            ensure!(self.axes.keys().any(names), "`whole` names unknown axis {part}");
        }
        for (group, members) in &self.groups {
            for member in members {
                ensure!(self.numbers().any(|n| n == *member), "group {group} names unknown major {member}");
            }
        }
        Ok(())
    }
}

impl Major {
    /// The lowest `rustc` that builds it.
    pub fn needs_rust(&self) -> Result<Version> {
        let full = format!("{}.0", self.rust);
        full.parse().with_context(|| format!("rust {:?} of major {} is not like \"1.95\"", self.rust, self.major))
    }

    /// The steps that it has.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        Step::ALL.into_iter().filter(|step| *step != Step::P3 || self.p3.is_some())
    }

    /// Whether it is a long-term support release.
    pub fn lts(&self) -> bool {
        lts(self.major)
    }
}

/// Every twelfth major is a long-term support release.
pub fn lts(major: u64) -> bool {
    major.is_multiple_of(12)
}

#[doc(hidden)]
impl Versions {
    /// A small `versions.toml` for tests.
    pub fn sample() -> Self {
        let major = |major: u64, pin: &str, rust: &str| {
            format!(
                "[[major]]\nmajor = {major}\npin = \"{pin}\"\nrequires = \"{major}.0.0\"\nrust = \"{rust}\"\n\
                 released = \"2024-02-20\"\nend_of_life = \"2024-04-20\"\np2 = \"0.2.0\"\n"
            )
        };
        let text = [
            "whole = [\"wasi\"]\n[groups]\nborder = [18, 36]\nlts = [36, 48]\npre-20 = [18]\n[axes.wasi]\nview = [18, 36]\n[recipe]\n".to_owned(),
            major(18, "18.0.4", "1.73"),
            major(20, "20.0.2", "1.75"),
            major(36, "36.0.20", "1.86"),
            major(48, "48.0.8", "1.95"),
        ]
        .concat();
        let versions: Self = toml::from_str(&text).unwrap();
        versions.check().unwrap();
        versions
    }
}

#[cfg(test)]
mod tests {
    //! Lists of majors mean what `--help` says, and what is inconsistent is refused.

    use super::*;

    fn select(list: &str) -> Vec<u64> {
        Versions::sample().select(list).unwrap()
    }

    fn error(list: &str) -> String {
        format!("{:#}", Versions::sample().select(list).unwrap_err())
    }

    #[test]
    fn numbers_come_sorted_and_once() {
        assert_eq!(select("48"), [48]);
        assert_eq!(select("48, 18,48,"), [18, 48]);
    }

    #[test]
    fn ranges_hold_both_ends_and_only_known_majors() {
        assert_eq!(select("18..=36"), [18, 20, 36]);
        assert_eq!(select("19..=40"), [20, 36]);
        assert!(error("21..=35").contains("selects no major"));
        assert!(error("48..=18").contains("the range \"48..=18\" is empty"));
        assert!(error("18..=x").contains("\"x\" in the range \"18..=x\" is not a number"));
    }

    #[test]
    fn groups_written_and_derived() {
        assert_eq!(select("lts"), [36, 48]);
        assert_eq!(select("pre-20,latest"), [18, 48]);
        assert_eq!(select("earliest"), [18]);
        assert_eq!(select("border"), [18, 36]);
        assert_eq!(select("all"), [18, 20, 36, 48]);
        assert_eq!(select("lts,18..=20"), select("all"));
    }

    #[test]
    fn unknown_words_are_named() {
        assert!(error("21").contains("there is no major 21"));
        let text = error("18,newest");
        assert!(text.contains("\"newest\" is neither a major nor one of all") && text.contains("latest"), "{text}");
        assert!(error("").contains("selects no major"));
    }

    #[test]
    fn generations_are_named_by_groups() {
        let mut versions = Versions::sample();
        assert_eq!([18, 48].map(|major| versions.generation(major)), ["pre-20", "pre-20"]);
        versions.groups.insert("since-20".into(), vec![20]);
        versions.groups.insert("since-29".into(), vec![36]);
        let found = [18, 20, 28, 29, 48].map(|major| versions.generation(major));
        assert_eq!(found, ["pre-20", "since-20", "since-20", "since-29", "since-29"]);
    }

    #[test]
    fn the_newest_arm_that_is_not_newer_serves_a_major() {
        let versions = Versions::sample();
        assert_eq!([18, 20, 36, 48].map(|major| versions.arm("wasi/view", major)), [18, 18, 36, 36]);
    }

    #[test]
    fn the_whole_has_rooms_or_axes() {
        let mut versions = Versions::sample();
        assert!(versions.is_whole("wasi/view") && !versions.is_whole("wasing/view") && !versions.is_whole("core/view"));
        versions.whole = vec!["wasi/view".into()];
        assert!(versions.is_whole("wasi/view") && !versions.is_whole("wasi/viewer"));
    }

    #[test]
    fn inconsistent_files_are_refused() {
        let broken = |change: fn(&mut Versions)| {
            let mut versions = Versions::sample();
            change(&mut versions);
            versions.check().unwrap_err().to_string()
        };
        assert!(broken(|v| v.majors.reverse()).contains("in order"));
        assert!(broken(|v| v.majors[0].pin.major = 19).contains("pin 19.0.4 of major 18"));
        assert!(broken(|v| v.majors[0].rust = "1.73.0".into()).contains("is not like"));
        assert!(broken(|v| v.axes.get_mut("wasi/view").unwrap()[0] = Arm::New(19)).contains("has no arm for 18"));
        assert!(broken(|v| v.groups.get_mut("lts").unwrap()[0] = 35).contains("unknown major 35"));
        assert!(broken(|v| v.whole = vec!["was".into()]).contains("unknown axis was"));
    }
}
