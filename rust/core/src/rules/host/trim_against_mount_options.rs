#![doc = include_str!("trim_against_mount_options.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, FilesystemChoices, Found, Rule, Stage};
use crate::spec::{Filesystem, Trim};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB805",
    name: "trim-against-mount-options",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a way to trim that an existing mount decides otherwise",
    page: include_str!("trim_against_mount_options.md"),
    proofs: &["filesystem-options-first-mount-wins"],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    facts
        .filesystems
        .iter()
        .zip(&chosen.filesystems)
        .filter(|(filesystem, _)| filesystem.follows_existing_options())
        .filter_map(|(filesystem, choices)| {
            let at = OptionPath::of(["filesystems", filesystem.name.as_str()]);
            found(filesystem.declared, choices, &at)
        })
        .collect()
}

fn found(declared: &Filesystem, choices: &FilesystemChoices, at: &OptionPath) -> Option<Found> {
    let options = choices.mount_options.as_deref().unwrap_or_default();
    let has = |wanted: &str| options.iter().any(|option| option == wanted);
    let discards = has("discard=async") || has("discard=sync") || has("discard");
    let (message, wanted) = match declared.upkeep.trim? {
        Trim::Continuous if !discards => (
            "nothing on the existing mount that decides asks for discarding",
            "`discard=async` to",
        ),
        Trim::Never | Trim::Weekly if discards => (
            "the existing mount that decides discards what is free at once",
            "`nodiscard` in place of `discard` to",
        ),
        Trim::Never | Trim::Weekly | Trim::Continuous => return None,
    };
    Some(Found {
        at: at.clone().key("upkeep").key("trim"),
        message: message.into(),
        help: format!(
            "add {wanted} the options of every mount of the filesystem, or leave `upkeep.trim` out"
        ),
        related: vec![at.clone().key("existing").key("mounts")],
    })
}
