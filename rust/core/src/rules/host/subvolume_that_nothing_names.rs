#![doc = include_str!("subvolume_that_nothing_names.md")]

use crate::drift::{
    Differs, FilesystemOnHost, Host, Remedy, is_below, is_of_a_drill, is_undo_point,
};
use crate::finding::Level;
use crate::plan::{FilesystemPlan, Plan, SubvolumeRole};
use crate::rules::{Decide, Rule, Stage};
use std::collections::BTreeSet;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB846",
    name: "subvolume-that-nothing-names",
    stage: Stage::Host,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "a subvolume in our places that the plan does not name",
    page: include_str!("subvolume_that_nothing_names.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    host.filesystems()
        .flat_map(|filesystem| of_filesystem(host.plan, filesystem))
        .collect()
}

fn of_filesystem(plan: &Plan, filesystem: FilesystemOnHost) -> Vec<Differs> {
    let planned = filesystem.planned;
    let series: BTreeSet<&str> = plan
        .protection
        .jobs
        .iter()
        .filter(|job| job.filesystem == *filesystem.name)
        .flat_map(|job| job.subvolumes.iter().map(|one| one.name.as_str()))
        .collect();
    let found = filesystem.observed.subvolumes.get().into_iter().flatten();
    let orphans = found.filter(|(path, _)| is_orphan(path, planned, &series));
    let told = orphans.map(|(path, _)| {
        let help = if is_of_a_drill(path) {
            "a restore drill works in it, and deletes it; where none is under way, `podman-btrfs drill PLAN --clear` does"
        } else {
            "if it is a removed workload's, keep it as long as its data may be wanted; else see whose it is"
        };
        Differs::new(
            path,
            "nothing in the plan names it; it is left alone, and holds its space",
            help,
            Remedy::Person,
        )
    });
    told.collect()
}

fn is_orphan(path: &str, planned: &FilesystemPlan, series: &BTreeSet<&str>) -> bool {
    let subvolumes = planned.subvolumes.iter();
    // The innermost planned subvolume that is it or holds it says whose it is.
    let holder = subvolumes
        .filter(|one| path == one.path.as_str() || is_below(path, one.path.as_str()))
        .max_by_key(|one| one.path.as_str().len());
    let Some(holder) = holder.filter(|holder| holder.path.as_str() != path) else {
        return false;
    };
    if is_undo_point(path) {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    match holder.role {
        SubvolumeRole::Volumes => true,
        // btrbk's names: the series, a dot, and the moment.
        SubvolumeRole::Snapshots => {
            let of_a_series = name
                .rsplit_once('.')
                .is_some_and(|(of, _)| series.contains(of));
            is_of_a_drill(path) || !of_a_series
        }
        SubvolumeRole::System
        | SubvolumeRole::EngineStores
        | SubvolumeRole::UserStore
        | SubvolumeRole::ImageStore
        | SubvolumeRole::Swap
        | SubvolumeRole::Group
        | SubvolumeRole::Volume
        | SubvolumeRole::SnapperSnapshots => false,
    }
}
