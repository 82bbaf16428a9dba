#![doc = include_str!("alternatives_to_scattered_writes.md")]

use std::borrow::Cow;

use crate::finding::Level;
use crate::rules::{Alternative, Decide, Rule, Stage, Verdict, VolumeChoice, VolumeView};
use crate::spec::Media;
use crate::units::Duration;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB406",
    name: "alternatives-to-scattered-writes",
    stage: Stage::Attributes,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "what else could hold a file that copy on write scatters, and its price",
    page: include_str!("alternatives_to_scattered_writes.md"),
    proofs: &[
        "nodatacow-fragments-under-snapshots",
        "defragmentation-unshares-snapshots",
        "nodatacow-has-no-checksums",
    ],
    decide: Decide::Volume(decide),
};

/// A policy without an `rpo` means a day.
const DEFAULT_RPO: u64 = 86_400;

fn decide(view: &VolumeView) -> Option<Verdict<VolumeChoice>> {
    let choices = view.choices();
    let traits = choices.class.flatten()?.traits();
    if !traits.is_fragmented_by_cow() || choices.copy_on_write != Some(true) {
        return None;
    }
    let snapshotted = view.is_snapshotted();
    let mut evidence: Vec<(&'static str, Cow<'static, str>)> = Vec::new();
    let mut found = Vec::new();
    let mut offer = |alternative: Alternative, price: &'static str| {
        evidence.push((alternative.name(), price.into()));
        found.push(alternative);
    };
    if snapshotted && traits.has_engine {
        offer(
            Alternative::DumpTier,
            "a volume of dumps is snapshotted instead of the data files: what was written since the last dump is lost, and each dump takes time and room",
        );
    }
    offer(
        Alternative::Defragmentation,
        if snapshotted {
            "what a snapshot shares is stored a second time by each run"
        } else {
            "each run reads and writes the whole file"
        },
    );
    if !snapshotted {
        offer(
            Alternative::Nodatacow,
            "no checksums: damage is neither noticed nor healed by Btrfs",
        );
    }
    if let Some(share) = copied_between_snapshots(view).filter(|_| snapshotted) {
        evidence.push((
            "copiedBetweenSnapshots",
            format!("{share} % of it at most").into(),
        ));
    }
    Some(Verdict {
        choice: VolumeChoice::Alternatives(found),
        reason: reason(view).into(),
        evidence,
        would_change: "`copyOnWrite`, another class, another `media`, or a policy that snapshots it or none",
        declared: None,
    })
}

fn reason(view: &VolumeView) -> &'static str {
    let media = view
        .filesystem()
        .and_then(|(filesystem, _)| filesystem.declared.media);
    match media {
        Some(Media::Hdd) => {
            "copying on write scatters it over the disk, and each piece costs a rotating disk a seek when it is read in order"
        }
        Some(Media::Nvme | Media::Ssd) => {
            "copying on write scatters it, which solid state forgives when reading but pays for in metadata"
        }
        None => "copying on write scatters it, which rotating disks pay for with seeks",
    }
}

/// How much of the volume is written between two snapshots, in percent of its size; `None` where size
/// or churn is unknown.
fn copied_between_snapshots(view: &VolumeView) -> Option<u64> {
    let workload = view.workload.this();
    let policy = &view.workload.facts.policies[workload.policy?];
    let interval = policy.declared.rpo.map_or(DEFAULT_RPO, Duration::seconds);
    let declared = view.this().declared;
    let (size, churn) = (declared.size?.bytes(), declared.churn?.bytes_per_day());
    let written = u128::from(churn) * u128::from(interval) / 86_400;
    let percent = written * 100 / u128::from(size.max(1));
    Some(u64::try_from(percent).unwrap_or(u64::MAX).min(100))
}
