//! Owns what a failed build says of the axes: which of them a new major has drifted on.

use std::collections::BTreeMap;

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;

/// Where the errors of a build are: an axis, a file of `common`, or somewhere else.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Drift(BTreeMap<String, Errors>);

/// The errors of one place.
#[derive(Debug, Eq, PartialEq)]
struct Errors {
    count: usize,
    first: String,
}

impl Drift {
    /// Reads the `error: …` and ` --> file:line:column` lines of rustc; an error without a place does not count.
    pub(crate) fn read(lines: &[String]) -> Self {
        let mut drift = Self::default();
        let mut message = None;
        for line in lines.iter().map(|line| line.trim_start()) {
            if line.starts_with("error") {
                message = Some(line);
            } else if line.starts_with("warning") {
                message = None;
            } else if let Some(location) = line.strip_prefix("--> ") {
                // Only the first place is that of the error; others belong to its notes.
                let Some(message) = message.take() else { continue };
                let location = location.replace('\\', "/").replace("/./", "/");
                let errors = drift
                    .0
                    .entry(place(&location))
                    .or_insert_with(|| Errors { count: 0, first: format!("{message} ({location})") });
                errors.count += 1;
            }
        }
        drift
    }

    /// Whether there is no error.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the axes with errors.
    pub(crate) fn axes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter_map(|place| place.strip_prefix("axis "))
    }

    /// One row for each place.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(["where", "errors", "first error"]);
        for (place, Errors { count, first }) in &self.0 {
            table.add_row([place, &count.to_string(), first]);
        }
        table
    }
}

/// What a location such as `src/majors/seams/wasi/names_37.rs:12:5` belongs to.
fn place(location: &str) -> String {
    let file = location.split(':').next().unwrap_or(location);
    if let Some(seam) = file.strip_prefix("src/majors/seams/") {
        let axis = seam.rsplit_once('_').map_or(seam, |(axis, _)| axis);
        return format!("axis {axis}");
    }
    if file.starts_with("src/majors/common/") {
        return file.to_owned();
    }
    "elsewhere".to_owned()
}

#[cfg(test)]
mod tests {
    //! Errors are counted once, where they are.

    use super::*;

    const OUTPUT: &str = "\
   Compiling wasmtime-compat v0.1.0
warning: unused import: `X`
 --> src/majors/./seams/wasi/view_36.rs:3:5
error[E0433]: failed to resolve: could not find `p2` in `wasmtime_wasi`
  --> src/majors/./seams/wasi/names_37.rs:12:34
   |
12 |     use wasmtime_wasi::p2;
   |
note: it was here once
  --> /registry/wasmtime-wasi-51.0.0/src/lib.rs:4:1
error[E0308]: mismatched types
  --> src/majors/./seams/wasi/names_37.rs:20:1
error: cannot find value `a` in this scope
  --> src/majors/./seams/core/host_async_22.rs:7:1
error[E0061]: this function takes 2 arguments
    --> src/majors/common/engine/config.rs:101:9
error[E0277]: the trait bound is not satisfied
  --> src/any.rs:1:1
error: aborting due to 5 previous errors
error: could not compile `wasmtime-compat` (lib) due to 5 previous errors
";

    fn read(text: &str) -> Drift {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        Drift::read(&lines)
    }

    #[test]
    fn errors_by_axis() {
        let drift = read(OUTPUT);
        let counts: Vec<(&str, usize)> = drift.0.iter().map(|(place, errors)| (place.as_str(), errors.count)).collect();
        let expected = [
            ("axis core/host_async", 1),
            ("axis wasi/names", 2),
            ("elsewhere", 1),
            ("src/majors/common/engine/config.rs", 1),
        ];
        assert_eq!(counts, expected);
        assert_eq!(drift.axes().collect::<Vec<_>>(), ["core/host_async", "wasi/names"]);
        assert_eq!(
            drift.0["axis wasi/names"].first,
            "error[E0433]: failed to resolve: could not find `p2` in `wasmtime_wasi` (src/majors/seams/wasi/names_37.rs:12:34)"
        );
        assert!(drift.table().to_string().contains("| axis wasi/names "), "{}", drift.table());
        assert_eq!(read(&OUTPUT.replace("src/majors/./seams/", r"src\majors\.\seams\")), drift);
    }

    #[test]
    fn a_failure_without_a_place_is_none() {
        assert!(read("error: test run failed\nerror: could not compile `x`\n").is_empty());
        assert!(read("warning: unused\n --> src/majors/./seams/wasi/names_37.rs:1:1\n").is_empty());
    }
}
