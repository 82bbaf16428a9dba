//! What is refused before the parser sees it.
//!
//! The parser and the trees it builds recurse, and its tokenizer looks ahead as far as a word could go: nesting,
//! long expressions and long runs of signs are bounded here, so that no text overflows the stack or takes
//! quadratic time. Brackets that do not match are told here too, because the parser's own messages for them
//! name the end of the file.

use std::ops::Range;

use rnix::SyntaxKind;

use crate::finding::{SourceFinding, shown};

/// How deep brackets and interpolations may nest. A NixOS declaration needs about ten.
const MAX_DEPTH: usize = 100;
/// How many tokens may stand in the unfinished expressions around one place.
const MAX_OPEN_TOKENS: usize = 1000;
/// How many words and signs may touch each other without a blank.
const MAX_RUN: usize = 100;
/// After how many of them, and before how many bytes more, such a run is refused at once: the tokenizer looks
/// through the rest of the run at each of them.
const LONG_RUN: (usize, usize) = (10, 2048);

const OPENING: [SyntaxKind; 5] = [
    SyntaxKind::TOKEN_L_BRACE,
    SyntaxKind::TOKEN_L_BRACK,
    SyntaxKind::TOKEN_L_PAREN,
    SyntaxKind::TOKEN_INTERPOL_START,
    SyntaxKind::TOKEN_STRING_START,
];
/// What closes each of [`OPENING`], in the same order.
const CLOSING: [SyntaxKind; 5] = [
    SyntaxKind::TOKEN_R_BRACE,
    SyntaxKind::TOKEN_R_BRACK,
    SyntaxKind::TOKEN_R_PAREN,
    SyntaxKind::TOKEN_INTERPOL_END,
    SyntaxKind::TOKEN_STRING_END,
];
const SEPARATING: [SyntaxKind; 2] = [SyntaxKind::TOKEN_SEMICOLON, SyntaxKind::TOKEN_COMMA];
const UNCOUNTED: [SyntaxKind; 3] = [
    SyntaxKind::TOKEN_WHITESPACE,
    SyntaxKind::TOKEN_COMMENT,
    SyntaxKind::TOKEN_STRING_CONTENT,
];
/// What a list may hold side by side.
const ELEMENTS: [SyntaxKind; 9] = [
    SyntaxKind::TOKEN_IDENT,
    SyntaxKind::TOKEN_INTEGER,
    SyntaxKind::TOKEN_FLOAT,
    SyntaxKind::TOKEN_DOT,
    SyntaxKind::TOKEN_URI,
    SyntaxKind::TOKEN_PATH_ABS,
    SyntaxKind::TOKEN_PATH_REL,
    SyntaxKind::TOKEN_PATH_HOME,
    SyntaxKind::TOKEN_PATH_SEARCH,
];
/// Signs between which a tokenizer need not look ahead.
const BREAKING: [SyntaxKind; 3] = [
    SyntaxKind::TOKEN_ASSIGN,
    SyntaxKind::TOKEN_COLON,
    SyntaxKind::TOKEN_AT,
];

const SIMPLER: &str = "write plain data; for anything larger give the output of `nix eval --json`";

/// Refuses a text that must not be parsed.
pub(crate) fn check(text: &str) -> Result<(), SourceFinding> {
    check_characters(text)?;
    let mut walk = Walk::default();
    let mut start = 0;
    for (kind, token) in rnix::tokenize(text) {
        walk.token(kind, token, start, text)?;
        start += token.len();
    }
    walk.end(text)
}

fn check_characters(text: &str) -> Result<(), SourceFinding> {
    if text.starts_with('\u{feff}') {
        return Err(SourceFinding::new(
            0..'\u{feff}'.len_utf8(),
            "the file begins with a byte order mark, which Nix does not accept",
            "save the file as UTF-8 without a byte order mark",
        ));
    }
    match text.find('\0') {
        Some(at) => Err(SourceFinding::new(
            at..at + 1,
            "the file holds a NUL character, which Nix does not accept",
            "remove it; is this a text file?",
        )),
        None => Ok(()),
    }
}

/// Refuses what the tokenizer takes for blanks and comments and Nix does not.
fn check_between(kind: SyntaxKind, token: &str, start: usize) -> Result<(), SourceFinding> {
    let odd = if kind == SyntaxKind::TOKEN_WHITESPACE {
        token.find(|c| !matches!(c, ' ' | '\t' | '\r' | '\n'))
    } else if kind == SyntaxKind::TOKEN_COMMENT && token.starts_with('#') {
        token.trim_end_matches('\r').find('\r')
    } else {
        None
    };
    let Some(at) = odd else {
        return Ok(());
    };
    let length = token
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .map_or(1, char::len_utf8);
    Err(SourceFinding::new(
        start + at..start + at + length,
        format!(
            "`{}` is no blank or line end to Nix here",
            token_shown(token, &(at..at + length))
        ),
        "write ordinary blanks and line ends",
    ))
}

