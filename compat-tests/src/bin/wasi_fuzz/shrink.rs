//! Owns the reduction of a failing program.

/// Leaves out as many of `steps` as it can while `fails` holds, trying at most `tries` times.
pub(crate) fn shrink(steps: Vec<usize>, mut tries: usize, mut fails: impl FnMut(&[usize]) -> bool) -> Vec<usize> {
    let mut kept = steps;
    let mut part = kept.len().div_ceil(2);
    loop {
        let mut at = 0;
        while at < kept.len() && kept.len() > 1 {
            if tries == 0 {
                return kept;
            }
            tries -= 1;
            let end = (at + part).min(kept.len());
            let rest: Vec<_> = kept[..at].iter().chain(&kept[end..]).copied().collect();
            if !rest.is_empty() && fails(&rest) {
                kept = rest;
            } else {
                at = end;
            }
        }
        if part <= 1 {
            return kept;
        }
        part = part.div_ceil(2);
    }
}
