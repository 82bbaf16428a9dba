#![doc = include_str!("place_missing.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::plan::Placement;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB829",
    name: "place-missing",
    stage: Stage::Host,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "a planned subvolume or the directory of a volume is not there",
    page: include_str!("place_missing.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

const HELP: &str = "`podman-btrfs apply` makes it, empty; if it held data, look for that first";

fn ask(host: &Host) -> Vec<Differs> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for place in host.subvolumes().filter(|place| place.found.is_none()) {
        let path = &place.planned.path;
        let name = place.filesystem.name;
        let message = format!("the subvolume {path} of {name} is not there");
        found.push(Differs::new(
            &place.planned.host_path,
            message,
            HELP,
            Remedy::Apply,
        ));
        missing.push((name, path));
    }
    for place in host.volumes().filter(|place| place.found.is_none()) {
        let (_, _, volume) = place.planned;
        let group = (place.filesystem.name, &volume.planned.subvolume);
        // With its group it is missing too, and that is told.
        if volume.planned.placement == Placement::OwnSubvolume || missing.contains(&group) {
            continue;
        }
        let message = format!("its directory {} is not there", volume.planned.host_path);
        found.push(Differs::new(&volume.key(), message, HELP, Remedy::Apply));
    }
    found
}
