//! What a rule about the running host says of an example.

use std::fmt::Write as _;

use podman_btrfs_core::drift::drift;
use podman_btrfs_core::observed::Observed;
use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::rules::Rule;
use podman_btrfs_core::spec::input::parse_json;
use serde_json::Value;

/// What the rule says of a host that is as planned but for this merge patch, one line each.
pub(crate) fn drifts(rule: &Rule, json: &str, patch: &str) -> String {
    let spec = parse_json(json).unwrap_or_else(|found| panic!("{}: {found:#?}", rule.code));
    let plan = plan::build(&spec);
    assert!(!plan.filesystems.is_empty(), "{:#?}", plan.diagnostics);
    let observed = patched(&plan, patch, rule);
    let mut text = String::new();
    let all = drift(&plan, &observed);
    for found in all.iter().filter(|found| found.code == rule.code) {
        let level = serde_json::to_value(found.level).unwrap();
        let (level, remedy) = (level.as_str().unwrap(), found.remedy.name());
        let (subject, message, help) = (&found.subject, &found.message, &found.help);
        writeln!(text, "{level}, {remedy}: {subject}: {message} ({help})").unwrap();
    }
    text
}

fn patched(plan: &Plan, patch: &str, rule: &Rule) -> Observed {
    let mut host = serde_json::to_value(Observed::as_planned(plan)).unwrap();
    let patch = serde_json::from_str(patch)
        .unwrap_or_else(|error| panic!("{}: its merge patch: {error}", rule.code));
    merge(&mut host, patch);
    serde_json::from_value(host)
        .unwrap_or_else(|error| panic!("{}: no host is like this: {error}", rule.code))
}

/// A merge patch (RFC 7396).
fn merge(into: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *into = patch;
        return;
    };
    if !into.is_object() {
        *into = Value::Object(serde_json::Map::new());
    }
    let Some(fields) = into.as_object_mut() else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            fields.remove(&key);
        } else {
            merge(fields.entry(key).or_insert(Value::Null), value);
        }
    }
}
