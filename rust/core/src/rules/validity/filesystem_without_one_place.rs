#![doc = include_str!("filesystem_without_one_place.md")]

use crate::finding::Level;
use std::collections::BTreeMap;

use crate::analysis::Facts;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::DevicePath;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB108",
    name: "filesystem-without-one-place",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a filesystem is on new disks or exists; not both, not neither",
    page: include_str!("filesystem_without_one_place.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut found = Vec::new();
    let mut users: BTreeMap<&DevicePath, OptionPath> = BTreeMap::new();
    for filesystem in &facts.filesystems {
        let at = OptionPath::of(["filesystems", filesystem.name.as_str()]);
        let declared = filesystem.declared;
        let trouble = match (declared.disks.is_empty(), declared.device.is_some()) {
            (true, false) => Some("it has neither `disks` nor a `device`"),
            (false, true) => {
                Some("it has both `disks`, which are formatted, and a `device`, which never is")
            }
            _ => None,
        };
        if let Some(trouble) = trouble {
            found.push(Found {
                at: at.clone(),
                message: format!("nothing says how this filesystem comes to be: {trouble}"),
                help: "name `disks` for a new host, or the `device` of an existing filesystem"
                    .into(),
                related: Vec::new(),
            });
        }
        let disks = declared
            .disks
            .iter()
            .enumerate()
            .map(|(i, disk)| (disk, at.key("disks").index(i)));
        let device = declared
            .device
            .iter()
            .map(|device| (device, at.key("device")));
        for (path, place) in disks.chain(device) {
            if let Some(first) = users.insert(path, place.clone()) {
                found.push(Found {
                    at: place,
                    message: format!("the device {path} is already used by `{first}`"),
                    help: "give each filesystem, and each place in `disks`, a device of its own"
                        .into(),
                    related: vec![first],
                });
            }
        }
    }
    found
}
