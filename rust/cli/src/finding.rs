//! What is wrong with a declaration, with its place in the file that says so.

use std::ops::Range;

use podman_btrfs_core::finding::{Diagnostic, Level};
use podman_btrfs_core::option_path::OptionPath;
use podman_btrfs_core::rules::Rule;
use serde_json::{Value, json};

/// A diagnostic and its place.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) diagnostic: Diagnostic,
    /// The bytes of the file that it is about, where they are known.
    pub(crate) mark: Option<Mark>,
    /// Other places that belong to it.
    pub(crate) related: Vec<Mark>,
}

/// Bytes of a file, and what to say about them.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) span: Range<usize>,
    pub(crate) label: String,
}

impl Finding {
    /// An error that `rule` tells about the document as a whole.
    pub(crate) fn of_document(rule: &Rule, message: String, help: String) -> Self {
        Self {
            diagnostic: Diagnostic {
                code: rule.code.into(),
                level: Level::Error,
                at: OptionPath::root(),
                message,
                help,
                related: Vec::new(),
            },
            mark: None,
            related: Vec::new(),
        }
    }

    /// The same finding with its place.
    pub(crate) fn marked(mut self, span: Range<usize>, label: String) -> Self {
        self.mark = Some(Mark { span, label });
        self
    }

    /// The diagnostic as in a plan, with file, line and column where it has a place.
    pub(crate) fn to_json(&self, file: &str, text: &str) -> Result<Value, serde_json::Error> {
        let mut value = serde_json::to_value(&self.diagnostic)?;
        if let (Some(mark), Some(fields)) = (&self.mark, value.as_object_mut()) {
            let (line, column) = position(text, mark.span.start);
            fields.insert("file".into(), json!(file));
            fields.insert("line".into(), json!(line));
            fields.insert("column".into(), json!(column));
        }
        Ok(value)
    }
}

/// True when one of them is an error.
pub(crate) fn has_errors(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.diagnostic.level == Level::Error)
}

/// Line and column of a byte, both counted from 1; columns count characters.
pub(crate) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}
