#![doc = include_str!("limit_without_simple_quotas.md")]

use super::simple_quota_for_limits::too_old_for_simple_quotas;
use crate::analysis::Facts;
use crate::finding::Level;
use crate::plan::QuotaMode;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB407",
    name: "limit-without-simple-quotas",
    stage: Stage::Attributes,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a limit that nothing on this host can enforce",
    page: include_str!("limit_without_simple_quotas.md"),
    proofs: &[
        "simple-quota-limits-subvolume",
        "qgroups-slow-under-snapshots",
    ],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let Some(too_old) = too_old_for_simple_quotas(&facts.spec.host) else {
        return Vec::new();
    };
    let watched = |index: usize| chosen.filesystems[index].quota == Some(QuotaMode::Watched);
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for volume in &workload.volumes {
            if volume.declared.limit.is_some() && volume.filesystem.is_some_and(watched) {
                found.push(Found {
                    at: workload.volume_at(volume).key("limit"),
                    message: format!(
                        "this limit is not enforced: {too_old} has no simple quotas, which need Linux 6.7 and btrfs-progs 6.7"
                    ),
                    help: "update the host; until then the limit is a size to watch, and the volume can fill the filesystem".into(),
                    related: Vec::new(),
                });
            }
        }
    }
    found
}
