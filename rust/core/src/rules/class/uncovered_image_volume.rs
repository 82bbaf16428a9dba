#![doc = include_str!("uncovered_image_volume.md")]

use crate::analysis::{Facts, UncoveredVolume};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB209",
    name: "uncovered-image-volume",
    stage: Stage::Class,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a path the image declares as VOLUME, and no volume is mounted at it",
    page: include_str!("uncovered_image_volume.md"),
    proofs: &[
        "anonymous-volume-gone-with-rm",
        "mount-above-leaves-volume-anonymous",
    ],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        let uncovered = &workload.uncovered_volumes;
        // By container: the facts stand in that order.
        for of_one in uncovered.chunk_by(|one, next| one.container == next.container) {
            let Some(first) = of_one.first() else {
                continue;
            };
            found.push(Found {
                at: workload
                    .at()
                    .key("containers")
                    .key(first.container.as_str()),
                message: message(first, of_one),
                help: help(first),
                related: Vec::new(),
            });
        }
    }
    found
}

fn message(first: &UncoveredVolume, all: &[UncoveredVolume]) -> String {
    let told: Vec<String> = all
        .iter()
        .map(|uncovered| format!("{} ({})", uncovered.path, uncovered.class.name()))
        .collect();
    let why = match first.above {
        Some((mounted, _)) => format!("the mount at {mounted} does not cover it"),
        None => "no volume is mounted at that path".to_owned(),
    };
    format!(
        "the image {}{} declares VOLUME {}, and {why}: Podman keeps it in an anonymous volume, and with `--rm` deletes that whenever the container stops",
        first.image.familiar_name(),
        first.releases,
        told.join(" and "),
    )
}

fn help(first: &UncoveredVolume) -> String {
    let line = format!("`mounts.{} = \"{}\"`", first.container, first.path);
    let remedy = match first.above {
        Some((_, volume)) => format!("say {line} for the volume {volume} or for a further one"),
        None => format!("declare a volume with {line}"),
    };
    format!(
        "{remedy}; or, where the container mounts something there by itself, set `rules.PB209.level` to allow"
    )
}
