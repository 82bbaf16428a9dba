//! What the outer and the inner process say to each other: one line of JSON for each message.

use std::path::PathBuf;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::ImageReference;
use serde::{Deserialize, Serialize};

use super::Options;
use super::report::Progress;

/// What the inner process is to do: the first line of its input. The input stays open as long as it is wanted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) plan: Plan,
    /// The text of the planned `storage.conf`.
    pub(super) storage_conf: Option<String>,
    pub(super) options: Options,
    /// Images of the host's store, in an archive that the outer process holds open.
    pub(super) stored: Option<StoredImages>,
    /// A busybox that needs no other file.
    pub(super) busybox: PathBuf,
}

/// Images out of the host's store.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredImages {
    /// A path to the archive, good outside the namespace.
    pub(super) archive: PathBuf,
    /// What is in it.
    pub(super) images: Vec<ImageReference>,
}

/// What the inner process says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Message {
    /// A step begins or ended.
    Progress(Progress),
    /// A loop device was taken; it is looked for when all is over.
    Attached(Attached),
    /// A disk image has a name, and keeps it.
    Kept(PathBuf),
    /// All steps that could be taken were taken.
    Finished,
}

/// A loop device and the file behind it, both as the kernel names them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Attached {
    /// `loop3`.
    pub(super) name: String,
    /// What `/sys/block/loop3/loop/backing_file` says.
    pub(super) backing: String,
}
