#![doc = include_str!("mounted_data_without_snapshots.md")]

use crate::analysis::existing::MountFacts;
use crate::analysis::{Facts, FilesystemFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::ExistingContent;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB620",
    name: "mounted-data-without-snapshots",
    stage: Stage::Protection,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "mounted data that no snapshot of anybody holds",
    page: include_str!("mounted_data_without_snapshots.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts.filesystems.iter().filter_map(uncovered).collect()
}

fn uncovered(filesystem: &FilesystemFacts) -> Option<Found> {
    let holding = |content| {
        filesystem
            .existing_mounts()
            .filter(move |mount| mount.holds() == content)
    };
    let bare: Vec<MountFacts> = holding(ExistingContent::Data)
        .filter(|mount| mount.declared.snapshots.is_none())
        .collect();
    let first = bare.first()?;
    let names: Vec<String> = bare.iter().map(MountFacts::named).collect();
    let place: Vec<String> = holding(ExistingContent::Snapshots)
        .map(|mount| mount.named())
        .collect();
    let although = if place.is_empty() {
        String::new()
    } else {
        format!(", although {} is there to keep some", place.join(", "))
    };
    Some(Found {
        at: first.at(),
        message: format!("no policy and no known tool takes snapshots of {}{although}", names.join(", ")),
        help: "move the data into volumes with a policy, or declare in `snapshots` what another tool takes".into(),
        related: bare.iter().skip(1).map(MountFacts::at).collect(),
    })
}
