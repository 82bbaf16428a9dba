//! `btrfs filesystem du`: what subvolumes hold alone, which is what their deletion frees.
//!
//! It walks through all their files, so it is given a time: what is not measured by then is not known.

use crate::system::{Fault, System};

/// What a subvolume holds, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// All that is in it.
    pub total: u64,
    /// What nothing else on the filesystem holds too. Of several subvolumes together more is freed: what only they share.
    pub exclusive: u64,
}

/// Measures what is at these paths, in their order; `None`: not in so many seconds.
///
/// # Errors
/// When the program fails otherwise, or what it printed is not understood.
pub fn look(system: &dyn System, paths: &[&str], seconds: u32) -> Result<Option<Vec<Held>>, Fault> {
    /// `timeout(1)`: the time was over.
    const OVER: i32 = 124;
    let seconds = seconds.to_string();
    let program = [
        "--",
        &seconds,
        "btrfs",
        "filesystem",
        "du",
        "-s",
        "--raw",
        "--",
    ];
    match system.run("timeout", &[&program[..], paths].concat()) {
        Ok(printed) => parse(&printed.stdout, paths.len())
            .map(Some)
            .ok_or_else(|| {
                Fault::Unexpected(
                    "`btrfs filesystem du` printed something that is not understood".into(),
                )
            }),
        Err(Fault::Program { status: OVER, .. }) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Reads what `btrfs filesystem du -s --raw` printed of so many paths; `None` where it is not that.
#[must_use]
pub fn parse(printed: &str, count: usize) -> Option<Vec<Held>> {
    let mut lines = printed.lines();
    lines
        .next()
        .filter(|head| head.trim().starts_with("Total"))?;
    let held = lines.map(|line| {
        let mut words = line.split_whitespace();
        Some(Held {
            total: words.next()?.parse().ok()?,
            exclusive: words.next()?.parse().ok()?,
        })
    });
    let held: Vec<Held> = held.collect::<Option<_>>()?;
    (held.len() == count).then_some(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "     Total   Exclusive  Set shared  Filename\n   1982464         512     1982464  /a b/one\n         0           0           0  /two\n";

    #[test]
    fn what_is_printed_is_read_in_the_order_of_the_paths() {
        let held = parse(PRINTED, 2).unwrap();
        assert_eq!(held[0].exclusive, 512);
        assert_eq!(held[1].total, 0);
    }

    #[test]
    fn another_number_of_lines_and_a_strange_line_are_not_understood() {
        assert_eq!(parse(PRINTED, 3), None);
        assert_eq!(parse(&PRINTED.replace("512", "x"), 2), None);
        assert_eq!(parse("", 0), None);
    }
}
