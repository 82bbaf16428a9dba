#![doc = include_str!("mount_points_overlapping.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::{HostPath, Text};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB109",
    name: "mount-points-overlapping",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "two mount points on or below each other",
    page: include_str!("mount_points_overlapping.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

/// Directories of a running NixOS that volumes must not cover.
const SYSTEM: [&str; 12] = [
    "/", "/bin", "/boot", "/dev", "/etc", "/nix", "/proc", "/root", "/run", "/sys", "/usr",
    "/var/log",
];

/// True where a filesystem with the system mounts something of its own there.
fn is_planned(facts: &Facts, here: &HostPath) -> bool {
    facts.filesystems.iter().any(|filesystem| {
        let declared = filesystem.declared;
        let system = declared.system == Some(true);
        let persist = declared.ephemeral_root == Some(true)
            && HostPath::parse("/persist").is_ok_and(|persist| persist.contains(here));
        system && (here.as_str() == "/home" || persist)
    })
}

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, filesystem) in facts.filesystems.iter().enumerate() {
        let at = OptionPath::of(["filesystems", filesystem.name.as_str(), "mountPoint"]);
        let here = &filesystem.mount_point;
        let below_system = SYSTEM[1..]
            .iter()
            .any(|system| HostPath::parse(system).is_ok_and(|system| system.contains(here)));
        if SYSTEM.contains(&here.as_str()) || below_system || is_planned(facts, here) {
            found.push(Found {
                at: at.clone(),
                message: format!("volumes cannot appear at {here}: the running system is there"),
                help: "choose a directory of its own, such as `/srv/tank`".into(),
                related: Vec::new(),
            });
        }
        for other in &facts.filesystems[..index] {
            if other.mount_point.contains(here) || here.contains(&other.mount_point) {
                found.push(Found {
                    at: at.clone(),
                    message: format!(
                        "{here} and {}, the mount point of `{}`, overlap: one would hide the other's volumes",
                        other.mount_point, other.name
                    ),
                    help: "give each filesystem a directory that is not below the other's".into(),
                    related: vec![OptionPath::of(["filesystems", other.name.as_str(), "mountPoint"])],
                });
            }
        }
    }
    found
}
