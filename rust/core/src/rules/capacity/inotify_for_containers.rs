#![doc = include_str!("inotify_for_containers.md")]

use crate::analysis::Facts;
use crate::density::assumed::{
    DEFAULT_INOTIFY_INSTANCES, INOTIFY_INSTANCES, INOTIFY_WATCHES, NIXOS_INOTIFY,
};
use crate::density::{by_store, with_room};
use crate::finding::Level;
use crate::rules::{Choices, Decide, HostChoice, Inotify, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB711",
    name: "inotify-for-containers",
    stage: Stage::Capacity,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how many inotify instances and watches a user has",
    page: include_str!("inotify_for_containers.md"),
    proofs: &["inotify-instances-are-counted-by-user"],
    decide: Decide::Host(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<HostChoice>> {
    let most = by_store(facts).largest();
    let instances = most * INOTIFY_INSTANCES;
    if instances * 2 <= DEFAULT_INOTIFY_INSTANCES {
        return None;
    }
    let bounds = Inotify {
        instances: with_room(instances).max(NIXOS_INOTIFY),
        watches: with_room(most * INOTIFY_WATCHES).max(NIXOS_INOTIFY),
    };
    Some(Verdict {
        choice: HostChoice::Inotify(bounds),
        reason: format!(
            "{most} containers of one user want about {instances} instances, and the kernel's own bound is {DEFAULT_INOTIFY_INSTANCES}"
        )
        .into(),
        evidence: vec![
            ("containersOfOneUser", most.to_string().into()),
            ("instancesAContainer", format!("{INOTIFY_INSTANCES}, assumed").into()),
        ],
        would_change: "fewer copies or containers of one user",
        declared: None,
    })
}
