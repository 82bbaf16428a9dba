#![doc = include_str!("directory_in_place_of_a_subvolume.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::observed::{ObservedPlace, PlaceKind};
use crate::plan::Placement;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB830",
    name: "directory-in-place-of-a-subvolume",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "something else is where a subvolume or a volume is planned",
    page: include_str!("directory_in_place_of_a_subvolume.md"),
    proofs: &["snapshot-omits-nested-subvolume"],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let subvolumes = host.subvolumes().filter_map(|place| {
        let path = &place.planned.path;
        instead_of_subvolume(
            &place.planned.host_path.to_string(),
            path.as_str(),
            place.found?,
        )
    });
    let volumes = host.volumes().filter_map(|place| {
        let (_, _, volume) = place.planned;
        let found = place.found?;
        let is_directory = matches!(found.kind, PlaceKind::Directory | PlaceKind::Subvolume);
        let is_told = volume.planned.placement == Placement::OwnSubvolume;
        (!is_directory && !is_told).then(|| nothing_like_it(&volume.key()))
    });
    subvolumes.chain(volumes).collect()
}

fn instead_of_subvolume(subject: &str, path: &str, found: &ObservedPlace) -> Option<Differs> {
    let told =
        |message: String, help: &str, remedy| Some(Differs::new(subject, message, help, remedy));
    match found.kind {
        PlaceKind::Subvolume => None,
        PlaceKind::Directory if found.empty => told(
            format!("an empty directory is where the subvolume {path} is planned"),
            "remove it with `rmdir`, and run `podman-btrfs apply`",
            Remedy::Person,
        ),
        PlaceKind::Directory => told(
            format!(
                "a directory with files is where the subvolume {path} is planned: it can be neither snapshotted nor limited by itself"
            ),
            "stop what uses it, and move what is in it into a subvolume of that name",
            Remedy::Migrate,
        ),
        PlaceKind::File | PlaceKind::Other => Some(nothing_like_it(subject)),
    }
}

fn nothing_like_it(subject: &str) -> Differs {
    Differs::new(
        subject,
        "what is there is no directory, and links are not followed",
        "see what it is, and move it away",
        Remedy::Person,
    )
}
