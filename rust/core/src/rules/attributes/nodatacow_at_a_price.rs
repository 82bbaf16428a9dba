#![doc = include_str!("nodatacow_at_a_price.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage, VolumeView, WorkloadView};
use crate::spec::Compression;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB404",
    name: "nodatacow-at-a-price",
    stage: Stage::Attributes,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "nodatacow declared where it costs more than it gives",
    page: include_str!("nodatacow_at_a_price.md"),
    proofs: &[
        "nodatacow-fragments-under-snapshots",
        "nodatacow-has-no-checksums",
        "nodatacow-lost-by-send-receive",
    ],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for index in 0..facts.workloads.len() {
        let workload = WorkloadView {
            facts,
            chosen,
            index,
        };
        for index in 0..workload.this().volumes.len() {
            let view = VolumeView { workload, index };
            if view.this().declared.copy_on_write == Some(false) {
                found.extend(price(&view).map(|price| Found {
                    at: view.option("copyOnWrite"),
                    message: format!("without copy on write this volume has no checksums: {price}"),
                    help: "remove this line, or set `rules.PB404.level` to allow if the price is known".into(),
                    related: Vec::new(),
                }));
            }
        }
    }
    found
}

fn price(view: &VolumeView) -> Option<String> {
    let profile = view
        .filesystem()
        .and_then(|(_, choices)| choices.data_profile.flatten());
    let mut prices = Vec::new();
    if profile.is_some_and(|profile| profile.copies() > 1) {
        prices.push("damage on one copy cannot be told from the good one, so nothing is healed");
    }
    if view.is_snapshotted() {
        prices.push("behind each snapshot every block is copied once all the same");
        if !view
            .workload
            .facts
            .policies
            .iter()
            .all(|policy| policy.declared.targets.is_empty())
        {
            prices.push("copies sent to a target lose the attribute");
        }
    }
    if view
        .this()
        .declared
        .compression
        .is_some_and(|compression| compression != Compression::None)
    {
        prices.push("it cannot be compressed, so the declared compression has no effect");
    }
    if prices.is_empty() {
        None
    } else {
        Some(prices.join("; "))
    }
}
