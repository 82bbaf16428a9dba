//! Podman on a store that is not in its place yet.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::mount::{MountFlags, mount, mount_bind_recursive};

use crate::system::Fault;

/// The command by which this program starts itself in a mount namespace of its own.
pub const INSIDE: &str = "migrate-store-inside";

/// Where Podman has the state of the running host (`tmp_dir` in `containers.conf(5)`).
const TMP_DIR: &str = "/run/libpod";

/// What the inner process is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// Where the store appears.
    pub graph_root: PathBuf,
    /// Where it lies.
    pub staging: PathBuf,
    /// Podman's `runroot`.
    pub run_root: PathBuf,
    /// What Podman is to do.
    pub arguments: Vec<String>,
}

/// Shows the staged store at the graph root, in this mount namespace only, and becomes Podman. What Podman has of running
/// containers is of the other store, so it sees an empty place there. Its locks are the host's, or two things could get the same one.
///
/// Returns why it did not.
#[must_use]
pub fn inside(what: &Inside) -> Fault {
    match prepare(what) {
        Ok(()) => {}
        Err(fault) => return fault,
    }
    let source = Command::new("podman")
        .args(&what.arguments)
        // Large files that Podman makes on the way lie on the filesystem whose room was looked at.
        .env("TMPDIR", what.graph_root.join("tmp"))
        .exec();
    Fault::File {
        what: "start the program",
        path: "podman".into(),
        source,
    }
}

fn prepare(what: &Inside) -> Result<(), Fault> {
    let own = namespace("self")?;
    let parent = rustix::process::getppid().map(|parent| parent.as_raw_nonzero().to_string());
    let outer = namespace(parent.as_deref().unwrap_or("1"))?;
    if own == outer {
        return Err(Fault::Unexpected(format!(
            "`{INSIDE}` is a part of `migrate-store`, which starts it in a mount namespace of its own; it is not run by hand"
        )));
    }
    mount_bind_recursive(&what.staging, &what.graph_root)
        .map_err(|error| fault("show the new store at", &what.graph_root, error.into()))?;
    for place in [&*what.run_root, Path::new(TMP_DIR)] {
        std::fs::create_dir_all(place)
            .map_err(|error| fault("make the directory", place, error))?;
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        mount(c"tmpfs", place, c"tmpfs", flags, None::<&std::ffi::CStr>)
            .map_err(|error| fault("mount a filesystem of our own at", place, error.into()))?;
    }
    Ok(())
}

/// The mount namespace of a process.
fn namespace(process: &str) -> Result<PathBuf, Fault> {
    let link = Path::new("/proc").join(process).join("ns/mnt");
    std::fs::read_link(&link).map_err(|error| fault("read the link", &link, error))
}

fn fault(what: &'static str, path: &Path, source: std::io::Error) -> Fault {
    Fault::File {
        what,
        path: path.to_owned(),
        source,
    }
}
