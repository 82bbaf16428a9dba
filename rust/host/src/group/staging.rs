//! Snapshots that are not published yet: they have names of ours in the directory of snapshots, until each says what it is and all of
//! them are on the disk. Whatever ends a run, the next one completes what was whole and deletes the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::record::Record;
use super::target::Group;
use crate::marker::is_id;
use crate::system::{Fault, NodeKind, System};

/// How the names begin.
pub const PREFIX: &str = ".podman-btrfs-snapshot-";

/// The name of a member while it is not published.
#[must_use]
pub fn name(id: &str, series: &str) -> String {
    format!("{PREFIX}{id}-{series}")
}

/// The identity and the series of such a name; `None` for any other.
#[must_use]
pub fn parse(name: &str) -> Option<(&str, &str)> {
    let rest = name.strip_prefix(PREFIX)?;
    let (id, series) = rest.split_once('-')?;
    (is_id(id) && !series.is_empty()).then_some((id, series))
}

/// The name of a snapshot, as btrbk's `timestamp_format long-iso` has it, in UTC.
///
/// # Errors
/// When the time is none of the calendar.
pub fn published(series: &str, seconds: u64) -> Result<String, Fault> {
    let when = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    let when = when
        .ok_or_else(|| Fault::Unexpected(format!("the clock says {seconds}, which is no time")))?;
    Ok(format!("{series}.{}+0000", when.strftime("%Y%m%dT%H%M%S")))
}

/// Where the members of a group lie while they are not published, and when they are.
#[derive(Clone, Debug)]
pub struct Staged {
    /// Source, place, directory and series of each.
    members: Vec<(PathBuf, PathBuf, PathBuf, String)>,
}

impl Staged {
    /// Those of a group snapshot.
    #[must_use]
    pub fn of(group: &Group, id: &str) -> Self {
        let member = |member: &super::target::Member| {
            let place = member.snapshots.join(name(id, &member.series));
            (
                member.source.clone(),
                place,
                member.snapshots.clone(),
                member.series.clone(),
            )
        };
        Self {
            members: group.members.iter().map(member).collect(),
        }
    }

    /// Takes them all.
    pub(super) fn take(&self, system: &dyn System) -> Result<(), Fault> {
        let pairs: Vec<_> = self
            .members
            .iter()
            .map(|(source, place, _, _)| (source.clone(), place.clone()))
            .collect();
        system.create_snapshots(&pairs)
    }

    /// Deletes those that are there.
    pub(super) fn delete(&self, system: &dyn System) -> Result<(), Fault> {
        for (_, place, _, _) in &self.members {
            if system.look(place)?.is_some() {
                system.delete_subvolume(place)?;
            }
        }
        Ok(())
    }

    /// The first second from this one on of which no member has a snapshot.
    pub(super) fn free_second(&self, system: &dyn System, from: u64) -> Result<u64, Fault> {
        for second in from..from.saturating_add(3600) {
            let mut is_free = true;
            for (_, _, directory, series) in &self.members {
                is_free &= system
                    .look(&directory.join(published(series, second)?))?
                    .is_none();
            }
            if is_free {
                return Ok(second);
            }
        }
        Err(Fault::Unexpected(
            "each second of the next hour has a snapshot already; is the clock right?".into(),
        ))
    }

    /// Writes into each what it is, makes it read-only, puts all on the disk, and gives each its name. Where they are then.
    pub(super) fn publish(
        &self,
        system: &dyn System,
        record: &Record,
    ) -> Result<Vec<PathBuf>, Fault> {
        for (_, place, _, _) in &self.members {
            record.set(place, system)?;
            system.set_read_only(place)?;
        }
        self.sync(system)?;
        let mut names = Vec::new();
        for (_, place, directory, series) in &self.members {
            let to = directory.join(published(series, record.taken)?);
            system.rename(place, &to)?;
            names.push(to);
        }
        self.sync(system)?;
        Ok(names)
    }

    /// Puts all of their filesystems on the disk.
    pub(super) fn sync(&self, system: &dyn System) -> Result<(), Fault> {
        for directory in self.directories() {
            let shown = directory.to_string_lossy();
            system.run("btrfs", &["filesystem", "sync", "--", &shown])?;
        }
        Ok(())
    }

