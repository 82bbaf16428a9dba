#![doc = include_str!("swap_file_where_none_can_be.md")]

use crate::analysis::{Facts, FilesystemFacts};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Profile;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB138",
    name: "swap-file-where-none-can-be",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a swap file that the kernel would refuse or nobody would make",
    page: include_str!("swap_file_where_none_can_be.md"),
    proofs: &["swap-file-needs-one-device-and-one-copy"],
    decide: Decide::Find(find),
};

const MEBIBYTE: u64 = 1 << 20;
const ELSEWHERE: &str =
    "a partition for it (`swapDevices`), or `zramSwap.enable`, needs no swap file";

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    facts.filesystems.iter().filter_map(found).collect()
}

fn found(filesystem: &FilesystemFacts) -> Option<Found> {
    let declared = filesystem.declared;
    let size = declared.swap?;
    let (message, help, related) = if declared.disks.is_empty() {
        (
            "nothing makes a swap file on a filesystem that exists",
            "make a subvolume for it, then the file with `btrfs filesystem mkswapfile --size SIZE FILE`, and name the file in `swapDevices`",
            Some("device"),
        )
    } else if declared.disks.len() > 1 {
        (
            "a swap file lies on one device and in one copy, and this filesystem spreads over several disks",
            ELSEWHERE,
            Some("disks"),
        )
    } else if !matches!(declared.data_profile, None | Some(Profile::Single)) {
        (
            "a swap file lies in one copy, and the data of this filesystem has another profile",
            ELSEWHERE,
            Some("dataProfile"),
        )
    } else if size.bytes() % MEBIBYTE != 0 {
        (
            "a swap file has whole mebibytes",
            "write the size with `M` or `G`, such as `8G`",
            None,
        )
    } else {
        return None;
    };
    let at = OptionPath::of(["filesystems", filesystem.name.as_str()]);
    Some(Found {
        at: at.key("swap"),
        message: message.into(),
        help: help.into(),
        related: related.map(|field| at.key(field)).into_iter().collect(),
    })
}
