//! The ledger: which volumes this host holds, where each lies, since when, and what was left behind by what is no longer declared.
//!
//! Kept from one run to the next, so that a volume whose planned place changed is not begun anew, empty, beside its data, and so
//! that nothing is forgotten because a line vanished from a declaration. The volumes themselves say who they are too
//! ([`crate::marker`]): where the two disagree nothing is done.

mod planned;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::FilesystemName;
use serde::{Deserialize, Serialize};

pub(crate) use planned::PlannedVolume;

use crate::observe::uuid;
use crate::stop::Stop;
use crate::system::{Fault, System, create_directories};

/// The version of the file's format.
pub const LEDGER_VERSION: u32 = 1;

/// Its file, beside the receipts.
pub const FILE: &str = "ledger.json";

/// How long what is no longer declared is kept from being ended: 30 days, in which somebody misses it (our choice).
pub const GRACE_SECONDS: u64 = 30 * 24 * 60 * 60;

/// What is known of a host's volumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ledger {
    #[serde(rename = "ledgerVersion")]
    version: u32,
    /// The UUID of each filesystem that volumes were placed on.
    pub filesystems: BTreeMap<FilesystemName, String>,
    /// Volumes that are declared, by copy of a workload and volume: `shop/pgdata`.
    pub volumes: BTreeMap<String, Entry>,
    /// Data that nothing declared uses any more, in the order in which it was left.
    pub left: Vec<Left>,
}

/// A volume that is declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Its identity, as its marker says.
    pub id: String,
    /// Where it lies.
    pub place: Place,
    /// Since when it is known, in seconds since 1970.
    pub since: u64,
    /// Names that it had before, oldest first.
    pub was: Vec<String>,
}

/// Where a volume lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Place {
    /// On which filesystem.
    pub filesystem: FilesystemName,
    /// Below its top level.
    pub path: String,
}

/// Data that was left behind: it stays until `retire` is asked for it by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Left {
    /// Whose it was, as `shop/pgdata`.
    pub volume: String,
    /// Its identity.
    pub id: String,
    /// Where it lies.
    pub place: Place,
    /// When it was left, in seconds since 1970.
    pub since: u64,
    /// Until when nobody is to end it, in seconds since 1970.
    pub grace_until: u64,
    /// Why it was left.
    pub why: Why,
    /// The snapshot that was taken then.
    pub last_snapshot: Option<LastSnapshot>,
    /// True from the moment on when its end was asked for and confirmed.
    pub retiring: bool,
}

/// Why data was left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Its volume is no longer declared.
    Removed,
    /// Its volume is declared to be of a kind that is worth nothing, and was begun anew at another place.
    BegunAnew,
    /// Its volume was moved, and this is what it was copied from.
    Migrated,
    /// It is the last snapshot of a volume that was declared again.
    SnapshotOnly,
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Removed => "no longer declared",
            Self::BegunAnew => "begun anew elsewhere",
            Self::Migrated => "moved from there",
            Self::SnapshotOnly => "the last snapshot of a volume that is declared again",
        })
    }
}

/// The snapshot that was taken when a volume was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LastSnapshot {
    /// Below the top level of the same filesystem.
    pub path: String,
    /// False: it is still to be taken.
    pub taken: bool,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            version: LEDGER_VERSION,
            filesystems: BTreeMap::new(),
            volumes: BTreeMap::new(),
            left: Vec::new(),
        }
    }
}

impl Ledger {
    /// Reads the file; none yet means that nothing was placed yet. What cannot be understood is never taken for nothing.
    ///
    /// # Errors
    /// When it cannot be read or understood, and what a person does about it.
    pub fn read(system: &dyn System, file: &Path) -> Result<Self, Fault> {
        let Some(text) = system.read(file)? else {
            return Ok(Self::default());
        };
        Self::parse(&text).map_err(|why| {
            Fault::Unexpected(format!(
                "the ledger {} is not understood ({why}); nothing is changed until it is: restore it from a backup, use the version of \
                 podman-btrfs that wrote it, or move it away, and the volumes will be known by their markers",
                file.display()
            ))
        })
    }

