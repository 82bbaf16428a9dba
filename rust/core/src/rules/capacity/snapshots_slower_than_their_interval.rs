#![doc = include_str!("snapshots_slower_than_their_interval.md")]

use crate::analysis::Facts;
use crate::density::{FilesystemLoad, count};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::Duration;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB718",
    name: "snapshots-slower-than-their-interval",
    stage: Stage::Capacity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "more snapshots at each run than its interval has time for",
    page: include_str!("snapshots_slower_than_their_interval.md"),
    proofs: &["snapshots-cost-metadata-and-cleaning"],
    decide: Decide::Find(find),
};

/// The part of its time that a filesystem may spend on taking and cleaning up snapshots: a quarter.
const PART: u64 = 4;

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let loads = count(facts, chosen).filesystems;
    let mut found = Vec::new();
    for (filesystem, load) in facts.filesystems.iter().zip(&loads) {
        for (policy, batch) in &load.batches {
            let Some(schedule) = &chosen.policies[*policy].schedule else {
                continue;
            };
            let (interval, seconds) = (schedule.interval_seconds, FilesystemLoad::seconds(*batch));
            if seconds > interval / PART {
                let name = facts.policies[*policy].name.as_str();
                found.push(Found {
                    at: OptionPath::of(["policies", name, "rpo"]),
                    message: format!(
                        "{batch} snapshots on {} every {} take about {seconds} s with the cleaning of those that they replace, more than a quarter of that time",
                        filesystem.name,
                        Duration::from_seconds(interval)
                    ),
                    help: "allow a longer `rpo`, or put copies that lose less under a policy of their own"
                        .into(),
                    related: Vec::new(),
                });
            }
        }
    }
    found
}
