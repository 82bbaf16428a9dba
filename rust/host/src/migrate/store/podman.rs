//! What Podman is asked of the two stores, and what it answers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::Stop;
use super::mover::StoreMover;
use super::{INSIDE, StoreJournal, not_understood};
use crate::system::Fault;

/// An image, as `podman images --format json` tells it: what of it is the same in both stores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Image {
    id: String,
    #[serde(default)]
    parent_id: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    repo_digests: Option<Vec<String>>,
    #[serde(default)]
    created: i64,
    #[serde(default, rename = "ReadOnly")]
    is_elsewhere: bool,
}

impl Image {
    /// In words.
    pub(super) fn shown(&self) -> String {
        let mut names = self.names.iter().flatten();
        let short: String = self.id.chars().take(12).collect();
        names
            .next()
            .map_or(short, |name| name.escape_debug().to_string())
    }

    fn in_order(mut self) -> Self {
        for names in [&mut self.names, &mut self.repo_digests] {
            let all = names.take().unwrap_or_default();
            *names = Some(all).map(|mut all| {
                all.sort();
                all
            });
        }
        self
    }
}

/// A container, as `podman ps --format json` tells it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Container {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    image: String,
    #[serde(default)]
    auto_remove: bool,
    #[serde(default)]
    is_infra: bool,
    #[serde(default)]
    state: String,
}

impl Container {
    /// In words.
    pub(super) fn shown(&self) -> String {
        format!(
            "`{}` of {}",
            self.names().next().unwrap_or(&self.id).escape_debug(),
            self.image.escape_debug()
        )
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().flatten().map(String::as_str)
    }

    /// Whether nothing of it is expected to outlive its end.
    pub(super) fn is_removed_at_its_end(&self) -> bool {
        self.auto_remove || self.is_infra
    }

    pub(super) fn runs(&self) -> bool {
        matches!(
            &*self.state,
            "running" | "paused" | "stopping" | "restarting"
        )
    }
}

/// A pod, as `podman pod ps --format json` tells it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Pod {
    pub(super) name: String,
}

/// A volume, as `podman volume ls --format json` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) driver: String,
    #[serde(default)]
    pub(super) labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) options: Option<BTreeMap<String, String>>,
    /// Nothing has used it yet: its first container gives it an owner.
    #[serde(default)]
    pub(super) needs_chown: bool,
}

impl StoreMover<'_> {
    /// Podman on the store that is to be moved. It is named its driver, or it would tell at each call that another is configured.
    pub(super) fn in_old(
        &self,
        journal: &StoreJournal,
        arguments: &[&str],
    ) -> Result<String, Fault> {
        let driver = ["--storage-driver", journal.from.name()];
        let arguments = [&driver, arguments].concat();
        let printed = self.system.run("podman", &arguments)?;
        Ok(printed.stdout)
    }

    /// Podman on the new store, which it sees in the old one's place. It ends with this process.
    pub(super) fn in_new(
        &self,
        journal: &StoreJournal,
        arguments: &[&str],
    ) -> Result<String, Fault> {
        // By this path the running program is found also when an update has replaced its file.
        let own = format!("/proc/{}/exe", std::process::id());
        let (root, staging) = (self.graph_root(), self.staging(journal));
        let (root, staging) = (root.to_string_lossy(), staging.to_string_lossy());
        let before = [
            "--pdeathsig=KILL",
            "unshare",
            "--mount",
            "--propagation=private",
            "--",
            &own,
            INSIDE,
            &root,
            &staging,
            self.conf.run_root.as_str(),
            "--",
            "--storage-driver",
            journal.to.name(),
        ];
        let arguments = [&before, arguments].concat();
        let printed = self.system.run("setpriv", &arguments)?;
        Ok(printed.stdout)
    }

    /// All images that the old store has itself.
    pub(super) fn old_images(&self, journal: &StoreJournal) -> Result<Vec<Image>, Fault> {
        images(&self.in_old(journal, &IMAGES)?)
    }

    /// All images that the new store has itself.
    pub(super) fn new_images(&self, journal: &StoreJournal) -> Result<Vec<Image>, Fault> {
        images(&self.in_new(journal, &IMAGES)?)
    }

    pub(super) fn old_volumes(&self, journal: &StoreJournal) -> Result<Vec<Volume>, Stop> {
        let volumes: Vec<Volume> = read(&self.in_old(journal, &VOLUMES)?, "podman volume ls")?;
        if let Some(other) = volumes.iter().find(|volume| volume.driver != "local") {
            return super::refused(format!(
                "the volume `{}` has the driver `{}`, which this command does not move: save what is in it and remove it",
                other.name.escape_debug(),
                other.driver.escape_debug()
            ));
        }
        Ok(volumes)
    }

    pub(super) fn new_volumes(&self, journal: &StoreJournal) -> Result<Vec<Volume>, Fault> {
        read(&self.in_new(journal, &VOLUMES)?, "podman volume ls")
    }

    pub(super) fn containers(&self, journal: &StoreJournal) -> Result<Vec<Container>, Fault> {
        let arguments = ["ps", "--all", "--external", "--format", "json"];
        read(&self.in_old(journal, &arguments)?, "podman ps")
    }

    pub(super) fn pods(&self, journal: &StoreJournal) -> Result<Vec<Pod>, Fault> {
        let arguments = ["pod", "ps", "--format", "json"];
        read(&self.in_old(journal, &arguments)?, "podman pod ps")
    }
}

