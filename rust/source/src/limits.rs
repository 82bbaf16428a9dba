//! How far a text may go: references and interpolation can double what they refer to again and again.

use std::ops::Range;

use crate::finding::SourceFinding;
use crate::reader::{Reader, Tree};

/// How many values a text may expand to: references can double a value again and again.
const MAX_VALUES: usize = 5_000_000;
/// How many bytes interpolated strings may expand to.
const MAX_EXPANDED: usize = 64 << 20;

impl Reader<'_> {
    /// Counts a new or copied value against the limits.
    pub(crate) fn counted(&mut self, tree: Tree) -> Option<Tree> {
        self.values += tree.values;
        if self.values > MAX_VALUES {
            self.exhausted = true;
            let place = tree.spans.value.clone();
            return self.refuse(
                place,
                &format!("references make more than {MAX_VALUES} values of this file"),
            );
        }
        Some(tree)
    }

    /// Counts the bytes of a string with interpolations against the limits.
    pub(crate) fn expands(&mut self, bytes: usize, place: &Range<usize>) -> Option<()> {
        self.expanded += bytes;
        if self.expanded > MAX_EXPANDED {
            self.exhausted = true;
            return self.refuse(
                place.clone(),
                "interpolation makes more than 64 MiB of the strings of this file",
            );
        }
        Some(())
    }

    pub(crate) fn refuse<T>(&mut self, place: Range<usize>, message: &str) -> Option<T> {
        self.report(SourceFinding::new(
            place,
            message,
            "write plain data of ordinary size and depth",
        ))
    }
}
