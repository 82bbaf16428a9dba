//! What kind of data a volume holds, judged by engine, image, path and name.
//!
//! Evidence is weighed, not voted on. What a known image keeps at a path, or an engine that is declared,
//! settles it; a path, a name, or an image that is only named like a known one make it likely as long as they
//! agree. Where evidence of one weight contradicts itself the class is doubtful, where nothing speaks it is open:
//! both are asked about, and neither is ever treated as worthless or as a database.

mod evidence;

use std::collections::BTreeSet;

pub use evidence::{Evidence, Source};

use crate::spec::{Class, DatabaseEngine, Volume};
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
    /// Everything that speaks, the weightiest first.
    pub evidence: Vec<Evidence>,
    /// What decides between the evidence, in words.
    pub because: String,
}

/// How sure an inference is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The image is known, and so is what it keeps there; or the engine is declared.
    Sure,
    /// A common path, an ordinary name, an image that is named like a known one.
    Likely,
    /// The evidence contradicts itself.
    Doubtful,
    /// Nothing speaks.
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
            Self::Doubtful => "doubtful",
            Self::Open => "open",
        }
    }
}

impl Inference {
    /// The classes that the weightiest evidence speaks for; several where it contradicts itself.
    #[must_use]
    pub fn candidates(&self) -> BTreeSet<Class> {
        said(&weightiest(&self.evidence))
    }

    /// What of this source speaks.
    pub fn of(&self, source: Source) -> impl Iterator<Item = &Evidence> {
        self.evidence
            .iter()
            .filter(move |evidence| evidence.source == source)
    }
}

/// Judges a volume by its declaration, its name and by where which image mounts it.
pub(super) fn infer<'s>(
    name: &VolumeName,
    declared: &Volume,
    mounts: impl Iterator<Item = (Option<&'s ImageReference>, &'s ContainerPath)> + Clone,
) -> Inference {
    let evidence = evidence::collect(name, declared.engine, mounts);
    let deciding = weightiest(&evidence);
    let candidates = said(&deciding);
    let settled = match (candidates.first(), candidates.len()) {
        (Some(class), 1) => Some(*class),
        _ => None,
    };
    let certainty = match (deciding.first(), settled) {
        (None, _) => Certainty::Open,
        (Some(_), None) => Certainty::Doubtful,
        (Some(first), Some(_)) if first.source.settles() => Certainty::Sure,
        (Some(_), Some(_)) => Certainty::Likely,
    };
    Inference {
        class: settled,
        engine: settled.and_then(|class| engine(class, &evidence)),
        certainty,
        because: because(&deciding, certainty),
        evidence,
    }
}

/// The evidence that decides: what settles it where there is such, else all of it.
fn weightiest(evidence: &[Evidence]) -> Vec<&Evidence> {
    let settling: Vec<&Evidence> = evidence
        .iter()
        .filter(|evidence| evidence.source.settles())
        .collect();
    if settling.is_empty() {
        evidence.iter().collect()
    } else {
        settling
    }
}

fn said(evidence: &[&Evidence]) -> BTreeSet<Class> {
    evidence.iter().map(|evidence| evidence.says).collect()
}

/// The engine that writes a volume of this class: only what an image that is known says, and only of data that
/// an engine writes, not of its configuration.
fn engine(class: Class, evidence: &[Evidence]) -> Option<DatabaseEngine> {
    let images = evidence
        .iter()
        .filter(|evidence| evidence.source == Source::Image);
    let engines: BTreeSet<DatabaseEngine> = images.filter_map(|evidence| evidence.engine).collect();
    match (engines.first(), engines.len()) {
        (Some(engine), 1) if class.traits().has_engine => Some(*engine),
        _ => None,
    }
}

/// The first evidence for each class that is spoken for.
fn because(deciding: &[&Evidence], certainty: Certainty) -> String {
    let mut told = BTreeSet::new();
    let sides: Vec<&Evidence> = deciding
        .iter()
        .filter(|evidence| told.insert(evidence.says))
        .copied()
        .collect();
    match (certainty, sides.first()) {
        (Certainty::Open, _) | (_, None) => {
            "neither its image nor its path nor its name is known".to_owned()
        }
        (Certainty::Sure | Certainty::Likely, Some(only)) => only.text.clone(),
        (Certainty::Doubtful, Some(_)) => {
            let sides: Vec<String> = sides
                .iter()
                .map(|side| format!("{} because {}", side.says.name(), side.text))
                .collect();
            sides.join(", or ")
        }
    }
}

#[cfg(test)]
mod tests;
