#![doc = include_str!("snapshots_of_what_can_be_built_again.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::Duration;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB622",
    name: "snapshots-of-what-can-be-built-again",
    stage: Stage::Protection,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "snapshots of /nix or of the system",
    page: include_str!("snapshots_of_what_can_be_built_again.md"),
    proofs: &["snapshots-of-small-files-hold-metadata"],
    decide: Decide::Find(find),
};

/// What an installation from the configuration makes again, path by path.
const MADE_AGAIN: [&str; 2] = ["/nix", "/nix/store"];

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts
        .existing_mounts()
        .filter(|mount| MADE_AGAIN.contains(&mount.mount_point.as_str()))
        .filter_map(|mount| {
            let snapshots = mount.declared.snapshots.as_ref()?;
            let every = snapshots
                .every
                .map_or_else(String::new, |every: Duration| format!(" every {every}"));
            Some(Found {
                at: mount.at().key("snapshots"),
                message: format!(
                    "snapshots{every} of {}: what it holds is built or fetched again from the configuration, and each snapshot holds on to metadata and to what garbage collection deletes",
                    mount.named()
                ),
                help: "take no snapshots of it; the configuration and its lock file are what is worth keeping".into(),
                related: Vec::new(),
            })
        })
        .collect()
}
