#![doc = include_str!("marker_of_another_volume.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::observed::ObservedMarker;
use crate::rules::{Decide, Rule, Stage};
use std::collections::BTreeMap;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB837",
    name: "marker-of-another-volume",
    stage: Stage::Host,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "the data of another volume lies where a volume is planned",
    page: include_str!("marker_of_another_volume.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let mut found = Vec::new();
    let mut bearers: BTreeMap<&str, String> = BTreeMap::new();
    for place in host.volumes() {
        let (name, workload, volume) = place.planned;
        let marker = place.found.and_then(|found| found.marker.get()?.as_ref());
        let Some(marker) = marker else { continue };
        let key = volume.key();
        let former = volume.former_key(name, workload);
        if marker.volume != key && Some(&marker.volume) != former.as_ref() {
            found.push(of_another(&key, marker));
        }
        if let Some(other) = bearers.insert(&marker.id, key.clone()) {
            found.push(twice(&key, &other));
        }
    }
    found
}

fn of_another(key: &str, marker: &ObservedMarker) -> Differs {
    Differs::new(
        key,
        format!(
            "the marker of what lies there says {}, so it is another volume's data",
            marker.volume
        ),
        format!(
            "stop what uses it, and move it to where {} is planned; or declare the old name (`renamedFrom`)",
            marker.volume
        ),
        Remedy::Person,
    )
}

fn twice(key: &str, other: &str) -> Differs {
    Differs::new(
        key,
        format!("it has the same marker as {other}, so one of them is a copy of the other"),
        "find out which one is the copy, and take the marker `trusted.podman-btrfs` from it (`setfattr -x`)",
        Remedy::Person,
    )
}
