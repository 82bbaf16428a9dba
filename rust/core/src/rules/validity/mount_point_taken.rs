#![doc = include_str!("mount_point_taken.md")]

use std::collections::BTreeMap;

use crate::analysis::existing::MountFacts;
use crate::analysis::{Facts, FilesystemFacts};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::{HostPath, Text};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB124",
    name: "mount-point-taken",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "an existing mount where the plan or another filesystem mounts",
    page: include_str!("mount_point_taken.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<&HostPath, MountFacts> = BTreeMap::new();
    for mount in facts.existing_mounts() {
        if let Some(first) = seen.insert(mount.mount_point, mount) {
            found.push(Found {
                at: mount.at(),
                message: format!(
                    "two filesystems are mounted at {}: `{}` and `{}`; one hides the other",
                    mount.mount_point, first.filesystem, mount.filesystem
                ),
                help: "leave out the one that is not mounted there".into(),
                related: vec![first.at()],
            });
        }
        for filesystem in &facts.filesystems {
            found.extend(against_plan(filesystem, &mount));
        }
    }
    found
}

/// The mount against what the plan mounts of a filesystem: volumes with all below them, Podman's stores, the system.
fn against_plan(filesystem: &FilesystemFacts, mount: &MountFacts) -> Option<Found> {
    let of = |option: &str| OptionPath::of(["filesystems", filesystem.name.as_str(), option]);
    let parse = |path| HostPath::parse(path).ok();
    let stores = filesystem
        .holds_engine
        .then(|| parse("/var/lib/containers"));
    let (hidden, what, option) = if filesystem.mount_point.contains(mount.mount_point) {
        (
            &filesystem.mount_point,
            "the plan's volumes appear at",
            of("mountPoint"),
        )
    } else if stores
        .flatten()
        .is_some_and(|stores| stores.contains(mount.mount_point))
    {
        (
            mount.mount_point,
            "the plan mounts Podman's stores at or above",
            OptionPath::of(["engine", "filesystem"]),
        )
    } else if filesystem.plan_mounts_root()
        && ["/", "/nix", "/var/log"].contains(&mount.mount_point.as_str())
    {
        (
            mount.mount_point,
            "with `system` the plan itself mounts",
            of("system"),
        )
    } else {
        return None;
    };
    Some(Found {
        at: mount.at(),
        message: format!(
            "{} is mounted already, and {what} {hidden}: one hides the other",
            mount.mount_point
        ),
        help: "choose another `mountPoint`, or leave out the existing mount and let the plan have its place".into(),
        related: vec![option],
    })
}
