#![doc = include_str!("data_profile_by_disks.md")]

use crate::finding::Level;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};
use crate::spec::Profile;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB305",
    name: "data-profile-by-disks",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "the profile of data, by the number of disks",
    page: include_str!("data_profile_by_disks.md"),
    proofs: &["nodatacow-has-no-checksums"],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let declared = view.this().declared;
    let (profile, reason) = match declared.disks.len() {
        0 => (None, "it exists, and keeps the profile that it has"),
        1 => (
            Some(Profile::Single),
            "one disk can hold each block once; a second copy on it would halve the space and not outlive the disk",
        ),
        _ => (
            Some(Profile::Raid1),
            "with two copies on two disks a lost disk loses nothing, and a block with a wrong checksum is healed from the other copy",
        ),
    };
    Some(Verdict {
        choice: FilesystemChoice::DataProfile(profile),
        reason: reason.into(),
        evidence: vec![("disks", declared.disks.len().to_string().into())],
        would_change: "another number of disks, or `dataProfile`",
        declared: declared.data_profile.map(|profile| {
            (
                FilesystemChoice::DataProfile(Some(profile)),
                view.option("dataProfile"),
            )
        }),
    })
}
