#![doc = include_str!("nofail_over_a_bare_directory.md")]

use std::collections::BTreeSet;

use crate::analysis::Facts;
use crate::analysis::existing::{MountFacts, writers};
use crate::finding::Level;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB332",
    name: "nofail-over-a-bare-directory",
    stage: Stage::Layout,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "nofail on a mount that containers write to",
    page: include_str!("nofail_over_a_bare_directory.md"),
    proofs: &[
        "bind-source-below-a-missing-mount",
        "crypttab-key-file-waits-for-no-unit",
    ],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts
        .existing_mounts()
        .filter(|mount| mount.has("nofail"))
        .filter_map(|mount| {
            let writers = writers_on(facts, &mount);
            (!writers.is_empty()).then(|| Found {
                at: mount.options_at(),
                message: format!(
                    "with `nofail` the host starts without {}: what {} writes then lands in the bare directory on the filesystem above, and the mount hides it later",
                    mount.named(),
                    writers.join(", ")
                ),
                help: format!(
                    "until the plan holds their data, set `unitConfig.RequiresMountsFor = [ \"{}\" ]` on their units",
                    mount.mount_point
                ),
                related: Vec::new(),
            })
        })
        .collect()
}

fn writers_on(facts: &Facts, mount: &MountFacts) -> Vec<String> {
    let names: BTreeSet<String> = facts
        .volumes_on(mount)
        .into_iter()
        .flat_map(|(workload, volume)| {
            let workload = &facts.workloads[workload];
            writers(workload, &workload.volumes[volume])
        })
        .collect();
    names.into_iter().collect()
}
