#![doc = include_str!("engine_by_image.md")]

use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage, Verdict, VolumeChoice, VolumeView};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB203",
    name: "engine-by-image",
    stage: Stage::Class,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "the database engine that writes a volume, by its image",
    page: include_str!("engine_by_image.md"),
    proofs: &[],
    decide: Decide::Volume(decide),
};

fn decide(view: &VolumeView) -> Option<Verdict<VolumeChoice>> {
    let volume = view.this();
    let inferred = volume.inference.engine;
    let declared = volume.declared.engine;
    if inferred.is_none() && declared.is_none() {
        return None;
    }
    let reason = match inferred {
        Some(engine) => format!(
            "{}, and its engine is {}",
            volume.inference.because,
            engine.name()
        ),
        None => "no known image says which engine writes it".to_owned(),
    };
    Some(Verdict {
        choice: VolumeChoice::Engine(inferred),
        reason: reason.into(),
        evidence: Vec::new(),
        would_change: "another image, or `engine` on the volume",
        declared: declared
            .map(|engine| (VolumeChoice::Engine(Some(engine)), view.option("engine"))),
    })
}
