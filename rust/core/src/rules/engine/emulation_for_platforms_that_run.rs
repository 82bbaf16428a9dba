#![doc = include_str!("emulation_for_platforms_that_run.md")]

use std::collections::BTreeSet;

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, HostChoice, Rule, Stage, Verdict};
use crate::spec::Platform;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB532",
    name: "emulation-for-platforms-that-run",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "which foreign programs the host runs under emulation",
    page: include_str!("emulation_for_platforms_that_run.md"),
    proofs: &[
        "emulated-code-takes-more-cpu",
        "emulator-outside-a-container-needs-fix-binary",
    ],
    decide: Decide::Host(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<HostChoice>> {
    let declared = facts.workloads.iter().flat_map(|w| &w.declared.platforms);
    let held: BTreeSet<Platform> = declared.copied().collect();
    let emulated = facts.workloads.iter().flat_map(|w| &w.declared.emulated);
    let emulated: BTreeSet<Platform> = emulated.copied().collect();
    let own = facts.spec.host.platform;
    let foreign: Vec<&str> = held
        .iter()
        .filter(|platform| own.is_some_and(|own| !own.runs(**platform)))
        .map(|platform| platform.name())
        .collect();
    if emulated.is_empty() && foreign.is_empty() {
        return None;
    }
    let reason = if emulated.is_empty() {
        "images of foreign platforms are held for other hosts and nothing of them runs here, so no emulator is registered".into()
    } else {
        let names: Vec<&str> = emulated.iter().map(|platform| platform.name()).collect();
        format!(
            "programs of {} run here: each of their instructions is translated, so builds take longer than on a machine of their own",
            names.join(", ")
        )
    };
    Some(Verdict {
        choice: HostChoice::Emulated(emulated.into_iter().collect()),
        reason: reason.into(),
        evidence: vec![
            ("platform", own.map_or("unknown", Platform::name).into()),
            ("foreign", foreign.join(", ").into()),
        ],
        would_change: "`emulated` of a workload, or another `host.platform`",
        declared: None,
    })
}
