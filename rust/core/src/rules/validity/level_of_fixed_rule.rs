#![doc = include_str!("level_of_fixed_rule.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB116",
    name: "level-of-fixed-rule",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a level for a rule that has only one",
    page: include_str!("level_of_fixed_rule.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    for (code, declared) in &facts.spec.rules {
        let rule = crate::rules::find(code).filter(|rule| rule.fixed);
        if let (Some(rule), Some(level)) = (rule, declared.level)
            && level != rule.level
        {
            found.push(Found {
                at: OptionPath::of(["rules", code.as_str(), "level"]),
                message: format!(
                    "{code} ({}) is always an error: without it no plan can be made",
                    rule.name
                ),
                help: "remove this line, and correct what the rule finds".into(),
                related: Vec::new(),
            });
        }
    }
    found
}
