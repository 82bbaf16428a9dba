//! Numbers and strings.

use std::ops::Range;

use rnix::ast::{self, AstToken, Expr, LiteralKind, UnaryOpKind};
use rnix::{NodeOrToken, SyntaxKind, SyntaxNode};
use rowan::ast::AstNode;
use serde_json::{Number, Value};

use crate::binding::span;
use crate::finding::{SourceFinding, shown};
use crate::reader::{Reader, Surroundings, Tree};
use crate::strings::{self, Piece};
use crate::unsupported::needs_evaluation;

impl Reader<'_> {
    pub(crate) fn literal(&mut self, literal: &ast::Literal) -> Option<Tree> {
        let place = span(literal.syntax().text_range());
        let value = match literal.kind() {
            LiteralKind::Integer(token) => {
                let text = token.syntax().text();
                let Ok(number) = text.parse::<i64>() else {
                    return self.report(too_large(text, place));
                };
                Value::from(number)
            }
            LiteralKind::Float(token) => {
                let text = token.syntax().text();
                let number = text.parse().ok().and_then(Number::from_f64);
                let Some(number) = number else {
                    return self.report(too_large(text, place));
                };
                Value::Number(number)
            }
            LiteralKind::Uri(token) => Value::from(token.syntax().text()),
        };
        self.counted(Tree::leaf(value, place))
    }

    /// `-1`: Nix subtracts from the integer 0, so that there is no negative zero.
    pub(crate) fn negative(
        &mut self,
        operation: &ast::UnaryOp,
        scope: &Surroundings,
    ) -> Option<Tree> {
        let place = span(operation.syntax().text_range());
        if operation.operator() != Some(UnaryOpKind::Negate) {
            return self.report(needs_evaluation(operation.syntax()));
        }
        let operand = self.expression(operation.expr()?.syntax(), scope)?;
        let negated = match operand.value.as_i64() {
            Some(number) => number.checked_neg().map(Number::from),
            None => operand
                .value
                .as_f64()
                .and_then(|number| Number::from_f64(0.0 - number)),
        };
        match negated {
            Some(number) => self.counted(Tree::leaf(Value::Number(number), place)),
            None => self.report(needs_evaluation(operation.syntax())),
        }
    }

    /// The text of a string, with interpolated strings put in.
    pub(crate) fn string(&mut self, string: &ast::Str, scope: &Surroundings) -> Option<String> {
        let node = string.syntax();
        let indented = node.first_token().is_some_and(|token| token.text() == "''");
        let mut pieces = Vec::new();
        let mut complete = true;
        for part in node.children_with_tokens() {
            match part {
                NodeOrToken::Token(token) if token.kind() == SyntaxKind::TOKEN_STRING_CONTENT => {
                    add_content(token.text(), indented, &mut pieces);
                }
                NodeOrToken::Token(_) => {}
                NodeOrToken::Node(part) => match self.interpolated(&part, scope) {
                    Some(text) => pieces.push(Piece::Interpolated(text)),
                    None => complete = false,
                },
            }
        }
        if !complete {
            return None;
        }
        if indented {
            return Some(strings::strip_indentation(&pieces));
        }
        Some(pieces.into_iter().map(Piece::into_text).collect())
    }

    fn interpolated(&mut self, part: &SyntaxNode, scope: &Surroundings) -> Option<String> {
        let place = span(part.text_range());
        let inner = ast::Interpol::cast(part.clone())?.expr()?;
        if matches!(inner, Expr::PathAbs(_) | Expr::PathRel(_)) {
            return self.report(needs_evaluation(inner.syntax()));
        }
        let tree = self.expression(inner.syntax(), scope)?;
        let Value::String(text) = tree.value else {
            return self.report(SourceFinding::new(
                place,
                "this is put into a string and is not one",
                "write the text itself, or define it as a string",
            ));
        };
        self.expands(text.len(), &place)?;
        Some(text)
    }
}

fn add_content(raw: &str, indented: bool, pieces: &mut Vec<Piece>) {
    if !indented {
        pieces.push(Piece::Escaped(strings::unescape(raw)));
    } else if pieces.is_empty() {
        strings::cut_indented(strings::after_opening(raw), pieces);
    } else {
        strings::cut_indented(raw, pieces);
    }
}

fn too_large(text: &str, place: Range<usize>) -> SourceFinding {
    SourceFinding::new(
        place,
        format!("`{}` is beyond the numbers that Nix can hold", shown(text)),
        "write a smaller number; a size may have a unit, such as `\"8E\"`",
    )
}
