#![doc = include_str!("shared_volume_across_users.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::UserName;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB131",
    name: "shared-volume-across-users",
    stage: Stage::Validity,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a volume used by containers of another user",
    page: include_str!("shared_volume_across_users.md"),
    proofs: &["user-namespaces-disagree-on-owners"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let name = |user: Option<&UserName>| user.map_or("root", UserName::as_str).to_owned();
    let mut found = Vec::new();
    for workload in &facts.workloads {
        for of in workload.declared.uses.keys() {
            let Some(owner) = facts.spec.workloads.get(&of.workload) else {
                continue;
            };
            let (theirs, ours) = (owner.user.as_ref(), workload.declared.user.as_ref());
            if theirs == ours {
                continue;
            }
            found.push(Found {
                at: workload.at().key("uses").key(of.to_string()),
                message: format!("containers of {} use a volume of containers of {}: the numbers of its owners mean other users there", name(ours), name(theirs)),
                help: "run both as one user, or open the files to all by their mode".into(),
                related: vec![workload.at().key("user"), OptionPath::of(["workloads", of.workload.as_str(), "user"])],
            });
        }
    }
    found
}
