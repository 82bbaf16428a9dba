#![doc = include_str!("engine_against_image.md")]

use crate::analysis::{Facts, Source};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB207",
    name: "engine-against-image",
    stage: Stage::Class,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a declared engine that is not the one in the image",
    page: include_str!("engine_against_image.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for volume in &workload.volumes {
            let Some(declared) = volume.declared.engine else {
                continue;
            };
            let engines = volume
                .inference
                .of(Source::Image)
                .filter_map(|evidence| Some((evidence.engine?, evidence)));
            let Some((engine, evidence)) = engines.into_iter().next() else {
                continue;
            };
            if engine != declared {
                found.push(Found {
                    at: workload.volume_at(volume).key("engine"),
                    message: format!(
                        "declared as {}, but {}, and its engine is {}",
                        declared.name(),
                        evidence.text,
                        engine.name()
                    ),
                    help:
                        "remove the line: page checksums and the way to quiesce it are the engine's"
                            .into(),
                    related: Vec::new(),
                });
            }
        }
    }
    found
}
