#![doc = include_str!("simple_quota_for_limits.md")]

use crate::finding::Level;
use crate::plan::QuotaMode;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};
use crate::spec::Host;
use crate::units::Version;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB405",
    name: "simple-quota-for-limits",
    stage: Stage::Attributes,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether limits are accounted, and how",
    page: include_str!("simple_quota_for_limits.md"),
    proofs: &[
        "simple-quota-limits-subvolume",
        "qgroups-slow-under-snapshots",
    ],
    decide: Decide::Filesystem(decide),
};

/// What of this host cannot keep simple quotas; `None` where nothing is known to be too old, since every
/// supported NixOS release can.
pub(super) fn too_old_for_simple_quotas(host: &Host) -> Option<String> {
    let old = |version: &Option<Version>| {
        version
            .as_ref()
            .filter(|version| !version.at_least(6, 7))
            .map(ToString::to_string)
    };
    match (old(&host.kernel), old(&host.btrfs_progs)) {
        (Some(kernel), _) => Some(format!("Linux {kernel}")),
        (None, Some(progs)) => Some(format!("btrfs-progs {progs}")),
        (None, None) => None,
    }
}

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let limits = view.this().limits;
    let too_old = too_old_for_simple_quotas(&view.facts.spec.host);
    let (mode, reason) = if limits > 0 && too_old.is_some() {
        (
            QuotaMode::Watched,
            "simple quotas need Linux 6.7 and btrfs-progs 6.7, and classic qgroups cost more than a limit is worth",
        )
    } else if limits > 0 {
        (
            QuotaMode::Simple,
            "a limit needs accounting, and simple quotas do it without what makes classic qgroups slow under snapshots",
        )
    } else {
        (QuotaMode::None, "nothing on it has a limit")
    };
    Some(Verdict {
        choice: FilesystemChoice::Quota(mode),
        reason: reason.into(),
        evidence: vec![
            ("limits", limits.to_string().into()),
            (
                "tooOld",
                too_old
                    .unwrap_or_else(|| "nothing known to be".into())
                    .into(),
            ),
        ],
        would_change: "a `limit` on one of its volumes, or another `host.kernel` or `host.btrfsProgs`",
        declared: None,
    })
}
