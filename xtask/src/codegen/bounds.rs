//! Owns the lists of majors in `docs/BOUNDS.md`: on which of them the crate enforces a bound itself.

use crate::versions::Versions;

/// One line for each class of majors that the table of bounds names.
pub(super) fn majors(versions: &Versions) -> String {
    // The forms that leave all to Wasmtime.
    let others = |axis, forms: &[u64]| {
        ranges(&versions.numbers().filter(|n| !forms.contains(&versions.arm(axis, *n))).collect::<Vec<_>>())
    };
    format!(
        "* Unfixed majors, whose preview1 never got the security fixes: {}.\n\
         * Unbounded majors, whose WASI 0.2 is not bounded as that of the newest: {}.\n",
        others("wasi/p1_calls", &[24]),
        others("wasi/p2_calls", &[36, 48])
    )
}

/// Majors in words: `18 to 23, 25`.
fn ranges(majors: &[u64]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for &major in majors {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == major => *last = major,
            _ => ranges.push((major, major)),
        }
    }
    let words =
        ranges.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first} to {last}") });
    words.collect::<Vec<_>>().join(", ")
}
