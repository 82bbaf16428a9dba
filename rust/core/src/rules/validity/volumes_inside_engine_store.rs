#![doc = include_str!("volumes_inside_engine_store.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::{HostPath, Text};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB110",
    name: "volumes-inside-engine-store",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "volumes on or below Podman's own directories",
    page: include_str!("volumes_inside_engine_store.md"),
    proofs: &["system-reset-deletes-what-it-finds"],
    decide: Decide::Find(find),
};

/// What Podman treats as its own: `podman system reset` empties all of it.
const PODMAN: [&str; 2] = ["/var/lib/containers", "/run/containers"];

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let podman: Vec<HostPath> = PODMAN
        .iter()
        .filter_map(|path| HostPath::parse(path).ok())
        .chain(existing(facts))
        .collect();
    let inside = |path: &HostPath| {
        podman
            .iter()
            .find(|own| own.contains(path) || path.contains(own))
            .cloned()
    };
    let mut found = Vec::new();
    for filesystem in &facts.filesystems {
        if let Some(own) = inside(&filesystem.mount_point) {
            found.push(Found {
                at: OptionPath::of(["filesystems", filesystem.name.as_str(), "mountPoint"]),
                message: format!(
                    "{} and {own}, where Podman keeps its stores, overlap: `podman system reset` would delete the volumes with them",
                    filesystem.mount_point
                ),
                help: "choose a directory outside of it, such as `/srv/tank`".into(),
                related: Vec::new(),
            });
        }
    }
    found
}

/// What Podman treats as its own because it has done so since its first start.
fn existing(facts: &Facts) -> Vec<HostPath> {
    let store = facts.spec.engine.existing.store.as_ref();
    store
        .into_iter()
        .flat_map(|store| [&store.graph_root, &store.run_root, &store.volume_path])
        .filter_map(Clone::clone)
        .collect()
}
