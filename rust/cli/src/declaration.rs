//! A file to a declaration, with the place of every part of it.

use std::ops::Range;
use std::path::Path;

use podman_btrfs_core::finding::Diagnostic;
use podman_btrfs_core::option_path::OptionPath;
use podman_btrfs_core::rules::validity::{
    document_unreadable, field_unknown, value_not_understood,
};
use podman_btrfs_core::spec::{Spec, input as spec_input};
use podman_btrfs_source::{SourceFinding, Spans};
use serde_json::Value;

use crate::fault::Fault;
use crate::finding::{Finding, Mark};
use crate::input;

/// A declaration as read.
pub(crate) struct Declaration {
    pub(crate) source: Source,
    /// The declaration, or all that is wrong with it.
    pub(crate) spec: Result<Spec, Vec<Finding>>,
}

/// The file that a declaration came from.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// As it was named on the command line.
    pub(crate) name: String,
    pub(crate) text: String,
    /// Where each part stands; JSON has none.
    spans: Option<Spans>,
}

/// Reads a declaration from a file, or from standard input where its name is `-`.
pub(crate) fn read(file: &Path) -> Result<Declaration, Fault> {
    Ok(of_text(file, input::read(file)?))
}

/// The declaration that was read from a file.
pub(crate) fn of_text(file: &Path, text: input::Text) -> Declaration {
    let name = input::name(file);
    match text {
        Ok(text) if is_json(file, &text) => {
            let source = Source {
                name,
                text,
                spans: None,
            };
            let spec = spec_input::parse_json(&source.text);
            source.declares(spec)
        }
        Ok(text) => from_nix(name, text),
        Err(finding) => Declaration {
            source: Source::named(name),
            spec: Err(vec![*finding]),
        },
    }
}

fn from_nix(name: String, text: String) -> Declaration {
    let (document, unread) = podman_btrfs_source::read_declaration_partly(&text);
    let (value, spans) = document.map(|d| (d.value, d.spans)).unzip();
    let source = Source { name, text, spans };
    let value = value.unwrap_or_default();
    if unread.is_empty() {
        let spec = spec_input::parse_value(&value);
        return source.declares(spec);
    }
    let mut findings: Vec<Finding> = unread.into_iter().map(of_source).collect();
    findings.extend(source.locate(wrong_in_part(&value)));
    findings.sort_by_key(|finding| finding.mark.as_ref().map(|mark| mark.span.start));
    Declaration {
        source,
        spec: Err(findings),
    }
}

/// What is wrong with the values that could be read. Nothing is said of what is missing: it may stand where the
/// file could not be read.
fn wrong_in_part(value: &Value) -> Vec<Diagnostic> {
    if value.is_null() {
        return Vec::new();
    }
    let mut found = spec_input::parse_value(value).err().unwrap_or_default();
    let of_values = [field_unknown::RULE.code, value_not_understood::RULE.code];
    found.retain(|found| {
        of_values.contains(&found.code.as_str()) && !found.message.ends_with("is missing")
    });
    found
}

/// By the file's name, else by its content: whatever is JSON, or begins as only JSON can.
fn is_json(file: &Path, text: &str) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    match ending {
        Some("json") => true,
        Some("nix") => false,
        _ => begins_as_json(text) || serde_json::from_str::<Value>(text).is_ok(),
    }
}

/// `{"name":`, which no Nix text begins with.
fn begins_as_json(text: &str) -> bool {
    let name = text
        .trim_start()
        .strip_prefix('{')
        .and_then(|rest| rest.trim_start().strip_prefix('"'));
    name.and_then(|rest| rest.split_once('"'))
        .is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
}

fn of_source(found: SourceFinding) -> Finding {
    let related = found.related.into_iter().map(|related| Mark {
        span: related.span,
        label: related.label,
    });
    let mut finding = Finding::of_document(&document_unreadable::RULE, found.message, found.help)
        .marked(found.span, "here".into());
    finding.related = related.collect();
    finding
}

impl Source {
    /// A file in which no places are known.
    pub(crate) fn named(name: String) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    fn declares(self, spec: Result<Spec, Vec<Diagnostic>>) -> Declaration {
        let spec = spec.map_err(|diagnostics| self.locate(diagnostics));
        Declaration { source: self, spec }
    }

    /// Diagnostics with the places of what they name, errors first.
    pub(crate) fn locate(&self, diagnostics: Vec<Diagnostic>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = diagnostics
            .into_iter()
            .map(|diagnostic| {
                // Of an unknown field the name is wrong, of anything else the value.
                let is_name = diagnostic.code == field_unknown::RULE.code;
                Finding {
                    mark: self.mark(&diagnostic.at, is_name),
                    related: diagnostic
                        .related
                        .iter()
                        .filter_map(|at| self.mark(at, false))
                        .collect(),
                    diagnostic,
                }
            })
            .collect();
        // As one goes through the file; without places, as the rules go.
        findings.sort_by_key(|finding| {
            let start = finding.mark.as_ref().map(|mark| mark.span.start);
            (std::cmp::Reverse(finding.diagnostic.level), start)
        });
        findings
    }

    fn mark(&self, at: &OptionPath, is_name: bool) -> Option<Mark> {
        let (place, is_own) = self.spans.as_ref()?.nearest(at);
        // A set or a list is pointed at by its name.
        let span = match place.key {
            Some(key) if is_name || place.is_composed || !is_own => key,
            _ if place.is_composed => first_character(&place.value),
            _ => place.value,
        };
        let label = match (is_own, at.0.is_empty()) {
            (true, true) => "this declaration".to_owned(),
            (true, false) => at.to_string(),
            (false, _) => format!("{at} is not in here"),
        };
        Some(Mark { span, label })
    }
}

fn first_character(span: &Range<usize>) -> Range<usize> {
    span.start..span.end.min(span.start + 1)
}
