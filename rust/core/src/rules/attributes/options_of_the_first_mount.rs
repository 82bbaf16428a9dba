#![doc = include_str!("options_of_the_first_mount.md")]

use crate::analysis::existing::{FirstMount, written_whole_options};
use crate::finding::Level;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB430",
    name: "options-of-the-first-mount",
    stage: Stage::Attributes,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "mount options of a filesystem that is mounted already",
    page: include_str!("options_of_the_first_mount.md"),
    proofs: &[
        "filesystem-options-first-mount-wins",
        "remount-changes-whole-filesystem",
    ],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let filesystem = view.this();
    if !filesystem.follows_existing_options() {
        return None;
    }
    // Where candidates disagree, PB432 refuses the plan; what is said here then has no effect.
    let first = filesystem
        .deciding_mount()
        .or_else(|| filesystem.existing_mounts().next())?;
    let mut options = vec!["noatime".to_owned()];
    options.extend(written_whole_options(&first));
    let order = match filesystem.first_mount() {
        FirstMount::Known(_) => "at every boot",
        FirstMount::Open(_) | FirstMount::None => "or another that asks for the same",
    };
    Some(Verdict {
        choice: FilesystemChoice::MountOptions(options),
        reason: format!(
            "{} is mounted first ({order}), and what it says of the whole filesystem holds for the plan's mounts whatever they say",
            first.mount_point
        )
        .into(),
        evidence: vec![
            ("first mount", first.named().into()),
            ("existing mounts", filesystem.declared.existing.mounts.len().to_string().into()),
        ],
        would_change: "other options on the mount that comes first",
        declared: None,
    })
}
