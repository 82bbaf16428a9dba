#![doc = include_str!("mount_options_differ.md")]

use crate::drift::{
    Differs, FilesystemOnHost, Host, Remedy, options_not_in_effect, options_not_planned,
};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};
use std::collections::BTreeMap;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB824",
    name: "mount-options-differ",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "options of a mount that are not in effect, or not planned",
    page: include_str!("mount_options_differ.md"),
    proofs: &[
        "filesystem-options-first-mount-wins",
        "remount-changes-whole-filesystem",
    ],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    host.filesystems().flat_map(of_filesystem).collect()
}

/// Most options hold for the whole filesystem: what all its mounts have in common is told once.
fn of_filesystem(filesystem: FilesystemOnHost) -> Vec<Differs> {
    let mut differences: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for mount in &filesystem.planned.mounts {
        if !filesystem.is_in_effect(mount) {
            continue;
        }
        let Some(found) = filesystem.mounted(mount) else {
            continue;
        };
        let lists = [
            (
                "not in effect",
                options_not_in_effect(&mount.options, &found.options),
            ),
            (
                "in effect, and not planned",
                options_not_planned(&mount.options, &found.options),
            ),
        ];
        for (what, options) in lists {
            if !options.is_empty() {
                let told = format!("{what}: {}", options.join(","));
                let points = differences.entry(told).or_default();
                points.push(mount.mount_point.as_str());
            }
        }
    }
    let told = differences.into_iter().map(|(what, points)| {
        Differs::new(
            filesystem.name,
            format!("{what} (at {})", points.join(", ")),
            "see which mount of it comes first, correct that one, and mount all of them anew, as at the next boot; a remount of one changes all",
            Remedy::Person,
        )
    });
    told.collect()
}
