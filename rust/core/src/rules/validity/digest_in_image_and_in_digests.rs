#![doc = include_str!("digest_in_image_and_in_digests.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB137",
    name: "digest-in-image-and-in-digests",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "an image that names a digest, and digests beside it",
    page: include_str!("digest_in_image_and_in_digests.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for (name, container) in &workload.declared.containers {
            let Some(digest) = container.image.as_ref().and_then(|image| image.digest()) else {
                continue;
            };
            let same = |declared: &crate::units::Digest| declared.as_str() == digest;
            if container.digests.values().all(same) {
                continue;
            }
            let at = workload.at().key("containers").key(name.as_str());
            found.push(Found {
                at: at.key("image"),
                message: format!(
                    "the image names the digest {digest}, and `digests` names another: one of them would be ignored"
                ),
                help: "keep the tag in `image` and the digests in `digests`".into(),
                related: vec![at.key("digests")],
            });
        }
    }
    found
}
