//! Runs the examples in every rule's page: a page cannot say what the rule does not do.
//!
//! An example is a `json` block (a declaration) followed by a `decisions` block (what the rule says of
//! it; empty: it is silent). An example of a rule about the running host has between them an `observed` block: an RFC
//! 7396 merge patch of a host that is as planned (`{}`: it is so), and a `drift` block in place of `decisions`. `UPDATE=1 cargo test -p podman-btrfs-core --test rule_pages` writes the
//! second from the first; read the difference before you commit it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests may end when something is not as it must be, and read and write pages"
)]

#[path = "pages/on_host.rs"]
mod on_host;
mod pages;

use std::fmt::Write as _;
use std::path::PathBuf;

use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::rules::{Decide, REGISTRY, Rule};
use podman_btrfs_core::spec::input::parse_json;

const HEADINGS: [&str; 6] = [
    "## What it decides",
    "## Why",
    "## Examples",
    "## When it stays silent",
    "## How to override",
    "## References",
];

/// What one rule says of a declaration, one line each.
fn says(rule: &Rule, json: &str) -> String {
    let plan = match parse_json(json) {
        Ok(spec) => plan::build(&spec),
        Err(findings) => Plan::refused(findings),
    };
    let mut text = String::new();
    for decision in plan
        .decisions
        .iter()
        .filter(|decision| decision.rule == rule.code)
    {
        write!(
            text,
            "{}: {} = {}",
            decision.subject, decision.field, decision.value
        )
        .unwrap();
        if let Some(overridden) = &decision.overridden {
            write!(
                text,
                " (declared by {}; decided: {})",
                overridden.at, overridden.decided
            )
            .unwrap();
        }
        writeln!(text, ": {}", decision.reason).unwrap();
    }
    for found in plan
        .diagnostics
        .iter()
        .filter(|found| found.code == rule.code)
    {
        let level = serde_json::to_value(found.level).unwrap();
        let place = if found.at.0.is_empty() {
            "the declaration".into()
        } else {
            found.at.to_string()
        };
        writeln!(
            text,
            "{}: {place}: {} ({})",
            level.as_str().unwrap(),
            found.message,
            found.help
        )
        .unwrap();
    }
    text
}

/// The page with the last block of each example as the rule says it now, and how many fire and are silent.
fn executed(rule: &Rule, page: &str) -> (String, usize, usize) {
    let (mut text, mut firing, mut silent) = (String::new(), 0, 0);
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("```json\n") {
        let (json, after) = after.split_once("```\n").expect("a json block ends");
        write!(text, "{before}```json\n{json}```\n").unwrap();
        let (kind, said, after) = if matches!(rule.decide, Decide::OnHost(_)) {
            let (patch, after) = block(rule, after, "observed");
            let (patch, after) = (patch, after.strip_prefix('\n').unwrap_or(after));
            write!(text, "\n```observed\n{patch}```\n").unwrap();
            ("drift", on_host::drifts(rule, json, patch), after)
        } else {
            ("decisions", says(rule, json), after)
        };
        let (_, after) = block(rule, after, kind);
        if said.is_empty() {
            silent += 1;
        } else {
            firing += 1;
        }
        write!(text, "\n```{kind}\n{said}```").unwrap();
        rest = after;
    }
    text.push_str(rest);
    (text, firing, silent)
}

/// The content of the block of this kind that follows, and what comes after it.
fn block<'p>(rule: &Rule, text: &'p str, kind: &str) -> (&'p str, &'p str) {
    let (between, after) = text
        .split_once(&format!("```{kind}\n"))
        .unwrap_or_else(|| panic!("{}: a {kind} block follows", rule.code));
    assert!(
        between.trim().is_empty(),
        "{}: text between the blocks of an example",
        rule.code
    );
    after.split_once("```").expect("a block ends")
}

#[test]
fn every_example_on_every_page_holds() {
    let stale: Vec<String> = pages::stale(|rule, page| {
        let (now, firing, silent) = executed(rule, page);
        assert!(
            firing > 0,
            "{} {}: no example in which it fires",
            rule.code,
            rule.name
        );
        assert!(
            silent > 0,
            "{} {}: no example in which it is silent",
            rule.code,
            rule.name
        );
        now
    })
    .iter()
    .map(|(rule, now)| format!("--- {} says now:\n{now}", pages::path(rule).display()))
    .collect();
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn every_page_has_all_headings_in_order() {
    for rule in REGISTRY {
        let title = format!("# {} {}\n", rule.code, rule.name);
        assert!(
            rule.page.starts_with(&title),
            "{}: the page begins with {title:?}",
            rule.code
        );
        let places: Vec<Option<usize>> = HEADINGS
            .iter()
            .map(|heading| rule.page.find(&format!("\n{heading}\n")))
            .collect();
        assert!(
            places.iter().all(Option::is_some),
            "{}: {places:?} of {HEADINGS:?}",
            rule.code
        );
        assert!(places.is_sorted(), "{}: headings out of order", rule.code);
    }
}

#[test]
fn every_proof_is_named_on_its_page_and_exists() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    for rule in REGISTRY {
        for proof in rule.proofs {
            let file = format!("tests/proofs/{proof}.py");
            assert!(
                root.join(&file).is_file(),
                "{}: there is no {file}",
                rule.code
            );
            assert!(
                rule.page.contains(&format!("`{file}`")),
                "{}: its page does not name {file}",
                rule.code
            );
        }
        let named = rule.page.matches("tests/proofs/").count();
        assert_eq!(
            named,
            rule.proofs.len(),
            "{}: page and record name different proofs",
            rule.code
        );
    }
}

#[test]
fn every_page_links_only_to_pages_that_exist() {
    for rule in REGISTRY {
        for link in rule
            .page
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
        {
            let target = pages::path(rule).with_file_name(link.0);
            assert!(target.is_file(), "{}: {} does not exist", rule.code, link.0);
        }
    }
}
