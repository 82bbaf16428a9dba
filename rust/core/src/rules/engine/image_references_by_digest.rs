#![doc = include_str!("image_references_by_digest.md")]

use crate::finding::Level;
use crate::rules::{Decide, ImageReferences, Rule, Stage, Verdict, WorkloadChoice, WorkloadView};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB530",
    name: "image-references-by-digest",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how images are named where they are pulled",
    page: include_str!("image_references_by_digest.md"),
    proofs: &["pull-of-another-architecture-takes-the-tag"],
    decide: Decide::Workload(decide),
};

fn decide(view: &WorkloadView) -> Option<Verdict<WorkloadChoice>> {
    let declared = view.this().declared;
    let platforms = declared.platforms.len().max(1);
    let known = declared.containers.values().filter(|c| c.image.is_some());
    let (mut pinned, mut images) = (0, 0);
    for container in known {
        let in_image = container
            .image
            .as_ref()
            .is_some_and(|i| i.digest().is_some());
        images += platforms;
        pinned += if in_image {
            platforms
        } else {
            container.digests.len().min(platforms)
        };
    }
    if images == 0 {
        return None;
    }
    let (how, reason) = if pinned == images {
        (
            ImageReferences::Digest,
            "each image is named by the digest of its manifest, which no later pull changes",
        )
    } else if pinned > 0 {
        (
            ImageReferences::Mixed,
            "some images are named by the digest of their manifest, the others by a tag",
        )
    } else if platforms > 1 {
        (
            ImageReferences::TagAndLocalName,
            "no digests are declared, and a tag leads to one platform only: each platform is given a local name, and the host's own is pulled last",
        )
    } else {
        (
            ImageReferences::Tag,
            "no digests are declared, and one platform is held, so the tag leads to it",
        )
    };
    Some(Verdict {
        choice: WorkloadChoice::ImageReferences(how),
        reason: reason.into(),
        evidence: vec![
            ("platforms", platforms.to_string().into()),
            ("images", images.to_string().into()),
            ("withDigest", pinned.to_string().into()),
        ],
        would_change: "`digests` of the containers, or other `platforms`",
        declared: None,
    })
}
