#![doc = include_str!("device_errors.md")]

use crate::drift::{Differs, FilesystemOnHost, Host, Remedy};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB828",
    name: "device-errors",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a device counted errors",
    page: include_str!("device_errors.md"),
    proofs: &["scrub-finds-what-nobody-reads"],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let of = |filesystem: FilesystemOnHost| {
        let devices = filesystem.observed.devices.get().into_iter().flatten();
        let found = devices.filter_map(|(device, errors)| {
            let counted = errors.told();
            (!counted.is_empty()).then(|| {
                Differs::new(
                    filesystem.name,
                    format!("{device} counted errors: {}", counted.join(", ")),
                    format!(
                        "scrub it, look at the device and its cable, and when that is done set the counters back: `btrfs device stats -z -- {}`",
                        filesystem.planned.mount_point
                    ),
                    Remedy::Person,
                )
            })
        });
        found.collect::<Vec<_>>()
    };
    host.filesystems().flat_map(of).collect()
}
