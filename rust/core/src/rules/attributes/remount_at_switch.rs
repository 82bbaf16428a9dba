#![doc = include_str!("remount_at_switch.md")]

use crate::analysis::Facts;
use crate::analysis::existing::MountFacts;
use crate::analysis::mount_options::WholeOptions;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB433",
    name: "remount-at-switch",
    stage: Stage::Attributes,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a mount whose options a switch would give to all",
    page: include_str!("remount_at_switch.md"),
    proofs: &["remount-changes-whole-filesystem"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (filesystem, choices) in facts.filesystems.iter().zip(&chosen.filesystems) {
        let Some(planned) = &choices.mount_options else {
            continue;
        };
        let planned = WholeOptions::of(planned.iter().map(String::as_str));
        let differing: Vec<(MountFacts, Vec<String>)> = filesystem
            .existing_mounts()
            .map(|mount| (mount, mount.whole_options().beyond(&planned)))
            .filter(|(_, more)| !more.is_empty())
            .collect();
        let Some((first, _)) = differing.first() else {
            continue;
        };
        let named: Vec<String> = differing
            .iter()
            .map(|(mount, more)| format!("{} with {}", mount.mount_point, more.join(",")))
            .collect();
        found.push(Found {
            at: first.options_at(),
            message: format!(
                "a remount gives its options to the whole filesystem, {} too, until the next boot: {}",
                filesystem.mount_point,
                named.join("; ")
            ),
            help: "before any of these mounts changes at a `nixos-rebuild switch`, write the same options on all mounts of the filesystem".into(),
            related: differing.iter().skip(1).map(|(mount, _)| mount.options_at()).collect(),
        });
    }
    found
}