    fn directories(&self) -> Vec<&Path> {
        let mut all: Vec<&Path> = self
            .members
            .iter()
            .map(|(_, _, directory, _)| &**directory)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What a run before this one left in the directories: a group snapshot that is whole is published, the rest deleted. In words.
    /// Called where no other run is at work.
    pub(super) fn settle_leftovers(&self, system: &dyn System) -> Result<Vec<String>, Fault> {
        let mut left: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
        for directory in self.directories() {
            for name in system.list(directory)?.unwrap_or_default() {
                if let Some((id, series)) = parse(&name) {
                    let entry = (directory.to_owned(), series.to_owned());
                    left.entry(id.to_owned()).or_default().push(entry);
                }
            }
        }
        let mut told = Vec::new();
        for (id, members) in left {
            told.push(settle(system, &id, &members, &self.directories())?);
        }
        Ok(told)
    }
}

/// Publishes or deletes what is left of one group snapshot.
fn settle(
    system: &dyn System,
    id: &str,
    members: &[(PathBuf, String)],
    directories: &[&Path],
) -> Result<String, Fault> {
    if let Some(record) = whole(system, id, members, directories)? {
        for (directory, series) in members {
            let to = directory.join(published(series, record.taken)?);
            system.rename(&directory.join(name(id, series)), &to)?;
        }
        return Ok(format!(
            "a group snapshot of {} that was whole got its names",
            record.copy
        ));
    }
    for (directory, series) in members {
        let place = directory.join(name(id, series));
        match system.look(&place)?.map(|node| node.kind) {
            Some(NodeKind::Subvolume) => system.delete_subvolume(&place)?,
            None => {}
            Some(NodeKind::Directory | NodeKind::File | NodeKind::Other) => {
                return Err(Fault::Unexpected(format!(
                    "{} has a name of ours and is no subvolume; look what it is, and remove it",
                    place.display()
                )));
            }
        }
    }
    Ok(format!(
        "{} of a group snapshot that was ended in the middle deleted",
        members.len()
    ))
}

/// What all members say, where each is read-only and says the same: those that have their names already too.
fn whole(
    system: &dyn System,
    id: &str,
    members: &[(PathBuf, String)],
    directories: &[&Path],
) -> Result<Option<Record>, Fault> {
    let mut found: Option<Record> = None;
    for (directory, series) in members {
        let place = directory.join(name(id, series));
        if system
            .look(&place)?
            .is_none_or(|node| node.kind != NodeKind::Subvolume)
            || !system.is_read_only(&place)?
        {
            return Ok(None);
        }
        let Some(record) = Record::of(&place, system)?.filter(|record| record.id == id) else {
            return Ok(None);
        };
        if found.as_ref().is_some_and(|other| *other != record) {
            return Ok(None);
        }
        found = Some(record);
    }
    let Some(record) = found else {
        return Ok(None);
    };
    for series in &record.members {
        let is_left = members.iter().any(|(_, left)| left == series);
        let name = published(series, record.taken)?;
        let mut has_name = false;
        for directory in directories {
            let place = directory.join(&name);
            has_name |= system.look(&place)?.is_some()
                && Record::of(&place, system)?.is_some_and(|record| record.id == id);
        }
        if !is_left && !has_name {
            return Ok(None);
        }
    }
    Ok(Some(record))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::snapshot_names;

    #[test]
    fn names_are_read_as_they_are_written_and_btrbk_knows_them() {
        let id = "00112233445566778899aabbccddeeff";
        assert_eq!(parse(&name(id, "shop@2+a-b")), Some((id, "shop@2+a-b")));
        for other in [
            "shop",
            ".podman-btrfs-snapshot-1-shop",
            ".podman-btrfs-undo-1",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
        let name = published("shop+cache", 1_795_435_200).unwrap();
        assert_eq!(name, "shop+cache.20261123T120000+0000");
        assert_eq!(
            snapshot_names::btrbk(&name),
            Some(("shop+cache", 1_795_435_200))
        );
    }
}
