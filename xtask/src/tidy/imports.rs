//! Owns the rules for imports inside the library: rooms below import nothing from rooms above, and no large circles.
//!
//! An import of a name that another module only re-exports counts as an import from the file that declares the name.
//! Generated files count as files without imports: which majors they mount is for features to decide.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use super::{Problem, read, rust_files};

/// How many files may import each other in a circle.
const LARGEST: usize = 6;

/// Files that may import from their own folder and from the ones named, and from nothing else in the library.
const GROUND: [(&str, &[&str]); 4] = [
    ("src/error/", &[]),
    ("src/bounds.rs", &["src/bounds/"]),
    // Each bound of a neutral type has one supertrait per major, which the mounting of majors declares.
    ("src/bounds/", &["src/majors/"]),
    ("src/wasi/", &["src/error/"]),
];

/// Files without imports, because they are generated, or mounted once for each major.
const GENERATED: [&str; 2] = ["src/majors/", "src/engine/knobs.rs"];

/// A path as segments, `crate` first if it is one of this crate.
type Segments = Vec<String>;

/// A module of the library.
#[derive(Default)]
struct Module {
    path: String,
    /// What the module imports, each with the line it is in.
    imports: Vec<(usize, Segments)>,
    /// Names that the module re-exports, and from where.
    reexports: BTreeMap<String, Segments>,
    /// The whole modules whose names it re-exports.
    globs: Vec<Segments>,
}

/// The modules by their path in the crate.
type Modules = BTreeMap<Segments, Module>;

/// Imports by file: what each one imports, and the first line that does.
type Graph = BTreeMap<String, BTreeMap<String, usize>>;

/// Every import that goes up, and every circle that is too large.
pub(super) fn check(root: &Path) -> Result<Vec<Problem>> {
    let mut files = BTreeMap::new();
    for path in rust_files(root, "src")? {
        files.insert(path.clone(), read(root, &path)?);
    }
    Ok(judge(&graph(&files)))
}

fn judge(graph: &Graph) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (from, imports) in graph {
        let Some((own, allowed)) = GROUND.iter().find(|(own, _)| from.starts_with(own)) else { continue };
        let goes_up = |to: &&String| !to.starts_with(own) && !allowed.iter().any(|below| to.starts_with(below));
        for (to, line) in imports.iter().filter(|(to, _)| goes_up(to)) {
            let text =
                format!("imports from {to}: {own} is below that, so move what both need, or turn the import around");
            problems.push(Problem::new(from, *line, text));
        }
    }
    for circle in circles(graph) {
        if circle.len() > LARGEST {
            let text = format!(
                "{} files import each other in a circle (at most {LARGEST}): {}",
                circle.len(),
                circle.iter().copied().collect::<Vec<_>>().join(", ")
            );
            problems.push(Problem::new(circle.first().copied().unwrap_or_default(), 1, text));
        }
    }
    problems
}

/// The files that import each other, in groups in which each reaches each.
fn circles(graph: &Graph) -> Vec<BTreeSet<&str>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|from| (from.as_str(), reachable(graph, from))).collect();
    let mut found: Vec<BTreeSet<&str>> = Vec::new();
    for (from, reached) in &reach {
        let circle: BTreeSet<&str> =
            reached.iter().copied().filter(|to| reach.get(to).is_some_and(|back| back.contains(from))).collect();
        if !circle.is_empty() && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

/// The files that an import leads to, directly or not.
fn reachable<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let imports = |from: &str| graph.get(from).into_iter().flat_map(BTreeMap::keys).map(String::as_str);
    let mut reached = BTreeSet::new();
    let mut left: Vec<&str> = imports(from).collect();
    while let Some(file) = left.pop() {
        if reached.insert(file) {
            left.extend(imports(file));
        }
    }
    reached
}

/// The imports between files, from their text.
fn graph(files: &BTreeMap<String, String>) -> Graph {
    let names: BTreeSet<Segments> = files.keys().map(|path| module_of(path)).collect();
    let modules: Modules = files.iter().map(|(path, text)| (module_of(path), module(path, text, &names))).collect();
    let mut graph = Graph::new();
    for module in modules.values() {
        let imports = graph.entry(module.path.clone()).or_default();
        if GENERATED.iter().any(|generated| module.path.starts_with(generated)) {
            continue;
        }
        for (line, path) in &module.imports {
            if let Some(to) = declared_in(path, &modules, 8)
                && to != module.path
            {
                imports.entry(to).or_insert(*line);
            }
        }
    }
    graph
}

/// The file that declares what `path` names, through re-exports.
fn declared_in(path: &[String], modules: &Modules, depth: usize) -> Option<String> {
    let known = (1..=path.len()).rev().find(|length| modules.contains_key(&path[..*length]))?;
    let module = modules.get(&path[..known])?;
    let Some(name) = path.get(known) else { return Some(module.path.clone()) };
    let through = |path: &[String]| declared_in(path, modules, depth.checked_sub(1)?);
    let named = module.reexports.get(name).and_then(|path| through(path));
    let from_glob = || {
        let full = |glob: &Segments| glob.iter().chain([name]).cloned().collect::<Segments>();
        module.globs.iter().map(full).find_map(|path| {
            let file = through(&path)?;
            (file != module.path).then_some(file)
        })
    };
    named.or_else(from_glob).or_else(|| Some(module.path.clone()))
}

/// The path in the crate of the module in a file.
fn module_of(path: &str) -> Segments {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let inner = inner.trim_end_matches("/mod");
    let segments = inner.split('/').filter(|segment| *segment != "lib" && *segment != "mod").map(str::to_owned);
    std::iter::once("crate".to_owned()).chain(segments).collect()
}

