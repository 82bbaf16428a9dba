#![doc = include_str!("option_without_effect.md")]

use crate::analysis::existing::MountFacts;
use crate::analysis::{Facts, FilesystemFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB431",
    name: "option-without-effect",
    stage: Stage::Attributes,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "an option that the first mount does not say",
    page: include_str!("option_without_effect.md"),
    proofs: &[
        "filesystem-options-first-mount-wins",
        "compression-starts-with-a-remount",
    ],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts
        .filesystems
        .iter()
        .filter(|filesystem| filesystem.follows_existing_options())
        .filter_map(in_vain)
        .collect()
}

fn in_vain(filesystem: &FilesystemFacts) -> Option<Found> {
    let first = filesystem.deciding_mount()?;
    let holds = first.whole_options();
    let asking: Vec<(MountFacts, Vec<String>)> = filesystem
        .existing_mounts()
        .map(|mount| (mount, mount.whole_options().beyond(&holds)))
        .filter(|(_, asked)| !asked.is_empty())
        .collect();
    let (_, line) = asking.first()?;
    let asked: Vec<String> = asking
        .iter()
        .map(|(mount, asked)| format!("{} on {}", asked.join(","), mount.mount_point))
        .collect();
    let compression = asking
        .iter()
        .any(|(mount, _)| mount.whole_options().compression().is_some());
    let state = if compression && holds.compression().is_none() {
        "compression is off on the whole filesystem"
    } else {
        "not all options are in effect"
    };
    let written: Vec<String> = first
        .declared
        .options
        .iter()
        .map(ToString::to_string)
        .chain(line.iter().cloned())
        .map(|option| format!("\"{option}\""))
        .collect();
    Some(Found {
        at: first.options_at(),
        message: format!(
            "{state}: {} is mounted first, and what it does not say has no effect elsewhere: {}",
            first.mount_point,
            asked.join("; ")
        ),
        help: format!(
            "one line changes it: `fileSystems.\"{}\".options = [ {} ];` (`mountOptions` in a disko layout); it holds for what is written from then on",
            first.mount_point,
            written.join(" ")
        ),
        related: asking.iter().map(|(mount, _)| mount.options_at()).collect(),
    })
}
