#![doc = include_str!("marker_missing.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::observed::PlaceKind;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB836",
    name: "marker-missing",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a volume does not say who it is",
    page: include_str!("marker_missing.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let found = host.volumes().filter_map(|place| {
        let (_, _, volume) = place.planned;
        let found = place.found?;
        let can_have_one = matches!(found.kind, PlaceKind::Directory | PlaceKind::Subvolume);
        (can_have_one && found.marker.get() == Some(&None)).then(|| {
            Differs::new(
                &volume.key(),
                format!(
                    "{} carries no marker, so nobody can tell its data from another's",
                    volume.planned.host_path
                ),
                "`podman-btrfs apply` gives it one, if the data there is this volume's",
                Remedy::Apply,
            )
        })
    });
    found.collect()
}
