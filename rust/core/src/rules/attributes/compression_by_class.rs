#![doc = include_str!("compression_by_class.md")]

use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage, Verdict, VolumeChoice, VolumeView};
use crate::spec::{Class, Compression};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB403",
    name: "compression-by-class",
    stage: Stage::Attributes,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "the compression property, by class",
    page: include_str!("compression_by_class.md"),
    proofs: &[
        "compression-property-inherited",
        "compressed-extents-are-small",
        "compress-judges-piece-by-piece",
        "compression-level-is-the-mounts",
    ],
    decide: Decide::Volume(decide),
};

fn decide(view: &VolumeView) -> Option<Verdict<VolumeChoice>> {
    let choices = view.choices();
    let class = choices.class.flatten();
    let (property, reason) = if choices.copy_on_write == Some(false) {
        (
            None,
            "files without copy on write are never compressed, and the property would keep the attribute from being set",
        )
    } else if class.is_some_and(|class| class.traits().is_fragmented_by_cow()) {
        (
            Some(Compression::None),
            "it is overwritten in small pieces, and a compressed extent has to be read whole for any of them",
        )
    } else {
        (
            None,
            "the mount's option holds; what does not shrink is left as it is, piece by piece",
        )
    };
    Some(Verdict {
        choice: VolumeChoice::Compression(property),
        reason: reason.into(),
        evidence: vec![("class", class.map_or("unknown", Class::name).into())],
        would_change: "another class, or `compression` on the volume",
        declared: view.this().declared.compression.map(|compression| {
            (
                VolumeChoice::Compression(Some(compression)),
                view.option("compression"),
            )
        }),
    })
}
