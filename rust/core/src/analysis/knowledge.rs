//! What is known of images, paths and names: data, not code (`knowledge.json` beside this file).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::spec::{Class, DatabaseEngine};
use crate::units::ContainerPath;

/// The whole of what is known.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Knowledge {
    /// Images, by the last component of their repository.
    pub(super) images: BTreeMap<String, KnownImage>,
    /// Container paths that mean the same in most images; what lies below them counts too.
    paths: BTreeMap<ContainerPath, Class>,
    /// Words of volume names.
    words: BTreeMap<String, Class>,
}

/// An image whose paths are known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownImage {
    /// The database engine in it.
    pub(super) engine: Option<DatabaseEngine>,
    /// Its paths; what lies below them counts too.
    paths: BTreeMap<ContainerPath, Class>,
}

/// The knowledge shipped with this crate; a test sees to it that it parses.
pub(super) static KNOWLEDGE: LazyLock<Knowledge> =
    LazyLock::new(|| serde_json::from_str(include_str!("knowledge.json")).unwrap_or_default());

impl KnownImage {
    /// What this image keeps at `path`, and the known path that says so.
    pub(super) fn class_at(&self, path: &ContainerPath) -> Option<(&ContainerPath, Class)> {
        nearest(&self.paths, path)
    }
}

impl Knowledge {
    /// What most images keep at `path`.
    pub(super) fn class_at(&self, path: &ContainerPath) -> Option<(&ContainerPath, Class)> {
        nearest(&self.paths, path)
    }

    /// What a volume's name says: its words are parted by `-`, `_` and `.`.
    pub(super) fn class_of_name<'n>(&self, name: &'n str) -> Option<(&'n str, Class)> {
        name.split(['-', '_', '.']).find_map(|word| {
            let class = self.words.get(&word.to_ascii_lowercase())?;
            Some((word, *class))
        })
    }
}

/// The longest known path that is `path` or above it.
fn nearest<'k>(
    known: &'k BTreeMap<ContainerPath, Class>,
    path: &ContainerPath,
) -> Option<(&'k ContainerPath, Class)> {
    let above = known.iter().filter(|(known, _)| known.contains(path));
    above
        .max_by_key(|(known, _)| known.as_str().len())
        .map(|(known, class)| (known, *class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_knowledge_parses() {
        let parsed: Result<Knowledge, _> = serde_json::from_str(include_str!("knowledge.json"));
        assert!(parsed.is_ok_and(|known| known.images.len() > 30));
    }
}
