#![doc = include_str!("profile_differs.md")]

use crate::drift::{Differs, FilesystemOnHost, Host, Remedy};
use crate::finding::Level;
use crate::observed::Chunks;
use crate::rules::{Decide, Rule, Stage};
use crate::spec::Profile;
use std::collections::BTreeSet;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB826",
    name: "profile-differs",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "data or metadata is held in another profile than planned",
    page: include_str!("profile_differs.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    host.filesystems().flat_map(of_filesystem).collect()
}

fn of_filesystem(filesystem: FilesystemOnHost) -> Vec<Differs> {
    let Some(space) = filesystem.observed.space.get() else {
        return Vec::new();
    };
    let planned = filesystem.planned;
    let kinds = [
        ("data", "d", planned.data_profile, &space.data),
        ("metadata", "m", planned.metadata_profile, &space.metadata),
    ];
    let found = kinds.into_iter().filter_map(|(what, letter, wanted, chunks)| {
        let message = differs(what, wanted, chunks)?;
        let into = wanted.map_or("PROFILE", Profile::name);
        let place = &planned.mount_point;
        let help = format!("`btrfs balance start -{letter}convert={into},soft -- {place}`, where its devices have room for it");
        Some(Differs::new(filesystem.name, message, help, Remedy::Person))
    });
    found.collect()
}

/// Of an existing filesystem nothing need be planned; but two profiles of one kind nobody wants.
fn differs(what: &str, wanted: Option<Profile>, chunks: &[Chunks]) -> Option<String> {
    let in_use = chunks.iter().filter(|chunks| chunks.size > 0);
    let names: BTreeSet<&str> = in_use.map(|chunks| chunks.profile.name()).collect();
    let all = names.iter().copied().collect::<Vec<_>>().join(" and ");
    match wanted {
        Some(wanted) if names.iter().all(|name| *name == wanted.name()) => None,
        Some(wanted) => Some(format!(
            "{what} is held as {all}, and {} is planned",
            wanted.name()
        )),
        None if names.len() < 2 => None,
        None => Some(format!(
            "{what} is held as {all}, as a conversion leaves it that did not end"
        )),
    }
}
