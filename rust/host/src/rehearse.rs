//! The whole life of a plan on a throw-away Btrfs: make, run real containers, snapshot, lose, restore.
//!
//! ```text
//! outside: programs, images of the host's store ──task──▶ inside (mount and process namespace of its own)
//!          tells what it hears, looks for leftovers ◀──progress──┘ disks, mkfs, apply, mounts, Podman, lives
//! ```
//!
//! [`rehearse`] starts this program again inside namespaces of its own, with [`INSIDE`] as its only argument;
//! the program then calls [`inside`]. The two are joined by a pipe in each direction. When the outer one
//! ends, however it ends, the inner one reads the end of its input and ends too; it is the first process of
//! its namespace, so the kernel ends every container, unmounts everything and frees the loop devices. No
//! handler has to run for that. The image files have no names, so they vanish with the last one who holds them.
//!
//! What differs from the planned host, and is told:
//!
//! - the Btrfs label gets a prefix, or udev would point the host's own `/dev/disk/by-label` at the image;
//! - disks are not encrypted, and have the chosen size;
//! - containers run a busybox that waits, as root, without network and cgroups;
//! - accounts that this machine does not have get a stand-in.

mod adapt;
mod disks;
mod inside;
mod life;
mod outside;
mod podman;
mod private_root;
mod programs;
mod report;
mod restore;
mod stage;
mod stand_in;
mod stored_images;
mod task;
mod volumes;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use inside::inside;
pub use outside::rehearse;
pub use report::{Outcome, Progress, Report, Step};

/// The only argument of the inner process.
pub const INSIDE: &str = "rehearse-inside";

/// How to rehearse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Size of each disk image in bytes. Images are sparse: they take what is written.
    pub size: u64,
    /// At most so many copies of each workload are run; the layout is made for all.
    pub replicas: u32,
    /// The layout alone is made, made again and looked at: no container is run, and no Podman needed.
    pub layout_only: bool,
    /// Keep the disk images, as files with names.
    pub keep: bool,
    /// Where the images are, named or not.
    pub image_directory: PathBuf,
}
