//! `nix/docs/src/rules.md`: all rules, by stage.

use std::fmt::Write;

use podman_btrfs_core::finding::Level;
use podman_btrfs_core::rules::{REGISTRY, Rule, Stage};

use super::{BY, Output};

pub(super) fn output() -> Output {
    let mut text = format!(
        "<!-- {BY} -->\n\n# Rules\n\nEvery choice and every finding is a rule. `podman-btrfs explain CODE` prints its page; \
         `rules.\"CODE\".level` changes what happens when it fires, except where the level is marked fixed.\n"
    );
    for stage in Stage::ALL {
        let mut rules = REGISTRY
            .iter()
            .filter(|rule| rule.stage == stage)
            .peekable();
        if rules.peek().is_none() {
            continue;
        }
        let _ = writeln!(text, "\n## {}xx: {}\n", stage.hundred(), stage.name());
        text.push_str(
            "| Code | Name | Level | Summary | Proofs |\n| --- | --- | --- | --- | --- |\n",
        );
        for rule in rules {
            text.push_str(&row(rule));
        }
    }
    Output {
        path: "nix/docs/src/rules.md",
        text,
    }
}

fn row(rule: &Rule) -> String {
    let fixed = if rule.fixed { ", fixed" } else { "" };
    let page = format!(
        "../../../rust/core/src/rules/{}/{}.md",
        rule.stage.name(),
        rule.name.replace('-', "_")
    );
    format!(
        "| [{}]({page}) | {} | {}{fixed} | {} | {} |\n",
        rule.code,
        rule.name,
        level(rule.level),
        rule.summary.replace('|', "\\|"),
        proofs(rule)
    )
}

/// The experiments that a rule rests on, each by its name.
fn proofs(rule: &Rule) -> String {
    let links: Vec<String> = rule
        .proofs
        .iter()
        .map(|proof| format!("[{proof}](../../../tests/proofs/{proof}.py)"))
        .collect();
    links.join(", ")
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Allow => "allow",
        Level::Note => "note",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::Repository;

    #[test]
    fn every_rule_is_listed_once_with_a_link_to_its_page() {
        let output = output();
        for rule in REGISTRY {
            assert_eq!(
                output.text.matches(&format!("[{}](", rule.code)).count(),
                1,
                "{}",
                rule.code
            );
        }
        let pages: Vec<&str> = output
            .text
            .split("](../../../")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once(')')?.0))
            .collect();
        let proofs: usize = REGISTRY.iter().map(|rule| rule.proofs.len()).sum();
        assert_eq!(pages.len(), REGISTRY.len() + proofs);
        for page in pages {
            assert!(
                Repository::of_this_build().read(page).unwrap().is_some(),
                "{page}"
            );
        }
    }
}
