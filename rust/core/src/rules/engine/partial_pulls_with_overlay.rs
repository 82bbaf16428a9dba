#![doc = include_str!("partial_pulls_with_overlay.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};
use crate::spec::Driver;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB502",
    name: "partial-pulls-with-overlay",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether layers are pulled in parts",
    page: include_str!("partial_pulls_with_overlay.md"),
    proofs: &["partial-pulls-share-extents"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, chosen: &Choices) -> Option<Verdict<EngineChoice>> {
    let driver = chosen.engine.driver?;
    let overlay = driver == Driver::Overlay;
    let reason = if overlay {
        "files that another image brought already are shared by reflink instead of stored again"
    } else {
        "only the overlay driver can pull in parts"
    };
    let pull = facts.spec.engine.pull_options.as_ref();
    let declared = pull.and_then(|pull| pull.partial_images);
    Some(Verdict {
        choice: EngineChoice::PartialImages(overlay),
        reason: reason.into(),
        evidence: vec![("driver", driver.name().into())],
        would_change: "`engine.pullOptions.partialImages`, or another `engine.driver`",
        declared: declared.map(|on| {
            let at = OptionPath::of(["engine", "pullOptions", "partialImages"]);
            (EngineChoice::PartialImages(on), at)
        }),
    })
}
