//! What `podman info` says of the store, held against the plan.

use std::collections::BTreeMap;

use podman_btrfs_core::plan::StorageConf;
use podman_btrfs_core::spec::Driver;
use serde::Deserialize;

/// The part of `podman info --format json` that matters here.
#[derive(Deserialize)]
pub(super) struct Info {
    host: InfoHost,
    store: InfoStore,
    version: InfoVersion,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InfoHost {
    oci_runtime: InfoRuntime,
}

#[derive(Deserialize)]
struct InfoRuntime {
    name: String,
}

#[derive(Deserialize)]
struct InfoStore {
    #[serde(rename = "graphDriverName")]
    driver: String,
    #[serde(rename = "graphRoot")]
    root: String,
    #[serde(rename = "graphStatus")]
    status: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InfoVersion {
    version: String,
}

impl Info {
    /// The name of the program that runs containers.
    pub(super) fn runtime(&self) -> &str {
        &self.host.oci_runtime.name
    }

    /// What Podman does otherwise than planned, in words.
    pub(super) fn what_differs(&self, planned: &StorageConf) -> Option<String> {
        what_differs(&self.store, planned)
    }

    /// What it is, in words.
    pub(super) fn describe(&self) -> String {
        let mut seen = format!(
            "{}, driver {}, store {}",
            self.version.version, self.store.driver, self.store.root
        );
        for (key, shown) in [
            ("Backing Filesystem", "on"),
            ("Native Overlay Diff", "native diff"),
        ] {
            if let Some(value) = self.store.status.get(key) {
                seen = format!("{seen}, {shown} {value}");
            }
        }
        seen
    }
}

fn what_differs(store: &InfoStore, planned: &StorageConf) -> Option<String> {
    let (driver, graph_root) = (planned.driver.name(), planned.graph_root.as_str());
    if store.driver != driver {
        return Some(format!(
            "it uses the driver {} in place of {driver}",
            store.driver
        ));
    }
    if store.root != graph_root {
        return Some(format!(
            "its store is at {} in place of {graph_root}",
            store.root
        ));
    }
    let backing = store.status.get("Backing Filesystem").map(String::as_str);
    match (planned.driver, backing) {
        (Driver::Overlay, backing) if backing != Some("btrfs") => Some(format!(
            "its store is on {} in place of btrfs",
            backing.unwrap_or("an unknown filesystem")
        )),
        (Driver::Overlay | Driver::Btrfs | Driver::Vfs, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::plan::StorageFiles;
    use podman_btrfs_core::units::{HostPath, Text};

    use super::*;

    fn planned() -> StorageConf {
        StorageConf {
            podman: None,
            files: StorageFiles::OneFile,
            driver: Driver::Overlay,
            graph_root: HostPath::parse("/var/lib/containers/storage").unwrap(),
            run_root: HostPath::parse("/run/containers/storage").unwrap(),
            image_store: None,
            transient_store: false,
            rootless_storage_path: None,
            additional_image_stores: Vec::new(),
            overlay_mount_options: None,
            overlay_sync: false,
            enable_partial_images: false,
            use_hard_links: false,
            convert_images: false,
        }
    }

    fn store(driver: &str, graph_root: &str, backing: &str) -> InfoStore {
        InfoStore {
            driver: driver.into(),
            root: graph_root.into(),
            status: BTreeMap::from([("Backing Filesystem".into(), backing.into())]),
        }
    }

    #[test]
    fn a_podman_that_took_another_driver_or_store_is_told() {
        let root = "/var/lib/containers/storage";
        assert_eq!(
            what_differs(&store("overlay", root, "btrfs"), &planned()),
            None
        );
        for (store, word) in [
            (store("vfs", root, "btrfs"), "vfs"),
            (store("overlay", "/elsewhere", "btrfs"), "/elsewhere"),
            (store("overlay", root, "tmpfs"), "tmpfs"),
        ] {
            assert!(what_differs(&store, &planned()).unwrap().contains(word));
        }
    }
}
