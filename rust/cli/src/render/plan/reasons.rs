//! Why: each rule once, with what it decided.

use std::collections::BTreeMap;

use podman_btrfs_core::plan::{Decision, Plan};
use podman_btrfs_core::rules::REGISTRY;

use super::title;
use crate::output::Style;
use crate::render::table::paragraph;
use crate::render::words::{first_of, value};

/// How many subjects a line lists.
const SHOWN: usize = 6;

/// What several subjects share: the choice in words, and why.
type Choice = (String, String);

pub(super) fn render(plan: &Plan, style: Style) -> String {
    let mut by_rule: BTreeMap<&str, Vec<&Decision>> = BTreeMap::new();
    for decision in &plan.decisions {
        by_rule.entry(&decision.rule).or_default().push(decision);
    }
    if by_rule.is_empty() {
        return String::new();
    }
    let mut text = title("Reasons", style);
    for (code, decisions) in by_rule {
        let name = REGISTRY
            .iter()
            .find(|rule| rule.code == code)
            .map_or("", |rule| rule.name);
        text += &format!("  {} {}\n", style.coloured(code), name.replace('-', " "));
        for (choice, subjects) in folded(&decisions, style) {
            let (chosen, reason) = choice;
            text += &paragraph(
                &format!("{chosen}: {}", first_of(&subjects, SHOWN)),
                4,
                style,
            );
            text += &paragraph(&reason, 8, style);
        }
    }
    text + "\n"
}

/// Equal choices for equal reasons, in the order in which they were made first.
fn folded(decisions: &[&Decision], style: Style) -> Vec<(Choice, Vec<String>)> {
    let mut order: Vec<(Choice, Vec<String>)> = Vec::new();
    let mut places: BTreeMap<Choice, usize> = BTreeMap::new();
    for decision in decisions {
        let choice = choice(decision, style);
        let place = *places.entry(choice.clone()).or_insert(order.len());
        let subject = decision.subject.to_string();
        match order.get_mut(place) {
            Some((_, subjects)) => subjects.push(subject),
            None => order.push((choice, vec![subject])),
        }
    }
    order
}

fn choice(decision: &Decision, style: Style) -> Choice {
    let chosen = format!("{} = {}", decision.field, value(&decision.value, style));
    let Some(overridden) = &decision.overridden else {
        return (chosen, decision.reason.to_string());
    };
    let reason = &decision.reason;
    let reason = if overridden.decided == decision.value {
        format!("chosen without it too: {reason}")
    } else if overridden.decided.is_null() {
        format!("not chosen without it: {reason}")
    } else {
        let decided = value(&overridden.decided, style);
        format!("without it {decided}: {reason}")
    };
    (format!("{chosen}, as declared"), reason)
}
