#![doc = include_str!("filesystem_not_found.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB821",
    name: "filesystem-not-found",
    stage: Stage::Host,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "the device of a planned filesystem is not there",
    page: include_str!("filesystem_not_found.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    host.filesystems()
        .filter(|filesystem| filesystem.observed.found.get() == Some(&None))
        .map(|filesystem| {
            let device = &filesystem.planned.device;
            Differs::new(
                filesystem.name,
                format!("there is no {device}, so nothing that is planned in it is there"),
                "look which disks are there (`btrfs filesystem show`), and whether the declaration names another one",
                Remedy::Person,
            )
        })
        .collect()
}
