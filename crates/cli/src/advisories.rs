//! Owns how published security advisories are shown: those of a release, and those that can concern a run.

use semver::Version;
use serde::Serialize;
use wasmtime_compat::report::{self, Ability, Severity, advisories_for};

use crate::style::{self, Text, Tone};

/// An advisory as JSON.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Advisory {
    pub(crate) id: &'static str,
    aliases: &'static [&'static str],
    package: &'static str,
    published: &'static str,
    pub(crate) severity: Option<&'static str>,
    cvss: Option<&'static str>,
    pub(crate) what: &'static str,
    platform: Option<&'static str>,
    needs: Vec<&'static str>,
    patched: &'static [&'static str],
    unaffected: &'static [&'static str],
    pub(crate) unreachable: Option<Unreachable>,
    pub(crate) link: &'static str,
}

/// Why hosts that use the library do not reach the fault.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Unreachable {
    pub(crate) why: &'static str,
    pub(crate) unless: Option<&'static str>,
    shown_by: &'static [&'static str],
}

/// How many advisories a release has.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Count {
    /// All that concern the release.
    all: usize,
    /// Those from which the library does not keep its hosts.
    reachable: usize,
    /// The worst severity of the latter.
    worst: Option<&'static str>,
}

/// The advisories of one release, the worst first.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OfRelease {
    pub(crate) wasmtime: String,
    pub(crate) advisories: Vec<Fixed>,
}

/// An advisory, and the next release without the fault.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fixed {
    pub(crate) fixed_in: Option<String>,
    #[serde(flatten)]
    pub(crate) advisory: Advisory,
}

impl From<&report::Advisory> for Advisory {
    fn from(advisory: &report::Advisory) -> Self {
        Self {
            id: advisory.id,
            aliases: advisory.aliases,
            package: advisory.package,
            published: advisory.published,
            severity: advisory.severity.map(Severity::name),
            cvss: advisory.cvss,
            what: advisory.what,
            platform: advisory.platform.map(report::Platform::name),
            needs: advisory.needs.iter().map(|ability| ability.name()).collect(),
            patched: advisory.patched,
            unaffected: advisory.unaffected,
            unreachable: advisory.unreachable.map(|reason| Unreachable {
                why: reason.why,
                unless: reason.unless,
                shown_by: reason.shown_by,
            }),
            link: advisory.link,
        }
    }
}

impl Advisory {
    /// Where the fault matters, in words.
    pub(crate) fn place(&self) -> String {
        let words: Vec<&str> = self.platform.iter().chain(&self.needs).copied().collect();
        if words.is_empty() { "any guest".to_owned() } else { words.join(", ") }
    }

    /// How severe it is, in a word.
    pub(crate) fn rated(&self) -> &'static str {
        self.severity.unwrap_or("not rated")
    }
}

impl Count {
    /// Counts those of a release.
    pub(crate) fn of(wasmtime: &Version) -> Self {
        let all = advisories_for(wasmtime);
        let reachable = || all.iter().filter(|advisory| advisory.unreachable.is_none());
        let worst = reachable().filter_map(|advisory| advisory.severity).max().map(Severity::name);
        Self { all: all.len(), reachable: reachable().count(), worst }
    }

    /// For a cell of a table: `19, critical`.
    pub(crate) fn cell(self) -> Text {
        match (self.all, self.worst) {
            (0, _) => (Tone::Good, "none".to_owned()),
            (all, None) => (Tone::Plain, all.to_string()),
            (all, Some(worst)) => (tone(Some(worst)), format!("{all}, {worst}")),
        }
    }
}

impl OfRelease {
    pub(crate) fn new(wasmtime: &Version) -> Self {
        let mut advisories = advisories_for(wasmtime);
        advisories.sort_by_key(|advisory| std::cmp::Reverse(advisory.severity));
        let fixed = |advisory: &&report::Advisory| Fixed {
            fixed_in: advisory.fixed_after(wasmtime).map(|version| version.to_string()),
            advisory: Advisory::from(*advisory),
        };
        Self { wasmtime: wasmtime.to_string(), advisories: advisories.iter().map(fixed).collect() }
    }

    /// The list for people.
    pub(crate) fn show(&self) -> String {
        let (kept, open): (Vec<&Fixed>, Vec<&Fixed>) =
            self.advisories.iter().partition(|fixed| fixed.advisory.unreachable.is_some());
        let title = match self.advisories.len() {
            0 => format!("Wasmtime {} has no published advisory", self.wasmtime),
            1 => format!("Wasmtime {} has 1 published advisory", self.wasmtime),
            count => format!("Wasmtime {} has {count} published advisories", self.wasmtime),
        };
        let mut text = style::paint(Tone::Title, &title) + "\n";
        if !open.is_empty() {
            let rows = open.iter().map(|fixed| fixed.row()).collect();
            text += &format!("\n{}", style::table(&["severity", "advisory", "where", "fixed in", "effect"], rows));
        }
        if !kept.is_empty() {
            let rows = kept.iter().map(|fixed| fixed.kept_row()).collect();
            let title = style::paint(Tone::Dim, "not reached by hosts that use this library, as its tests show");
            text += &format!("\n{title}\n{}", style::table(&["severity", "advisory", "why", "unless"], rows));
        }
        text
    }
}

