//! What is known of images, paths and names: data, not code (the directory `knowledge` beside this file).
//!
//! One file an area; `general.json` holds the paths and words that mean the same wherever they stand.

mod image;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

pub(super) use image::KnownImage;
use image::{Release, full_name};

use crate::spec::{Class, DatabaseEngine};
use crate::units::{ContainerPath, ImageReference};

/// The images, by area: name of the file, and its text.
const AREAS: &[(&str, &str)] = &[
    ("automation", include_str!("knowledge/automation.json")),
    (
        "collaboration",
        include_str!("knowledge/collaboration.json"),
    ),
    ("databases", include_str!("knowledge/databases.json")),
    ("development", include_str!("knowledge/development.json")),
    ("media", include_str!("knowledge/media.json")),
    ("monitoring", include_str!("knowledge/monitoring.json")),
    ("network", include_str!("knowledge/network.json")),
    ("queues", include_str!("knowledge/queues.json")),
    ("search", include_str!("knowledge/search.json")),
    ("storage", include_str!("knowledge/storage.json")),
    ("web", include_str!("knowledge/web.json")),
];

/// What holds for all images.
const GENERAL: &str = include_str!("knowledge/general.json");

/// The whole of what is known.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    images: Vec<KnownImage>,
    /// Positions in `images`, by registry and repository.
    by_name: BTreeMap<String, Vec<usize>>,
    /// The same by repository alone: what a mirror of the registry keeps.
    by_repository: BTreeMap<String, Vec<usize>>,
    /// The same by application.
    by_application: BTreeMap<String, Vec<usize>>,
    general: General,
}

/// What most images have in common.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct General {
    /// Container paths that mean the same in most images; what lies below them counts too.
    paths: BTreeMap<ContainerPath, Class>,
    /// Words of volume names and of last components of paths.
    words: BTreeMap<String, Class>,
}

/// The knowledge shipped with this crate; tests see to it that it parses.
pub(super) static KNOWLEDGE: LazyLock<Knowledge> =
    LazyLock::new(|| Knowledge::parse().unwrap_or_default());

/// The database engine in an image, where it is a known one or is named like one.
#[must_use]
pub fn engine_of_image(image: &ImageReference) -> Option<DatabaseEngine> {
    let known = KNOWLEDGE.image(image);
    let known = if known.is_empty() {
        KNOWLEDGE.namesakes(image)
    } else {
        known
    };
    let engines: BTreeSet<DatabaseEngine> = known.iter().filter_map(|one| one.engine).collect();
    engines.first().copied().filter(|_| engines.len() == 1)
}

impl Knowledge {
    fn parse() -> Result<Self, serde_json::Error> {
        let mut images: Vec<KnownImage> = Vec::new();
        for (_, text) in AREAS {
            images.append(&mut serde_json::from_str(text)?);
        }
        let mut known = Self {
            general: serde_json::from_str(GENERAL)?,
            ..Self::default()
        };
        for (index, image) in images.iter().enumerate() {
            for name in &image.images {
                known.by_name.entry(name.clone()).or_default().push(index);
                if let Some((_, repository)) = name.split_once('/') {
                    let of = known.by_repository.entry(repository.to_owned());
                    of.or_default().push(index);
                }
            }
            let of = known.by_application.entry(image.application.clone());
            of.or_default().push(index);
        }
        known.images = images;
        Ok(known)
    }

    /// What is known of exactly this image: one entry for each release that the reference may mean.
    pub(super) fn image(&self, image: &ImageReference) -> Vec<&KnownImage> {
        self.released(self.by_name.get(&full_name(image)), Release::of(image))
    }

    /// What is known of images named like this one: the same repository on another registry, else an
    /// application whose name is the repository's last component.
    pub(super) fn namesakes(&self, image: &ImageReference) -> Vec<&KnownImage> {
        let repository = image.repository();
        let mirrored = match repository.split_once("library/") {
            Some((_, official)) if !official.contains('/') => format!("library/{official}"),
            _ => repository.to_owned(),
        };
        let found = self
            .by_repository
            .get(&mirrored)
            .or_else(|| self.by_application.get(image.short_name()));
        self.released(found, Release::of(image))
    }

    fn released(&self, found: Option<&Vec<usize>>, release: Release) -> Vec<&KnownImage> {
        let all = found.into_iter().flatten();
        all.filter_map(|index| self.images.get(*index))
            .filter(|image| image.is_of(release))
            .collect()
    }

    /// What most images keep at `path`.
    pub(super) fn class_at(&self, path: &ContainerPath) -> Option<(&ContainerPath, Class)> {
        nearest(&self.general.paths, path)
    }

    /// What a word of a name or the last component of a path says.
    pub(super) fn class_of_word(&self, word: &str) -> Option<Class> {
        self.general.words.get(&word.to_ascii_lowercase()).copied()
    }

    /// What a volume's name says, word by word; words are parted by `-`, `_` and `.`.
    pub(super) fn classes_of_name<'n>(&self, name: &'n str) -> BTreeMap<Class, &'n str> {
        let words = name.split(['-', '_', '.']);
        words
            .filter_map(|word| Some((self.class_of_word(word)?, word)))
            .collect()
    }

    /// The applications of which something is known.
    #[cfg(test)]
    fn applications(&self) -> BTreeSet<&str> {
        self.by_application.keys().map(String::as_str).collect()
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
mod tests;
