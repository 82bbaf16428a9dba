//! The names that an expression can refer to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rnix::ast;

use crate::binding::Bindings;
use crate::reader::Tree;

/// One layer of names, and the layers around it.
pub(crate) struct Scope {
    pub(crate) names: Names,
    pub(crate) outer: Option<Rc<Scope>>,
}

/// The names of one layer.
pub(crate) enum Names {
    /// Arguments of a function head: their values are known to Nix only.
    Arguments(BTreeSet<String>),
    /// A `let`.
    Let {
        definitions: Bindings,
        /// What was read of them so far.
        read: RefCell<BTreeMap<String, Progress>>,
    },
}

/// How far the reading of a `let` name has come.
#[derive(Clone)]
pub(crate) enum Progress {
    /// It is being read: whoever asks for it now goes in a circle.
    Running,
    /// A finding tells why it has no value.
    Failed,
    /// Its value.
    Done(Rc<Tree>),
}

/// Where a name was found.
pub(crate) enum Found {
    /// Among the arguments of a function head.
    Argument,
    /// In the `let` of this layer.
    Let(Rc<Scope>),
    /// Nowhere.
    Nowhere,
}

impl Scope {
    /// The innermost layer that has a name.
    pub(crate) fn find(scope: Option<&Rc<Self>>, name: &str) -> Found {
        let mut layer = scope;
        while let Some(current) = layer {
            match &current.names {
                Names::Arguments(arguments) if arguments.contains(name) => return Found::Argument,
                Names::Let { definitions, .. } if definitions.by_name.contains_key(name) => {
                    return Found::Let(Rc::clone(current));
                }
                Names::Arguments(_) | Names::Let { .. } => layer = current.outer.as_ref(),
            }
        }
        Found::Nowhere
    }
}

/// The names that a function head takes.
pub(crate) fn arguments(function: &ast::Lambda) -> BTreeSet<String> {
    let token = |name: Option<ast::Ident>| Some(name?.ident_token()?.text().to_owned());
    match function.param() {
        Some(ast::Param::IdentParam(name)) => token(name.ident()).into_iter().collect(),
        Some(ast::Param::Pattern(pattern)) => pattern
            .pat_entries()
            .filter_map(|entry| token(entry.ident()))
            .chain(pattern.pat_bind().and_then(|bind| token(bind.ident())))
            .collect(),
        None => BTreeSet::new(),
    }
}
