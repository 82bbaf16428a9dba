//! What known images say of a workload as a whole: what is not mounted, what is mounted too coarsely, what is shared.

use std::collections::{BTreeMap, BTreeSet};

use super::knowledge::{KNOWLEDGE, KnownImage};
use crate::spec::{Class, Workload};
use crate::units::{ContainerName, ContainerPath, ImageReference, VolumeName};

/// A `VOLUME` path of a known image that no volume of the workload is mounted at.
pub struct UncoveredVolume<'s> {
    /// The container.
    pub container: &'s ContainerName,
    /// Its image.
    pub image: &'s ImageReference,
    /// The path.
    pub path: &'static ContainerPath,
    /// What the image keeps there.
    pub class: Class,
    /// The releases for which this holds, ` since version 18`; empty: all.
    pub releases: String,
    /// A volume mounted above it, and where: it does not cover the path.
    pub above: Option<(&'s ContainerPath, &'s VolumeName)>,
}

/// A path inside a mounted volume at which a known image keeps something else.
pub struct NestedPath<'s> {
    /// The container.
    pub container: &'s ContainerName,
    /// Its image.
    pub image: &'s ImageReference,
    /// The volume that is mounted above it.
    pub volume: &'s VolumeName,
    /// Where that one is mounted.
    pub mounted: &'s ContainerPath,
    /// The path.
    pub path: &'static ContainerPath,
    /// What the image keeps there.
    pub class: Class,
}

/// A mounted path that other applications read or write as well.
pub struct SharedPath<'s> {
    /// The container.
    pub container: &'s ContainerName,
    /// The application in it.
    pub application: &'static str,
    /// The volume that is mounted there.
    pub volume: &'s VolumeName,
    /// The path.
    pub path: &'static ContainerPath,
    /// The other applications.
    pub with: &'static BTreeSet<String>,
}

/// What is known of the images of one workload.
#[derive(Default)]
pub(super) struct ImageFacts<'s> {
    pub(super) uncovered: Vec<UncoveredVolume<'s>>,
    pub(super) nested: Vec<NestedPath<'s>>,
    pub(super) shared: Vec<SharedPath<'s>>,
}

/// Holds the images of a workload against its volumes.
pub(super) fn of(workload: &Workload) -> ImageFacts<'_> {
    let mut facts = ImageFacts::default();
    for (container, declared) in &workload.containers {
        let Some(image) = &declared.image else {
            continue;
        };
        let mounted = Mounted {
            container,
            image,
            at: mounts(workload, container),
        };
        let known = KNOWLEDGE.image(image);
        facts.uncovered.extend(mounted.uncovered(&known));
        if let [known] = known[..] {
            facts.nested.extend(mounted.nested(known));
            facts.shared.extend(mounted.shared(known));
        }
    }
    facts
}

/// The volumes of a workload in one container, by path.
fn mounts<'s>(
    workload: &'s Workload,
    container: &ContainerName,
) -> BTreeMap<&'s ContainerPath, &'s VolumeName> {
    let volumes = workload.volumes.iter();
    volumes
        .filter_map(|(name, volume)| Some((volume.mounts.get(container)?, name)))
        .collect()
}

/// A container and what is mounted in it.
struct Mounted<'s> {
    container: &'s ContainerName,
    image: &'s ImageReference,
    at: BTreeMap<&'s ContainerPath, &'s VolumeName>,
}

impl<'s> Mounted<'s> {
    /// The nearest mount above a path.
    fn above(&self, path: &ContainerPath) -> Option<(&'s ContainerPath, &'s VolumeName)> {
        let above = self
            .at
            .iter()
            .filter(|(mounted, _)| **mounted != path && mounted.contains(path));
        above
            .max_by_key(|(mounted, _)| mounted.as_str().len())
            .map(|(mounted, volume)| (*mounted, *volume))
    }

    /// Where the release is open, only what holds for all releases that it may be.
    fn uncovered(&self, known: &[&'static KnownImage]) -> Vec<UncoveredVolume<'s>> {
        let Some((first, others)) = known.split_first() else {
            return Vec::new();
        };
        let of_all = |path: &&ContainerPath| others.iter().all(|also| also.volumes.contains(path));
        let missing = |path: &&'static ContainerPath| !self.at.contains_key(path);
        let paths = first.volumes.iter().filter(of_all).filter(missing);
        paths
            .filter_map(|path| {
                let (_, class) = first.class_at(path)?;
                Some(UncoveredVolume {
                    container: self.container,
                    image: self.image,
                    path,
                    class,
                    releases: if others.is_empty() {
                        first.releases()
                    } else {
                        String::new()
                    },
                    above: self.above(path),
                })
            })
            .collect()
    }

    fn nested(&self, known: &'static KnownImage) -> Vec<NestedPath<'s>> {
        let apart = known.apart.iter();
        apart
            .filter(|path| !self.at.contains_key(path))
            .filter_map(|path| {
                let (mounted, volume) = self.above(path)?;
                let (_, class) = known.class_at(path)?;
                Some(NestedPath {
                    container: self.container,
                    image: self.image,
                    volume,
                    mounted,
                    path,
                    class,
                })
            })
            .collect()
    }

    fn shared(&self, known: &'static KnownImage) -> Vec<SharedPath<'s>> {
        let shared = known.shared.iter();
        shared
            .filter_map(|(path, with)| {
                Some(SharedPath {
                    container: self.container,
                    application: &known.application,
                    volume: self.at.get(path)?,
                    path,
                    with,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(json: &str) -> Workload {
        serde_json::from_str(json).unwrap()
    }

    fn uncovered(image: &str, path: &str) -> Vec<(String, bool)> {
        let workload = workload(&format!(
            r#"{{"containers": {{"c": {{"image": "{image}"}}}}, "volumes": {{"v": {{"mounts": {{"c": "{path}"}}}}}}}}"#
        ));
        let found = of(&workload).uncovered;
        let told = found.iter();
        told.map(|uncovered| (uncovered.path.to_string(), uncovered.above.is_some()))
            .collect()
    }

    #[test]
    fn a_volume_is_covered_by_a_mount_at_its_very_path_only() {
        let data = "/var/lib/postgresql/data".to_owned();
        assert_eq!(uncovered("postgres:17", &data), []);
        assert_eq!(
            uncovered("postgres:17", "/var/lib/postgresql"),
            [(data, true)]
        );
    }

    #[test]
    fn the_release_moves_the_volume() {
        let parent = "/var/lib/postgresql".to_owned();
        assert_eq!(
            uncovered("postgres:18", "/var/lib/postgresql/data"),
            [(parent.clone(), false)]
        );
        assert_eq!(uncovered("postgres:18", &parent), []);
    }

    #[test]
    fn of_an_open_release_nothing_is_claimed() {
        assert_eq!(uncovered("postgres@sha256:abc", "/x"), []);
    }

    #[test]
    fn an_unknown_image_has_no_volumes() {
        assert_eq!(uncovered("example/postgres:17", "/x"), []);
    }

    #[test]
    fn a_nested_path_is_told_until_it_has_a_volume_of_its_own() {
        let html = r#"{"containers": {"c": {"image": "nextcloud:31"}}, "volumes": {"html": {"mounts": {"c": "/var/www/html"}}}}"#;
        assert_eq!(of(&workload(html)).nested.len(), 1);
        let apart = html.replace(
            r#""volumes": {"#,
            r#""volumes": {"data": {"mounts": {"c": "/var/www/html/data"}}, "#,
        );
        assert_eq!(of(&workload(&apart)).nested.len(), 0);
    }
}
