#![doc = include_str!("writable_snapshot.md")]

use crate::drift::{
    Differs, FilesystemOnHost, Host, Remedy, is_below, is_of_a_drill, is_undo_point,
};
use crate::finding::Level;
use crate::plan::SubvolumeRole;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB839",
    name: "writable-snapshot",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a snapshot that can be written",
    page: include_str!("writable_snapshot.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    host.filesystems().flat_map(of_filesystem).collect()
}

fn of_filesystem(filesystem: FilesystemOnHost) -> Vec<Differs> {
    let planned = &filesystem.planned.subvolumes;
    let of_snapshots = planned.iter().filter(|one| {
        matches!(
            one.role,
            SubvolumeRole::Snapshots | SubvolumeRole::SnapperSnapshots
        )
    });
    let of_snapshots: Vec<&str> = of_snapshots.map(|one| one.path.as_str()).collect();
    let found = filesystem.observed.subvolumes.get().into_iter().flatten();
    let writable = found.filter(|(path, subvolume)| {
        let is_planned = planned.iter().any(|one| one.path.as_str() == *path);
        let is_snapshot = of_snapshots.iter().any(|above| is_below(path, above));
        let is_ours = is_undo_point(path) || is_of_a_drill(path);
        is_snapshot && !is_planned && !subvolume.read_only && !is_ours
    });
    let told = writable.map(|(path, _)| {
        Differs::new(
            path,
            "it lies among snapshots and can be written, so nobody knows whether it still shows its moment",
            "if it is a snapshot, `btrfs property set -t subvol PATH ro true`; if somebody works in it, move it elsewhere",
            Remedy::Person,
        )
    });
    told.collect()
}
