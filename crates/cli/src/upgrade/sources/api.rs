//! Owns the table of Wasmtime's public API: what a major has under a path, and what became of it in another major.

use std::collections::{BTreeMap, BTreeSet};

/// The table of all majors; `cargo xtask api` makes it.
const TABLE: &str = include_str!("../api.txt");

/// The public API of one major: signatures by path.
#[derive(Debug, Default)]
pub(super) struct Api {
    items: BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
    /// The owners of each method.
    methods: BTreeMap<&'static str, Vec<&'static str>>,
}

/// What becomes of an item.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    Same,
    /// It has another signature.
    Changed {
        old: String,
        new: String,
    },
    /// It is not there under this path; items of its name are under these.
    Removed {
        old: String,
        elsewhere: Vec<String>,
    },
}

impl Api {
    /// The API of a major.
    pub(super) fn of(major: u64) -> Self {
        Self::read(TABLE, major)
    }

    pub(super) fn read(table: &'static str, major: u64) -> Self {
        let mut api = Self::default();
        let mut owner = "";
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let Some(row) = line.strip_prefix('\t') else {
                owner = line;
                continue;
            };
            let mut cells = row.splitn(4, '\t');
            let (Some(name), Some(first), Some(last), Some(signature)) =
                (cells.next(), cells.next(), cells.next(), cells.next())
            else {
                continue;
            };
            let [first, last] = [first, last].map(|number| number.parse::<u64>().unwrap_or(0));
            if (first..=last).contains(&major) {
                api.items.entry(owner).or_default().insert(name, signature);
                if signature.contains("fn") && signature.contains("self") {
                    api.methods.entry(name).or_default().push(owner);
                }
            }
        }
        api
    }

    /// The signature of an item. `path` is as it is used: parts of it may be other names of a type.
    pub(super) fn signature(&self, path: &str) -> Option<&'static str> {
        let (owner, name) = path.rsplit_once("::")?;
        self.items.get(owner)?.get(name).copied()
    }

    /// The path under which the item of `path` is defined, as far as the path is known.
    pub(super) fn home(&self, path: &str) -> String {
        let mut home = String::new();
        for name in path.split("::") {
            if !home.is_empty() {
                home += "::";
            }
            home += name;
            if let Some(other) = self.signature(&home).and_then(|signature| signature.strip_prefix("= ")) {
                home = other.to_owned();
            }
        }
        home
    }

    /// The items right below a path.
    pub(super) fn below(&self, owner: &str) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.items.get(owner).into_iter().flatten().map(|(name, signature)| (*name, *signature))
    }

    /// The types and traits with a method of this name.
    pub(super) fn owners(&self, method: &str) -> &[&'static str] {
        self.methods.get(method).map_or(&[], Vec::as_slice)
    }

    /// What becomes in `to` of the item that is under `path` here; `None` if nothing is.
    pub(super) fn fate(&self, to: &Self, path: &str) -> Option<Fate> {
        let home = self.home(path);
        let old = self.signature(&home)?;
        // It may have got another home, and be there under the old path too.
        let new = [path, &home].into_iter().find_map(|path| to.signature(&to.home(path)));
        Some(match new {
            Some(new) if new == old => Fate::Same,
            Some(new) => Fate::Changed { old: old.to_owned(), new: new.to_owned() },
            None => Fate::Removed { old: old.to_owned(), elsewhere: to.elsewhere(&home) },
        })
    }

    /// Where else there is something of this name: of an item of a type, the owner has the name of that type.
    fn elsewhere(&self, path: &str) -> Vec<String> {
        let Some((owner, name)) = path.rsplit_once("::").filter(|(_, name)| *name != "*") else { return Vec::new() };
        let type_name = owner.rsplit("::").next().filter(|name| name.starts_with(char::is_uppercase));
        let fits = |other: &str| match type_name {
            Some(type_name) => other.rsplit("::").next() == Some(type_name),
            None => !other.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase)),
        };
        let owners = self.items.iter().filter(|(other, items)| fits(other) && items.contains_key(name));
        let paths: BTreeSet<String> = owners.map(|(other, _)| self.home(&format!("{other}::{name}"))).collect();
        paths.into_iter().take(MOST).collect()
    }

    /// The type that a function of `owner` returns, if it is one of this API; a `Result` or a reference around it is left out.
    pub(super) fn returned(&self, owner: &str, name: &str) -> Option<String> {
        let signature = self.signature(&format!("{owner}::{name}"))?;
        let signature = signature.split(" where ").next().unwrap_or(signature);
        let (_, mut returned) = signature.rsplit_once(" -> ")?;
        for wrapper in ["Result<", "Option<", "&mut ", "&"] {
            returned = returned.strip_prefix(wrapper).unwrap_or(returned);
        }
        let name: String = returned.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        if name == "Self" {
            return Some(owner.to_owned());
        }
        // A type of the owner's module is meant before one of the root.
        let module = owner.rsplit_once("::").map_or(owner, |(module, _)| module);
        let root = owner.split("::").next().unwrap_or(owner);
        let paths = [module, root].map(|module| format!("{module}::{name}"));
        paths.into_iter().find(|path| self.signature(path).is_some()).map(|path| self.home(&path))
    }
}

