#![doc = include_str!("profile_without_disks.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB114",
    name: "profile-without-disks",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a profile that needs more disks than there are",
    page: include_str!("profile_without_disks.md"),
    proofs: &["mkfs-refuses-profile-without-devices"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for filesystem in facts
        .filesystems
        .iter()
        .filter(|f| !f.declared.disks.is_empty())
    {
        let declared = filesystem.declared;
        let disks = declared.disks.len();
        let options = [
            ("dataProfile", declared.data_profile),
            ("metadataProfile", declared.metadata_profile),
        ];
        for (option, profile) in options {
            if let Some(profile) = profile.filter(|profile| profile.min_devices() > disks) {
                found.push(Found {
                    at: OptionPath::of(["filesystems", filesystem.name.as_str(), option]),
                    message: format!(
                        "{} needs {} disks at least, and {disks} {} declared",
                        profile.name(),
                        profile.min_devices(),
                        if disks == 1 { "is" } else { "are" }
                    ),
                    help: "add disks, or choose another profile".into(),
                    related: vec![OptionPath::of([
                        "filesystems",
                        filesystem.name.as_str(),
                        "disks",
                    ])],
                });
            }
        }
    }
    found
}
