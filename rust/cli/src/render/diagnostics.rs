//! Findings as text and as JSON.

use std::fmt;
use std::path::Path;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode,
    ThemeCharacters, ThemeStyles,
};
use podman_btrfs_core::finding::Level;
use serde_json::json;

use super::source_excerpt::Shown;
use super::words::{count, one_line};
use crate::declaration::Source;
use crate::finding::Finding;
use crate::output::Style;

/// How many findings are shown with their excerpts: nobody reads more before correcting some.
const SHOWN: usize = 100;

/// All findings with the lines they are about, errors first, and a line that counts them; empty without findings.
pub(crate) fn report(findings: &[Finding], source: &Source, style: Style) -> String {
    let Some(last) = counted(findings, &source.name, style) else {
        return String::new();
    };
    let shown = Shown::new(&source.name, &source.text);
    let handler = handler(style);
    let mut text = String::new();
    for finding in findings.iter().take(SHOWN) {
        let report = Report::of(finding, &shown, style);
        // Writing to a string cannot fail; what could is then still in the count below.
        if handler.render_report(&mut text, &report).is_ok() {
            text.push('\n');
        }
    }
    if findings.len() > SHOWN {
        text += &format!(
            "{} and {} more; `--format json` has them all\n",
            style.ellipsis(),
            findings.len() - SHOWN
        );
    }
    text + &last
}

/// Findings about a file that no place is known in.
pub(crate) fn of_file(findings: &[Finding], file: &Path, style: Style) -> String {
    report(findings, &Source::named(file.display().to_string()), style)
}

/// `{ "diagnostics": [ … ] }`, each as in a plan, with file, line and column where they are known.
pub(crate) fn json(findings: &[Finding], source: &Source) -> Result<String, serde_json::Error> {
    let diagnostics = findings
        .iter()
        .map(|finding| finding.to_json(&source.name, &source.text))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(serde_json::to_string_pretty(&json!({ "diagnostics": diagnostics }))? + "\n")
}

/// `2 errors, 1 warning in host.nix`; nothing without findings.
fn counted(findings: &[Finding], name: &str, style: Style) -> Option<String> {
    let levels = [
        (Level::Error, "error"),
        (Level::Warn, "warning"),
        (Level::Note, "note"),
    ];
    let parts: Vec<String> = levels
        .iter()
        .map(|(level, word)| {
            (
                findings
                    .iter()
                    .filter(|finding| finding.diagnostic.level == *level)
                    .count(),
                word,
            )
        })
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| count(number, word))
        .collect();
    (!parts.is_empty()).then(|| {
        format!(
            "{} in {name}; `podman-btrfs explain CODE` tells more\n",
            style.bold(&parts.join(", "))
        )
    })
}

fn handler(style: Style) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: if style.unicode {
            ThemeCharacters::unicode()
        } else {
            ThemeCharacters::ascii()
        },
        styles: if style.colour {
            ThemeStyles::ansi()
        } else {
            ThemeStyles::none()
        },
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_links(false)
        .with_context_lines(1)
}

/// One finding in the form that miette takes.
struct Report<'a> {
    finding: &'a Finding,
    shown: &'a Shown,
    labels: Option<Vec<LabeledSpan>>,
    message: String,
}

impl<'a> Report<'a> {
    fn of(finding: &'a Finding, shown: &'a Shown, style: Style) -> Self {
        let labels = shown.labels(finding);
        let mut message = one_line(&finding.diagnostic.message);
        // What the label says where there is one.
        if labels.is_none() && !finding.diagnostic.at.0.is_empty() {
            message = format!("{}: {message}", finding.diagnostic.at);
        }
        if let (None, Some(mark)) = (&labels, &finding.mark) {
            message = format!("{message}\n{}", shown.place(mark, style.ellipsis()));
        }
        Self {
            finding,
            shown,
            labels,
            message,
        }
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.finding, f)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.finding.diagnostic.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self.finding.diagnostic.level {
            Level::Error => Severity::Error,
            Level::Warn => Severity::Warning,
            Level::Note | Level::Allow => Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(one_line(&self.finding.diagnostic.help)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.labels
            .as_ref()
            .map(|_| self.shown.source() as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.labels.as_ref()?;
        Some(Box::new(labels.iter().cloned()))
    }
}
