#![doc = include_str!("boot_partition_on_each_disk.md")]

use crate::finding::Level;
use crate::plan::BootPartition;
use crate::rules::{
    Decide, FilesystemChoice, FilesystemChoices, FilesystemView, Rule, Stage, Verdict, yes_or_no,
};
use crate::spec::Profile;
use crate::units::{DevicePath, HostPath, Text};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB335",
    name: "boot-partition-on-each-disk",
    stage: Stage::Layout,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "an EFI system partition on each disk, and which of them a boot may lack",
    page: include_str!("boot_partition_on_each_disk.md"),
    proofs: &[
        "crypttab-key-file-waits-for-no-unit",
        "lost-device-needs-degraded",
    ],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let declared = view.this().declared;
    if declared.system != Some(true) || declared.disks.is_empty() {
        return None;
    }
    let survives = survives_a_disk(view.choices());
    let partitions: Vec<BootPartition> = declared
        .disks
        .iter()
        .enumerate()
        .filter_map(|(position, disk)| partition(position, disk, survives))
        .collect();
    let reason = match (partitions.len(), survives) {
        (1, _) => "the firmware starts the boot loader from it",
        (_, true) => {
            "the firmware can start from whichever disk is left, if the boot loader is told to fill all of them; and no boot waits for one that is lost"
        }
        (_, false) => {
            "the boot loader can be on each; but the filesystem needs all of its disks, so the host outlives none of them"
        }
    };
    Some(Verdict {
        choice: FilesystemChoice::BootPartitions(partitions),
        reason: reason.into(),
        evidence: vec![
            ("disks", declared.disks.len().to_string().into()),
            ("survives a lost disk", yes_or_no(survives)),
        ],
        would_change: "`disks`, `system`, or the profiles",
        declared: None,
    })
}

/// Whether data and metadata are whole without any one of the disks.
fn survives_a_disk(choices: &FilesystemChoices) -> bool {
    [choices.data_profile, choices.metadata_profile]
        .into_iter()
        .all(|profile| profile.flatten().is_some_and(Profile::survives_a_device))
}

/// The partition on the disk at a position, counted from 0.
fn partition(position: usize, disk: &DevicePath, survives: bool) -> Option<BootPartition> {
    let mount_point = match position {
        0 => "/boot".to_owned(),
        further => format!("/boot-{}", further + 1),
    };
    // Only root reads the boot loader's random seed.
    let mut options = vec!["umask=0077".to_owned()];
    if survives || position > 0 {
        options.push("nofail".to_owned());
    }
    Some(BootPartition {
        disk: disk.clone(),
        mount_point: HostPath::parse(&mount_point).ok()?,
        options,
    })
}
