#![doc = include_str!("class_against_image.md")]

use crate::analysis::{Evidence, Facts, Source, VolumeFacts};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Class;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB206",
    name: "class-against-image",
    stage: Stage::Class,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a declared class that contradicts what the image keeps there",
    page: include_str!("class_against_image.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for volume in &workload.volumes {
            let Some((declared, evidence)) = contradiction(volume) else {
                continue;
            };
            // What is lost by it is PB208's matter.
            if !declared.traits().is_worth_a_snapshot && evidence.says.traits().is_worth_a_snapshot
            {
                continue;
            }
            found.push(Found {
                at: workload.volume_at(volume).key("class"),
                message: format!(
                    "declared as {}, but known as {}: {}",
                    declared.name(),
                    evidence.says.name(),
                    evidence.text
                ),
                help: format!(
                    "remove the line or say `class = \"{}\"`, or set `rules.PB206.level` to allow if this container keeps something else there",
                    evidence.says.name()
                ),
                related: Vec::new(),
            });
        }
    }
    found
}

/// The declared class, and what a known image says against it.
pub(super) fn contradiction<'v>(volume: &'v VolumeFacts) -> Option<(Class, &'v Evidence)> {
    let declared = volume.declared.class?;
    let images: Vec<&Evidence> = volume.inference.of(Source::Image).collect();
    let differs = |evidence: &&&Evidence| !is_same(declared, evidence.says);
    let first = images.iter().find(differs)?;
    // Where one of several images keeps what is declared, the declaration is that image's.
    let agrees = images
        .iter()
        .any(|evidence| is_same(declared, evidence.says));
    (!agrees).then_some((declared, *first))
}

/// Two words for one thing: `index` covers search indexes and time series, and what storage treats alike is alike.
fn is_same(declared: Class, known: Class) -> bool {
    declared == known || declared.traits() == known.traits()
}
