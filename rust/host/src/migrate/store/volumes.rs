//! Named volumes in the new store's database; their data is copied with all else of the graph root.

use std::collections::BTreeMap;

use super::super::Stop;
use super::mover::StoreMover;
use super::podman::Volume;
use super::{StoreJournal, refused};

/// Options that Podman derives from `o`, and takes from nobody.
const DERIVED: [&str; 6] = ["UID", "GID", "SIZE", "INODES", "NOQUOTA", "NOCHOWN"];

impl StoreMover<'_> {
    /// Makes the volumes that the new store lacks.
    pub(super) fn make_volumes(&self, journal: &StoreJournal) -> Result<(), Stop> {
        for volume in self.old_volumes(journal)? {
            let owner = self.owner(&volume)?;
            let mut arguments = vec!["volume".to_owned(), "create".to_owned()];
            for (label, value) in volume.labels.iter().flatten() {
                arguments.push(format!("--label={label}={value}"));
            }
            for (option, value) in given(&volume) {
                arguments.push(format!("--opt={option}={value}"));
            }
            if let Some((uid, gid)) = owner {
                arguments.push(format!("--opt=o=uid={uid},gid={gid}"));
            }
            arguments.extend(["--".to_owned(), volume.name.clone()]);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            self.in_new(journal, &arguments)?;
        }
        Ok(())
    }

    /// A container that is the first to use a volume gives it its own owner and mode. One that was used already is made with the
    /// owner that it has, after which Podman leaves both alone.
    fn owner(&self, volume: &Volume) -> Result<Option<(u32, u32)>, Stop> {
        if volume.needs_chown || !given(volume).is_empty() {
            return Ok(None);
        }
        let data = self
            .graph_root()
            .join("volumes")
            .join(&volume.name)
            .join("_data");
        match self.system.look(&data)? {
            Some(node) => Ok(Some((node.uid, node.gid))),
            None => refused(format!(
                "the volume `{}` has no data at {}: see what happened to it, or remove it (`podman volume rm`)",
                volume.name.escape_debug(),
                data.display()
            )),
        }
    }

    /// Refuses a new store whose volumes are others.
    pub(super) fn compare_volumes(&self, journal: &StoreJournal) -> Result<(), Stop> {
        let (old, new) = (self.old_volumes(journal)?, self.new_volumes(journal)?);
        let named = |all: Vec<Volume>| -> BTreeMap<String, Volume> {
            let by_name = |volume: Volume| (volume.name.clone(), volume);
            all.into_iter().map(by_name).collect()
        };
        let (old, new) = (named(old), named(new));
        for (name, volume) in &old {
            let is_same = new.get(name).is_some_and(|copy| {
                let options = given(volume);
                let kept = options.is_empty() || options == given(copy);
                kept && labels(volume) == labels(copy)
            });
            if !is_same {
                return refused(format!(
                    "the volume `{}` is not the same in the new store",
                    name.escape_debug()
                ));
            }
        }
        match new.keys().find(|name| !old.contains_key(*name)) {
            Some(name) => refused(format!(
                "the new store has the volume `{}`, which the old one does not have",
                name.escape_debug()
            )),
            None => Ok(()),
        }
    }
}

fn given(volume: &Volume) -> BTreeMap<&str, &str> {
    let all = volume.options.iter().flatten();
    all.map(|(option, value)| (option.as_str(), value.as_str()))
        .filter(|(option, _)| !DERIVED.contains(option))
        .collect()
}

fn labels(volume: &Volume) -> Vec<(&String, &String)> {
    volume.labels.iter().flatten().collect()
}
