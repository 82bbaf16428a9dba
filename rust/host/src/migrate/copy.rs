//! Copies a tree into another one with rsync, so that both are the same afterwards; what the copy is beforehand does not matter.

use std::path::Path;

use crate::system::{Fault, System};

/// What was removed while it was copied (`rsync(1)`, exit values): expected of a volume in use, and of no other.
const VANISHED: i32 = 24;

/// How a tree is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// While it is in use: the copy is a draft.
    InUse,
    /// Files of the same size and time of change are taken for the same.
    Still,
    /// Every file is read on both sides.
    StillByContent,
}

/// Copies; both are directories, without a slash at the end.
///
/// It ends with this process, as far as the kernel can see to it, so that no copier goes on in what was exchanged meanwhile.
pub(crate) fn copy(system: &dyn System, source: &Path, copy: &Path, how: How) -> Result<(), Fault> {
    copy_without(system, source, copy, how, &[])
}

/// The same without what has these names at the top: in neither of the two is it looked at, copied or removed. A name may end
/// with a `*`.
pub(super) fn copy_without(
    system: &dyn System,
    source: &Path,
    copy: &Path,
    how: How,
    left_out: &[&str],
) -> Result<(), Fault> {
    // Without `--modify-window=-1` times of change that differ only in their nanoseconds are taken for the same.
    // What is named by `-x` is neither copied nor removed: the marker and the compression property belong to a place, and
    // `system.*` are access control lists, which `-A` copies.
    const ARGUMENTS: [&str; 10] = [
        "--pdeathsig=KILL",
        "rsync",
        "-aHAXS",
        "--numeric-ids",
        "--delete",
        "--one-file-system",
        "--modify-window=-1",
        "--filter=-x trusted.podman-btrfs",
        "--filter=-x btrfs.compression",
        "--filter=-x system.*",
    ];
    let (source, copy) = (text(source)?, text(copy)?);
    let mut arguments = ARGUMENTS.to_vec();
    if how == How::StillByContent {
        arguments.push("--checksum");
    }
    let left_out: Vec<String> = left_out
        .iter()
        .map(|name| format!("--exclude=/{name}"))
        .collect();
    arguments.extend(left_out.iter().map(String::as_str));
    let (source, copy) = (format!("{source}/"), format!("{copy}/"));
    arguments.extend(["--", &*source, &*copy]);
    match system.run("setpriv", &arguments) {
        Err(Fault::Program { status, .. }) if status == VANISHED && how == How::InUse => Ok(()),
        result => result.map(drop),
    }
}

/// Whether the programs are there.
pub(crate) fn look_for_programs(system: &dyn System) -> Result<(), Fault> {
    system.run("setpriv", &["--version"])?;
    system.run("rsync", &["--version"]).map(drop)
}

/// Whether a copy failed because nothing fits any more.
pub(crate) fn is_full(fault: &Fault) -> bool {
    const SAID: [&str; 2] = ["No space left on device", "Disk quota exceeded"];
    matches!(fault, Fault::Program { stderr, .. } if SAID.iter().any(|said| stderr.contains(said)))
}

/// Arguments are text.
fn text(path: &Path) -> Result<&str, Fault> {
    path.to_str().ok_or_else(|| {
        Fault::Unexpected(format!(
            "{} is no UTF-8, and so no argument of a program",
            path.display()
        ))
    })
}
