#![doc = include_str!("images_stored_as_pulled.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};
use crate::spec::Driver;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB508",
    name: "images-stored-as-pulled",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether images are converted on pull",
    page: include_str!("images_stored_as_pulled.md"),
    proofs: &["partial-pulls-share-extents"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, chosen: &Choices) -> Option<Verdict<EngineChoice>> {
    if chosen.engine.driver? != Driver::Overlay {
        return None;
    }
    let declared = facts.spec.engine.pull_options.as_ref()?.convert_images;
    Some(Verdict {
        choice: EngineChoice::ConvertImages(false),
        reason: "a converted image is fetched whole all the same, and a pull that cannot be converted fails".into(),
        evidence: Vec::new(),
        would_change: "`engine.pullOptions.convertImages`",
        declared: declared.map(|on| {
            let at = OptionPath::of(["engine", "pullOptions", "convertImages"]);
            (EngineChoice::ConvertImages(on), at)
        }),
    })
}
