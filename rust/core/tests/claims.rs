//! A page claims nothing about the kernel or a tool without saying what shows it.
//!
//! Each paragraph of *Why* that speaks of how Btrfs, the kernel or a tool behaves ends in `(proof: NAME)`, an
//! experiment under `tests/proofs/`; or in `(documented: WHERE)`, where no machine of ours can run it, and then
//! the reason stands in [`NOT_RUN`]; or in `(our choice)`, where it says what we prefer and claims nothing.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests may end when something is not as it must be"
)]

use std::collections::BTreeSet;

use podman_btrfs_core::rules::{REGISTRY, Rule};

/// Pages that rest on documentation, and why no proof of ours can run it.
const NOT_RUN: &[(&str, &str)] = &[
    (
        "PB110",
        "the mistake of Podman 4.3 that it names deletes the working directory of whoever runs it",
    ),
    (
        "PB335",
        "what the installers of boot loaders write; proofs run without firmware and without NixOS",
    ),
    (
        "PB501",
        "an image of 500 layers takes longer to make than all other proofs together",
    ),
    (
        "PB504",
        "no Podman 6 is packaged for the machines that run proofs",
    ),
    (
        "PB506",
        "no Podman 6 is packaged for the machines that run proofs",
    ),
    (
        "PB516",
        "no Podman 6 is packaged for the machines that run proofs",
    ),
    (
        "PB517",
        "no kernel before 5.13 runs on the machines that run proofs",
    ),
    (
        "PB209",
        "which arguments the units of NixOS and Quadlet pass; what the arguments do is proven",
    ),
    (
        "PB713",
        "the slice of a user belongs to a service manager, and proofs run without one",
    ),
];

/// Words by which a paragraph speaks of how something behaves, in lower case.
const BEHAVIOUR: &[&str] = &[
    "btrfs",
    "btrbk",
    "snapper",
    "podman",
    "kernel",
    "linux",
    "systemd",
    "disko",
    "overlay",
    "nixos",
    "postgresql",
    "mariadb",
    "mysql",
    "innodb",
    "wiredtiger",
    "mongodb",
    "sqlite",
    "redis",
    "checksum",
    "extent",
    "copy on write",
    "copied on write",
    "nodatacow",
    "compress",
    "fragment",
    "remount",
    "subvolume",
    "qgroup",
    "quota",
    "reflink",
    "atomic",
    "send and receive",
    "discard",
    "raid",
];

/// The paragraphs, list items and table rows of a section, without fenced blocks.
fn paragraphs(page: &str, heading: &str) -> Vec<String> {
    let (_, after) = page
        .split_once(&format!("\n## {heading}\n"))
        .expect("the page has the section");
    let section = after.split("\n## ").next().unwrap();
    let mut fenced = false;
    let mut found = vec![String::new()];
    for line in section.lines() {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if fence || fenced || line.trim().is_empty() {
            found.push(String::new());
            continue;
        }
        if line.trim_start().starts_with(['-', '*', '|']) || line.trim_start().starts_with("1.") {
            found.push(String::new());
        }
        let last = found.last_mut().unwrap();
        last.push_str(line);
        last.push(' ');
    }
    found.retain(|text| !text.trim().is_empty());
    found
}

/// The names in `(proof: …)` and `(proofs: …)`.
fn proofs_named(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for open in ["(proof: ", "(proofs: "] {
        for rest in text.split(open).skip(1) {
            let inside = rest.split(')').next().unwrap();
            named.extend(
                inside
                    .split(',')
                    .map(|name| name.trim().trim_matches('`').to_owned()),
            );
        }
    }
    named
}

fn complaints(rule: &Rule) -> Vec<String> {
    let mut found = Vec::new();
    for paragraph in paragraphs(rule.page, "Why") {
        let named = proofs_named(&paragraph);
        found.extend(
            named
                .iter()
                .filter(|name| !rule.proofs.contains(&name.as_str()))
                .map(|name| {
                    format!(
                        "{}: `{name}` is not among its proofs: {paragraph}",
                        rule.code
                    )
                }),
        );
        let documented = paragraph.contains("(documented: ");
        if documented && !NOT_RUN.iter().any(|(code, _)| *code == rule.code) {
            found.push(format!(
                "{}: documentation instead of a proof, and NOT_RUN does not say why: {paragraph}",
                rule.code
            ));
        }
        let lower = paragraph.to_lowercase();
        let speaks = BEHAVIOUR.iter().find(|word| lower.contains(**word));
        let marked = !named.is_empty() || documented || paragraph.contains("(our choice)");
        if let (Some(word), false) = (speaks, marked) {
            found.push(format!(
                "{}: it speaks of {word} and names no proof: {paragraph}",
                rule.code
            ));
        }
    }
    found
}

#[test]
fn every_claim_names_what_shows_it() {
    let found: Vec<String> = REGISTRY.iter().flat_map(|rule| complaints(rule)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_proof_of_a_rule_stands_behind_a_claim() {
    for rule in REGISTRY {
        let named = proofs_named(rule.page);
        for proof in rule.proofs {
            assert!(
                named.contains(*proof),
                "{}: no sentence of its page rests on {proof}",
                rule.code
            );
        }
    }
}

#[test]
fn an_exception_is_needed_and_has_its_reason() {
    for (code, reason) in NOT_RUN {
        let rule = REGISTRY.iter().find(|rule| rule.code == *code);
        let page = rule.map_or("", |rule| rule.page);
        assert!(
            page.contains("(documented: "),
            "{code} needs no exception any more"
        );
        assert!(
            reason.len() > 20,
            "{code}: say why no machine of ours can run it"
        );
    }
}

#[test]
fn a_paragraph_that_claims_without_a_proof_is_found() {
    let page = "# x\n\n## Why\n\nBtrfs is fast.\n\n```text\nBtrfs\n```\n\n- atomic (proof: `a`)\n\n## Examples\n";
    let found = paragraphs(page, "Why");
    assert_eq!(found, ["Btrfs is fast. ", "- atomic (proof: `a`) "]);
    assert_eq!(
        proofs_named(&found[1]).into_iter().collect::<Vec<_>>(),
        ["a"]
    );
}
