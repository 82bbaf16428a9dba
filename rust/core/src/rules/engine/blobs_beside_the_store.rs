#![doc = include_str!("blobs_beside_the_store.md")]

use crate::analysis::{CONTAINERS, Facts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict, yes_or_no};
use crate::units::{HostPath, Text};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB514",
    name: "blobs-beside-the-store",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "where a pull keeps what it has fetched",
    page: include_str!("blobs_beside_the_store.md"),
    proofs: &["blobs-go-to-the-copy-directory"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<EngineChoice>> {
    let filesystem = &facts.filesystems[facts.engine_filesystem?];
    let root_is_here = filesystem.declared.system == Some(true);
    let directory = HostPath::parse(CONTAINERS).ok()?.join("tmp");
    let reason = if root_is_here {
        "`/var/tmp`, which Podman takes, is on the same filesystem as the store"
    } else {
        "`/var/tmp`, which Podman takes, is on another filesystem, and an image must fit there while it is pulled"
    };
    Some(Verdict {
        choice: EngineChoice::ImageCopyDirectory((!root_is_here).then_some(directory)),
        reason: reason.into(),
        evidence: vec![("root on the store's filesystem", yes_or_no(root_is_here))],
        would_change: "`system` of the stores' filesystem",
        declared: None,
    })
}
