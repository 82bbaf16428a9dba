#![doc = include_str!("mount_missing.md")]

use crate::drift::{Differs, FilesystemOnHost, Host, Remedy};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB823",
    name: "mount-missing",
    stage: Stage::Host,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "nothing is mounted at a planned mount point",
    page: include_str!("mount_missing.md"),
    proofs: &["bind-source-below-a-missing-mount"],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let of = |filesystem: FilesystemOnHost| {
        let mounts = filesystem.planned.mounts.iter();
        let missing = mounts.filter(|mount| {
            let mounted = filesystem.observed.mounts.get();
            mounted.is_some_and(|mounted| !mounted.contains_key(&mount.mount_point))
        });
        let told = missing.map(|mount| {
            let (name, subvolume) = (filesystem.name, &mount.subvolume);
            Differs::new(
                &mount.mount_point,
                format!("{subvolume} of {name} is not mounted, and what is written there lands on another filesystem"),
                "mount it (`systemctl start` of the mount's unit), and see why it is not",
                Remedy::Person,
            )
        });
        told.collect::<Vec<_>>()
    };
    // Where the filesystem is not found, that is told.
    host.filesystems()
        .filter(|filesystem| filesystem.observed.found.get() != Some(&None))
        .flat_map(of)
        .collect()
}
