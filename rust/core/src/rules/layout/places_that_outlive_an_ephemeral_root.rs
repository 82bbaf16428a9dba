#![doc = include_str!("places_that_outlive_an_ephemeral_root.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB308",
    name: "places-that-outlive-an-ephemeral-root",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "what must be kept elsewhere when `/` is begun anew",
    page: include_str!("places_that_outlive_an_ephemeral_root.md"),
    proofs: &["root-exchange-keeps-volumes"],
    decide: Decide::Find(find),
};

/// What a host loses its identity or its state without, and no mount of ours holds.
const KEPT: &str = "/etc/machine-id, /etc/ssh/ssh_host_*, /var/lib/nixos, /var/lib/systemd, /var/lib/podman-btrfs and what else your services keep below /var/lib";

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts
        .filesystems
        .iter()
        .filter(|filesystem| filesystem.declared.ephemeral_root == Some(true))
        .map(|filesystem| Found {
            at: OptionPath::of(["filesystems", filesystem.name.as_str(), "ephemeralRoot"]),
            message: format!("nothing in `/` outlives a boot: {KEPT} must come from /persist"),
            help: "bind them from /persist (the module of impermanence or preservation does); the NixOS module begins `/` anew, and without it something else has to, in the initial ram disk, after a resume from hibernation and before it is mounted".into(),
            related: Vec::new(),
        })
        .collect()
}
