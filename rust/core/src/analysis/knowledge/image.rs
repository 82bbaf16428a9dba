//! One image: its names, its releases, and what it keeps where.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::nearest;
use crate::spec::{Class, DatabaseEngine};
use crate::units::{ContainerPath, ImageReference};

/// Images of one application that keep the same at the same paths.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::analysis) struct KnownImage {
    /// The application, in lower case.
    pub(in crate::analysis) application: String,
    /// The images, as registry and repository: `docker.io/library/postgres`.
    pub(super) images: BTreeSet<String>,
    /// The first major version for which this holds. Absent: the first one there was.
    #[serde(default)]
    pub(super) from: Option<u32>,
    /// The first major version for which this no longer holds. Absent: it holds for the newest.
    #[serde(default)]
    pub(super) before: Option<u32>,
    /// The engine that writes its databases. Absent: none, or one of several.
    #[serde(default)]
    pub(in crate::analysis) engine: Option<DatabaseEngine>,
    /// What it keeps where; what lies below a path counts too.
    pub(super) paths: BTreeMap<ContainerPath, Class>,
    /// The `VOLUME` paths of the image that hold what cannot be had again; empty where there are none, or where
    /// they are not known or differ by release.
    #[serde(default)]
    pub(in crate::analysis) volumes: BTreeSet<ContainerPath>,
    /// Paths inside another of its paths that are worth a volume of their own.
    #[serde(default)]
    pub(in crate::analysis) apart: BTreeSet<ContainerPath>,
    /// Paths that another application reads or writes as well, and which.
    #[serde(default)]
    pub(in crate::analysis) shared: BTreeMap<ContainerPath, BTreeSet<String>>,
}

impl KnownImage {
    /// What this image keeps at `path`, and the known path that says so.
    pub(in crate::analysis) fn class_at(
        &self,
        path: &ContainerPath,
    ) -> Option<(&ContainerPath, Class)> {
        nearest(&self.paths, path)
    }

    /// True when it is about this release.
    pub(super) fn is_of(&self, release: Release) -> bool {
        match release {
            Release::Major(major) => {
                self.from.is_none_or(|from| major >= from)
                    && self.before.is_none_or(|before| major < before)
            }
            Release::Newest => self.before.is_none(),
            Release::Unknown => true,
        }
    }

    /// The releases it is about, in brackets behind the image's name; empty: all of them.
    pub(in crate::analysis) fn releases(&self) -> String {
        match (self.from, self.before) {
            (None, None) => String::new(),
            (Some(from), None) => format!(" (since version {from})"),
            (None, Some(before)) => format!(" (before version {before})"),
            (Some(from), Some(before)) => {
                format!(" (versions {from} to {})", before.saturating_sub(1))
            }
        }
    }
}

/// Which release a reference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Release {
    /// The tag begins with a number.
    Major(u32),
    /// A tag that moves, `latest` or none.
    Newest,
    /// A digest without a telling tag.
    Unknown,
}

impl Release {
    pub(super) fn of(image: &ImageReference) -> Self {
        let tag = image.tag().unwrap_or_default();
        let number = tag.strip_prefix('v').unwrap_or(tag);
        let digits = number.split(|c: char| !c.is_ascii_digit()).next();
        match digits.and_then(|digits| digits.parse().ok()) {
            Some(major) => Self::Major(major),
            None if image.digest().is_some() => Self::Unknown,
            None => Self::Newest,
        }
    }
}

/// Registry and repository, with what a short name stands for.
pub(super) fn full_name(image: &ImageReference) -> String {
    let registry = match image.registry() {
        None | Some("index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com") => {
            "docker.io"
        }
        Some(registry) => registry,
    };
    let repository = image.repository();
    if registry == "docker.io" && !repository.contains('/') {
        format!("{registry}/library/{repository}")
    } else {
        format!("{registry}/{repository}")
    }
}
