//! What is at a place that the plan names.

use serde::{Deserialize, Serialize};

use super::Known;

/// What is at a planned subvolume or volume; links are not followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedPlace {
    /// What kind of thing.
    pub kind: PlaceKind,
    /// Whether nothing is in it.
    pub empty: bool,
    /// Mode bits in octal, such as `0755`.
    pub mode: String,
    /// Owning user.
    pub uid: u32,
    /// Owning group.
    pub gid: u32,
    /// Whether the nodatacow attribute is set.
    pub nodatacow: Known<bool>,
    /// The compression property, where one is set.
    pub compression: Known<Option<String>>,
    /// Who it says that it is.
    pub marker: Known<Option<ObservedMarker>>,
    /// The most bytes that it may refer to, where that is limited; of a directory: absent.
    pub limit_bytes: Known<Option<u64>>,
}

/// What kind of thing is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceKind {
    /// The root of a subvolume.
    Subvolume,
    /// Any other directory.
    Directory,
    /// A regular file.
    File,
    /// A link, a device, a socket …
    Other,
}

/// A volume's marker: who it is, kept in itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedMarker {
    /// No other volume's.
    pub id: String,
    /// The copy of a workload and the volume, as `shop/pgdata`, under the names of its birth.
    pub volume: String,
}