    /// Refused where another filesystem is mounted than the one that volumes were placed on; one that is new is noted.
    ///
    /// # Errors
    /// When it is another one, or cannot be asked.
    pub(crate) fn check_filesystems(
        &mut self,
        system: &dyn System,
        tops: &BTreeMap<FilesystemName, PathBuf>,
    ) -> Result<(), Stop> {
        for (name, top) in tops {
            let found = uuid::of_mount(system, top)?;
            match self.filesystems.get(name) {
                Some(known) if *known != found => {
                    return Err(Stop::Refused(format!(
                        "{name} is the filesystem {found}, and its volumes lie on {known}; see what `podman-btrfs apply` says"
                    )));
                }
                Some(_) => {}
                None => {
                    self.filesystems.insert(name.clone(), found);
                }
            }
        }
        Ok(())
    }

    /// Reads its text.
    ///
    /// # Errors
    /// Why it is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            ledger_version: u32,
        }
        let Version { ledger_version } =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        if ledger_version != LEDGER_VERSION {
            return Err(format!(
                "it is of format {ledger_version}, and this is {LEDGER_VERSION}"
            ));
        }
        let ledger: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let out = ledger.paths().find(|path| !is_below(path));
        if let Some(path) = out {
            let path = path.escape_debug();
            return Err(format!(
                "`{path}` is no path below a filesystem's top level"
            ));
        }
        Ok(ledger)
    }

    fn paths(&self) -> impl Iterator<Item = &str> {
        let volumes = self.volumes.values().map(|entry| &*entry.place.path);
        let left = self.left.iter().flat_map(|left| {
            let last = left.last_snapshot.as_ref();
            std::iter::once(&*left.place.path).chain(last.map(|last| &*last.path))
        });
        volumes.chain(left)
    }

    /// Writes the file: at every moment either the old text is there or the new one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, system: &dyn System, file: &Path) -> Result<(), Fault> {
        if let Some(above) = file.parent() {
            create_directories(system, above)?;
        }
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Fault::Unexpected(format!("the ledger has no JSON form: {error}")))?;
        system.write(file, &(text + "\n"))
    }

    /// Where the data of a volume lies, by its name or, where it has none yet, its former one: declared, or left when it was
    /// removed.
    pub(crate) fn known(&self, volume: &str, former: Option<&str>) -> Option<(&str, &Place)> {
        let of = |name: &str| {
            let declared = self
                .volumes
                .get(name)
                .map(|entry| (&*entry.id, &entry.place));
            let removed = || {
                let removed = |left: &&Left| left.volume == name && left.why == Why::Removed;
                let left = self.left.iter().rev().find(removed)?;
                Some((&*left.id, &left.place))
            };
            declared.or_else(removed)
        };
        of(volume).or_else(|| of(former?))
    }

    /// Whose identity it is, and where that lies: declared, or left.
    pub(crate) fn of_identity(&self, id: &str) -> Option<(&str, &Place)> {
        let volumes = self.volumes.iter();
        let mut declared = volumes.map(|(key, entry)| (key.as_str(), &entry.id, &entry.place));
        let found = declared.find(|(_, of, _)| *of == id).or_else(|| {
            let mut left = self
                .left
                .iter()
                .map(|left| (left.volume.as_str(), &left.id, &left.place));
            left.find(|(_, of, _)| *of == id)
        })?;
        Some((found.0, found.2))
    }

    /// A volume that was left lies at its planned place again: of what was left only its last snapshot is.
    pub(crate) fn declared_again(&mut self, id: &str, place: &Place) {
        self.left.retain_mut(|left| {
            if left.id != id || left.why != Why::Removed {
                return true;
            }
            let taken = left.last_snapshot.take().filter(|last| last.taken);
            let Some(last) = taken else {
                return false;
            };
            left.why = Why::SnapshotOnly;
            left.place = Place {
                filesystem: place.filesystem.clone(),
                path: last.path,
            };
            true
        });
    }

    /// Forgets what lay on a filesystem that was replaced.
    pub(crate) fn forget_filesystem(&mut self, name: &FilesystemName) {
        self.filesystems.remove(name);
        self.volumes
            .retain(|_, entry| entry.place.filesystem != *name);
        self.left.retain(|left| left.place.filesystem != *name);
    }

    /// Takes note of where a volume lies now.
    pub fn place(&mut self, volume: &str, id: &str, place: Place, now: u64) {
        let (since, was) = match self.volumes.remove(volume) {
            Some(entry) => (entry.since, entry.was),
            None => (now, Vec::new()),
        };
        let entry = Entry {
            id: id.to_owned(),
            place,
            since,
            was,
        };
        self.volumes.insert(volume.to_owned(), entry);
    }

    /// Gives a volume the name that it has now, and keeps the former one: a declaration that is rolled back asks for it.
    pub(crate) fn rename(&mut self, id: &str, volume: &str) {
        let known = self.volumes.iter().find(|(_, entry)| entry.id == id);
        let Some(former) = known
            .map(|(key, _)| key.clone())
            .filter(|key| key != volume)
        else {
            return;
        };
        if let Some(mut entry) = self.volumes.remove(&former) {
            entry.was.retain(|name| *name != volume && *name != former);
            entry.was.push(former);
            self.volumes.insert(volume.to_owned(), entry);
        }
    }

    /// The plan's volumes of a filesystem. Where a volume is not known and one that nobody declares had its name before, a renaming
    /// was taken back.
    pub(crate) fn planned_on<'p>(
        &self,
        plan: &'p Plan,
        filesystem: &FilesystemName,
    ) -> Vec<PlannedVolume<'p>> {
        let declared = planned::keys(plan);
        let mut volumes = planned::on(plan, filesystem);
        for volume in &mut volumes {
            if volume.former.is_some() || self.volumes.contains_key(&volume.key) {
                continue;
            }
            let was_it = |(key, entry): &(&String, &Entry)| {
                !declared.contains(*key) && entry.was.contains(&volume.key)
            };
            let found = self.volumes.iter().find(was_it);
            volume.former = found.map(|(key, _)| key.clone());
        }
        volumes
    }
}

