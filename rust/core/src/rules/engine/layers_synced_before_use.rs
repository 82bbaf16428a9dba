#![doc = include_str!("layers_synced_before_use.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};
use crate::spec::Driver;
use crate::storage_conf;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB506",
    name: "layers-synced-before-use",
    stage: Stage::Engine,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "whether a layer is on the disk before Podman counts on it",
    page: include_str!("layers_synced_before_use.md"),
    proofs: &["storage-conf-as-podman-reads-it"],
    decide: Decide::Engine(decide),
};

fn decide(facts: &Facts, chosen: &Choices) -> Option<Verdict<EngineChoice>> {
    let overlay = chosen.engine.driver? == Driver::Overlay;
    let podman = facts.spec.host.podman.as_ref();
    let known = storage_conf::is_valid("options.overlay.sync", podman);
    let reason = match (overlay, known) {
        (true, true) => {
            "a power cut during a pull then leaves no layer that is there in Podman's records and not on the disk"
        }
        (true, false) => "Podman before 6.0 cannot, and would warn of the key on every command",
        (false, _) => "only the overlay driver can",
    };
    Some(Verdict {
        choice: EngineChoice::LayerSync(overlay && known),
        reason: reason.into(),
        evidence: vec![(
            "Podman",
            podman.map_or("unknown".into(), |version| version.to_string().into()),
        )],
        would_change: "`host.podman`, or another `engine.driver`",
        declared: None,
    })
}
