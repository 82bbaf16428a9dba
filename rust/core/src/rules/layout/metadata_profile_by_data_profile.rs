#![doc = include_str!("metadata_profile_by_data_profile.md")]

use crate::finding::Level;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};
use crate::spec::Profile;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB306",
    name: "metadata-profile-by-data-profile",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "the profile of metadata: never one copy",
    page: include_str!("metadata_profile_by_data_profile.md"),
    proofs: &[],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let declared = view.this().declared;
    let disks = declared.disks.len();
    let (profile, reason) = match (disks, view.choices().data_profile.flatten()) {
        (0, _) => (None, "it exists, and keeps the profile that it has"),
        (1, _) => (
            Some(Profile::Dup),
            "two copies on one disk heal a damaged block of metadata, without which whole trees of files are lost",
        ),
        (_, Some(profile @ (Profile::Raid1c3 | Profile::Raid1c4))) => (
            Some(profile),
            "metadata outlives as many lost disks as the data",
        ),
        _ => (
            Some(Profile::Raid1),
            "metadata outlives a lost disk, whatever the profile of data",
        ),
    };
    Some(Verdict {
        choice: FilesystemChoice::MetadataProfile(profile),
        reason: reason.into(),
        evidence: vec![("disks", disks.to_string().into())],
        would_change: "another number of disks, another data profile, or `metadataProfile`",
        declared: declared.metadata_profile.map(|profile| {
            (
                FilesystemChoice::MetadataProfile(Some(profile)),
                view.option("metadataProfile"),
            )
        }),
    })
}
