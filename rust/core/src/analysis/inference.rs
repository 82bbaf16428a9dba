//! What kind of data a volume holds, judged by image, path and name.
//!
//! Evidence is weighed, not voted on: an image that is known says it best, then the path, then the
//! name. Where path and name contradict each other, or nothing speaks, the class stays open; an open
//! class is asked about and never treated as worthless.

use super::knowledge::KNOWLEDGE;
use crate::spec::{Class, DatabaseEngine};
use crate::units::{ContainerPath, ImageReference, VolumeName};

/// What was inferred, and from what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inference {
    /// The class; absent when in doubt.
    pub class: Option<Class>,
    /// The database engine in the image; absent when there is none or it is not known.
    pub engine: Option<DatabaseEngine>,
    /// How sure it is.
    pub certainty: Certainty,
    /// What speaks for it, in words.
    pub because: String,
}

/// How sure an inference is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certainty {
    /// The image is known, and so is what it keeps there.
    Sure,
    /// A common path or an ordinary name.
    Likely,
    /// Nothing speaks, or the evidence contradicts itself.
    #[default]
    Open,
}

impl Certainty {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Likely => "likely",
            Self::Open => "open",
        }
    }
}

/// Judges a volume by its name and by where which image mounts it.
pub(super) fn infer<'s>(
    name: &VolumeName,
    mounts: impl Iterator<Item = (Option<&'s ImageReference>, &'s ContainerPath)> + Clone,
) -> Inference {
    by_image(mounts.clone()).unwrap_or_else(|| by_path_and_name(name, mounts))
}

fn by_image<'s>(
    mounts: impl Iterator<Item = (Option<&'s ImageReference>, &'s ContainerPath)>,
) -> Option<Inference> {
    for (image, path) in mounts {
        let short = image.map(ImageReference::short_name).unwrap_or_default();
        let Some(known) = KNOWLEDGE.images.get(short) else {
            continue;
        };
        if let Some((place, class)) = known.class_at(path) {
            return Some(Inference {
                class: Some(class),
                engine: known.engine.filter(|_| holds_engine_data(class)),
                certainty: Certainty::Sure,
                because: format!("the image {short} keeps it at {place}"),
            });
        }
    }
    None
}

/// An image's engine writes the volumes of these classes only, not its configuration.
const fn holds_engine_data(class: Class) -> bool {
    matches!(
        class,
        Class::Database | Class::WriteAheadLog | Class::EmbeddedDatabase | Class::KeyValue
    )
}

fn by_path_and_name<'s>(
    name: &VolumeName,
    mut mounts: impl Iterator<Item = (Option<&'s ImageReference>, &'s ContainerPath)>,
) -> Inference {
    let by_name = KNOWLEDGE.class_of_name(name.as_str());
    let by_path = mounts.find_map(|(_, path)| KNOWLEDGE.class_at(path));
    let (class, because) = match (by_path, by_name) {
        (Some((place, of_path)), Some((word, of_name))) if of_path != of_name => (
            None,
            format!(
                "the path {place} says {}, the word {word} in its name says {}",
                of_path.name(),
                of_name.name()
            ),
        ),
        (Some((place, class)), _) => (Some(class), format!("{place} holds that in most images")),
        (None, Some((word, class))) => {
            (Some(class), format!("the word {word} in its name says so"))
        }
        (None, None) => (
            None,
            "neither its image nor its path nor its name is known".to_owned(),
        ),
    };
    let certainty = if class.is_some() {
        Certainty::Likely
    } else {
        Certainty::Open
    };
    Inference {
        class,
        engine: None,
        certainty,
        because,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Text;

    fn inferred(name: &str, image: Option<&str>, path: &str) -> Inference {
        let image = image.map(|text| ImageReference::parse(text).unwrap());
        let path = ContainerPath::parse(path).unwrap();
        infer(
            &VolumeName::parse(name).unwrap(),
            std::iter::once((image.as_ref(), &path)),
        )
    }

    #[test]
    fn a_known_image_is_believed_whatever_the_name_says() {
        let found = inferred(
            "cache",
            Some("docker.io/library/postgres:17"),
            "/var/lib/postgresql/data",
        );
        assert_eq!(found.class, Some(Class::Database));
        assert_eq!(found.engine, Some(DatabaseEngine::Postgresql));
        assert_eq!(found.certainty, Certainty::Sure);
    }

    #[test]
    fn path_and_name_that_contradict_leave_it_open() {
        let found = inferred("cache", None, "/config");
        assert_eq!((found.class, found.certainty), (None, Certainty::Open));
        assert!(found.because.contains("/config") && found.because.contains("cache"));
    }

    #[test]
    fn a_word_is_a_whole_word() {
        assert_eq!(inferred("my-cache", None, "/x").class, Some(Class::Cache));
        assert_eq!(inferred("cached", None, "/x").class, None);
    }

    #[test]
    fn the_configuration_of_a_database_image_has_no_engine() {
        let found = inferred("c", Some("mongo:8"), "/data/configdb");
        assert_eq!(
            (found.class, found.engine),
            (Some(Class::Configuration), None)
        );
    }
}
