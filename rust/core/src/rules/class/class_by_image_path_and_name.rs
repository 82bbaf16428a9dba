#![doc = include_str!("class_by_image_path_and_name.md")]

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
    let mut evidence = vec![("certainty", inferred.certainty.name().into())];
    for (container, path) in &volume.declared.mounts {
        let image = view
            .workload
            .this()
            .declared
            .containers
            .get(container)
            .and_then(|c| c.image.as_ref());
        if let Some(image) = image {
            evidence.push(("image", image.to_string().into()));
        }
        evidence.push(("path", path.to_string().into()));
    }
    Some(Verdict {
        choice: VolumeChoice::Class(inferred.class),
        reason: inferred.because.clone().into(),
        evidence,
        would_change: "another image, path or name, or `class` on the volume",
        declared: volume
            .declared
            .class
            .map(|class| (VolumeChoice::Class(Some(class)), view.option("class"))),
    })
}
