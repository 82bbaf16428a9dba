//! What stands around a file's value.

use std::cell::RefCell;
use std::rc::Rc;

use rnix::SyntaxNode;
use rnix::ast::{self, Expr};
use rowan::ast::AstNode;

use crate::binding::{self, without_parentheses};
use crate::reader::{Reader, Surroundings, Tree};
use crate::scope::{Names, Scope, arguments};

impl Reader<'_> {
    pub(crate) fn read_root(&mut self) -> Option<Tree> {
        let (body, scope) = self.head();
        self.expression(&body, &scope)
    }

    /// Goes past what may stand around a file's value: function heads, `let`, `with`, parentheses.
    pub(crate) fn head(&mut self) -> (SyntaxNode, Surroundings) {
        let mut node = self.root.clone();
        let mut scope = None;
        loop {
            node = without_parentheses(node);
            let Some(expression) = Expr::cast(node.clone()) else {
                return (node, scope);
            };
            let inner = if let Expr::Lambda(function) = &expression {
                let names = Names::Arguments(arguments(function));
                scope = Some(Rc::new(Scope {
                    names,
                    outer: scope,
                }));
                function.body()
            } else if let Expr::LetIn(block) = &expression {
                scope = Some(self.let_scope(block, scope));
                block.body()
            } else if let Expr::With(with) = &expression {
                // Names that only `with` could give are findings where they are used.
                with.body()
            } else {
                None
            };
            match inner {
                Some(body) => node = body.syntax().clone(),
                None => return (node, scope),
            }
        }
    }

    pub(crate) fn let_scope(&mut self, block: &ast::LetIn, outer: Surroundings) -> Rc<Scope> {
        let definitions = binding::bindings(block);
        self.findings.extend_from_slice(&definitions.troubles);
        Rc::new(Scope {
            names: Names::Let {
                definitions,
                read: RefCell::default(),
            },
            outer,
        })
    }
}
