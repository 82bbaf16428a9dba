#![doc = include_str!("another_mount_in_place.md")]

use crate::drift::{Differs, FilesystemOnHost, Host, Remedy};
use crate::finding::Level;
use crate::observed::ObservedMount;
use crate::plan::Mount;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB822",
    name: "another-mount-in-place",
    stage: Stage::Host,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "something else is mounted where a subvolume is planned",
    page: include_str!("another_mount_in_place.md"),
    proofs: &["bind-source-below-a-missing-mount"],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let of = |filesystem: FilesystemOnHost| {
        let mounts = filesystem.planned.mounts.iter();
        let found = mounts.filter_map(|mount| {
            let found = filesystem.mounted(mount)?;
            let what = what_else(filesystem, mount, found)?;
            Some(differs(filesystem, mount, &what))
        });
        found.collect::<Vec<_>>()
    };
    host.filesystems().flat_map(of).collect()
}

fn differs(filesystem: FilesystemOnHost, mount: &Mount, what: &str) -> Differs {
    let (name, subvolume) = (filesystem.name, &mount.subvolume);
    Differs::new(
        &mount.mount_point,
        format!("{what} is mounted there, and {subvolume} of {name} is planned"),
        "stop what uses it, unmount it, and mount as planned (`systemctl restart` of the mount's unit)",
        Remedy::Person,
    )
}

fn what_else(filesystem: FilesystemOnHost, mount: &Mount, found: &ObservedMount) -> Option<String> {
    if filesystem.is_in_effect(mount) {
        return None;
    }
    if found.kind != "btrfs" {
        return Some(format!("{} of {}", found.kind, found.source));
    }
    match found.planned_filesystem.get()? {
        false => Some(format!("another Btrfs ({})", found.source)),
        true if found.subvolume.is_empty() => Some("the top level".into()),
        true => Some(format!("the subvolume {}", found.subvolume)),
    }
}
