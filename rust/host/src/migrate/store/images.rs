//! Images from one store into the other.
//!
//! The content goes through an archive, by `podman save` and `podman load`, which keep an image's identity and lose its names and
//! its digests: the archive's manifest is another one. So what the old store says of an image (its names, its manifests as they were
//! pulled, signatures, and whole lists of manifests) is written into the new store's list (`images.go` of containers-storage), with
//! the layer that the new store has. Nobody else knows that store yet, and Podman's own lists of both are compared afterwards.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::super::Stop;
use super::super::copy::{self, How};
use super::mover::StoreMover;
use super::{StoreJournal, not_understood, refused};
use crate::system::{Fault, create_directories};

/// The list of images, in `<driver>-images`.
const LIST: &str = "images.json";
/// The largest part of a store that is written twice on the way: one image's archive, and its layers once more.
const ARCHIVE: &str = "tmp/image.tar";

type Record = Map<String, Value>;

/// What the lists of a store say of its images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) images: u64,
    /// Bytes of all layers, without compression.
    pub(super) bytes: u64,
}

impl StoreMover<'_> {
    /// Saves and loads what the new store lacks.
    pub(super) fn copy_images(&mut self, journal: &StoreJournal) -> Result<(), Stop> {
        let staging = self.staging(journal);
        let old = self.records(self.graph_root(), journal.from.name())?;
        let new = self.records(&staging, journal.to.name())?;
        let gone: Vec<&str> = new
            .keys()
            .filter(|id| !old.contains_key(*id))
            .map(String::as_str)
            .collect();
        if !gone.is_empty() {
            self.in_new(journal, &[&["rmi", "--force", "--"], &*gone].concat())?;
        }
        let missing: Vec<&String> = old
            .iter()
            .filter(|(id, record)| layer(record).is_some() && !new.contains_key(*id))
            .map(|(id, _)| id)
            .collect();
        let count = missing.len();
        for (index, id) in missing.into_iter().enumerate() {
            let short: String = id.chars().take(12).collect();
            (self.told)(&format!("image {} of {count}: {short}", index + 1));
            self.copy_image(journal, id)?;
        }
        self.adopt(journal)
    }

    fn copy_image(&self, journal: &StoreJournal, id: &str) -> Result<(), Stop> {
        let staging = self.staging(journal);
        let archive = staging.join(ARCHIVE);
        create_directories(self.system, &staging.join("tmp"))?;
        self.system.remove_file(&archive)?;
        let outside = archive.to_string_lossy();
        let save = [
            "save",
            "--quiet",
            "--format",
            "docker-archive",
            "--output",
            &outside,
            "--",
            id,
        ];
        self.in_old(journal, &save)?;
        let inside = self.graph_root().join(ARCHIVE);
        let load = ["load", "--quiet", "--input", &*inside.to_string_lossy()];
        self.in_new(journal, &load)?;
        self.system.remove_file(&archive)?;
        let new = self.records(&staging, journal.to.name())?;
        if new.contains_key(id) {
            return Ok(());
        }
        refused(format!(
            "the image {id} comes out of an archive as another one; pull or build it anew, or remove it (`podman rmi`)"
        ))
    }

    /// Writes into the new store what the old one says of its images.
    fn adopt(&self, journal: &StoreJournal) -> Result<(), Stop> {
        let staging = self.staging(journal);
        let directory = |root: &Path, driver: &str| root.join(format!("{driver}-images"));
        let source = directory(self.graph_root(), journal.from.name());
        let target = directory(&staging, journal.to.name());
        let old = self.list(self.graph_root(), journal.from.name())?;
        let new = self.records(&staging, journal.to.name())?;
        if old.is_empty() {
            return Ok(());
        }
        create_directories(self.system, &target)?;
        let mut list = Vec::new();
        for mut record in old {
            // Layers with other owners, for containers in user namespaces: Podman makes them anew.
            record.remove("mapped-layers");
            if layer(&record).is_some() {
                let loaded = identity(&record).and_then(|id| new.get(id)).and_then(layer);
                // It came into the old store since it was looked at; the short stop copies it.
                let Some(loaded) = loaded else { continue };
                record.insert("layer".into(), loaded.into());
            }
            list.push(Value::Object(record));
        }
        copy::copy_without(
            self.system,
            &source,
            &target,
            How::Still,
            &[LIST, "images.lock"],
        )?;
        let text = Value::Array(list).to_string();
        Ok(self.system.write(&target.join(LIST), &text)?)
    }

    /// The images of a store, by identity.
    fn records(&self, root: &Path, driver: &str) -> Result<BTreeMap<String, Record>, Fault> {
        let list = self.list(root, driver)?.into_iter();
        let named = list.filter_map(|record| Some((identity(&record)?.to_owned(), record)));
        Ok(named.collect())
    }

    fn list(&self, root: &Path, driver: &str) -> Result<Vec<Record>, Fault> {
        self.entries(root, &format!("{driver}-images/{LIST}"))
    }

    fn entries(&self, root: &Path, file: &str) -> Result<Vec<Record>, Fault> {
        let text = self.system.read_below(root, file)?;
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            return Ok(Vec::new());
        };
        let list: Option<Vec<Record>> =
            serde_json::from_str(&text).map_err(|error| not_understood(file, &error))?;
        let list = list.unwrap_or_default();
        if list.iter().any(|record| identity(record).is_none()) {
            return Err(Fault::Unexpected(format!(
                "{}/{file} has something without an identity",
                root.display()
            )));
        }
        Ok(list)
    }

    /// How many images a store has, and what their layers hold.
    pub(super) fn amount(&self, root: &Path, driver: &str) -> Result<Amount, Fault> {
        let images = self.list(root, driver)?.len();
        let layers = self.entries(root, &format!("{driver}-layers/layers.json"))?;
        let sizes = layers
            .iter()
            .map(|layer| layer.get("diff-size").and_then(Value::as_u64));
        Ok(Amount {
            images: u64::try_from(images).unwrap_or(u64::MAX),
            bytes: sizes.flatten().fold(0, u64::saturating_add),
        })
    }

    /// Refuses a new store whose images are others.
    pub(super) fn compare_images(&self, journal: &StoreJournal) -> Result<(), Stop> {
        let (old, new) = (self.old_images(journal)?, self.new_images(journal)?);
        let lost = old.iter().find(|image| !new.contains(image));
        let extra = new.iter().find(|image| !old.contains(image));
        match lost.or(extra) {
            None => Ok(()),
            Some(image) => refused(format!(
                "the image {} is not the same in both stores, by what Podman says of them",
                image.shown()
            )),
        }
    }
}

fn identity(record: &Record) -> Option<&str> {
    record.get("id").and_then(Value::as_str)
}

/// Its topmost layer; a list of manifests has none.
fn layer(record: &Record) -> Option<&str> {
    let layer = record.get("layer").and_then(Value::as_str);
    layer.filter(|layer| !layer.is_empty())
}
