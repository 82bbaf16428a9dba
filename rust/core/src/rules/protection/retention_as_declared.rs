#![doc = include_str!("retention_as_declared.md")]

use crate::finding::Level;
use crate::rules::{Decide, PolicyChoice, PolicyView, Rule, Stage, Verdict, yes_or_no};
use crate::spec::Keep;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB602",
    name: "retention-as-declared",
    stage: Stage::Protection,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "what is kept on the host, and where it is not said, a month",
    page: include_str!("retention_as_declared.md"),
    proofs: &["btrbk-holds-the-parent-of-a-copy"],
    decide: Decide::Policy(decide),
};

/// What is kept where nothing is said: enough to notice a mistake a month later.
const DEFAULT: Keep = Keep {
    hourly: None,
    daily: Some(7),
    weekly: Some(5),
    monthly: None,
    yearly: None,
};

fn decide(view: &PolicyView) -> Option<Verdict<PolicyChoice>> {
    let declared = view.this().declared.keep;
    let said = !declared.is_nothing();
    Some(Verdict {
        choice: PolicyChoice::Keep(DEFAULT),
        reason: "a week of days and five weeks let a mistake be noticed a month later".into(),
        evidence: vec![("declared", yes_or_no(said))],
        would_change: "`keep` on the policy",
        declared: said.then(|| (PolicyChoice::Keep(declared), view.option("keep"))),
    })
}
