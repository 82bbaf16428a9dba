//! Text to syntax tree, and the parser's complaints as findings.

use std::ops::Range;

use rnix::{ParseError, SyntaxKind, SyntaxNode, TextRange};

use crate::finding::SourceFinding;
use crate::guard::{self, token_shown};

const BETWEEN: [SyntaxKind; 2] = [SyntaxKind::TOKEN_WHITESPACE, SyntaxKind::TOKEN_COMMENT];

/// Parses a text of bounded nesting; the root expression.
pub(crate) fn parse(text: &str) -> Result<SyntaxNode, Vec<SourceFinding>> {
    guard::check(text).map_err(|finding| vec![finding])?;
    let parse = rnix::Root::parse(text);
    if !parse.errors().is_empty() {
        return Err(findings(text, parse.errors()));
    }
    // Without a complaint there is an expression: an empty text is one.
    parse
        .syntax()
        .first_child()
        .ok_or_else(|| vec![nothing(text)])
}

fn nothing(text: &str) -> SourceFinding {
    let message = if text.is_empty() {
        "the file is empty"
    } else {
        "the file holds nothing but blanks and comments"
    };
    SourceFinding::new(
        0..text.len().min(1),
        message,
        "write an attribute set, such as `{ filesystems = { }; }`",
    )
}

fn findings(text: &str, errors: &[ParseError]) -> Vec<SourceFinding> {
    if rnix::tokenize(text).all(|(kind, _)| BETWEEN.contains(&kind)) {
        return vec![nothing(text)];
    }
    let mut findings: Vec<SourceFinding> = errors
        .iter()
        .filter_map(|error| finding(text, error))
        .collect();
    // That the file ends too soon is news only when nothing before it is wrong.
    if findings.is_empty() {
        findings.push(SourceFinding::new(
            last_token(text),
            "the file ends in the middle of an expression",
            "complete it",
        ));
    }
    findings.sort_by_key(|finding| (finding.span.start, finding.span.end));
    without_consequences(text, findings)
}

/// One slip makes the parser complain again until the next `;`: only the first complaint is about the slip.
fn without_consequences(text: &str, findings: Vec<SourceFinding>) -> Vec<SourceFinding> {
    let mut kept: Vec<SourceFinding> = Vec::new();
    for finding in findings {
        let is_consequence = kept.last().is_some_and(|slip| {
            let between = slip.span.end..finding.span.start;
            !text.get(between).is_some_and(|text| text.contains(';'))
        });
        if !is_consequence {
            kept.push(finding);
        }
    }
    kept
}

fn finding(text: &str, error: &ParseError) -> Option<SourceFinding> {
    match error {
        ParseError::UnexpectedWanted(kind, range, wanted) => Some(unexpected(
            text,
            &trimmed(text, *range),
            Some(*kind),
            wanted,
        )),
        ParseError::Unexpected(range)
        | ParseError::UnexpectedExtra(range)
        | ParseError::UnexpectedDoubleBind(range) => {
            Some(unexpected(text, &trimmed(text, *range), None, &[]))
        }
        ParseError::DuplicatedArgs(range, name) => Some(SourceFinding::new(
            trimmed(text, *range),
            format!("the argument `{name}` is named twice"),
            "remove one",
        )),
        ParseError::RecursionLimitExceeded => Some(SourceFinding::new(
            last_token(text),
            "this file nests too deep to be read",
            "write plain data",
        )),
        ParseError::UnexpectedEOF | ParseError::UnexpectedEOFWanted(_) | _ => None,
    }
}

fn unexpected(
    text: &str,
    span: &Range<usize>,
    kind: Option<SyntaxKind>,
    wanted: &[SyntaxKind],
) -> SourceFinding {
    // The parser skips ahead to where it can go on; the slip is at the beginning of what it skipped.
    let line = text.get(span.clone()).unwrap_or_default();
    let first = rnix::tokenize(line)
        .next()
        .map_or(0, |(_, token)| token.len());
    let span = span.start..span.start + first.max(1).min(span.len());
    let token = token_shown(text, &span);
    if token.starts_with("/*") {
        return SourceFinding::new(
            span.start..span.start + 2,
            "the file ends before this comment is closed",
            "close it with `*/`",
        );
    }
    let message = if wanted.is_empty() {
        format!("`{token}` does not belong here")
    } else {
        format!("`{token}` stands where {} must follow", one_of(wanted))
    };
    let help = match kind {
        Some(SyntaxKind::TOKEN_SUB) => "a negative number in a list stands in parentheses: `(-1)`",
        Some(SyntaxKind::TOKEN_COMMA) => {
            "elements of a list are separated by blanks, attributes by `;`"
        }
        _ if wanted == [SyntaxKind::TOKEN_SEMICOLON] => {
            "each attribute ends with `;`: is it missing on the line before?"
        }
        _ if wanted == [SyntaxKind::TOKEN_ASSIGN] => "an attribute is written `name = value;`",
        _ => "correct the syntax; `nix-instantiate --parse` checks it too",
    };
    SourceFinding::new(span, message, help)
}

/// The bytes of a range, without blanks at its ends.
fn trimmed(text: &str, range: TextRange) -> Range<usize> {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let slice = text.get(start..end).unwrap_or_default();
    let start = start + (slice.len() - slice.trim_start().len());
    start..(start + slice.trim().len())
}

/// The last token of a text that is no blank and no comment.
fn last_token(text: &str) -> Range<usize> {
    let (mut start, mut last) = (0, 0..0);
    for (kind, token) in rnix::tokenize(text) {
        let end = start + token.len();
        if !BETWEEN.contains(&kind) {
            last = start..end;
        }
        start = end;
    }
    last
}

fn one_of(kinds: &[SyntaxKind]) -> String {
    if kinds.contains(&SyntaxKind::TOKEN_L_BRACK) {
        return "a value".to_owned();
    }
    let mut words: Vec<&str> = kinds.iter().copied().map(word).collect();
    words.dedup();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "something else".to_owned(),
    }
}

fn word(kind: SyntaxKind) -> &'static str {
    const WORDS: [(SyntaxKind, &str); 14] = [
        (SyntaxKind::TOKEN_ASSIGN, "`=`"),
        (SyntaxKind::TOKEN_COLON, "`:`"),
        (SyntaxKind::TOKEN_ELLIPSIS, "`...`"),
        (SyntaxKind::TOKEN_ELSE, "`else`"),
        (SyntaxKind::TOKEN_IDENT, "a name"),
        (SyntaxKind::TOKEN_OR, "a name"),
        (SyntaxKind::TOKEN_CUR_POS, "a name"),
        (SyntaxKind::TOKEN_INTERPOL_END, "`}`"),
        (SyntaxKind::TOKEN_L_BRACE, "`{`"),
        (SyntaxKind::TOKEN_R_BRACE, "`}`"),
        (SyntaxKind::TOKEN_R_PAREN, "`)`"),
        (SyntaxKind::TOKEN_SEMICOLON, "`;`"),
        (SyntaxKind::TOKEN_STRING_START, "a string"),
        (SyntaxKind::TOKEN_THEN, "`then`"),
    ];
    WORDS
        .iter()
        .find_map(|(of, word)| (*of == kind).then_some(*word))
        .unwrap_or("something else")
}