impl Fixed {
    fn row(&self) -> Vec<Text> {
        let plain = |text: &str| (Tone::Plain, text.to_owned());
        let Advisory { severity, id, what, .. } = &self.advisory;
        vec![
            (tone(*severity), self.advisory.rated().to_owned()),
            plain(id),
            plain(&self.advisory.place()),
            plain(self.fixed_in.as_deref().unwrap_or("none")),
            plain(what),
        ]
    }

    fn kept_row(&self) -> Vec<Text> {
        let plain = |text: &str| (Tone::Plain, text.to_owned());
        let reason = self.advisory.unreachable.as_ref();
        vec![
            (Tone::Dim, self.advisory.rated().to_owned()),
            plain(self.advisory.id),
            plain(reason.map_or("", |reason| reason.why)),
            plain(reason.and_then(|reason| reason.unless).unwrap_or("-")),
        ]
    }
}

/// How a severity looks.
pub(crate) fn tone(severity: Option<&str>) -> Tone {
    match severity {
        Some("critical" | "high") => Tone::Bad,
        Some("medium") => Tone::Warning,
        _ => Tone::Plain,
    }
}

/// What of a run decides which advisories can concern it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    /// The guest is a component.
    pub(crate) component: bool,
    /// Fuel or time is limited.
    pub(crate) interrupted: bool,
    /// The guest responds to HTTP requests.
    pub(crate) http: bool,
    /// Instances are taken from a pool.
    pub(crate) pooling: bool,
}

impl Use {
    fn of(self, ability: Ability) -> bool {
        match ability {
            Ability::Components => self.component,
            Ability::Preview1 => !self.component,
            Ability::Interruption => self.interrupted,
            Ability::Http => self.http,
            Ability::Pooling => self.pooling,
            // A run has one engine, one linker and one guest; nothing in this program clones or profiles.
            Ability::HostThreads
            | Ability::LinkerClone
            | Ability::Profiling
            | Ability::SeveralEngines
            | Ability::SharedMemory
            | Ability::Winch => false,
            _ => true,
        }
    }
}

/// The warning about advisories that can concern a run on this release, if there are any.
pub(crate) fn warning(wasmtime: &Version, used: Use) -> Option<String> {
    let concerns = |advisory: &&&report::Advisory| {
        advisory.unreachable.is_none()
            && advisory.concerns_this_platform()
            && advisory.needs.iter().all(|ability| used.of(*ability))
    };
    let all = advisories_for(wasmtime);
    let concerning: Vec<&&report::Advisory> = all.iter().filter(concerns).collect();
    let worst = concerning.iter().filter_map(|advisory| advisory.severity).max();
    let worst = worst.map_or_else(String::new, |worst| format!(", the worst of severity {worst}"));
    let advisories = match concerning.as_slice() {
        [] => return None,
        [_] => "1 published security advisory that can".to_owned(),
        several => format!("{} published security advisories that can", several.len()),
    };
    let major = wasmtime.major;
    Some(format!(
        "Wasmtime {wasmtime} has {advisories} concern this run{worst}: see `wasmtime-compat versions --advisories {major}`; \
         --no-advisories leaves this warning out"
    ))
}

#[cfg(test)]
mod tests {
    //! Counts, and what concerns a run.

    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn a_release_with_all_fixes_has_none() {
        assert_eq!(Count::of(&version("36.0.20")).cell().1, "none");
        let everything = Use { component: true, interrupted: true, http: true, pooling: true };
        assert_eq!(warning(&version("48.0.8"), everything), None);
        assert_eq!(OfRelease::new(&version("48.0.8")).show(), "Wasmtime 48.0.8 has no published advisory\n");
    }

    #[test]
    fn what_the_run_does_not_use_does_not_concern_it() {
        let count = |component, interrupted| {
            let used = Use { component, interrupted, http: false, pooling: false };
            let warning = warning(&version("46.0.1"), used);
            warning.map(|warning| warning.contains("has 1 published security advisory that can concern this run"))
        };
        assert_eq!((count(true, false), count(false, true)), (None, Some(true)));
        let used = Use { component: true, interrupted: false, http: false, pooling: false };
        let text = warning(&version("35.0.0"), used).unwrap();
        assert!(text.contains("--advisories 35") && text.contains("--no-advisories"), "{text}");
        // What HTTP makes the host allocate is bounded on every major.
        let http = |release, http| warning(&version(release), Use { http, ..used });
        assert_eq!(http("35.0.0", true), http("35.0.0", false));
        assert_eq!(http("36.0.20", true), None);
    }

    #[test]
    fn the_worst_come_first() {
        let list = OfRelease::new(&version("35.0.0"));
        assert_eq!(list.advisories[0].advisory.severity, Some("critical"));
        assert_eq!(list.advisories.last().unwrap().advisory.severity, Some("low"));
        let text = list.show();
        assert!(text.contains("36.0.7") && text.contains("not reached by hosts that use this library"), "{text}");
    }
}
