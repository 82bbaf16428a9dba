//! What must hold of all rules together.

use std::collections::BTreeSet;
use std::path::Path;

use podman_btrfs_core::rules::{Decide, REGISTRY, Stage};
use walkdir::WalkDir;

#[test]
fn codes_are_unique_in_order_and_in_their_stages_hundred() {
    let codes: Vec<&str> = REGISTRY.iter().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    for rule in REGISTRY {
        let digits = rule.code.strip_prefix("PB").expect("codes begin with PB");
        assert!(
            digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()),
            "{}",
            rule.code
        );
        assert!(
            digits.starts_with(rule.stage.hundred()),
            "{} in stage {:?}",
            rule.code,
            rule.stage
        );
    }
    assert!(REGISTRY.is_sorted_by_key(|rule| rule.stage));
}

#[test]
fn names_are_kebab_case_and_do_not_preach() {
    let words: BTreeSet<&str> = ["should", "check", "avoid", "no"].into();
    let mut names = BTreeSet::new();
    for rule in REGISTRY {
        assert!(names.insert(rule.name), "{} stands twice", rule.name);
        assert!(
            rule.name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '-'),
            "{}",
            rule.name
        );
        assert!(
            !rule.name.split('-').any(|word| words.contains(word)),
            "{}",
            rule.name
        );
    }
}

#[test]
fn summaries_are_one_short_line() {
    for rule in REGISTRY {
        assert!(rule.summary.chars().count() <= 72, "{}", rule.code);
        assert!(
            !rule.summary.ends_with('.') && !rule.summary.contains('\n'),
            "{}",
            rule.code
        );
    }
}

#[test]
fn every_file_of_a_rule_is_registered_and_every_rule_has_its_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    for stage in Stage::ALL {
        let registered: BTreeSet<String> = REGISTRY
            .iter()
            .filter(|rule| rule.stage == stage)
            .flat_map(|rule| {
                ["md", "rs"].map(|end| format!("{}.{end}", rule.name.replace('-', "_")))
            })
            .collect();
        let files: BTreeSet<String> = WalkDir::new(root.join(stage.name()))
            .into_iter()
            .map(|entry| entry.expect("the directory of a stage can be read"))
            .filter(|entry| entry.file_type().is_file() && entry.file_name() != "mod.rs")
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(registered, files, "stage {}", stage.name());
    }
}

#[test]
fn what_makes_a_plan_impossible_is_an_error_and_cannot_be_lowered() {
    for rule in REGISTRY
        .iter()
        .filter(|rule| matches!(rule.decide, Decide::WhileReading))
    {
        assert!(rule.fixed, "{}", rule.code);
    }
}
