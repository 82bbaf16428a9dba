#![doc = include_str!("encrypted_copies_are_whole.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::{Keep, Target};
use crate::units::TargetName;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB626",
    name: "encrypted-copies-are-whole",
    stage: Stage::Protection,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "encrypted copies are each whole: what they take, how old they get",
    page: include_str!("encrypted_copies_are_whole.md"),
    proofs: &["raw-copies-of-a-chain-stay-for-ever"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    used(facts, chosen)
        .into_iter()
        .map(|one| Found {
            at: one.at(),
            message: format!(
                "each copy at `{}` is whole: {} are kept of everything under `{}`, and the newest is up to {} old, whatever the `rpo`",
                one.name,
                copies(&one.keep),
                one.policy,
                one.keep.finest().1
            ),
            help: "nothing is to be done where the line and the room are enough; else keep fewer there".into(),
            related: vec![one.at().key("keep")],
        })
        .collect()
}

/// An encrypted target as one policy uses it.
pub(super) struct Used<'s> {
    pub(super) name: &'s TargetName,
    pub(super) policy: &'s str,
    pub(super) keep: Keep,
}

impl Used<'_> {
    pub(super) fn at(&self) -> OptionPath {
        OptionPath::of(["targets", self.name.as_str()])
    }
}

/// All of them that something is sent to, with what each keeps.
pub(super) fn used<'s>(facts: &Facts<'s>, chosen: &Choices) -> Vec<Used<'s>> {
    let mut all = Vec::new();
    for (policy, choices) in facts.policies.iter().zip(&chosen.policies) {
        if policy.followers == 0 {
            continue;
        }
        let targets = &facts.spec.targets;
        let named = policy.declared.targets.iter();
        let found = named.filter_map(|name| targets.get_key_value(name));
        for (name, target) in found.filter(|(_, target)| target.encryption.is_some()) {
            all.push(Used {
                name,
                policy: policy.name.as_str(),
                keep: kept(target, choices.keep.unwrap_or_default()),
            });
        }
    }
    all
}

/// What is not said for the target is what the policy keeps.
fn kept(target: &Target, of_policy: Keep) -> Keep {
    if target.keep.is_nothing() {
        of_policy
    } else {
        target.keep
    }
}

fn copies(keep: &Keep) -> String {
    let all = [
        keep.hourly,
        keep.daily,
        keep.weekly,
        keep.monthly,
        keep.yearly,
    ];
    let most: u64 = all.iter().flatten().map(|count| u64::from(*count)).sum();
    format!("up to {most} ({keep})")
}
