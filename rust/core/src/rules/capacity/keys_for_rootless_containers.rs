#![doc = include_str!("keys_for_rootless_containers.md")]

use crate::analysis::Facts;
use crate::density::assumed::{BYTES_A_KEY, DEFAULT_KEYS, KEYS};
use crate::density::{by_store, with_room};
use crate::finding::Level;
use crate::rules::{Choices, Decide, HostChoice, Keys, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB712",
    name: "keys-for-rootless-containers",
    stage: Stage::Capacity,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how many keys a user may hold in the kernel",
    page: include_str!("keys_for_rootless_containers.md"),
    proofs: &["keys-are-counted-by-user"],
    decide: Decide::Host(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<HostChoice>> {
    let stores = by_store(facts);
    let (user, containers) = stores.largest_user();
    let user = user?;
    let keys = containers * KEYS;
    if keys <= DEFAULT_KEYS {
        return None;
    }
    let count = with_room(keys);
    Some(Verdict {
        choice: HostChoice::Keys(Keys {
            count,
            bytes: count.saturating_mul(BYTES_A_KEY),
        }),
        reason: format!(
            "{containers} containers of {user} want about {keys} keys, and the kernel's own bound is {DEFAULT_KEYS}"
        )
        .into(),
        evidence: vec![
            ("containersOfAUser", containers.to_string().into()),
            ("keysAContainer", format!("{KEYS}, as users reported").into()),
        ],
        would_change: "fewer rootless containers of one user",
        declared: None,
    })
}
