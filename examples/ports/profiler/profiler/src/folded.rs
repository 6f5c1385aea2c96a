//! Owns folded stacks: a line for each stack, as flame graph tools (flamegraph.pl, inferno) read them.

use std::io::{self, Write};

use crate::profile::{Frame, Profile};

impl Profile {
    /// Writes a line for each stack: the names of its functions, separated by semicolons, and the weight. Stacks without
    /// weight are left out.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_folded(&self, writer: &mut impl Write) -> io::Result<()> {
        for (stack, weight) in self.stacks() {
            let names = stack.into_iter().map(name).collect::<Vec<_>>().join(";");
            if weight > 0 && !names.is_empty() {
                writeln!(writer, "{names} {weight}")?;
            }
        }
        Ok(())
    }
}

/// The name without what has a meaning in the format.
fn name(frame: &Frame) -> String {
    frame.name.chars().map(|char| if char == ';' || char.is_control() { '_' } else { char }).collect()
}
