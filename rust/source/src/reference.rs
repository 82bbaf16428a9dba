//! What names stand for: `let`, `inherit`, selection, and the three names that Nix always knows.

use std::ops::Range;
use std::rc::Rc;

use podman_btrfs_core::option_path::Step;
use rnix::SyntaxNode;
use rnix::ast::{self, Expr};
use rowan::ast::AstNode;
use serde_json::Value;

use crate::binding::{self, Kind, span};
use crate::finding::{SourceFinding, shown};
use crate::reader::{Reader, Surroundings, Tree};
use crate::scope::{Found, Names, Progress, Scope};

impl Reader<'_> {
    pub(crate) fn source(&mut self, node: &SyntaxNode, scope: &Surroundings) -> Option<Rc<Tree>> {
        let start = span(node.text_range()).start;
        if let Some(known) = self.sources.get(&start) {
            return known.clone();
        }
        let tree = self.expression(node, scope).map(Rc::new);
        self.sources.insert(start, tree.clone());
        tree
    }

    pub(crate) fn select(&mut self, select: &ast::Select, scope: &Surroundings) -> Option<Tree> {
        let source = select.expr()?;
        let mut steps = Vec::new();
        for attribute in select.attrpath()?.attrs() {
            match binding::static_name(&attribute) {
                Ok(step) => steps.push(step),
                Err(computed) => return self.report(computed),
            }
        }
        // `lib.x` and `config.x` are met more often than any other: say the whole of it.
        if let Expr::Ident(name) = &source
            && let Some(token) = name.ident_token()
            && !matches!(Scope::find(scope.as_ref(), token.text()), Found::Let(_))
        {
            return self.unknown(
                &select.syntax().to_string(),
                token.text(),
                span(select.syntax().text_range()),
                scope,
            );
        }
        let tree = if let Expr::Ident(name) = &source {
            self.let_value(name.ident_token()?.text(), scope)?
        } else {
            Rc::new(self.expression(source.syntax(), scope)?)
        };
        self.part(&tree, &steps)
    }

    /// A part of a value that is known already.
    pub(crate) fn part(&mut self, tree: &Tree, steps: &[(String, Range<usize>)]) -> Option<Tree> {
        let (mut value, mut spans) = (&tree.value, &tree.spans);
        for (name, place) in steps {
            let inner = value.get(name);
            let places = spans.step(&Step::Key(name.clone()));
            let (Some(inner), Some(places)) = (inner, places) else {
                return self.report(SourceFinding::new(
                    place.clone(),
                    format!("`{}` is not in that set", shown(name)),
                    "correct the name, or define it there",
                ));
            };
            (value, spans) = (inner, places);
        }
        let (values, height) = measure(value);
        self.counted(Tree {
            value: value.clone(),
            spans: spans.clone(),
            values,
            height,
        })
    }

    /// The value of a name: of a `let`, or one of the three that Nix always knows.
    pub(crate) fn name(
        &mut self,
        name: &str,
        place: Range<usize>,
        scope: &Surroundings,
    ) -> Option<Tree> {
        if matches!(Scope::find(scope.as_ref(), name), Found::Let(_)) {
            let tree = self.let_value(name, scope)?;
            return self.counted((*tree).clone());
        }
        let value = match (Scope::find(scope.as_ref(), name), name) {
            (Found::Nowhere, "true") => Value::Bool(true),
            (Found::Nowhere, "false") => Value::Bool(false),
            (Found::Nowhere, "null") => Value::Null,
            _ => return self.unknown(name, name, place, scope),
        };
        self.counted(Tree::leaf(value, place))
    }

    /// The value of a `let` name, read when it is first asked for.
    fn let_value(&mut self, name: &str, scope: &Surroundings) -> Option<Rc<Tree>> {
        let Found::Let(layer) = Scope::find(scope.as_ref(), name) else {
            return None;
        };
        let Names::Let { definitions, read } = &layer.names else {
            return None;
        };
        let known = read.borrow().get(name).cloned();
        let definition = definitions.by_name.get(name)?;
        match known {
            Some(Progress::Done(tree)) => return Some(tree),
            Some(Progress::Failed) => return None,
            Some(Progress::Running) => {
                return self.report(SourceFinding::new(
                    definition.key.clone(),
                    format!("`{name}` refers to itself"),
                    "break the circle",
                ));
            }
            None => {}
        }
        read.borrow_mut().insert(name.to_owned(), Progress::Running);
        // `inherit name;` in a `let` means the name around it.
        let inside = match definition.kind {
            Kind::Inherited => layer.outer.clone(),
            Kind::Set { .. } | Kind::Expression(_) | Kind::InheritedFrom(_) => {
                Some(Rc::clone(&layer))
            }
        };
        let tree = self.binding(name, definition, &inside).map(Rc::new);
        let progress = tree.clone().map_or(Progress::Failed, Progress::Done);
        read.borrow_mut().insert(name.to_owned(), progress);
        tree
    }

    fn unknown(
        &mut self,
        whole: &str,
        name: &str,
        place: Range<usize>,
        scope: &Surroundings,
    ) -> Option<Tree> {
        let whole = shown(whole);
        let message = match Scope::find(scope.as_ref(), name) {
            Found::Argument => {
                format!("`{whole}` comes from the module's arguments, whose values only Nix knows")
            }
            Found::Let(_) | Found::Nowhere => format!("`{whole}` is not defined in this file"),
        };
        self.report(SourceFinding::new(
            place,
            message,
            "write the value itself, or use the NixOS module, or give the output of `nix eval --json`",
        ))
    }
}

/// How many values a value consists of, and how deep it is.
fn measure(value: &Value) -> (usize, usize) {
    let of_parts = |parts: &mut dyn Iterator<Item = &Value>| {
        parts.map(measure).fold((1, 0), |(count, height), part| {
            (count + part.0, height.max(part.1 + 1))
        })
    };
    match value {
        Value::Array(items) => of_parts(&mut items.iter()),
        Value::Object(attributes) => of_parts(&mut attributes.values()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (1, 0),
    }
}
