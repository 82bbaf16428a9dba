#![doc = include_str!("quota_mode_differs.md")]

use crate::drift::{Differs, FilesystemOnHost, Host, Remedy};
use crate::finding::Level;
use crate::observed::ObservedQuota;
use crate::plan::QuotaMode;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB835",
    name: "quota-mode-differs",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "other quotas are on than planned",
    page: include_str!("quota_mode_differs.md"),
    proofs: &[
        "qgroups-slow-under-snapshots",
        "simple-quota-limits-subvolume",
    ],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    host.filesystems().filter_map(of_filesystem).collect()
}

fn of_filesystem(filesystem: FilesystemOnHost) -> Option<Differs> {
    let place = &filesystem.planned.mount_point;
    let wants_simple = filesystem.planned.quota == QuotaMode::Simple;
    let (message, help, remedy) = match (wants_simple, filesystem.observed.quota.get()?) {
        (true, ObservedQuota::Simple) | (false, ObservedQuota::None) => return None,
        (true, ObservedQuota::None) => (
            "no quotas are on, so no limit is kept",
            "`podman-btrfs apply` switches simple quotas on; what was written before is not counted".into(),
            Remedy::Apply,
        ),
        (_, ObservedQuota::Classic) => (
            "qgroups are on, which slow down every snapshot and its deletion",
            format!("`btrfs quota disable -- {place}` ends them and their limits"),
            Remedy::Person,
        ),
        (false, ObservedQuota::Simple) => (
            "simple quotas are on, and no limit is planned",
            format!("declare limits, or end them: `btrfs quota disable -- {place}`"),
            Remedy::Person,
        ),
    };
    Some(Differs::new(filesystem.name, message, help, remedy))
}
