//! Reads Nix text of plain data without Nix: a value, and where in the text each part of it stands.
//!
//! Plain data is what needs no evaluation: attribute sets, lists, strings, numbers, booleans, `null`, `let` names
//! bound to such, and a module's function head, which is skipped. Whatever else is met becomes a finding at its
//! place; all findings of a text come together. As in Nix, only what is asked for is looked at: a `let` name
//! that nobody uses may be anything.
//!
//! Not done here: what the values mean (`podman-btrfs-core`), reading files and showing findings (the command).

mod binding;
mod declaration;
mod finding;
mod guard;
mod head;
mod limits;
mod reader;
mod reference;
mod scope;
mod spans;
mod strings;
mod syntax;
mod text;
mod unsupported;

use podman_btrfs_core::option_path::OptionPath;
use serde_json::Value;

pub use finding::{Related, SourceFinding};
pub use spans::{Place, Spans};

/// A value that was read, with the places of its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The value, as `nix eval --json` would print it.
    pub value: Value,
    /// Where each part of the value stands in the text; paths are relative to `value`.
    pub spans: Spans,
    /// Where `value` stands in the whole of the text: empty, or `services.podmanBtrfs`.
    pub prefix: OptionPath,
}

/// Reads a whole text.
///
/// # Errors
/// Everything in the text that is not plain data or not Nix, ordered by place.
pub fn read(text: &str) -> Result<Document, Vec<SourceFinding>> {
    let root = syntax::parse(text)?;
    let mut reader = reader::Reader::new(&root);
    let tree = reader.read_root();
    whole(reader.finish(tree, OptionPath::root()))
}

/// Reads the declaration in a text: `services.podmanBtrfs`, also below `config`, or the text's own value when it is
/// one. What stands beside it is not read, and so may be anything.
///
/// # Errors
/// Everything in the declaration that is not plain data, or a text that holds no declaration.
pub fn read_declaration(text: &str) -> Result<Document, Vec<SourceFinding>> {
    whole(read_declaration_partly(text))
}

/// Reads the declaration in a text as [`read_declaration`] does, and what can be read of it where something in it
/// cannot: then values are missing from the document, so that only what is in it says something.
#[must_use]
pub fn read_declaration_partly(text: &str) -> (Option<Document>, Vec<SourceFinding>) {
    let root = match syntax::parse(text) {
        Ok(root) => root,
        Err(findings) => return (None, findings),
    };
    let mut reader = reader::Reader::new(&root);
    let (tree, prefix) = reader.read_declaration();
    reader.finish(tree, prefix)
}

/// The document when nothing stands against it.
fn whole(
    (document, findings): (Option<Document>, Vec<SourceFinding>),
) -> Result<Document, Vec<SourceFinding>> {
    match document {
        Some(document) if findings.is_empty() => Ok(document),
        _ => Err(findings),
    }
}
