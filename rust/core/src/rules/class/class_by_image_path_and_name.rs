#![doc = include_str!("class_by_image_path_and_name.md")]

use std::borrow::Cow;

use crate::analysis::{Source, VolumeFacts};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage, Verdict, VolumeChoice, VolumeView};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB201",
    name: "class-by-image-path-and-name",
    stage: Stage::Class,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "what a volume holds, by its image, its path and its name",
    page: include_str!("class_by_image_path_and_name.md"),
    proofs: &[],
    decide: Decide::Volume(decide),
};

fn decide(view: &VolumeView) -> Option<Verdict<VolumeChoice>> {
    let volume = view.this();
    let inferred = &volume.inference;
    Some(Verdict {
        choice: VolumeChoice::Class(inferred.class),
        reason: inferred.because.clone().into(),
        evidence: evidence(volume),
        would_change: "another image, path or name, or `class` on the volume",
        declared: volume
            .declared
            .class
            .map(|class| (VolumeChoice::Class(Some(class)), view.option("class"))),
    })
}

/// How sure it is, and all that speaks: also what was outweighed.
fn evidence(volume: &VolumeFacts) -> Vec<(&'static str, Cow<'static, str>)> {
    let inferred = &volume.inference;
    let mut evidence = vec![("certainty", Cow::from(inferred.certainty.name()))];
    for source in Source::ALL {
        let said: Vec<String> = inferred
            .of(source)
            .map(|evidence| format!("{}: {}", evidence.says.name(), evidence.text))
            .collect();
        if !said.is_empty() {
            evidence.push((source.name(), said.join("; ").into()));
        }
    }
    evidence
}
