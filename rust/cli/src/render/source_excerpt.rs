//! The lines of a file around a finding, as a terminal can show them.

use miette::{LabeledSpan, NamedSource};

use crate::finding::{Finding, Mark, position};

/// A line longer than this is not shown whole.
const MAX_LINE: usize = 400;
/// How much of such a line is shown on either side.
const AROUND: usize = 30;

/// A file's text for excerpts.
pub(super) struct Shown {
    source: NamedSource<String>,
    text: String,
    name: String,
}

impl Shown {
    pub(super) fn new(name: &str, text: &str) -> Self {
        // Characters that move the cursor are replaced byte for byte, so that all places stay.
        let text: String = text
            .chars()
            .map(|character| match character {
                '\n' | '\r' | '\t' => character.to_string(),
                _ if character.is_control() => "?".repeat(character.len_utf8()),
                _ => character.to_string(),
            })
            .collect();
        Self {
            source: NamedSource::new(name, text.clone()),
            text,
            name: name.to_owned(),
        }
    }

    pub(super) fn source(&self) -> &NamedSource<String> {
        &self.source
    }

    /// The labels of a finding; none when its lines are too long to show.
    pub(super) fn labels(&self, finding: &Finding) -> Option<Vec<LabeledSpan>> {
        let mark = finding.mark.as_ref()?;
        let marks = || std::iter::once(mark).chain(&finding.related);
        if marks().any(|mark| self.has_long_line(mark)) {
            return None;
        }
        let others = finding.related.iter();
        let mut labels = vec![LabeledSpan::new_primary_with_span(
            Some(mark.label.clone()),
            mark.span.clone(),
        )];
        labels.extend(
            others.map(|mark| {
                LabeledSpan::new_with_span(Some(mark.label.clone()), mark.span.clone())
            }),
        );
        Some(labels)
    }

    /// `host.nix:3:14: …b = lib.mkIf…` for a place in a line that is too long to show.
    pub(super) fn place(&self, mark: &Mark, ellipsis: &str) -> String {
        let (line, column) = position(&self.text, mark.span.start);
        let start = self.boundary(mark.span.start.saturating_sub(AROUND));
        let end = self.boundary((mark.span.start + AROUND).min(self.text.len()));
        let part = self
            .text
            .get(start..end)
            .unwrap_or_default()
            .replace(['\n', '\r', '\t'], " ");
        format!("{}:{line}:{column}: {ellipsis}{part}{ellipsis}", self.name)
    }

    /// Whether one of the lines that an excerpt would show is too long: the place's own, and one on either side.
    fn has_long_line(&self, mark: &Mark) -> bool {
        let start = self.boundary(mark.span.start.saturating_sub(2 * MAX_LINE));
        let end = self.boundary((mark.span.end + 2 * MAX_LINE).min(self.text.len()));
        let around = self.text.get(start..end).unwrap_or_default();
        let skipped = usize::from(
            start > 0
                && !self
                    .text
                    .get(..start)
                    .is_some_and(|before| before.ends_with('\n')),
        );
        let lines: Vec<&str> = around.split('\n').collect();
        let cut = usize::from(end < self.text.len());
        // The lines at the ends of the window are cut: long ones only if they fill it.
        lines.iter().any(|line| line.len() > MAX_LINE)
            || lines.len() <= skipped + cut && around.len() > MAX_LINE
    }

    fn boundary(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}