const IMAGES: [&str; 4] = ["images", "--all", "--format", "json"];
const VOLUMES: [&str; 4] = ["volume", "ls", "--format", "json"];

fn images(printed: &str) -> Result<Vec<Image>, Fault> {
    let all: Vec<Image> = read(printed, "podman images")?;
    let own = all.into_iter().filter(|image| !image.is_elsewhere);
    let mut own: Vec<Image> = own.map(Image::in_order).collect();
    own.sort();
    // One that has several names is told several times by some.
    own.dedup();
    Ok(own)
}

/// Nothing at all, or `null`, is an empty list too.
fn read<T: DeserializeOwned>(printed: &str, command: &str) -> Result<Vec<T>, Fault> {
    if printed.trim().is_empty() {
        return Ok(Vec::new());
    }
    let list: Option<Vec<T>> =
        serde_json::from_str(printed).map_err(|error| not_understood(command, &error))?;
    Ok(list.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    #[test]
    fn names_in_another_order_are_the_same_image() {
        let text = |names: &str| {
            format!(
                r#"[{{"Id": "1", "ParentId": "", "Names": {names}, "Digest": "sha256:2", "Containers": 3, "Created": 4}}]"#
            )
        };
        let one = images(&text(r#"["b", "a"]"#)).unwrap();
        assert_eq!(one, images(&text(r#"["a", "b"]"#)).unwrap());
        assert_ne!(one, images(&text(r#"["a"]"#)).unwrap());
        assert_eq!(one[0].shown(), "a");
    }

    #[test]
    fn nothing_is_an_empty_list_and_half_of_one_is_unknown() {
        for text in ["", "null", "[]"] {
            assert!(read::<Pod>(text, "podman").unwrap().is_empty(), "{text}");
        }
        for text in ["[", "{}", r#"[{"Name": 1}]"#, "[{}]"] {
            assert!(read::<Pod>(text, "podman").is_err(), "{text}");
        }
    }

    #[test]
    fn what_podman_lists_of_any_kind() {
        let image = r#"[{"Id": "1", "ParentId": "", "Names": ["b", "a"], "Digest": "sha256:2", "Containers": 3, "Created": 4}]"#;
        damage::each(&[image], |text| {
            for image in images(text).unwrap_or_default() {
                let _ = image.shown();
            }
        });
        let container = r#"[{"Id": "1", "Names": ["a"], "Image": "i", "AutoRemove": false, "IsInfra": false, "State": "running"}]"#;
        damage::each(&[container], |text| {
            for container in read::<Container>(text, "podman").unwrap_or_default() {
                let _ = (container.shown(), container.runs());
            }
        });
        let pod = r#"[{"Id": "1", "Name": "p"}]"#;
        damage::each(&[pod], |text| drop(read::<Pod>(text, "podman")));
        let volume = r#"[{"Name": "v", "Driver": "local", "Mountpoint": "/x", "Options": {}}]"#;
        damage::each(&[volume], |text| drop(read::<Volume>(text, "podman")));
    }
}
