#![doc = include_str!("metadata_nearly_full.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB841",
    name: "metadata-nearly-full",
    stage: Stage::Host,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "hardly any metadata can still be written",
    page: include_str!("metadata_nearly_full.md"),
    proofs: &[
        "deletions-work-on-a-full-filesystem",
        "device-added-to-full-metadata",
        "full-metadata-refuses-a-balance",
        "full-metadata-refuses-writes",
    ],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let found = host.filesystems().filter_map(|filesystem| {
        let space = filesystem.observed.space.get()?;
        let (left, little) = (space.metadata_left(), space.little());
        (left < little).then(|| {
            Differs::new(
                filesystem.name,
                format!("{} MiB of metadata can still be written, after which every write is refused", left >> 20),
                format!("`podman-btrfs emergency PLAN {}` proposes what frees some, in the order in which it can be done", filesystem.name),
                Remedy::Person,
            )
        })
    });
    found.collect()
}
