//! What an update has come to, in a file of its own, written before each thing that it speaks of is done; afterwards the record by
//! which it can be taken back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::units::{ContainerName, ImageReference, Text as _, UserName};
use serde::{Deserialize, Serialize};

use crate::marker::is_id;
use crate::record_file;
use crate::system::{Fault, System};
use crate::units::Unit;

/// The version of the file's format.
pub const JOURNAL_VERSION: u32 = 1;

/// One update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Journal {
    /// Version of this format.
    pub journal_version: u32,
    /// Its identity: 32 hexadecimal digits.
    pub id: String,
    /// The copies of workloads that it is about: all that run an image of it by the same reference.
    pub copies: Vec<String>,
    /// What becomes another image.
    pub changes: Vec<Change>,
    /// The image of each container that ran, by copy.
    pub images: BTreeMap<String, BTreeMap<ContainerName, String>>,
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// For how many seconds it is watched what the new image does.
    pub window_seconds: u64,
    /// Which part of the work is begun.
    pub stage: Stage,
    /// The units that were stopped, or are about to be, and are to be started again.
    pub units: Vec<Unit>,
    /// The identity of the group snapshot of each copy that has one.
    pub snapshots: BTreeMap<String, String>,
    /// When the new image was first started, in seconds since 1970.
    pub begun: Option<u64>,
    /// Why it goes back.
    pub why: Option<String>,
}

/// What a reference means, and what it is to mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Change {
    /// Whose Podman it is; absent: root's.
    pub user: Option<UserName>,
    /// By what its containers are made.
    pub reference: ImageReference,
    /// Where the new image is taken from; absent: the reference itself.
    pub source: Option<ImageReference>,
    /// Whether that is pulled.
    pub pull: bool,
    /// The containers that run it, as Podman calls them.
    pub containers: Vec<ContainerName>,
    /// The image that they run.
    pub old: String,
    /// What the reference meant before; absent: nothing.
    pub was: Option<String>,
    /// The new image; absent until it is here.
    pub new: Option<String>,
}

/// Which part of the work is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// New images are fetched; references mean the old ones.
    Fetching,
    /// Units are stopped, and then snapshots taken.
    Stopping,
    /// References come to mean the new images. Nothing may start.
    Switching,
    /// Units are started on the new images, and watched.
    Starting,
    /// Data is put back, then references mean the old images. Nothing may start.
    Returning,
    /// Units are started on the old images and the old data.
    Restarting,
    /// The new images run.
    Updated,
    /// The old images run on the old data.
    WentBack,
}

impl Journal {
    /// Where the journal of this identity is.
    #[must_use]
    pub fn path(directory: &Path, id: &str) -> PathBuf {
        directory.join(format!("{id}.json"))
    }

    /// All journals, oldest first.
    ///
    /// # Errors
    /// When one cannot be read or understood.
    pub fn all(system: &dyn System, directory: &Path) -> Result<Vec<Self>, Fault> {
        let mut found = record_file::all(system, directory, Self::parse)?;
        found.sort_by_key(|journal| (journal.started, journal.id.clone()));
        Ok(found)
    }

    /// Reads its text.
    ///
    /// # Errors
    /// Why it is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let journal: Self = record_file::parse(text, JOURNAL_VERSION)?;
        journal.check()?;
        Ok(journal)
    }

    /// Names from a file become arguments and names of files.
    fn check(&self) -> Result<(), String> {
        let out = |text: &str| Err(format!("`{}` is no identity", text.escape_debug()));
        let mut ids = self.snapshots.values().chain([&self.id]);
        if let Some(id) = ids.find(|id| !is_id(id)) {
            return out(id);
        }
        for change in &self.changes {
            let images = [Some(&change.old), change.was.as_ref(), change.new.as_ref()];
            if let Some(image) = images.into_iter().flatten().find(|image| !is_image(image)) {
                return out(image);
            }
            if change.containers.is_empty() {
                return Err(format!("{} has no container", change.reference));
            }
        }
        Ok(())
    }

    /// Writes it: at every moment either the old text is there or the new one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, system: &dyn System, directory: &Path) -> Result<(), Fault> {
        record_file::keep(self, system, &Self::path(directory, &self.id))
    }

    /// Whether nothing of it is left to be done.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Updated | Stage::WentBack)
    }
}

impl Change {
    /// Where the new image comes from.
    #[must_use]
    pub fn from(&self) -> &ImageReference {
        self.source.as_ref().unwrap_or(&self.reference)
    }

    /// The name under which an image of it is kept, so that no clearing up of images without a name takes it: `next`, `before`, `failed`.
    ///
    /// # Errors
    /// When a container's name makes no tag.
    pub fn kept_as(&self, what: &str) -> Result<ImageReference, Fault> {
        let container = self.containers.first().map_or("", ContainerName::as_str);
        let text = format!("localhost/podman-btrfs/{what}:{container}");
        ImageReference::parse(&text).map_err(Fault::Unexpected)
    }
}

pub(super) fn is_image(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:");
    digits.is_some_and(|digits| {
        digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> String {
        let image = format!("sha256:{}", "a".repeat(64));
        format!(
            r#"{{"journalVersion": 1, "id": "00112233445566778899aabbccddeeff", "copies": ["shop"], "started": 5, "windowSeconds": 9,
            "changes": [{{"user": null, "reference": "localhost/pg:1", "source": null, "pull": false, "containers": ["db"],
            "old": "{image}", "was": null, "new": "{image}"}}], "images": {{"shop": {{"db": "{image}"}}}}, "stage": "starting", "units": [],
            "snapshots": {{"shop": "00112233445566778899aabbccddeeff"}}, "begun": 6, "why": null}}"#
        )
    }

    #[test]
    fn what_is_written_is_read() {
        let journal = Journal::parse(&text()).unwrap();
        assert_eq!(
            Journal::parse(&serde_json::to_string(&journal).unwrap()).unwrap(),
            journal
        );
        assert_eq!(
            journal.changes[0].kept_as("failed").unwrap().as_str(),
            "localhost/podman-btrfs/failed:db"
        );
    }

    #[test]
    fn half_of_it_another_version_and_names_that_are_none_are_not_understood() {
        let text = text();
        for length in 0..text.len() {
            assert!(Journal::parse(&text[..length]).is_err(), "{length}");
        }
        for (from, to) in [
            ("journalVersion\": 1", "journalVersion\": 2"),
            ("\"id\": \"0011", "\"id\": \"../1"),
            ("{\"shop\": \"0011", "{\"shop\": \"--11"),
            ("\"old\": \"sha256:", "\"old\": \"--all:"),
            ("localhost/pg:1", "--all"),
            ("[\"db\"]", "[\"--all\"]"),
            ("[\"db\"]", "[]"),
            ("\"units\": []", "\"units\": [], \"more\": 1"),
        ] {
            assert!(text.contains(from), "{from}");
            assert!(Journal::parse(&text.replace(from, to)).is_err(), "{to}");
        }
    }
}
