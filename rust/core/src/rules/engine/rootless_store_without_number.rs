#![doc = include_str!("rootless_store_without_number.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::plan::StorageFiles;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB516",
    name: "rootless-store-without-number",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "a user's store that Podman 6 finds only by the user's name",
    page: include_str!("rootless_store_without_number.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    if chosen.engine.storage_files != Some(StorageFiles::DropIns) {
        return Vec::new();
    }
    let users = facts.spec.engine.users.iter();
    users
        .filter(|(_, store)| store.uid.is_none())
        .map(|(user, _)| Found {
            at: OptionPath::of(["engine", "users", user.as_str(), "uid"]),
            message: format!(
                "not said, so the file with the store of {user} is one for all rootless users, and another user's Podman looks for a store that is not there"
            ),
            help: "say what `id --user` prints for this user".into(),
            related: Vec::new(),
        })
        .collect()
}
