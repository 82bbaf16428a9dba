#![doc = include_str!("room_kept_free.md")]

use crate::finding::Level;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};
use crate::simulate::room;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB705",
    name: "room-kept-free",
    stage: Stage::Capacity,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how much stays unallocated, for metadata and for cleaning up",
    page: include_str!("room_kept_free.md"),
    proofs: &["full-metadata-refuses-writes"],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let room = room(view.facts, view.chosen, view.index)?;
    Some(Verdict {
        choice: FilesystemChoice::Reserve(room.reserve),
        reason: "metadata and a balance take whole chunks of unallocated space, and without them a filesystem with free space refuses writes".into(),
        evidence: vec![("usable", format!("{} GiB", room.usable >> 30).into())],
        would_change: "other disks or another profile",
        declared: None,
    })
}
