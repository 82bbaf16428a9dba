//! What speaks for a class, source by source.

use std::collections::BTreeSet;

use crate::analysis::knowledge::{KNOWLEDGE, KnownImage};
use crate::spec::{Class, DatabaseEngine};
use crate::units::{ContainerPath, ImageReference, VolumeName};

/// One statement about what a volume holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Where it comes from.
    pub source: Source,
    /// The class that it speaks for.
    pub says: Class,
    /// The engine that it speaks for.
    pub engine: Option<DatabaseEngine>,
    /// The statement, in words.
    pub text: String,
}

/// Where evidence comes from, the weightiest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The engine that is declared.
    Engine,
    /// A known image, and what it keeps at this path.
    Image,
    /// An image that is named like a known one: on a mirror, or built by hand.
    Namesake,
    /// A path that means the same in most images, or its last component.
    Path,
    /// A word of the volume's name.
    Name,
}

impl Source {
    /// All sources, the weightiest first.
    pub const ALL: [Self; 5] = [
        Self::Engine,
        Self::Image,
        Self::Namesake,
        Self::Path,
        Self::Name,
    ];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Image => "image",
            Self::Namesake => "namesake",
            Self::Path => "path",
            Self::Name => "name",
        }
    }

    /// True when nothing weaker is asked beside it.
    #[must_use]
    pub const fn settles(self) -> bool {
        matches!(self, Self::Engine | Self::Image)
    }
}

/// All evidence, the weightiest first; within a source in the order of the mounts.
pub(super) fn collect<'s>(
    name: &VolumeName,
    engine: Option<DatabaseEngine>,
    mounts: impl Iterator<Item = (Option<&'s ImageReference>, &'s ContainerPath)>,
) -> Vec<Evidence> {
    let mut found = Vec::new();
    for (image, path) in mounts {
        if let Some(image) = image {
            by_image(image, path, &mut found);
        }
        by_path(path, &mut found);
    }
    by_engine(engine, &mut found);
    for (says, word) in KNOWLEDGE.classes_of_name(name.as_str()) {
        let text = format!("the word {word} in its name says so");
        found.push(plain(Source::Name, says, text));
    }
    found.sort_by_key(|evidence| evidence.source);
    let mut told = BTreeSet::new();
    found.retain(|evidence| told.insert((evidence.source, evidence.text.clone())));
    found
}

const fn plain(source: Source, says: Class, text: String) -> Evidence {
    Evidence {
        source,
        says,
        engine: None,
        text,
    }
}

/// A declared engine says the class of what it writes. `SQLite` lives in the directories of applications: there it
/// only says more exactly what an image keeps as configuration or documents.
fn by_engine(engine: Option<DatabaseEngine>, found: &mut Vec<Evidence>) {
    let Some(engine) = engine else { return };
    let is_log = |class| class == Class::WriteAheadLog;
    if found.iter().any(|evidence| is_log(evidence.says)) {
        // An engine writes its log too.
        return;
    }
    let is_refined = |class| matches!(class, Class::Configuration | Class::Documents);
    if engine == DatabaseEngine::Sqlite {
        found.retain(|evidence| !is_refined(evidence.says));
    }
    let text = format!("the declared engine, {}, writes such data", engine.name());
    found.push(plain(Source::Engine, engine.class(), text));
}

fn by_image(image: &ImageReference, path: &ContainerPath, found: &mut Vec<Evidence>) {
    let exact = KNOWLEDGE.image(image);
    let (source, known) = if exact.is_empty() {
        (Source::Namesake, KNOWLEDGE.namesakes(image))
    } else {
        (Source::Image, exact)
    };
    for known in known {
        if let Some((place, says)) = known.class_at(path) {
            found.push(Evidence {
                source,
                says,
                engine: known.engine,
                text: told(source, image, known, place),
            });
        }
    }
}

fn told(
    source: Source,
    image: &ImageReference,
    known: &KnownImage,
    place: &ContainerPath,
) -> String {
    if source == Source::Image {
        format!("the image {} keeps it at {place}", image.familiar_name())
    } else {
        let application = &known.application;
        format!("the image {image} is named like {application}, which keeps it at {place}")
    }
}

/// The last component of a path says it more exactly than a directory above; except that nothing is taken for
/// worthless, or for a database, against what the directory above says.
fn by_path(path: &ContainerPath, found: &mut Vec<Evidence>) {
    let above = KNOWLEDGE.class_at(path);
    if let Some((known, says)) = above.filter(|(known, _)| *known == path) {
        let text = format!("the path {known} holds that in most images");
        found.push(plain(Source::Path, says, text));
        return;
    }
    let last = path.as_str().rsplit('/').next().unwrap_or_default();
    let word = KNOWLEDGE.class_of_word(last);
    let is_harmless = |class: Class| {
        let traits = class.traits();
        traits.is_worth_a_snapshot && !traits.has_engine
    };
    if let Some(says) = word {
        let text = format!("the last component of {path} says so");
        found.push(plain(Source::Path, says, text));
    }
    if let (Some((known, says)), false) = (above, word.is_some_and(is_harmless)) {
        let text = format!("the path {known} above it holds that in most images");
        found.push(plain(Source::Path, says, text));
    }
}
