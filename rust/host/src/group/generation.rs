//! Whether a subvolume changed since a snapshot of it was taken.
//!
//! A snapshot is made in a transaction that becomes the generation of its source, and stays its own generation at creation; whatever
//! changes the source afterwards gives it a later one. Asked for after a `sync`, because what only lies in memory has none yet.

use std::path::Path;

use crate::system::{Fault, System};

/// Generations of a subvolume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generations {
    /// The last transaction that changed it.
    pub last: u64,
    /// The one that it was made in.
    pub made: u64,
}

impl Generations {
    /// Asks for those of the subvolume at a path.
    ///
    /// # Errors
    /// When the tool fails, or what it printed is not understood.
    pub fn of(path: &Path, system: &dyn System) -> Result<Self, Fault> {
        let shown = path.to_string_lossy();
        let printed = system.run("btrfs", &["subvolume", "show", "--", &shown])?;
        parse(&printed.stdout).ok_or_else(|| {
            Fault::Unexpected(format!(
                "`btrfs subvolume show {shown}` printed something that is not understood"
            ))
        })
    }
}

/// Reads what `btrfs subvolume show` prints; `None` for another form.
#[must_use]
pub fn parse(text: &str) -> Option<Generations> {
    let number = |name: &str| {
        let mut found = text
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix(name));
        let first = found.next()?.trim().parse().ok();
        // Names of subvolumes are hostile, and may look like one more line.
        first.filter(|_| found.next().is_none())
    };
    Some(Generations {
        last: number("Generation:")?,
        made: number("Gen at creation:")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_read_and_a_forged_line_is_not() {
        let text = "shop\n\tName: \t\t\tshop\n\tGeneration: \t\t12\n\tGen at creation: \t7\n";
        assert_eq!(parse(text), Some(Generations { last: 12, made: 7 }));
        assert_eq!(parse(&format!("{text}Generation: 3\n")), None);
        assert_eq!(parse("Generation: 3\n"), None);
    }
}
