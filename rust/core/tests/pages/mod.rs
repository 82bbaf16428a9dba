//! The pages of rules as tests read them, and the fenced blocks in them that tests fill.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use podman_btrfs_core::rules::{REGISTRY, Rule};

/// Where a rule's page is.
pub(crate) fn path(rule: &Rule) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/rules")
        .join(rule.stage.name())
        .join(format!("{}.md", rule.name.replace('-', "_")))
}

/// The page with each block that begins with `open` and a name as `content` has it now, and the names.
#[allow(dead_code, reason = "not every test has blocks of one kind to fill")]
pub(crate) fn filled(
    page: &str,
    open: &str,
    content: impl Fn(&str) -> String,
) -> (String, BTreeSet<String>) {
    let (mut text, mut named) = (String::new(), BTreeSet::new());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(open) {
        let (name, after) = after.split_once('\n').expect("a block has a first line");
        let (_, after) = after.split_once("```").expect("a block ends");
        write!(text, "{before}{open}{name}\n{}```", content(name)).unwrap();
        named.insert(name.to_owned());
        rest = after;
    }
    text.push_str(rest);
    (text, named)
}

/// Each rule's page as `now` has it: written with `UPDATE=1`; else the pages that are not so, by rule.
pub(crate) fn stale(mut now: impl FnMut(&Rule, &str) -> String) -> Vec<(&'static Rule, String)> {
    let update = std::env::var_os("UPDATE").is_some();
    let mut stale = Vec::new();
    for rule in REGISTRY {
        let page = std::fs::read_to_string(path(rule)).expect("the page is beside the rule");
        let text = now(rule, &page);
        if text == page {
            continue;
        }
        if update {
            std::fs::write(path(rule), text).unwrap();
        } else {
            stale.push((*rule, text));
        }
    }
    stale
}
