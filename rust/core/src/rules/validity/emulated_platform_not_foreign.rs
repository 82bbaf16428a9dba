#![doc = include_str!("emulated_platform_not_foreign.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Platform;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB136",
    name: "emulated-platform-not-foreign",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "an emulated platform that is not held, or is the host's own",
    page: include_str!("emulated_platform_not_foreign.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let own = facts.spec.host.platform;
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for (index, platform) in workload.declared.emulated.iter().enumerate() {
            let wrong = wrong(*platform, own, &workload.declared.platforms);
            found.extend(wrong.map(|(message, help)| Found {
                at: workload.at().key("emulated").index(index),
                message,
                help: help.into(),
                related: vec![workload.at().key("platforms")],
            }));
        }
    }
    found
}

fn wrong(
    platform: Platform,
    own: Option<Platform>,
    held: &[Platform],
) -> Option<(String, &'static str)> {
    let name = platform.name();
    if own.is_some_and(|own| own.runs(platform)) {
        Some((
            format!("{name} runs on this host by itself, and no emulator is wanted for it"),
            "remove it from `emulated`",
        ))
    } else if held.contains(&platform) {
        None
    } else {
        Some((
            format!("{name} is to run here, and the workload holds no images of it"),
            "add it to `platforms` of the workload, with the host's own platform",
        ))
    }
}
