#![doc = include_str!("several_platforms_without_digests.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Platform;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB531",
    name: "several-platforms-without-digests",
    stage: Stage::Engine,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "images of several platforms behind one tag",
    page: include_str!("several_platforms_without_digests.md"),
    proofs: &["pull-of-another-architecture-takes-the-tag"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        let platforms = &workload.declared.platforms;
        if platforms.len() < 2 {
            continue;
        }
        for (name, container) in &workload.declared.containers {
            let Some(image) = &container.image else {
                continue;
            };
            let missing: Vec<&str> = platforms
                .iter()
                .filter(|platform| !container.digests.contains_key(platform))
                .map(|platform| Platform::name(*platform))
                .collect();
            if missing.is_empty() {
                continue;
            }
            found.push(Found {
                at: workload.at().key("containers").key(name.as_str()).key("digests"),
                message: format!(
                    "`{image}` is held for {} platforms and has no digest for {}: the pull for one of them takes the name away from the other",
                    platforms.len(),
                    missing.join(", ")
                ),
                help: format!(
                    "set `digests` to what `skopeo inspect --raw docker://{image}` lists for each platform"
                ),
                related: vec![workload.at().key("platforms")],
            });
        }
    }
    found
}
