#![doc = include_str!("flat_layout_with_few_mounts.md")]

use crate::finding::Level;
use crate::plan::MountRole;
use crate::rules::{
    Decide, FilesystemChoice, FilesystemView, Layout, LayoutMount, Rule, Stage, Verdict, yes_or_no,
};
use crate::units::{HostPath, SubvolumePath, Text};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB301",
    name: "flat-layout-with-few-mounts",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "few fixed mounts, and everything flat below the top level",
    page: include_str!("flat_layout_with_few_mounts.md"),
    proofs: &[
        "root-exchange-keeps-volumes",
        "snapshot-omits-nested-subvolume",
    ],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let filesystem = view.this();
    let mut mounts = Vec::new();
    let mut add = |subvolume: &str, mount_point: Option<HostPath>, role, needed_for_boot| {
        if let (Ok(subvolume), Some(mount_point)) = (SubvolumePath::parse(subvolume), mount_point) {
            mounts.push(LayoutMount {
                subvolume,
                mount_point,
                role,
                needed_for_boot,
            });
        }
    };
    let is_ephemeral = filesystem.declared.ephemeral_root == Some(true);
    let path = |text| HostPath::parse(text).ok();
    // What an existing mount uses is not ours to write in.
    let free = |name| filesystem.free_name(name);
    if filesystem.declared.system == Some(true) {
        add(&free("@"), path("/"), MountRole::System, true);
        add(&free("@nix"), path("/nix"), MountRole::System, true);
        // On a host that exists, an empty subvolume would hide what lies in /home.
        if !filesystem.declared.disks.is_empty() {
            add("@home", path("/home"), MountRole::System, false);
        }
        add(&free("@log"), path("/var/log"), MountRole::System, true);
    }
    if is_ephemeral {
        // What services keep is read early in the boot, so the initial ram disk mounts it.
        add("@persist", path("/persist"), MountRole::System, true);
    }
    if filesystem.holds_engine {
        add(
            &free("@containers"),
            path("/var/lib/containers"),
            MountRole::EngineStore,
            false,
        );
    }
    add(
        &free("@volumes"),
        Some(filesystem.mount_point.clone()),
        MountRole::Volumes,
        false,
    );
    add(
        &free("@snapshots"),
        Some(filesystem.mount_point.join(".snapshots")),
        MountRole::Snapshots,
        false,
    );
    // What it must be like is PB334's.
    if filesystem.declared.swap.is_some() {
        add(
            "@swap",
            Some(filesystem.mount_point.join(".swap")),
            MountRole::Swap,
            false,
        );
    }
    mounts.sort_by(|a, b| a.mount_point.cmp(&b.mount_point));
    Some(Verdict {
        evidence: vec![
            ("system", yes_or_no(filesystem.declared.system == Some(true))),
            ("engine store", yes_or_no(filesystem.holds_engine)),
        ],
        choice: FilesystemChoice::Layout(Layout { mounts }),
        reason: "a new workload then never edits the mount table, and a rollback of the root takes no container data with it".into(),
        would_change: "`mountPoint`, `system`, `ephemeralRoot`, `swap`, another `engine.filesystem`, or an existing mount of a subvolume of one of these names",
        declared: None,
    })
}
