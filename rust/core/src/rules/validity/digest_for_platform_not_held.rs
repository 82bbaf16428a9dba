#![doc = include_str!("digest_for_platform_not_held.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Platform;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB134",
    name: "digest-for-platform-not-held",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "a digest for a platform that is not held",
    page: include_str!("digest_for_platform_not_held.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        let platforms = &workload.declared.platforms;
        let own = facts.spec.host.platform;
        let is_held = |platform: &Platform| {
            if platforms.is_empty() {
                own.is_none_or(|own| own == *platform)
            } else {
                platforms.contains(platform)
            }
        };
        for (name, container) in &workload.declared.containers {
            for platform in container.digests.keys().filter(|p| !is_held(p)) {
                let at = workload.at().key("containers").key(name.as_str());
                found.push(Found {
                    at: at.key("digests").key(platform.name()),
                    message: format!(
                        "a digest for {} is declared, and this workload holds no images of that platform",
                        platform.name()
                    ),
                    help: "add the platform to `platforms` of the workload, or remove the digest".into(),
                    related: vec![workload.at().key("platforms")],
                });
            }
        }
    }
    found
}
