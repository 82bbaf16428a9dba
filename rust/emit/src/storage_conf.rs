//! `storage.conf` of containers-storage.
//!
//! Up to Podman 5 an unknown key is a warning on every command and a wrong type keeps Podman from
//! starting; from Podman 6 an unknown key is silent. So the keys are a type here, not a map.

use podman_btrfs_core::plan::{Plan, StorageConf};
use serde::Serialize;

use crate::{Artefact, EmitError};

const HEADER: &str = "# Written by podman-btrfs from its plan: containers-storage.conf(5).\n\n";

#[derive(Serialize)]
struct Document<'a> {
    storage: Storage<'a>,
}

#[derive(Serialize)]
struct Storage<'a> {
    driver: &'static str,
    graphroot: &'a str,
    runroot: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rootless_storage_path: Option<&'a str>,
    options: Options<'a>,
}

#[derive(Serialize)]
struct Options<'a> {
    pull_options: PullOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    overlay: Option<Overlay<'a>>,
}

#[derive(Serialize)]
struct PullOptions {
    /// Text, not a boolean: containers-storage refuses a TOML boolean here.
    enable_partial_images: &'static str,
}

#[derive(Serialize)]
struct Overlay<'a> {
    mountopt: &'a str,
}

/// `storage.conf`, where the system has a store.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let Some(conf) = &plan.engine.storage_conf else {
        return Ok(Vec::new());
    };
    let text = toml::to_string(&document(conf))?;
    Ok(vec![Artefact {
        path: "storage.conf".into(),
        text: format!("{HEADER}{text}"),
    }])
}

/// The file's content, as the formats that hold it know it.
pub(crate) fn content(conf: &StorageConf) -> impl Serialize {
    document(conf)
}

fn document(conf: &StorageConf) -> Document<'_> {
    Document {
        storage: Storage {
            driver: conf.driver.name(),
            graphroot: conf.graph_root.as_str(),
            runroot: conf.run_root.as_str(),
            rootless_storage_path: conf.rootless_storage_path.as_deref(),
            options: Options {
                pull_options: PullOptions {
                    enable_partial_images: if conf.enable_partial_images {
                        "true"
                    } else {
                        "false"
                    },
                },
                overlay: conf
                    .overlay_mount_options
                    .as_deref()
                    .map(|mountopt| Overlay { mountopt }),
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::fixtures::{artefact, existing_device, single_disk};

    #[test]
    fn booleans_below_the_options_are_texts() {
        expect![[r##"
            # Written by podman-btrfs from its plan: containers-storage.conf(5).

            [storage]
            driver = "overlay"
            graphroot = "/var/lib/containers/storage"
            runroot = "/run/containers/storage"
            rootless_storage_path = "/var/lib/containers/users/$USER/storage"

            [storage.options.pull_options]
            enable_partial_images = "false"

            [storage.options.overlay]
            mountopt = "nodev"
        "##]]
        .assert_eq(&artefact(&single_disk(), "storage.conf"));
    }

    #[test]
    fn it_says_as_toml_what_was_meant_whatever_the_texts_hold() {
        let mut plan = single_disk();
        let conf = plan.engine.storage_conf.as_mut().unwrap();
        conf.rootless_storage_path = Some("/a\"b\\c\n$USER".into());
        let read: toml::Table = artefact(&plan, "storage.conf").parse().unwrap();
        assert_eq!(
            read["storage"]["rootless_storage_path"].as_str(),
            Some("/a\"b\\c\n$USER")
        );
        assert_eq!(
            read["storage"]["options"]["pull_options"]["enable_partial_images"].as_str(),
            Some("false")
        );
    }

    #[test]
    fn a_host_without_a_store_has_none() {
        assert_eq!(emit(&existing_device()).unwrap(), []);
    }
}
