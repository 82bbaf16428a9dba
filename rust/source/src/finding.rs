//! What is wrong with a Nix text, as data.

use std::ops::Range;

/// One thing in the text that cannot be read as plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFinding {
    /// The bytes it is about.
    pub span: Range<usize>,
    /// What is there: one line.
    pub message: String,
    /// What to do: one line.
    pub help: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The bytes it is about.
    pub span: Range<usize>,
    /// What is there: a few words.
    pub label: String,
}

impl SourceFinding {
    /// A finding about one place.
    pub(crate) fn new(
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            span,
            message: message.into(),
            help: help.into(),
            related: Vec::new(),
        }
    }

    /// The same finding with another place that belongs to it.
    pub(crate) fn with_related(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related.push(Related {
            span,
            label: label.into(),
        });
        self
    }
}

/// A piece of the text for a message: one line, and never longer than one reads.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut line: String = text
        .chars()
        .take(SHOWN)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        line.push('…');
    }
    line
}
