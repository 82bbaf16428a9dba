#![doc = include_str!("one_digest_for_two_platforms.md")]

use std::collections::BTreeMap;

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Platform;
use crate::units::Digest;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB135",
    name: "one-digest-for-two-platforms",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "one digest for two platforms",
    page: include_str!("one_digest_for_two_platforms.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for (name, container) in &workload.declared.containers {
            let at = workload
                .at()
                .key("containers")
                .key(name.as_str())
                .key("digests");
            let mut seen: BTreeMap<&Digest, Platform> = BTreeMap::new();
            for (platform, digest) in &container.digests {
                let Some(first) = seen.insert(digest, *platform) else {
                    continue;
                };
                found.push(Found {
                    at: at.key(platform.name()),
                    message: format!(
                        "{} and {} have the same digest: it is that of the list of all platforms, or one of the two is wrong",
                        first.name(),
                        platform.name()
                    ),
                    help: "write the digest of each platform's own manifest, as `skopeo inspect --raw` lists them below `manifests`".into(),
                    related: vec![at.key(first.name())],
                });
            }
        }
    }
    found
}
