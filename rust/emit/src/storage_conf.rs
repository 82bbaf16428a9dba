//! `storage.conf` of containers-storage, and its drop-ins.
//!
//! Each key is held against the table of what the declared Podman knows, and of what type it takes: an unknown
//! key is a warning on every command or silent, a wrong type ends every command.

use podman_btrfs_core::plan::{EnginePlan, Plan, StorageConf, StorageFiles};
use podman_btrfs_core::storage_conf::{self, Key, Kind};
use toml::{Table, Value};

use crate::{Artefact, EmitError};

const HEADER: &str = "# Written by podman-btrfs from its plan: containers-storage.conf(5).\n\n";
const MAIN: &str = "storage.conf";
const DROP_IN: &str = "50-podman-btrfs.conf";

/// One file below `/etc/containers`.
pub(crate) struct File {
    /// Its path there.
    pub(crate) path: String,
    /// What it says.
    pub(crate) content: Table,
}

impl File {
    /// The file's text.
    pub(crate) fn text(&self) -> Result<String, EmitError> {
        Ok(format!("{HEADER}{}", toml::to_string(&self.content)?))
    }

    /// Whether it is the file that every Podman reads first.
    pub(crate) fn is_main(&self) -> bool {
        self.path == MAIN
    }
}

/// `storage.conf` and its drop-ins, where the system has a store.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let files = files(&plan.engine)?;
    files
        .iter()
        .map(|file| {
            Ok(Artefact {
                path: file.path.clone(),
                text: file.text()?,
            })
        })
        .collect()
}

/// The files, the main one first.
pub(crate) fn files(engine: &EnginePlan) -> Result<Vec<File>, EmitError> {
    let Some(conf) = &engine.storage_conf else {
        return Ok(Vec::new());
    };
    let mut shared = settings(conf);
    let mut of_root = places(conf);
    Ok(match conf.files {
        StorageFiles::OneFile => {
            shared.append(&mut of_root);
            shared.extend(
                conf.rootless_storage_path
                    .as_ref()
                    .map(|path| ("rootless_storage_path", path.clone().into())),
            );
            vec![file(conf, MAIN.into(), shared)?]
        }
        StorageFiles::DropIns => {
            let mut files = vec![
                file(conf, MAIN.into(), shared)?,
                file(conf, format!("storage.rootful.conf.d/{DROP_IN}"), of_root)?,
            ];
            files.extend(rootless(conf, engine)?);
            files
        }
    })
}

/// The text that says all in one file with keys that every Podman knows: for a Podman that reads no drop-ins.
pub fn storage_conf_for_any_podman(conf: &StorageConf) -> Result<String, EmitError> {
    let mut conf = conf.clone();
    conf.podman = None;
    conf.files = StorageFiles::OneFile;
    conf.overlay_sync = false;
    conf.image_store = None;
    conf.transient_store = false;
    conf.convert_images = false;
    let engine = EnginePlan {
        storage_conf: Some(conf),
        ..EnginePlan::default()
    };
    files(&engine)?.iter().map(File::text).collect()
}

/// A drop-in for each user whose number is known, and one for all others that have a store.
fn rootless(conf: &StorageConf, engine: &EnginePlan) -> Result<Vec<File>, EmitError> {
    let mut files = Vec::new();
    for store in engine.users.values() {
        if let Some(uid) = store.uid {
            let path = format!("storage.rootless.conf.d/{uid}/{DROP_IN}");
            let graph_root = ("graphroot", store.graph_root.as_str().into());
            files.push(file(conf, path, vec![graph_root])?);
        }
    }
    let by_name = conf.rootless_storage_path.as_ref();
    if let Some(path) = by_name.filter(|_| engine.users.values().any(|store| store.uid.is_none())) {
        let graph_root = ("graphroot", path.clone().into());
        let path = format!("storage.rootless.conf.d/{DROP_IN}");
        files.push(file(conf, path, vec![graph_root])?);
    }
    Ok(files)
}

type Setting = (&'static str, Value);

/// What holds for root and for rootless users alike.
fn settings(conf: &StorageConf) -> Vec<Setting> {
    let pull = |name, on| (name, flag_as_text(on));
    let mut settings = vec![
        ("driver", conf.driver.name().into()),
        pull(
            "options.pull_options.enable_partial_images",
            conf.enable_partial_images,
        ),
    ];
    if conf.use_hard_links {
        settings.push(pull("options.pull_options.use_hard_links", true));
    }
    if conf.convert_images {
        settings.push(pull("options.pull_options.convert_images", true));
    }
    if let Some(options) = &conf.overlay_mount_options {
        settings.push(("options.overlay.mountopt", options.clone().into()));
    }
    if conf.overlay_sync {
        settings.push(("options.overlay.sync", "filesystem".into()));
    }
    settings
}

/// What is root's alone.
fn places(conf: &StorageConf) -> Vec<Setting> {
    let mut settings = vec![
        ("graphroot", conf.graph_root.as_str().into()),
        ("runroot", conf.run_root.as_str().into()),
    ];
    if let Some(images) = &conf.image_store {
        settings.push(("imagestore", images.as_str().into()));
    }
    if conf.transient_store {
        settings.push(("transient_store", true.into()));
    }
    if !conf.additional_image_stores.is_empty() {
        let stores = conf.additional_image_stores.iter();
        let stores: Vec<Value> = stores.map(|store| store.as_str().into()).collect();
        settings.push(("options.additionalimagestores", stores.into()));
    }
    settings
}

fn flag_as_text(on: bool) -> Value {
    if on { "true".into() } else { "false".into() }
}

fn file(conf: &StorageConf, path: String, settings: Vec<Setting>) -> Result<File, EmitError> {
    let mut storage = Table::new();
    for (name, value) in settings {
        let key = storage_conf::find(name);
        let fits =
            key.is_some_and(|key| key.is_valid_for(conf.podman.as_ref()) && takes(key, &value));
        if !fits {
            return Err(EmitError::StorageKey {
                key: name,
                value: value.to_string(),
                podman: conf.podman.as_ref().map(ToString::to_string),
            });
        }
        insert(&mut storage, name, value);
    }
    let content = Table::from_iter([("storage".to_owned(), Value::Table(storage))]);
    Ok(File { path, content })
}

fn takes(key: &Key, value: &Value) -> bool {
    match key.kind {
        Kind::Text => value.is_str(),
        Kind::TextFlag => matches!(value.as_str(), Some("true" | "false")),
        Kind::Flag => value.is_bool(),
        Kind::Texts => value
            .as_array()
            .is_some_and(|values| values.iter().all(Value::is_str)),
    }
}

/// Puts a value at a path of names.
fn insert(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = table
                .entry(name)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
