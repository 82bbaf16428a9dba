//! Copies of group snapshots whose members are not all there.
//!
//! Which belong together is what their records say, wherever their series lie now.

use std::collections::{BTreeMap, BTreeSet};

use podman_btrfs_core::finding::Level;
use serde::Deserialize;

use super::{CopyFinding, Report, TargetReport};
use crate::remote::{Remote, RemoteSnapshot, Target};

/// What is read of a record; all else in it is for others.
#[derive(Deserialize)]
struct Record {
    id: String,
    workload: String,
    members: Vec<String>,
}

/// Series that are there of a group snapshot.
struct Group {
    workload: String,
    members: BTreeSet<String>,
    there: BTreeSet<String>,
    name: String,
}

pub(super) fn look(
    target: &Target<'_>,
    told: &TargetReport,
    list: &[RemoteSnapshot],
    report: &mut Report,
) {
    let of_groups = grouped(told);
    let copies: Vec<&RemoteSnapshot> = list
        .iter()
        .filter(|one| one.is_whole() && of_groups.contains(one.series.as_str()))
        .collect();
    if copies.is_empty() {
        return;
    }
    let names: Vec<&str> = copies.iter().map(|one| one.name.as_str()).collect();
    let records = match target.records(&names) {
        Ok(records) => records,
        Err(fault) => {
            report.findings.push(CopyFinding {
                kind: "groups-unknown",
                level: Level::Note,
                target: told.name.clone(),
                series: None,
                message: format!("which copies belong together is not known: {fault}"),
                help: "the receiver of this module answers it; elsewhere `getfattr` is needed, with root's rights".into(),
            });
            return;
        }
    };
    for group in groups(&copies, &records).into_values() {
        let missing: Vec<&str> = group
            .members
            .difference(&group.there)
            .map(String::as_str)
            .collect();
        if missing.is_empty() {
            continue;
        }
        report.findings.push(CopyFinding {
            kind: "group-incomplete",
            level: Level::Warn,
            target: told.name.clone(),
            series: None,
            message: format!(
                "the group snapshot of {} beside {} is not whole there: {} is missing",
                group.workload,
                group.name,
                missing.join(", ")
            ),
            help: "it is no point to restore the workload from; one that has all its members is"
                .into(),
        });
    }
}

/// Series that others of the same copy of a workload lie beside.
fn grouped(told: &TargetReport) -> BTreeSet<&str> {
    let mut by_copy: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in &told.series {
        let copy = one.series.split('+').next().unwrap_or_default();
        by_copy.entry(copy).or_default().push(&one.series);
    }
    let several = by_copy.into_values().filter(|all| all.len() > 1);
    several.flatten().collect()
}

fn groups(
    copies: &[&RemoteSnapshot],
    records: &BTreeMap<String, String>,
) -> BTreeMap<String, Group> {
    let mut all: BTreeMap<String, Group> = BTreeMap::new();
    for copy in copies {
        let record = records.get(&copy.name);
        // A record of another form belongs to another version, and says nothing here.
        let Some(record) = record.and_then(|text| serde_json::from_str::<Record>(text).ok()) else {
            continue;
        };
        let group = all.entry(record.id).or_insert_with(|| Group {
            workload: record.workload,
            members: BTreeSet::new(),
            there: BTreeSet::new(),
            name: copy.name.clone(),
        });
        group.members.extend(record.members);
        group.there.insert(copy.series.clone());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(series: &str) -> RemoteSnapshot {
        RemoteSnapshot {
            name: format!("{series}.20261127T071304+0000"),
            series: series.into(),
            taken: 0,
            uuid: "a".into(),
            received_uuid: Some("b".into()),
            read_only: true,
            raw: None,
        }
    }

    #[test]
    fn members_that_are_not_there_are_missing() {
        let record =
            r#"{"version":1,"id":"0f","workload":"shop","members":["shop","shop+cache"],"new":1}"#;
        let (one, other) = (copy("shop"), copy("shop+cache"));
        let records = BTreeMap::from([
            (one.name.clone(), record.to_owned()),
            (other.name.clone(), record.to_owned()),
        ]);
        let missing = |copies: &[&RemoteSnapshot]| {
            let groups = groups(copies, &records);
            let group = &groups["0f"];
            group
                .members
                .difference(&group.there)
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(missing(&[&one, &other]), Vec::<String>::new());
        assert_eq!(missing(&[&one]), ["shop+cache"]);
        assert!(groups(&[&one], &BTreeMap::from([(one.name.clone(), "no".into())])).is_empty());
    }
}
