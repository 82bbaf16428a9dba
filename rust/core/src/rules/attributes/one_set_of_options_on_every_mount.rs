#![doc = include_str!("one_set_of_options_on_every_mount.md")]

use crate::finding::Level;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};
use crate::spec::{Filesystem, Media, Trim};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB401",
    name: "one-set-of-options-on-every-mount",
    stage: Stage::Attributes,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "mount options, the same on every mount of a filesystem",
    page: include_str!("one_set_of_options_on_every_mount.md"),
    proofs: &[
        "filesystem-options-first-mount-wins",
        "remount-changes-whole-filesystem",
        "reading-with-relatime-writes",
        "compression-level-is-the-mounts",
        "discard-async-gives-blocks-back",
        "autodefrag-leaves-scattered-writes",
    ],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    // Of what is mounted already the first mount has decided: PB430.
    if view.this().follows_existing_options() {
        return None;
    }
    let media = view.this().declared.media;
    let level = if media == Some(Media::Hdd) { 3 } else { 1 };
    let mut options = vec!["noatime".to_owned(), format!("compress=zstd:{level}")];
    options.extend(discards(view.this().declared).map(str::to_owned));
    Some(Verdict {
        choice: FilesystemChoice::MountOptions(options),
        reason: "the first mount sets compression for the whole filesystem, and a remount changes it everywhere, so every mount says the same".into(),
        evidence: vec![("media", media.map_or("unknown", Media::name).into())],
        would_change: "another `media` or `upkeep.trim`",
        declared: None,
    })
}

/// The option that says whether free blocks are discarded; `None` leaves it to the kernel.
fn discards(declared: &Filesystem) -> Option<&'static str> {
    match (declared.upkeep.trim, declared.media) {
        (Some(Trim::Continuous), _) | (None, Some(Media::Nvme | Media::Ssd)) => {
            Some("discard=async")
        }
        (Some(Trim::Never | Trim::Weekly), _) => Some("nodiscard"),
        (None, Some(Media::Hdd) | None) => None,
    }
}
