#![doc = include_str!("key_file_of_a_late_unit.md")]

use std::collections::BTreeSet;

use crate::analysis::existing::writers;
use crate::analysis::{Facts, FilesystemFacts};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::units::HostPath;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB331",
    name: "key-file-of-a-late-unit",
    stage: Stage::Layout,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a key file that another unit makes, and all that waits for it",
    page: include_str!("key_file_of_a_late_unit.md"),
    proofs: &["crypttab-key-file-waits-for-no-unit"],
    decide: Decide::Find(find),
};

/// Where agenix, sops-nix and the like put what they decrypt: in memory, anew at each boot.
const MADE_AT_BOOT: [&str; 3] = ["/run/", "/etc/agenix/", "/etc/agenix.d/"];

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts
        .filesystems
        .iter()
        .enumerate()
        .filter_map(|(index, filesystem)| {
            let existing = &filesystem.declared.existing;
            let file = existing.key_file.as_ref()?;
            let late = MADE_AT_BOOT
                .iter()
                .any(|place| file.as_str().starts_with(place));
            (late || existing.key_unit.is_some()).then(|| late_key(facts, index, filesystem, file))
        })
        .collect()
}

fn late_key(facts: &Facts, index: usize, filesystem: &FilesystemFacts, file: &HostPath) -> Found {
    let unit = filesystem.declared.existing.key_unit.as_ref();
    let maker = unit.map_or_else(
        || "a unit or a step of the activation that is not declared".to_owned(),
        ToString::to_string,
    );
    let mut behind: Vec<String> = filesystem
        .existing_mounts()
        .map(|mount| mount.mount_point.to_string())
        .collect();
    behind.push(filesystem.mount_point.to_string());
    let containers: BTreeSet<String> = facts
        .workloads
        .iter()
        .flat_map(|workload| {
            workload
                .volumes
                .iter()
                .map(move |volume| (workload, volume))
        })
        .filter(|(_, volume)| volume.filesystem == Some(index))
        .flat_map(|(workload, volume)| writers(workload, volume))
        .collect();
    if !containers.is_empty() {
        behind.push(Vec::from_iter(containers).join(", "));
    }
    let (unit, told) = unit.map_or(("UNIT", " for the UNIT that makes it"), |unit| {
        (unit.as_str(), "")
    });
    Found {
        at: OptionPath::of([
            "filesystems",
            filesystem.name.as_str(),
            "existing",
            "keyFile",
        ]),
        message: format!(
            "{file} is there only after {maker} has made it, and the unlocking does not wait for that by itself; behind it wait {}",
            behind.join(", ")
        ),
        help: format!(
            "set `systemd.services.\"systemd-cryptsetup@NAME\"` to `overrideStrategy = \"asDropin\"; after = [ \"{unit}\" ]; requires = [ \"{unit}\" ];`{told}, and unlock it outside of the initial ram disk"
        ),
        related: Vec::new(),
    }
}
