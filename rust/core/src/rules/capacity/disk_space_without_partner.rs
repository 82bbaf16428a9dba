#![doc = include_str!("disk_space_without_partner.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::capacity::{disks_at, gibibytes};
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::space::{self, Capacity};
use crate::spec::Profile;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB702",
    name: "disk-space-without-partner",
    stage: Stage::Capacity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "space on the largest disk that no other disk can mirror",
    page: include_str!("disk_space_without_partner.md"),
    proofs: &["chunks-take-the-emptiest-devices"],
    decide: Decide::Find(find),
};

/// Less than this share of the disks is not worth a word.
const TOLD_FROM_PER_CENT: u64 = 5;

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, filesystem) in facts.filesystems.iter().enumerate() {
        let choices = &chosen.filesystems[index];
        let (Some(data), Some(sizes)) = (choices.data_profile.flatten(), filesystem.disk_sizes())
        else {
            continue;
        };
        let metadata = choices.metadata_profile.flatten().unwrap_or(data);
        if sizes.len() < 2 || sizes.windows(2).all(|pair| pair[0] == pair[1]) {
            continue;
        }
        let capacity = space::capacity(&sizes, data, metadata);
        let all = sizes
            .iter()
            .fold(0_u64, |sum, size| sum.saturating_add(*size));
        if capacity.stranded / TOLD_FROM_PER_CENT < all / 100 {
            continue;
        }
        found.push(Found {
            at: OptionPath::of(["filesystems", filesystem.name.as_str(), disks_at(filesystem)]),
            message: format!(
                "{} of the disks cannot be used: {} needs room on several disks at once, and {} GiB of files fit{}",
                gibibytes(capacity.stranded.into()),
                data.name(),
                capacity.data >> 30,
                after_a_loss(&capacity)
            ),
            help: help(&sizes, data),
            related: Vec::new(),
        });
    }
    found
}

fn after_a_loss(capacity: &Capacity) -> String {
    match (capacity.may_fail, capacity.without_largest) {
        (0, _) => String::new(),
        (_, Some(left)) => format!("; {} when the largest disk is lost", gibibytes(left.into())),
        (_, None) => "; a lost disk must be replaced before anything can be mirrored again".into(),
    }
}

fn help(sizes: &[u64], data: Profile) -> String {
    let largest = sizes.iter().copied().max().unwrap_or(0);
    let others: u64 = sizes.iter().sum::<u64>().saturating_sub(largest);
    if data == Profile::Raid1 {
        return format!(
            "add a disk of {}, or disks that together are as large as the largest",
            gibibytes(largest.saturating_sub(others).into())
        );
    }
    "use disks of one size, or a profile with fewer copies".into()
}
