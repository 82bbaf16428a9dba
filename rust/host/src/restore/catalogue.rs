//! All snapshots that hold a workload's data, put together to *points*: what shows one moment, or was taken as if it did.

use std::collections::{BTreeMap, BTreeSet};

use podman_btrfs_core::spec::Consistency;
use podman_btrfs_core::units::{FilesystemName, SubvolumePath, VolumeName};
use serde::{Deserialize, Serialize};

use crate::group::record::Record;

/// A subvolume that holds data of a copy of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The name of its snapshots.
    pub series: String,
    /// Below the top level.
    pub path: SubvolumePath,
    /// On which filesystem.
    pub filesystem: FilesystemName,
    /// The volumes in it, or the one that it is.
    pub volumes: BTreeSet<VolumeName>,
    /// Whether it is snapshotted with the others.
    pub in_group: bool,
}

/// Who took a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// btrbk, by its name.
    Btrbk,
    /// This program: it has a record.
    Group,
    /// snapper.
    Snapper,
    /// `apply`, when the workload was removed.
    Last,
    /// A restore: it is what was replaced.
    Undo,
}

impl Origin {
    /// In words that follow "by".
    #[must_use]
    pub fn shown(self) -> &'static str {
        match self {
            Self::Btrbk => "btrbk",
            Self::Group => "podman-btrfs",
            Self::Snapper => "snapper",
            Self::Last => "apply, as the last of a removed workload",
            Self::Undo => "a restore, as its undo point",
        }
    }
}

/// One snapshot of one subvolume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Of which series.
    pub series: String,
    /// Where it is, below the top level; at a target its name there.
    pub path: String,
    /// What it and those of the same moment are called by: the part of its name behind the series, or its number.
    pub tag: String,
    /// When, in seconds since 1970.
    pub taken: u64,
    /// By whom.
    pub origin: Origin,
    /// What it says of itself.
    pub record: Option<Record>,
}

/// Snapshots that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// The name that `--snapshot` takes.
    pub id: String,
    /// When, in seconds since 1970.
    pub taken: u64,
    /// By whom.
    pub origin: Origin,
    /// Where each member is, by series.
    pub members: BTreeMap<String, String>,
    /// The series of the group that it has no member of.
    pub missing: Vec<String>,
    /// Whether all members show one moment.
    pub one_moment: bool,
    /// `application`, `crash` or `none`: what the group reached.
    pub consistency: String,
    /// The record that its members carry.
    pub record: Option<Record>,
}

/// Puts snapshots together to points, oldest first.
#[must_use]
pub fn points(found: Vec<Found>, holders: &[Holder]) -> Vec<Point> {
    let mut together: BTreeMap<(u64, Origin, String, Option<String>), Vec<Found>> = BTreeMap::new();
    for one in found {
        let id = one.record.as_ref().map(|record| record.id.clone());
        // A number is one subvolume's own, and those of one second were meant to be together.
        let tag = match one.origin {
            Origin::Snapper => String::new(),
            Origin::Btrbk | Origin::Group | Origin::Last | Origin::Undo => one.tag.clone(),
        };
        let key = (one.taken, one.origin, tag, id);
        together.entry(key).or_default().push(one);
    }
    together
        .into_values()
        .map(|of| point(of, holders))
        .collect()
}

fn point(found: Vec<Found>, holders: &[Holder]) -> Point {
    let group: Vec<&Holder> = group(holders);
    let id = id(&found);
    let (taken, origin) = found
        .first()
        .map_or((0, Origin::Btrbk), |one| (one.taken, one.origin));
    let record = found.iter().find_map(|one| one.record.clone());
    let members: BTreeMap<String, String> = found
        .into_iter()
        .map(|one| (one.series, one.path))
        .collect();
    let missing = group
        .iter()
        .filter(|holder| !members.contains_key(&holder.series))
        .map(|holder| holder.series.clone())
        .collect();
    let frozen = record
        .as_ref()
        .is_some_and(|record| record.reached != Consistency::None);
    Point {
        id,
        taken,
        origin,
        missing,
        // What a restore replaced was stopped.
        one_moment: members.len() < 2 || frozen || origin == Origin::Undo,
        consistency: record
            .as_ref()
            .map_or(Consistency::Crash, |record| record.reached)
            .name()
            .to_owned(),
        members,
        record,
    }
}

/// Those that are snapshotted together; where nothing is snapshotted, all.
#[must_use]
pub fn group(holders: &[Holder]) -> Vec<&Holder> {
    let all = || holders.iter();
    if all().any(|holder| holder.in_group) {
        return all().filter(|holder| holder.in_group).collect();
    }
    all().collect()
}

