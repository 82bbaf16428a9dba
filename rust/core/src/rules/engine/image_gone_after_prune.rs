#![doc = include_str!("image_gone_after_prune.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::{ContainerName, ImageReference};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB540",
    name: "image-gone-after-prune",
    stage: Stage::Engine,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "no image to go back to once a tag has moved",
    page: include_str!("image_gone_after_prune.md"),
    proofs: &["prune-takes-the-image-a-tag-left"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let Some(prune) = facts.spec.engine.existing.prune else {
        return Vec::new();
    };
    let mut named = Vec::new();
    let mut places = Vec::new();
    for workload in &facts.workloads {
        for (name, container) in &workload.declared.containers {
            if let Some(image) = container.image.as_ref().filter(|image| !image.is_pinned()) {
                named.push(shown(name, image));
                places.push(
                    workload
                        .at()
                        .key("containers")
                        .key(name.as_str())
                        .key("image"),
                );
            }
        }
    }
    if named.is_empty() {
        return Vec::new();
    }
    let command = if prune.all == Some(true) {
        "`podman system prune --all`"
    } else {
        "`podman system prune`"
    };
    vec![Found {
        at: OptionPath::of(["engine", "existing", "prune"]),
        message: format!(
            "{command} deletes the image that a tag has left, so after an update there is none to go back to: {}",
            named.join(", ")
        ),
        help: "add the digest to each reference (`name:tag@sha256:…`), so that the old image can be had again, or keep the timer from pruning images".into(),
        related: places,
    }]
}

fn shown(container: &ContainerName, image: &ImageReference) -> String {
    match image.tag() {
        Some("latest") => format!("{} ({image}: moves with every release)", container.as_str()),
        None => format!(
            "{} ({image}: no tag, which means latest)",
            container.as_str()
        ),
        Some(_) => format!("{} ({image}: a tag can be moved)", container.as_str()),
    }
}
