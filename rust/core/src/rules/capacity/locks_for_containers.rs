#![doc = include_str!("locks_for_containers.md")]

use crate::analysis::Facts;
use crate::density::assumed::DEFAULT_LOCKS;
use crate::density::{by_store, with_room};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB710",
    name: "locks-for-containers",
    stage: Stage::Capacity,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how many locks Podman is given",
    page: include_str!("locks_for_containers.md"),
    proofs: &["podman-locks-run-out"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, chosen: &Choices) -> Option<Verdict<EngineChoice>> {
    chosen.engine.driver?;
    let stores = by_store(facts);
    let most = stores.largest();
    let locks = with_room(most).max(DEFAULT_LOCKS);
    let declared = facts.spec.engine.num_locks;
    if locks == DEFAULT_LOCKS && declared.is_none() {
        return None;
    }
    let reason = if locks > DEFAULT_LOCKS {
        format!(
            "{most} containers in one store take a lock each, and the number cannot be raised while the host runs"
        )
    } else {
        format!(
            "Podman's own {DEFAULT_LOCKS} locks are at least twice what the containers of one store take"
        )
    };
    Some(Verdict {
        choice: EngineChoice::NumLocks(locks),
        reason: reason.into(),
        evidence: vec![
            ("containersOfRoot", stores.system.to_string().into()),
            (
                "containersOfAUser",
                stores.largest_user().1.to_string().into(),
            ),
        ],
        would_change: "more copies or containers in one store, or `engine.numLocks`",
        declared: declared.map(|locks| {
            let at = OptionPath::of(["engine", "numLocks"]);
            (EngineChoice::NumLocks(locks), at)
        }),
    })
}
