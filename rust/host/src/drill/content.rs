//! Files of a restored volume: read to their ends, and held against what they came from.

use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::VolumePlan;
use podman_btrfs_core::units::VolumeName;

use super::{Drill, Kind};
use crate::system::{Fault, Node, NodeKind, Reading, System, TIME_OF_CHANGE};

/// A volume as it was restored.
pub(super) struct Restored<'p> {
    pub(super) name: &'p VolumeName,
    pub(super) planned: &'p VolumePlan,
    /// Where it was restored.
    pub(super) place: PathBuf,
}

/// Reads all of a volume; the databases of `SQLite` in it, below its root.
///
/// A fresh snapshot's files are in no cache, so what is read comes from the disk and is held against Btrfs' checksums.
pub(super) fn read(
    system: &dyn System,
    volume: &Restored<'_>,
    taken: u64,
    drill: &mut Drill,
) -> Result<Vec<PathBuf>, Fault> {
    let name = volume.name.as_str();
    let kind = system.look(&volume.place)?.map(|node| node.kind);
    if !matches!(kind, Some(NodeKind::Directory | NodeKind::Subvolume)) {
        let live = Path::new(volume.planned.host_path.as_str());
        let message = "it is not in the snapshot";
        empty(system, (name, live), taken, message, drill)?;
        return Ok(Vec::new());
    }
    let reading = system.read_through(&volume.place)?;
    if reading.damaged > 0 {
        drill.found(Kind::Damaged, Some(name), damaged(&reading));
    }
    if reading.is_empty {
        let live = Path::new(volume.planned.host_path.as_str());
        empty(system, (name, live), taken, "it is empty", drill)?;
    } else if reading.damaged == 0 {
        drill.proofs.push(format!(
            "{name}: {} files read, {} bytes",
            reading.files, reading.bytes
        ));
    }
    if !volume.planned.copy_on_write && reading.files > 0 {
        drill.notes.push(format!(
            "{name} is without copy-on-write: Btrfs has no checksums of it, so that it could be read does not show that it is what was written"
        ));
    }
    Ok(reading.databases)
}

fn damaged(reading: &Reading) -> String {
    let more = reading
        .damaged
        .saturating_sub(u64::try_from(reading.first_damaged.len()).unwrap_or(0));
    let more = match more {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("cannot be read: {}{more}", reading.first_damaged.join("; "))
}

/// Nothing was restored of a volume: that is wrong where something is in the one in use, and was already when the snapshot was taken.
fn empty(
    system: &dyn System,
    (name, live): (&str, &Path),
    taken: u64,
    message: &str,
    drill: &mut Drill,
) -> Result<(), Fault> {
    let found = system.look(live)?;
    let holds_something = |node: &Node| {
        matches!(node.kind, NodeKind::Directory | NodeKind::Subvolume) && !node.is_empty
    };
    if !found.as_ref().is_some_and(holds_something) {
        drill
            .notes
            .push(format!("{name}: {message}, as is the one in use"));
        return Ok(());
    }
    let born = system.identity(live)?.map(|one| one.born_seconds);
    let is_newer = born.and_then(|born| u64::try_from(born).ok()) > Some(taken);
    if is_newer {
        drill.notes.push(format!(
            "{name}: {message}; the one in use was made after the snapshot was taken"
        ));
    } else {
        drill.found(
            Kind::Empty,
            Some(name),
            format!("{message}, and {} is not", live.display()),
        );
    }
    Ok(())
}

/// Holds what was received against the same snapshot here.
///
/// Not the time of change of the subvolume's own directory: `btrfs receive` makes new files in it before it moves them to their places,
/// and a difference sets that time again only where the directory itself had changed.
pub(super) fn compare(
    system: &dyn System,
    series: &str,
    (here, received): (&Path, &Path),
    drill: &mut Drill,
) {
    let own_time = format!(".: its {TIME_OF_CHANGE}");
    let differences: Vec<String> = match system.differences(here, received) {
        Ok(differences) => differences
            .into_iter()
            .filter(|told| !told.starts_with(&own_time))
            .collect(),
        // The one here may be damaged where the one there is not.
        Err(fault) => {
            drill.notes.push(format!(
                "{series} could not be compared with the same snapshot here: {fault}"
            ));
            return;
        }
    };
    if differences.is_empty() {
        drill.proofs.push(format!(
            "{series}: the same as the snapshot here, byte for byte"
        ));
    } else {
        let first: Vec<&str> = differences
            .iter()
            .take(Reading::MOST)
            .map(String::as_str)
            .collect();
        drill.found(
            Kind::Different,
            None,
            format!(
                "{series} is not the same as the snapshot of that name here: {}",
                first.join("; ")
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::FakeSystem;
    use podman_btrfs_core::units::Text as _;

    fn planned(host: &str) -> VolumePlan {
        serde_json::from_value(serde_json::json!({
            "filesystem": "tank", "hostPath": host, "subvolume": "@volumes/shop", "placement": "group-directory",
            "class": null, "engine": null, "copyOnWrite": true, "compression": null, "snapshot": true, "limitBytes": null,
        }))
        .unwrap()
    }

    fn outcome(put: impl FnOnce(&FakeSystem), taken: u64) -> Drill {
        let system = FakeSystem::with_directories(&["/", "/live", "/staged"]);
        put(&system);
        let name = VolumeName::parse("data").unwrap();
        let planned = planned("/live");
        let volume = Restored {
            name: &name,
            planned: &planned,
            place: PathBuf::from("/staged"),
        };
        let mut drill = Drill::begun("shop", "host", 0);
        read(&system, &volume, taken, &mut drill).unwrap();
        drill
    }

    #[test]
    fn what_receiving_does_to_the_directory_itself_is_no_difference() {
        let folder = tempfile::tempdir().unwrap();
        let (here, received) = (folder.path().join("here"), folder.path().join("received"));
        let written =
            std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        let touch = |path: &Path| {
            let opened = std::fs::File::open(path).unwrap();
            opened.set_modified(written).unwrap();
        };
        for root in [&here, &received] {
            std::fs::create_dir_all(root.join("inner")).unwrap();
            touch(&root.join("inner"));
        }
        touch(&here);
        let compared = || {
            let mut drill = Drill::begun("shop", "nas", 0);
            compare(
                &crate::system::RealSystem,
                "shop",
                (&here, &received),
                &mut drill,
            );
            (drill.proofs.len(), drill.findings.len())
        };
        assert_eq!(compared(), (1, 0));
        std::fs::write(received.join("inner/more"), "").unwrap();
        touch(&received);
        assert_eq!(compared(), (0, 1));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let drill = outcome(
            |system| {
                system.put_text("/staged/good", "x");
                system.put_text("/staged/bad", "EIO");
            },
            0,
        );
        assert_eq!(drill.findings.len(), 1);
        assert_eq!(drill.findings[0].kind, Kind::Damaged);
        assert!(drill.findings[0].message.contains("bad: Input/output"));
        assert!(drill.proofs.is_empty());
    }

    #[test]
    fn an_empty_one_is_wrong_only_where_the_one_in_use_was_not_then() {
        let drill = outcome(|system| system.put_file("/live/row"), u64::MAX);
        assert_eq!(drill.findings[0].kind, Kind::Empty);
        assert_eq!(outcome(|_| (), u64::MAX).findings, []);
        let full = outcome(|system| system.put_file("/staged/row"), 0);
        assert_eq!((full.findings.len(), full.proofs.len()), (0, 1));
    }
}
