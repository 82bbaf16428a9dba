#![doc = include_str!("swap_file_in_a_subvolume_of_its_own.md")]

use crate::finding::Level;
use crate::plan::{MountRole, SwapFile};
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB334",
    name: "swap-file-in-a-subvolume-of-its-own",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "a swap file in a subvolume that nothing snapshots",
    page: include_str!("swap_file_in_a_subvolume_of_its_own.md"),
    proofs: &[
        "swap-file-and-snapshots-exclude-each-other",
        "swap-file-needs-one-device-and-one-copy",
    ],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let size = view.this().declared.swap?;
    let layout = view.choices().layout.as_ref()?;
    let mount = layout
        .mounts
        .iter()
        .find(|mount| mount.role == MountRole::Swap)?;
    Some(Verdict {
        choice: FilesystemChoice::Swap(SwapFile {
            subvolume: mount.subvolume.clone(),
            path: mount.mount_point.join("swapfile"),
            size_bytes: size.bytes(),
        }),
        reason: "a subvolume with a swap file in use cannot be snapshotted, so nothing else is in this one, and no policy takes it".into(),
        evidence: vec![("size", size.to_string().into())],
        would_change: "`swap`, or `mountPoint`",
        declared: None,
    })
}