/// How many places are named at which an item may be now.
const MOST: usize = 3;

#[cfg(test)]
mod tests {
    //! What becomes of items.

    use super::*;

    const SMALL: &str = "# comment\n\
        w\n\tConfig\t18\t50\tstruct\n\tp1\t37\t50\tmod\n\tpreview1\t18\t36\tmod\n\
        w::Config\n\tasync\t18\t41\tfn(&mut self) -> &mut Self\n\tnew\t18\t50\tfn() -> Self\n\tsize\t18\t20\tfn(&self)\n\tsize\t21\t50\tfn(&self, u8)\n\
        w::c\n\tConfig\t18\t50\t= w::Config\n\
        w::p1\n\tadd\t37\t50\tfn()\n\
        w::preview1\n\tadd\t18\t36\tfn()\n";

    #[test]
    fn items_go_move_and_change() {
        let (old, new) = (Api::read(SMALL, 18), Api::read(SMALL, 50));
        let removed = |elsewhere: &[&str], old: &str| Fate::Removed {
            old: old.to_owned(),
            elsewhere: elsewhere.iter().map(|path| (*path).to_owned()).collect(),
        };
        assert_eq!(old.fate(&new, "w::Config::new"), Some(Fate::Same));
        assert_eq!(old.fate(&new, "w::c::Config::async"), Some(removed(&[], "fn(&mut self) -> &mut Self")));
        assert_eq!(old.fate(&new, "w::preview1::add"), Some(removed(&["w::p1::add"], "fn()")));
        assert_eq!(
            old.fate(&new, "w::Config::size"),
            Some(Fate::Changed { old: "fn(&self)".into(), new: "fn(&self, u8)".into() })
        );
        assert_eq!((old.fate(&new, "w::Nothing"), old.owners("size")), (None, &["w::Config"][..]));
        assert_eq!(old.returned("w::Config", "new").as_deref(), Some("w::Config"));
    }

    #[test]
    fn the_table_has_every_major() {
        for major in wasmtime_compat::report::releases().iter().map(|release| release.major) {
            let api = Api::of(major);
            assert_eq!(api.signature("wasmtime::Engine::new"), Some("fn(&Config) -> Result<Self>"), "{major}");
            assert!(api.signature("wasmtime::component::Linker::instantiate").is_some(), "{major}");
            let places = ["wasmtime_wasi", "wasmtime_wasi::p2", "wasmtime_wasi::preview2"];
            let has = |place: &&str| api.signature(&api.home(&format!("{place}::WasiCtxBuilder::build"))).is_some();
            assert!(places.iter().any(has), "{major}");
        }
    }
}
