#![doc = include_str!("reflinks_for_shared_files.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};
use crate::spec::Driver;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB507",
    name: "reflinks-for-shared-files",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether shared files of layers are hard links",
    page: include_str!("reflinks_for_shared_files.md"),
    proofs: &["partial-pulls-share-extents"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, chosen: &Choices) -> Option<Verdict<EngineChoice>> {
    if chosen.engine.driver? != Driver::Overlay {
        return None;
    }
    let declared = facts.spec.engine.pull_options.as_ref()?.hard_links;
    Some(Verdict {
        choice: EngineChoice::HardLinks(false),
        reason: "a reflink costs no more space, and a file's owner, mode and times stay its own"
            .into(),
        evidence: Vec::new(),
        would_change: "`engine.pullOptions.hardLinks`",
        declared: declared.map(|on| {
            let at = OptionPath::of(["engine", "pullOptions", "hardLinks"]);
            (EngineChoice::HardLinks(on), at)
        }),
    })
}
