#![doc = include_str!("subvolume_inside_a_group.md")]

use crate::drift::{Differs, FilesystemOnHost, Host, Remedy, is_below};
use crate::finding::Level;
use crate::plan::SubvolumeRole;
use crate::rules::{Decide, Rule, Stage};
use std::collections::BTreeSet;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB831",
    name: "subvolume-inside-a-group",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a subvolume that snapshots of what holds it leave out",
    page: include_str!("subvolume_inside_a_group.md"),
    proofs: &["snapshot-omits-nested-subvolume"],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    host.filesystems()
        .flat_map(|filesystem| of_filesystem(host, filesystem))
        .collect()
}

fn of_filesystem(host: &Host, filesystem: FilesystemOnHost) -> Vec<Differs> {
    let jobs = host.plan.protection.jobs.iter();
    let taken: BTreeSet<&str> = jobs
        .filter(|job| job.filesystem == *filesystem.name)
        .flat_map(|job| &job.subvolumes)
        .map(|subvolume| subvolume.path.as_str())
        .collect();
    let planned = &filesystem.planned.subvolumes;
    let of_snapshots = planned
        .iter()
        .filter(|one| one.role == SubvolumeRole::SnapperSnapshots);
    let of_snapshots: Vec<&str> = of_snapshots.map(|one| one.path.as_str()).collect();
    let found = filesystem.observed.subvolumes.get().into_iter().flatten();
    let inside = found.filter_map(|(path, _)| {
        let group = taken.iter().find(|group| is_below(path, group))?;
        let is_planned = planned.iter().any(|one| one.path.as_str() == path);
        let is_snapshot = of_snapshots.iter().any(|above| is_below(path, above));
        (!is_planned && !is_snapshot).then(|| {
            Differs::new(
                path,
                format!(
                    "the subvolume lies inside {group}, and no snapshot of that holds what is in it"
                ),
                "declare it as a volume of its own, or copy what is in it into a directory",
                Remedy::Person,
            )
        })
    });
    inside.collect()
}