/// Whether a path stays below where it is joined to.
pub(crate) fn is_below(path: &str) -> bool {
    let is_plain =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\0');
    path.split('/').all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"ledgerVersion": 1, "filesystems": {"tank": "u"}, "volumes": {"shop/pgdata": {"id": "1",
        "place": {"filesystem": "tank", "path": "@volumes/shop/pgdata"}, "since": 5, "was": []}}, "left": []}"#;

    #[test]
    fn what_is_written_is_read() {
        let ledger = Ledger::parse(TEXT).unwrap();
        let text = serde_json::to_string_pretty(&ledger).unwrap();
        assert_eq!(Ledger::parse(&text).unwrap(), ledger);
    }

    #[test]
    fn half_of_it_another_version_and_a_path_that_leads_out_are_not_understood() {
        for length in 0..TEXT.len() {
            assert!(Ledger::parse(&TEXT[..length]).is_err(), "{length}");
        }
        for (from, to) in [
            ("ledgerVersion\": 1", "ledgerVersion\": 2"),
            ("@volumes/shop", "@volumes/../.."),
            ("@volumes/shop", "/etc"),
            ("\"since\": 5", "\"since\": 5, \"more\": 1"),
        ] {
            assert!(TEXT.contains(from));
            assert!(Ledger::parse(&TEXT.replace(from, to)).is_err(), "{to}");
        }
    }
}
