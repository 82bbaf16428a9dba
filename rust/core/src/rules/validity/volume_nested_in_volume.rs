#![doc = include_str!("volume_nested_in_volume.md")]

use crate::analysis::{Facts, VolumeFacts, WorkloadFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::{ContainerName, ContainerPath};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB112",
    name: "volume-nested-in-volume",
    stage: Stage::Validity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a volume mounted below another volume of the same container",
    page: include_str!("volume_nested_in_volume.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        let mut places: Vec<Place> = workload
            .volumes
            .iter()
            .flat_map(|volume| {
                volume
                    .declared
                    .mounts
                    .iter()
                    .map(move |(container, path)| Place {
                        container,
                        path,
                        volume,
                    })
            })
            .collect();
        // Sorted, a path stands right behind what contains it and before everything else: one look back.
        places.sort_by_key(|place| {
            (
                place.container,
                place.path.as_str().split('/').collect::<Vec<_>>(),
            )
        });
        let mut above: Vec<&Place> = Vec::new();
        for place in &places {
            while above.last().is_some_and(|outer| !outer.holds(place)) {
                above.pop();
            }
            if let Some(outer) = above.last().filter(|outer| outer.path != place.path) {
                found.push(nested(workload, outer, place));
            }
            above.push(place);
        }
    }
    found
}

/// One volume in one container.
struct Place<'s> {
    container: &'s ContainerName,
    path: &'s ContainerPath,
    volume: &'s VolumeFacts<'s>,
}

impl Place<'_> {
    fn holds(&self, other: &Self) -> bool {
        self.container == other.container && self.path.contains(other.path)
    }
}

fn nested(workload: &WorkloadFacts, outer: &Place, inner: &Place) -> Found {
    let at = |place: &Place| {
        workload
            .volume_at(place.volume)
            .key("mounts")
            .key(place.container.as_str())
    };
    Found {
        at: at(inner),
        message: format!(
            "{} lies below {}, where `{}` is mounted: the outer volume holds an empty directory there, in its snapshots too",
            inner.path, outer.path, outer.volume.name
        ),
        help: "protect both by one policy, so that they are restored together; or set `rules.PB112.level` to allow".into(),
        related: vec![at(outer)],
    }
}
