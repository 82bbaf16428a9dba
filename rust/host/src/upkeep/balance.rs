//! Balance, only as far as it is needed: chunks of data that are mostly empty are emptied into others.

use super::Outcome;
use crate::observe::usage;
use crate::system::{Fault, System};

/// Per cent of a chunk that may be in use for it to be emptied; the emptiest go first.
const STEPS: [u32; 3] = [10, 25, 50];
/// Chunks between two looks, so that none is moved that need not be.
const BATCH: u32 = 4;
/// The most batches of one run: what is left is done the next time.
const MOST_BATCHES: u32 = 32;

/// What came of it, in bytes of data that unallocated space holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balanced {
    /// Before.
    pub before: u64,
    /// After.
    pub after: u64,
    /// What should be unallocated.
    pub wanted: u64,
    /// How many batches were moved.
    pub batches: u32,
}

impl Balanced {
    pub(super) fn outcome(&self) -> Outcome {
        let mebibytes = |bytes: u64| format!("{} MiB", bytes >> 20);
        let (after, wanted) = (mebibytes(self.after), mebibytes(self.wanted));
        if self.batches == 0 && self.after >= self.wanted {
            return Outcome::Fine(format!(
                "{after} are unallocated, at least {wanted} should be: nothing to do"
            ));
        }
        let before = mebibytes(self.before);
        let text =
            format!("{before} were unallocated, {after} are now, at least {wanted} should be");
        if self.after >= self.wanted {
            Outcome::Fine(text)
        } else if self.batches == MOST_BATCHES {
            Outcome::Finding(format!("{text}: the next run goes on"))
        } else {
            Outcome::Finding(format!(
                "{text}: no more chunks of data are mostly empty, so something must be removed or a device added"
            ))
        }
    }
}

/// Looks, and balances where less is unallocated than should be. Metadata is never moved.
///
/// # Errors
/// When the space cannot be read, or a balance fails.
pub fn balance(
    system: &dyn System,
    place: &str,
    reserve: Option<u64>,
    told: &mut dyn FnMut(&str),
) -> Result<Balanced, Fault> {
    let first = usage::look(system, place)?;
    let wanted = first.wanted(reserve);
    let mut balanced = Balanced {
        before: first.room(),
        after: first.room(),
        wanted,
        batches: 0,
    };
    for usage in STEPS {
        while balanced.after < wanted && balanced.batches < MOST_BATCHES {
            told(&format!(
                "{} MiB are unallocated, {} MiB should be: emptying chunks of data of which at most {usage} % is used",
                balanced.after >> 20,
                wanted >> 20
            ));
            empty(system, place, usage, BATCH)?;
            let now = usage::look(system, place)?.room();
            let gained = now > balanced.after;
            balanced.batches += 1;
            balanced.after = now;
            if !gained {
                break;
            }
        }
    }
    Ok(balanced)
}

/// Empties so many chunks of data into others of which at most so many per cent are used.
pub(crate) fn empty(
    system: &dyn System,
    place: &str,
    usage: u32,
    chunks: u32,
) -> Result<(), Fault> {
    let filter = format!("-dusage={usage},limit={chunks}");
    // What else changes the devices at that moment is waited for.
    let arguments = ["balance", "start", "--enqueue", &filter, "--", place];
    system.run("btrfs", &arguments).map(drop)
}
