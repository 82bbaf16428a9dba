#![doc = include_str!("read_only_against_the_plan.md")]

use crate::drift::{Differs, FilesystemOnHost, Host, Remedy};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB825",
    name: "read-only-against-the-plan",
    stage: Stage::Host,
    level: Level::Error,
    fixed: false,
    since: "0.1.0",
    summary: "a filesystem is read-only and is planned to be written",
    page: include_str!("read_only_against_the_plan.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let has = |options: &[String]| options.iter().any(|option| option == "ro");
    let of = |filesystem: FilesystemOnHost| {
        let mounts = filesystem.planned.mounts.iter();
        let read_only: Vec<&str> = mounts
            .filter(|mount| filesystem.is_in_effect(mount) && !has(&mount.options))
            .filter(|mount| {
                filesystem
                    .mounted(mount)
                    .is_some_and(|found| has(&found.options))
            })
            .map(|mount| mount.mount_point.as_str())
            .collect();
        (!read_only.is_empty()).then(|| {
            Differs::new(
                filesystem.name,
                format!("it is read-only at {}, so nothing can be stored there", read_only.join(", ")),
                "read the kernel's log (`journalctl -k`) for an error of the filesystem before it is remounted",
                Remedy::Person,
            )
        })
    };
    host.filesystems().filter_map(of).collect()
}
