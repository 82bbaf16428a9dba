#![doc = include_str!("storage_files_by_version.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::plan::StorageFiles;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB504",
    name: "storage-files-by-version",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "which files carry storage.conf",
    page: include_str!("storage_files_by_version.md"),
    proofs: &["storage-conf-as-podman-reads-it"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<EngineChoice>> {
    facts.engine_filesystem?;
    let podman = facts.spec.host.podman.as_ref();
    let (files, reason) = match podman {
        Some(version) if version.at_least(6, 0) => (
            StorageFiles::DropIns,
            "from Podman 6 on a graph root in the main file is that of rootless users too, who cannot write to it",
        ),
        Some(_) => (
            StorageFiles::OneFile,
            "up to Podman 5 one file is read, and drop-ins are not",
        ),
        None => (
            StorageFiles::OneFile,
            "one file is read by every Podman, as far as root is concerned; the version is unknown",
        ),
    };
    Some(Verdict {
        choice: EngineChoice::StorageFiles(files),
        reason: reason.into(),
        evidence: vec![(
            "Podman",
            podman.map_or("unknown".into(), |version| version.to_string().into()),
        )],
        would_change: "another `host.podman`",
        declared: None,
    })
}