/// A bracket, an interpolation or a string that is open.
struct Open {
    kind: SyntaxKind,
    span: Range<usize>,
    text: String,
    /// Tokens of the expression that is being written in it.
    tokens: usize,
}

#[derive(Default)]
struct Walk {
    open: Vec<Open>,
    /// Tokens of the expression outside all brackets.
    outside: usize,
    /// The sum of all those tokens.
    open_tokens: usize,
    run: usize,
}

impl Walk {
    fn token(
        &mut self,
        kind: SyntaxKind,
        token: &str,
        start: usize,
        text: &str,
    ) -> Result<(), SourceFinding> {
        let span = start..start + token.len();
        if OPENING.contains(&kind) {
            self.run = 0;
            self.opens(kind, token, span)
        } else if CLOSING.contains(&kind) {
            self.run = 0;
            self.closes(kind, token, span)
        } else if SEPARATING.contains(&kind) {
            self.run = 0;
            self.forget_expression();
            Ok(())
        } else if UNCOUNTED.contains(&kind) {
            self.run = 0;
            check_between(kind, token, start)
        } else {
            self.counts(kind, span, text.get(start..).unwrap_or_default())
        }
    }

    fn opens(
        &mut self,
        kind: SyntaxKind,
        token: &str,
        span: Range<usize>,
    ) -> Result<(), SourceFinding> {
        if self.open.len() >= MAX_DEPTH {
            return Err(SourceFinding::new(
                span,
                format!("this is nested more than {MAX_DEPTH} deep"),
                SIMPLER,
            ));
        }
        self.open.push(Open {
            kind,
            span,
            text: token.to_owned(),
            tokens: 0,
        });
        Ok(())
    }

    fn closes(
        &mut self,
        kind: SyntaxKind,
        token: &str,
        span: Range<usize>,
    ) -> Result<(), SourceFinding> {
        self.forget_expression();
        let Some(open) = self.open.pop() else {
            return Err(SourceFinding::new(
                span,
                format!("`{token}` closes nothing"),
                "remove it, or add what it closes",
            ));
        };
        if closing(open.kind) == Some(kind) {
            return self.count(true, open.span.start..span.end);
        }
        Err(SourceFinding::new(
            span,
            format!("`{token}` stands where `{}` is still open", open.text),
            format!("close `{}` first", open.text),
        )
        .with_related(open.span, "opened here"))
    }

    fn counts(
        &mut self,
        kind: SyntaxKind,
        span: Range<usize>,
        rest: &str,
    ) -> Result<(), SourceFinding> {
        self.run += usize::from(!BREAKING.contains(&kind));
        if self.run > MAX_RUN || (self.run == LONG_RUN.0 && is_long_run(rest)) {
            return Err(SourceFinding::new(
                span,
                "here words and signs follow each other without a blank, too many of them",
                SIMPLER,
            ));
        }
        self.count(ELEMENTS.contains(&kind), span)
    }

    /// Counts a part of the expression at the current place. Elements of a list are values side by side.
    fn count(&mut self, is_element: bool, span: Range<usize>) -> Result<(), SourceFinding> {
        match self.open.last_mut() {
            Some(open) if open.kind == SyntaxKind::TOKEN_L_BRACK && is_element => return Ok(()),
            Some(open) => open.tokens += 1,
            None => self.outside += 1,
        }
        self.open_tokens += 1;
        if self.open_tokens > MAX_OPEN_TOKENS {
            return Err(SourceFinding::new(
                span,
                format!("more than {MAX_OPEN_TOKENS} words and signs stand in one expression"),
                SIMPLER,
            ));
        }
        Ok(())
    }

    /// Starts the count for the expression at the current place anew.
    fn forget_expression(&mut self) {
        let tokens = match self.open.last_mut() {
            Some(open) => &mut open.tokens,
            None => &mut self.outside,
        };
        self.open_tokens = self.open_tokens.saturating_sub(std::mem::take(tokens));
    }

    fn end(&self, text: &str) -> Result<(), SourceFinding> {
        let Some(open) = self.open.last() else {
            return Ok(());
        };
        Err(SourceFinding::new(
            open.span.clone(),
            format!("the file ends before this `{}` is closed", open.text),
            "close it; is the file complete?",
        )
        .with_related(text.len()..text.len(), "the file ends here"))
    }
}

/// True when the characters that may be part of a path go on for long.
fn is_long_run(rest: &str) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"/_.+-<".contains(byte);
    rest.bytes().take_while(is_part).take(LONG_RUN.1).count() == LONG_RUN.1
}

fn closing(open: SyntaxKind) -> Option<SyntaxKind> {
    let position = OPENING.iter().position(|kind| *kind == open)?;
    CLOSING.get(position).copied()
}

/// The token at a place, for a message.
pub(crate) fn token_shown(text: &str, span: &Range<usize>) -> String {
    shown(
        text.get(span.clone())
            .unwrap_or_default()
            .trim_matches([' ', '\t', '\n']),
    )
}
