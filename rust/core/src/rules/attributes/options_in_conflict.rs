#![doc = include_str!("options_in_conflict.md")]

use crate::analysis::existing::{FirstMount, MountFacts};
use crate::analysis::mount_options::WholeOptions;
use crate::analysis::{Facts, FilesystemFacts};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, FilesystemChoices, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB432",
    name: "options-in-conflict",
    stage: Stage::Attributes,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "mounts of one filesystem that cannot all have their options",
    page: include_str!("options_in_conflict.md"),
    proofs: &["filesystem-options-first-mount-wins"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (filesystem, choices) in facts.filesystems.iter().zip(&chosen.filesystems) {
        if filesystem.plan_mounts_root() {
            found.extend(against_plan(filesystem, choices));
        } else {
            found.extend(among_existing(filesystem));
        }
    }
    found
}

/// The plan mounts `/`, so its options hold; an existing mount that says something else says it in vain.
fn against_plan(filesystem: &FilesystemFacts, choices: &FilesystemChoices) -> Vec<Found> {
    let Some(planned) = &choices.mount_options else {
        return Vec::new();
    };
    let planned = WholeOptions::of(planned.iter().map(String::as_str));
    filesystem
        .existing_mounts()
        .filter(|mount| mount.whole_options() != planned)
        .map(|mount| {
            let mut differ = mount.whole_options().beyond(&planned);
            differ.extend(planned.beyond(&mount.whole_options()).iter().map(|option| format!("no {option}")));
            Found {
                at: mount.options_at(),
                message: format!(
                    "{} asks for {}, and the plan mounts / of this filesystem first, with its own options: one of the two has no effect",
                    mount.mount_point,
                    differ.join(", ")
                ),
                help: "give this mount the options of the plan, as `plan` prints them, or mount another filesystem there".into(),
                related: vec![OptionPath::of(["filesystems", filesystem.name.as_str(), "system"])],
            }
        })
        .collect()
}

/// Mounts that nothing orders and that disagree: which one decides is another one at each boot.
fn among_existing(filesystem: &FilesystemFacts) -> Option<Found> {
    let FirstMount::Open(candidates) = filesystem.first_mount() else {
        return None;
    };
    let first = candidates.first()?;
    let differing: Vec<&MountFacts> = candidates
        .iter()
        .filter(|other| other.whole_options() != first.whole_options())
        .collect();
    let other = differing.first()?;
    let mut apart = first.whole_options().beyond(&other.whole_options());
    apart.extend(other.whole_options().beyond(&first.whole_options()));
    Some(Found {
        at: first.options_at(),
        message: format!(
            "{} and {} differ in {}, which the first one mounted sets for both, and nothing orders them",
            first.mount_point,
            other.mount_point,
            apart.join(", ")
        ),
        help: "write the same options on both".into(),
        related: differing.iter().map(|mount| mount.options_at()).collect(),
    })
}
