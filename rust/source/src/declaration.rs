//! Finds the declaration in a file that may hold more.

use podman_btrfs_core::option_path::OptionPath;
use rnix::SyntaxNode;
use rnix::ast;
use rowan::ast::AstNode;

use crate::binding::{self, Bindings, Kind, span};
use crate::finding::{SourceFinding, shown};
use crate::reader::{Reader, Surroundings, Tree};

/// Where a NixOS module has the declaration.
const PLACES: [&[&str]; 2] = [
    &["services", "podmanBtrfs"],
    &["config", "services", "podmanBtrfs"],
];
/// Attributes of which a declaration has at least one.
const ATTRIBUTES: [&str; 6] = [
    "filesystems",
    "workloads",
    "engine",
    "policies",
    "targets",
    "schemaVersion",
];

impl Reader<'_> {
    /// The declaration, and where it was found.
    pub(crate) fn read_declaration(&mut self) -> (Option<Tree>, OptionPath) {
        let (body, scope) = self.head();
        let Some(set) = ast::AttrSet::cast(body.clone()).filter(|set| set.rec_token().is_none())
        else {
            return (self.read_other(&body, &scope), OptionPath::root());
        };
        let bindings = binding::bindings(&set);
        for place in PLACES {
            if let Some(tree) = self.read_at(&bindings, place, &scope) {
                return (tree, OptionPath::of(place.iter().copied()));
            }
        }
        let whole = span(body.text_range());
        let is_declaration =
            bindings.by_name.is_empty() || bindings.by_name.keys().any(|name| is_attribute(name));
        let tree = if is_declaration {
            self.set(&bindings, whole, &scope)
        } else {
            self.report(no_declaration(&bindings, whole.start))
        };
        (tree, OptionPath::root())
    }

    /// A file whose value is no set written out: its value, if it is a set all the same.
    fn read_other(&mut self, body: &SyntaxNode, scope: &Surroundings) -> Option<Tree> {
        let tree = self.expression(body, scope)?;
        if tree.value.is_object() {
            return Some(tree);
        }
        self.report(SourceFinding::new(
            span(body.text_range()),
            "the file's value is not an attribute set",
            "write an attribute set, such as `{ filesystems = { }; }`",
        ))
    }

    /// The value at a path, when something is defined there: `Some(None)` when it cannot be read.
    #[expect(
        clippy::option_option,
        reason = "not defined and not readable are two things here"
    )]
    fn read_at(
        &mut self,
        bindings: &Bindings,
        path: &[&str],
        scope: &Surroundings,
    ) -> Option<Option<Tree>> {
        let (first, rest) = path.split_first()?;
        let binding = bindings.by_name.get(*first)?;
        match &binding.kind {
            Kind::Set { bindings, .. } if !rest.is_empty() => self.read_at(bindings, rest, scope),
            // A part that is written otherwise must be read to know whether the declaration is in it.
            Kind::Expression(_) | Kind::Inherited | Kind::InheritedFrom(_) | Kind::Set { .. } => {
                let tree = self.binding(first, binding, scope);
                if rest.is_empty() {
                    return Some(tree);
                }
                let steps: Vec<_> = rest
                    .iter()
                    .map(|name| ((*name).to_owned(), binding.key.clone()))
                    .collect();
                Some(tree.and_then(|tree| self.part(&tree, &steps)))
            }
        }
    }
}

/// True for an attribute of a declaration, also with a slip in its spelling: that is told with the declaration.
fn is_attribute(name: &str) -> bool {
    ATTRIBUTES
        .iter()
        .any(|attribute| strsim::damerau_levenshtein(name, attribute) <= 2)
}

fn no_declaration(bindings: &Bindings, start: usize) -> SourceFinding {
    const SHOWN: usize = 5;
    let mut names: Vec<String> = bindings
        .by_name
        .keys()
        .take(SHOWN)
        .map(|name| format!("`{}`", shown(name)))
        .collect();
    if bindings.by_name.len() > SHOWN {
        names.push("more".into());
    }
    SourceFinding::new(
        start..start + 1,
        format!("this set holds no declaration, only {}", names.join(", ")),
        "define `services.podmanBtrfs`, or write its content: `filesystems`, `workloads`, `policies`",
    )
}
