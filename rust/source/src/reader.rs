//! Expressions of plain data to values.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use podman_btrfs_core::option_path::OptionPath;
use rnix::SyntaxNode;
use rnix::ast::{self, Expr};
use rowan::ast::AstNode;
use serde_json::Value;

use crate::Document;
use crate::binding::{self, Binding, Bindings, Kind, span};
use crate::finding::SourceFinding;
use crate::scope::Scope;
use crate::spans::{Parts, Spans};
use crate::unsupported::needs_evaluation;

/// How deep a value may become by references to other values; `serde_json` reads 128.
const MAX_HEIGHT: usize = 120;
/// How many references may lead from one to the next.
const MAX_RECURSION: usize = 240;

/// A value with its places, and its size for the limits.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) value: Value,
    pub(crate) spans: Spans,
    pub(crate) values: usize,
    pub(crate) height: usize,
}

impl Tree {
    pub(crate) fn leaf(value: Value, span: Range<usize>) -> Self {
        Self {
            value,
            spans: Spans::leaf(span),
            values: 1,
            height: 0,
        }
    }
}

pub(crate) type Surroundings = Option<Rc<Scope>>;

/// Reads one syntax tree; findings gather on the way.
pub(crate) struct Reader<'a> {
    pub(crate) root: &'a SyntaxNode,
    pub(crate) findings: Vec<SourceFinding>,
    /// Values of `inherit (…)` sources, by where they stand.
    pub(crate) sources: BTreeMap<usize, Option<Rc<Tree>>>,
    pub(crate) values: usize,
    pub(crate) expanded: usize,
    recursion: usize,
    pub(crate) exhausted: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(root: &'a SyntaxNode) -> Self {
        Self {
            root,
            findings: Vec::new(),
            sources: BTreeMap::new(),
            values: 0,
            expanded: 0,
            recursion: 0,
            exhausted: false,
        }
    }

    /// What could be read, and what stands against the rest, ordered by place.
    pub(crate) fn finish(
        mut self,
        tree: Option<Tree>,
        prefix: OptionPath,
    ) -> (Option<Document>, Vec<SourceFinding>) {
        self.findings
            .sort_by_key(|finding| (finding.span.start, finding.span.end));
        self.findings.dedup();
        let document = tree.map(|tree| Document {
            value: tree.value,
            spans: tree.spans,
            prefix,
        });
        (document, self.findings)
    }

    /// The value of an expression; without one, a finding says why.
    pub(crate) fn expression(&mut self, node: &SyntaxNode, scope: &Surroundings) -> Option<Tree> {
        if self.exhausted {
            return None;
        }
        if self.recursion >= MAX_RECURSION {
            return self.refuse(
                span(node.text_range()),
                "this is reached through too many references",
            );
        }
        self.recursion += 1;
        let tree = self.any(node, scope);
        self.recursion -= 1;
        tree
    }

    fn any(&mut self, node: &SyntaxNode, scope: &Surroundings) -> Option<Tree> {
        let place = span(node.text_range());
        match Expr::cast(node.clone())? {
            Expr::Paren(paren) => self.expression(paren.expr()?.syntax(), scope),
            Expr::Literal(literal) => self.literal(&literal),
            Expr::Str(string) => {
                let text = self.string(&string, scope)?;
                self.counted(Tree::leaf(Value::String(text), place))
            }
            Expr::List(list) => self.list(&list, scope),
            Expr::AttrSet(set) if set.rec_token().is_none() => {
                let bindings = binding::bindings(&set);
                self.set(&bindings, place, scope)
            }
            Expr::Ident(name) => {
                let token = name.ident_token()?;
                self.name(token.text(), place, scope)
            }
            Expr::Select(select) if select.default_expr().is_none() => self.select(&select, scope),
            Expr::UnaryOp(operation) => self.negative(&operation, scope),
            Expr::LetIn(block) => {
                let inner = Some(self.let_scope(&block, scope.clone()));
                self.expression(block.body()?.syntax(), &inner)
            }
            Expr::With(with) => self.expression(with.body()?.syntax(), scope),
            Expr::Apply(_)
            | Expr::Assert(_)
            | Expr::AttrSet(_)
            | Expr::BinOp(_)
            | Expr::CurPos(_)
            | Expr::Error(_)
            | Expr::HasAttr(_)
            | Expr::IfElse(_)
            | Expr::Lambda(_)
            | Expr::LegacyLet(_)
            | Expr::PathAbs(_)
            | Expr::PathHome(_)
            | Expr::PathRel(_)
            | Expr::PathSearch(_)
            | Expr::Root(_)
            | Expr::Select(_) => self.report(needs_evaluation(node)),
        }
    }

    /// The value of a set; attributes that cannot be read are not in it, and a finding says why.
    pub(crate) fn set(
        &mut self,
        bindings: &Bindings,
        place: Range<usize>,
        scope: &Surroundings,
    ) -> Option<Tree> {
        self.findings.extend_from_slice(&bindings.troubles);
        let mut values = serde_json::Map::new();
        let mut parts = BTreeMap::new();
        let (mut count, mut height) = (1, 0);
        for (name, binding) in &bindings.by_name {
            let Some(mut tree) = self.binding(name, binding, scope) else {
                continue;
            };
            count += tree.values;
            height = height.max(tree.height + 1);
            tree.spans.key = Some(binding.key.clone());
            values.insert(name.clone(), tree.value);
            parts.insert(name.clone(), tree.spans);
        }
        self.values += 1;
        self.composed(
            Value::Object(values),
            place,
            Parts::Attributes(parts),
            count,
            height,
        )
    }

    fn list(&mut self, list: &ast::List, scope: &Surroundings) -> Option<Tree> {
        let place = span(list.syntax().text_range());
        let (mut values, mut parts) = (Vec::new(), Vec::new());
        let (mut count, mut height, mut complete) = (1, 0, true);
        for item in list.items() {
            let Some(tree) = self.expression(item.syntax(), scope) else {
                complete = false;
                continue;
            };
            count += tree.values;
            height = height.max(tree.height + 1);
            values.push(tree.value);
            parts.push(Spans {
                key: None,
                ..tree.spans
            });
        }
        self.values += 1;
        let tree = self.composed(
            Value::Array(values),
            place,
            Parts::Elements(parts),
            count,
            height,
        );
        // With an element left out the others would have wrong numbers.
        tree.filter(|_| complete)
    }

    fn composed(
        &mut self,
        value: Value,
        place: Range<usize>,
        parts: Parts,
        values: usize,
        height: usize,
    ) -> Option<Tree> {
        if height > MAX_HEIGHT {
            return self.refuse(
                place,
                &format!("this is nested more than {MAX_HEIGHT} deep"),
            );
        }
        let spans = Spans {
            key: None,
            value: place,
            parts,
        };
        Some(Tree {
            value,
            spans,
            values,
            height,
        })
    }

    /// The value of one definition.
    pub(crate) fn binding(
        &mut self,
        name: &str,
        binding: &Binding,
        scope: &Surroundings,
    ) -> Option<Tree> {
        match &binding.kind {
            Kind::Set { span, bindings } => self.set(bindings, span.clone(), scope),
            Kind::Expression(node) if name == "planFile" && is_plain_path(node) => {
                let text = Value::String(node.to_string());
                self.counted(Tree::leaf(text, span(node.text_range())))
            }
            Kind::Expression(node) => self.expression(node, scope),
            Kind::Inherited => self.name(name, binding.key.clone(), scope),
            Kind::InheritedFrom(source) => {
                let tree = self.source(source, scope)?;
                let step = [(name.to_owned(), binding.key.clone())];
                self.part(&tree, &step)
            }
        }
    }

    pub(crate) fn report<T>(&mut self, finding: SourceFinding) -> Option<T> {
        self.findings.push(finding);
        None
    }
}

/// True for a path literal without interpolation.
fn is_plain_path(node: &SyntaxNode) -> bool {
    matches!(
        node.kind(),
        rnix::SyntaxKind::NODE_PATH_ABS | rnix::SyntaxKind::NODE_PATH_REL
    ) && node.first_child().is_none()
}