fn id(found: &[Found]) -> String {
    let Some(first) = found.first() else {
        return String::new();
    };
    match first.origin {
        Origin::Snapper => {
            let tags: Vec<&str> = found.iter().map(|one| one.tag.as_str()).collect();
            format!("snapper-{}", tags.join("-"))
        }
        Origin::Last => format!("last-{}", first.tag),
        Origin::Undo => format!("undo-{}", first.tag),
        Origin::Btrbk | Origin::Group => first.tag.clone(),
    }
}

/// Whether a point is meant by what somebody typed: its name, a member's whole name, or its record's identity or the beginning of it.
#[must_use]
pub fn is_named(point: &Point, typed: &str) -> bool {
    const SHORTEST: usize = 6;
    let of_member = point.members.values().any(|path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        path == typed || name == typed
    });
    let of_record = point
        .record
        .as_ref()
        .is_some_and(|record| typed.len() >= SHORTEST && record.id.starts_with(typed));
    point.id == typed || of_member || of_record
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::units::Text as _;

    use super::*;

    fn holder(series: &str, volume: &str, in_group: bool) -> Holder {
        Holder {
            series: series.into(),
            path: SubvolumePath::parse(&format!("@volumes/{series}")).unwrap(),
            filesystem: FilesystemName::parse("tank").unwrap(),
            volumes: BTreeSet::from([VolumeName::parse(volume).unwrap()]),
            in_group,
        }
    }

    fn found(series: &str, tag: &str, taken: u64, origin: Origin) -> Found {
        Found {
            series: series.into(),
            path: format!("@snapshots/{series}.{tag}"),
            tag: tag.into(),
            taken,
            origin,
            record: None,
        }
    }

    fn recorded(series: &str, id: &str, reached: &str) -> Found {
        let text = format!(
            r#"{{"version":1,"id":"{id}","workload":"shop","copy":"shop","taken":7,"members":["shop","shop+db"],
                "wanted":"application","reached":"{reached}","frozenMilliseconds":5,"reason":"schedule","hooks":[],"images":{{}}}}"#
        );
        Found {
            record: Some(Record::parse(&text).unwrap()),
            ..found(series, "20261127T071304+0000", 7, Origin::Group)
        }
    }

    fn two() -> Vec<Holder> {
        vec![
            holder("shop", "files", true),
            holder("shop+db", "db", true),
            holder("shop+cache", "cache", false),
        ]
    }

    #[test]
    fn members_of_one_name_are_one_point_and_what_it_lacks_is_said() {
        let all = vec![
            found("shop", "20261127T071304+0000", 7, Origin::Btrbk),
            found("shop+db", "20261127T071304+0000", 7, Origin::Btrbk),
            found("shop", "20261127T071304+0000_1", 7, Origin::Btrbk),
            found("shop+db", "20261127T061304+0000", 6, Origin::Btrbk),
        ];
        let points = points(all, &two());
        let told: Vec<_> = points
            .iter()
            .map(|point| (&*point.id, point.members.len(), point.missing.join(" ")))
            .collect();
        assert_eq!(
            told,
            [
                ("20261127T061304+0000", 1, "shop".to_owned()),
                ("20261127T071304+0000", 2, String::new()),
                ("20261127T071304+0000_1", 1, "shop+db".to_owned()),
            ]
        );
        assert!(points[0].one_moment && !points[1].one_moment);
        assert_eq!(points[1].consistency, "crash");
    }

    #[test]
    fn a_record_says_that_several_show_one_moment_and_two_records_are_two_points() {
        let (one, other) = ("0".repeat(32), "1".repeat(32));
        let all = vec![
            recorded("shop", &one, "application"),
            recorded("shop+db", &one, "application"),
            recorded("shop", &other, "none"),
        ];
        let points = points(all, &two());
        assert_eq!(points.len(), 2);
        assert!(points[0].one_moment && points[0].missing.is_empty());
        assert_eq!(points[0].consistency, "application");
        assert_eq!(points[1].consistency, "none");
        assert!(is_named(&points[0], "000000") && !is_named(&points[1], "000000"));
        assert!(!is_named(&points[0], "00000"), "too short");
        assert!(is_named(&points[0], "shop+db.20261127T071304+0000"));
    }

    #[test]
    fn a_series_that_nothing_of_the_group_is_does_not_count() {
        let holders = [
            holder("shop", "files", true),
            holder("shop+cache", "cache", false),
        ];
        let point = &points(vec![found("shop", "12", 7, Origin::Snapper)], &holders)[0];
        assert_eq!((&*point.id, point.missing.len()), ("snapper-12", 0));
        assert_eq!(group(&holders[1..]).len(), 1, "nothing is snapshotted: all");
    }
}
