#![doc = include_str!("nodatacow_differs.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::observed::ObservedPlace;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB832",
    name: "nodatacow-differs",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a volume has the nodatacow attribute otherwise than planned",
    page: include_str!("nodatacow_differs.md"),
    proofs: &[
        "nodatacow-attribute-needs-empty-target",
        "exchange-of-a-directory-and-a-subvolume",
        "rsync-leaves-filtered-attributes-alone",
        "subvolume-number-stays",
    ],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let found = host.volumes().filter_map(|place| {
        let (_, _, volume) = place.planned;
        differs(&volume.key(), !volume.planned.copy_on_write, place.found?)
    });
    found.collect()
}

fn differs(key: &str, wanted: bool, found: &ObservedPlace) -> Option<Differs> {
    let is_set = *found.nodatacow.get()?;
    let told = |message: &str, help: &str, remedy| Some(Differs::new(key, message, help, remedy));
    match (wanted, is_set) {
        (true, true) | (false, false) => None,
        (true, false) if found.empty => told(
            "the nodatacow attribute is planned and not set",
            "`podman-btrfs apply` sets it while the volume is empty",
            Remedy::Apply,
        ),
        (true, false) => told(
            "the nodatacow attribute is planned and not set, and its files would stay as they are",
            &super::moved("that has the attribute", key),
            Remedy::Migrate,
        ),
        (false, true) if found.empty => told(
            "the nodatacow attribute is set and not planned: what is written will have no checksums",
            "`chattr -C` while the volume is empty",
            Remedy::Person,
        ),
        (false, true) => told(
            "the nodatacow attribute is set and not planned: what was written under it has no checksums",
            &super::moved("without the attribute", key),
            Remedy::Migrate,
        ),
    }
}
