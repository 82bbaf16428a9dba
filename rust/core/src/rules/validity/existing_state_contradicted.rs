#![doc = include_str!("existing_state_contradicted.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB125",
    name: "existing-state-contradicted",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "an existing state of what is new, or a key to no lock",
    page: include_str!("existing_state_contradicted.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for filesystem in &facts.filesystems {
        let at = |option: &str| OptionPath::of(["filesystems", filesystem.name.as_str(), option]);
        let (declared, existing) = (filesystem.declared, &filesystem.declared.existing);
        let is_something = !existing.mounts.is_empty() || existing.key_file.is_some();
        if is_something && !declared.disks.is_empty() {
            found.push(Found {
                at: at("existing"),
                message:
                    "an installation formats this filesystem's disks, so nothing of it exists yet"
                        .into(),
                help: "name the `device` in place of `disks`, or leave out `existing`".into(),
                related: vec![at("disks")],
            });
        }
        if existing.key_file.is_some() && declared.encryption.is_none() {
            found.push(Found {
                at: at("existing").key("keyFile"),
                message: "a key file is named, and no encryption that it unlocks".into(),
                help: "set `encryption = \"luks\"`, or leave out the key file".into(),
                related: Vec::new(),
            });
        }
        if existing.key_unit.is_some() && existing.key_file.is_none() {
            found.push(Found {
                at: at("existing").key("keyUnit"),
                message: "a unit is named that makes the key file, and no key file".into(),
                help: "name the `keyFile` that it makes".into(),
                related: Vec::new(),
            });
        }
    }
    found
}
