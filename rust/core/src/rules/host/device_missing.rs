#![doc = include_str!("device_missing.md")]

use crate::drift::{Differs, FilesystemOnHost, Host, Remedy};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB827",
    name: "device-missing",
    stage: Stage::Host,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "a device of a filesystem is missing",
    page: include_str!("device_missing.md"),
    proofs: &["lost-device-needs-degraded"],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    host.filesystems().filter_map(of_filesystem).collect()
}

fn of_filesystem(filesystem: FilesystemOnHost) -> Option<Differs> {
    let observed = filesystem.observed;
    let numbers = observed.missing_devices.get().into_iter().flatten();
    let numbers: Vec<String> = numbers.map(ToString::to_string).collect();
    let bytes = observed.space.get().and_then(|space| space.missing);
    let what = match (numbers.as_slice(), bytes.unwrap_or(0)) {
        ([], 0) => return None,
        ([], bytes) => format!("devices of {bytes} bytes are missing"),
        (numbers, _) => format!("the device of the number {} is missing", numbers.join(", ")),
    };
    Some(Differs::new(
        filesystem.name,
        format!("{what}: what has no other copy cannot be read, and the next loss may be final"),
        format!(
            "replace it: `btrfs replace start -- NUMBER NEW {}`",
            filesystem.planned.mount_point
        ),
        Remedy::Person,
    ))
}
