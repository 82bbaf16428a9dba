#![doc = include_str!("unallocated_below_reserve.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB840",
    name: "unallocated-below-reserve",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "less space is unallocated than the plan keeps free",
    page: include_str!("unallocated_below_reserve.md"),
    proofs: &[
        "balance-gives-back-mostly-empty-chunks",
        "full-metadata-refuses-writes",
    ],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let found = host.filesystems().filter_map(|filesystem| {
        let space = filesystem.observed.space.get()?;
        let (room, wanted) = (space.room(), space.wanted(filesystem.planned.reserve_bytes));
        (room < wanted).then(|| {
            Differs::new(
                filesystem.name,
                format!("{} MiB are unallocated, and {} MiB are to stay so", room >> 20, wanted >> 20),
                format!("`podman-btrfs upkeep PLAN {} balance`; where that does not help, remove something or add a device", filesystem.name),
                Remedy::Person,
            )
        })
    });
    found.collect()
}
