//! Attribute sets and `let` blocks as written, merged as Nix merges them and not yet looked into.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use rnix::ast::{self, Attr, HasEntry};
use rnix::{NodeOrToken, SyntaxKind, SyntaxNode, TextRange};
use rowan::ast::AstNode;

use crate::finding::{SourceFinding, shown};
use crate::strings;

/// How many names one attribute path may have.
const MAX_ATTRPATH: usize = 50;

/// The definitions of a set or of a `let`.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    pub(crate) by_name: BTreeMap<String, Binding>,
    /// What is wrong with the definitions themselves; told when somebody asks for the set.
    pub(crate) troubles: Vec<SourceFinding>,
}

/// One definition.
#[derive(Debug)]
pub(crate) struct Binding {
    /// The name, where it is defined.
    pub(crate) key: Range<usize>,
    pub(crate) kind: Kind,
}

/// What a name is defined as.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A set written out, in one place or in several.
    Set {
        /// Where it is written first.
        span: Range<usize>,
        bindings: Bindings,
    },
    /// Any other expression.
    Expression(SyntaxNode),
    /// `inherit name;`
    Inherited,
    /// `inherit (source) name;`
    InheritedFrom(SyntaxNode),
}

/// Reads the definitions of a set or of a `let`.
pub(crate) fn bindings(block: &impl HasEntry) -> Bindings {
    let mut bindings = Bindings::default();
    for entry in block.entries() {
        match entry {
            ast::Entry::Inherit(inherit) => bindings.add_inherited(&inherit),
            ast::Entry::AttrpathValue(definition) => bindings.add_definition(&definition),
        }
    }
    bindings
}

/// The bytes of a node.
pub(crate) fn span(range: TextRange) -> Range<usize> {
    range.start().into()..range.end().into()
}

/// The expression inside parentheses, which have no meaning of their own.
pub(crate) fn without_parentheses(mut node: SyntaxNode) -> SyntaxNode {
    while let Some(inner) = ast::Paren::cast(node.clone()).and_then(|paren| paren.expr()) {
        node = inner.syntax().clone();
    }
    node
}

impl Bindings {
    fn add_inherited(&mut self, inherit: &ast::Inherit) {
        let source = inherit.from().and_then(|from| from.expr());
        for attribute in inherit.attrs() {
            let kind = source.as_ref().map_or(Kind::Inherited, |source| {
                Kind::InheritedFrom(source.syntax().clone())
            });
            match static_name(&attribute) {
                Ok((name, key)) => self.insert(name, Binding { key, kind }),
                Err(computed) => self.troubles.push(computed),
            }
        }
    }

    fn add_definition(&mut self, definition: &ast::AttrpathValue) {
        let (Some(path), Some(value)) = (definition.attrpath(), definition.value()) else {
            return;
        };
        let attributes: Vec<Attr> = path.attrs().take(MAX_ATTRPATH + 1).collect();
        if attributes.len() > MAX_ATTRPATH {
            self.troubles.push(SourceFinding::new(
                span(path.syntax().text_range()),
                format!("this attribute path has more than {MAX_ATTRPATH} names"),
                "write plain data of ordinary depth",
            ));
            return;
        }
        let whole = span(definition.syntax().text_range());
        self.add_path(&attributes, &value, &whole);
    }

    /// `a.b.c = 1` is what `a = { b = { c = 1; }; }` is.
    fn add_path(&mut self, attributes: &[Attr], value: &ast::Expr, whole: &Range<usize>) {
        let Some((first, rest)) = attributes.split_first() else {
            return;
        };
        let (name, key) = match static_name(first) {
            Ok(name) => name,
            Err(computed) => {
                self.troubles.push(computed);
                return;
            }
        };
        let kind = if rest.is_empty() {
            kind_of(value)
        } else {
            let mut bindings = Self::default();
            bindings.add_path(rest, value, whole);
            Kind::Set {
                span: whole.clone(),
                bindings,
            }
        };
        self.insert(name, Binding { key, kind });
    }

    /// Adds a definition. Two sets written out become one; anything else twice is a finding.
    fn insert(&mut self, name: String, binding: Binding) {
        let mut existing = match self.by_name.entry(name) {
            Entry::Vacant(place) => {
                place.insert(binding);
                return;
            }
            Entry::Occupied(existing) => existing,
        };
        let twice = SourceFinding::new(
            binding.key.clone(),
            format!("`{}` is defined twice", shown(existing.key())),
            "keep one of the two definitions",
        )
        .with_related(existing.get().key.clone(), "defined here already");
        match (&mut existing.get_mut().kind, binding.kind) {
            (Kind::Set { bindings, .. }, Kind::Set { bindings: more, .. }) => bindings.merge(more),
            _ => self.troubles.push(twice),
        }
    }

    fn merge(&mut self, more: Self) {
        self.troubles.extend(more.troubles);
        for (name, binding) in more.by_name {
            self.insert(name, binding);
        }
    }
}

fn kind_of(value: &ast::Expr) -> Kind {
    let node = without_parentheses(value.syntax().clone());
    match ast::AttrSet::cast(node.clone()) {
        Some(set) if set.rec_token().is_none() => Kind::Set {
            span: span(set.syntax().text_range()),
            bindings: bindings(&set),
        },
        _ => Kind::Expression(node),
    }
}

/// The name of an attribute and where it stands, or the finding that it needs evaluation.
pub(crate) fn static_name(attribute: &Attr) -> Result<(String, Range<usize>), SourceFinding> {
    let place = span(attribute.syntax().text_range());
    let name = match attribute {
        Attr::Ident(name) => name.ident_token().map(|token| token.text().to_owned()),
        Attr::Str(text) => quoted_name(text.syntax()),
        Attr::Dynamic(_) => None,
    };
    match name {
        Some(name) => Ok((name, place)),
        None => Err(SourceFinding::new(
            place,
            "this attribute name is computed, and this file is read without evaluating it",
            "write the name itself, in double quotes where it needs them",
        )),
    }
}

/// The text of a quoted name without interpolation.
fn quoted_name(string: &SyntaxNode) -> Option<String> {
    let mut name = String::new();
    for part in string.children_with_tokens() {
        match part {
            NodeOrToken::Node(_) => return None,
            NodeOrToken::Token(token) => {
                let kind = token.kind();
                if kind == SyntaxKind::TOKEN_STRING_CONTENT {
                    name.push_str(&strings::unescape(token.text()));
                } else if kind == SyntaxKind::TOKEN_STRING_START && token.text() != "\"" {
                    return None;
                }
            }
        }
    }
    Some(name)
}