fn module(path: &str, text: &str, names: &BTreeSet<Segments>) -> Module {
    let own = module_of(path);
    let mut module = Module { path: path.to_owned(), ..Module::default() };
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let (uses, rest) = split(text);
    for Use { line, public, tree } in uses {
        for path in expanded(&tree) {
            let (path, name) = match path.split_once(" as ") {
                Some((path, name)) => (path.to_owned(), Some(name.trim().to_owned())),
                None => (path, None),
            };
            let Some(path) = absolute(&path, &own, names) else { continue };
            let Some(last) = path.last().cloned() else { continue };
            if last == "*" {
                let whole = path[..path.len() - 1].to_vec();
                if public {
                    module.globs.push(whole);
                } else {
                    module.imports.push((line, whole));
                }
                continue;
            }
            let name = name.unwrap_or(last);
            // What is only re-exported is not used here.
            if !public || mentions(&rest, &name) {
                module.imports.push((line, path.clone()));
            }
            if public {
                module.reexports.insert(name, path);
            }
        }
    }
    // Paths in the code itself.
    for (number, line) in (1..).zip(rest.lines()) {
        for part in line.split("crate::").skip(1) {
            let end = part.find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | ':')));
            let path = part[..end.unwrap_or(part.len())].trim_end_matches(':');
            if let Some(path) = absolute(&format!("crate::{path}"), &own, names) {
                module.imports.push((number, path));
            }
        }
    }
    module
}

/// A `use` item.
struct Use {
    line: usize,
    public: bool,
    tree: String,
}

/// The `use` items of a file, and the rest of its code without comments, line for line.
fn split(text: &str) -> (Vec<Use>, String) {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut open: Option<Use> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let code = line.split("//").next().unwrap_or(line).trim();
        let item = code.strip_prefix("pub(crate) ").or_else(|| code.strip_prefix("pub(super) "));
        let item = item.or_else(|| code.strip_prefix("pub "));
        if open.is_none()
            && let Some(tree) = item.unwrap_or(code).strip_prefix("use ")
        {
            open = Some(Use { line: number, public: item.is_some(), tree: tree.to_owned() });
        } else if let Some(open) = &mut open {
            open.tree.push_str(code);
        } else {
            rest.push_str(code);
        }
        rest.push('\n');
        if open.as_ref().is_some_and(|open| open.tree.ends_with(';')) {
            uses.extend(open.take());
        }
    }
    (uses, rest)
}

/// The paths of a use tree such as `a::{b, c::{d, self}}`.
fn expanded(tree: &str) -> Vec<String> {
    let tree = tree.trim().trim_end_matches(';').trim();
    let Some((prefix, inner)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts
        .flat_map(expanded)
        .map(|part| match part.as_str() {
            "self" => prefix.trim_end_matches("::").to_owned(),
            part => format!("{prefix}{part}"),
        })
        .collect()
}

/// A path as one of this crate; none if it leads elsewhere.
fn absolute(path: &str, own: &[String], names: &BTreeSet<Segments>) -> Option<Segments> {
    let segments: Segments = path.split("::").map(|segment| segment.trim().to_owned()).collect();
    let (first, rest) = segments.split_first()?;
    let mut base = match first.as_str() {
        "crate" => vec!["crate".to_owned()],
        "self" => own.to_vec(),
        "super" => own[..own.len() - 1].to_vec(),
        name => {
            let child: Segments = own.iter().cloned().chain([name.to_owned()]).collect();
            return names.contains(&child).then(|| child.into_iter().chain(rest.iter().cloned()).collect());
        }
    };
    for segment in rest {
        if segment == "super" {
            base.pop();
        } else {
            base.push(segment.clone());
        }
    }
    Some(base)
}

/// Whether a name is in this code as a word.
fn mentions(code: &str, name: &str) -> bool {
    code.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).any(|word| word == name)
}

#[cfg(test)]
mod tests {
    //! Imports are followed to the file that declares a name, and each rule finds what breaks it.

    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        judge(&graph(&files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_import_that_goes_up_is_found_through_reexports() {
        let files = [
            ("src/lib.rs", "pub use self::store::Store;\n"),
            ("src/store/mod.rs", "pub use self::inner::{Other, Store};\n"),
            ("src/store/inner.rs", "use crate::error::Error;\n"),
            ("src/error/mod.rs", "mod kind;\nuse self::kind::Kind;\n\nuse crate::{\n    Store,\n};\n"),
            ("src/error/kind.rs", "// use crate::Store;\n#[cfg(test)]\nmod tests {\n    use crate::Store;\n}\n"),
        ];
        let found = found(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("src/error/mod.rs:4: imports from src/store/inner.rs: "), "{found:?}");
    }

    #[test]
    fn a_path_in_the_code_counts_as_an_import() {
        let found = found(&[("src/wasi/mod.rs", "fn f() -> crate::any::Any {}\n"), ("src/any.rs", "")]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn a_circle_is_found_when_it_is_too_large() {
        let ring = |size: usize| -> Vec<(String, String)> {
            (0..size).map(|at| (format!("src/m{at}.rs"), format!("use crate::m{}::X;\n", (at + 1) % size))).collect()
        };
        for (size, problems) in [(LARGEST, 0), (LARGEST + 1, 1)] {
            let ring = ring(size);
            let files: Vec<(&str, &str)> = ring.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            assert_eq!(found(&files).len(), problems, "{size}");
        }
    }

    #[test]
    fn use_trees_are_expanded() {
        let paths = expanded("crate::{a::{self, B as C}, d::E, f::*};");
        assert_eq!(paths, ["crate::a", "crate::a::B as C", "crate::d::E", "crate::f::*"]);
    }
}
