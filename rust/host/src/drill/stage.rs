//! The throw-away place: subvolumes with names of ours among the snapshots, of which nothing stays.

use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{MountRole, Plan};

use super::{Request, running};
use crate::apply::top_level;
use crate::system::{Fault, NodeKind, System};

/// How the names begin.
pub(super) const PREFIX: &str = ".podman-btrfs-drill-";
/// Below the directory of work: drills go on beside other commands, which mount their top levels elsewhere.
const WORK: &str = "drill";

/// Where drills mount top levels.
pub(super) fn work_directory(request: &Request) -> PathBuf {
    request.restore.work_directory.join(WORK)
}

/// The name of a member's writable snapshot.
pub(super) fn name(id: &str, series: &str) -> String {
    format!("{PREFIX}{id}-{series}")
}

/// The name of the directory that copies are received into.
pub(super) fn received(id: &str) -> String {
    format!("{PREFIX}{id}")
}

/// Whether a name is of either.
pub(super) fn is_ours(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return false;
    };
    match rest.split_once('-') {
        Some((id, series)) => is_id(id) && !series.is_empty(),
        None => is_id(rest),
    }
}

pub(super) fn is_id(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 32 && text.bytes().all(is_digit)
}

/// Deletes what drills left in a directory of snapshots, and says what. Called where no other drill is at work.
pub(super) fn clear(system: &dyn System, directory: &Path) -> Result<Vec<String>, Fault> {
    let mut cleared = Vec::new();
    for name in system.list(directory)?.unwrap_or_default() {
        if !is_ours(&name) {
            continue;
        }
        let place = directory.join(&name);
        match system.look(&place)?.map(|node| node.kind) {
            Some(NodeKind::Subvolume) => system.delete_subvolume(&place)?,
            Some(NodeKind::Directory) => clear_received(system, &place)?,
            None => continue,
            Some(NodeKind::File | NodeKind::Other) => {
                return Err(Fault::Unexpected(format!(
                    "{} has a name of ours and is no directory; look what it is, and remove it",
                    place.display()
                )));
            }
        }
        cleared.push(name);
    }
    Ok(cleared)
}

/// What was received, whole or not, and the notes beside it.
fn clear_received(system: &dyn System, directory: &Path) -> Result<(), Fault> {
    for name in system.list(directory)?.unwrap_or_default() {
        let place = directory.join(name);
        let kind = system.look(&place)?.map(|node| node.kind);
        if kind == Some(NodeKind::Subvolume) {
            system.delete_subvolume(&place)?;
        }
    }
    system.delete_directory(directory)
}

/// Deletes what a run left that was ended in the middle, on every filesystem of the plan that holds snapshots.
pub(super) fn clear_all(
    plan: &Plan,
    request: &Request,
    system: &dyn System,
) -> Result<Vec<String>, Fault> {
    // A container holds what it was given.
    let mut told = running::clear(system)?;
    let work = work_directory(request);
    for (name, filesystem) in &plan.filesystems {
        let of = |role| filesystem.subvolume_of(role);
        let Some(directory) = of(MountRole::Snapshots).or_else(|| of(MountRole::Volumes)) else {
            continue;
        };
        let only = std::iter::once(name.clone()).collect();
        // One that is away has nothing of ours that could be deleted now, and must not keep the others from being drilled.
        let mounted = match top_level::mount_all(plan, system, &work, false, &only) {
            Ok(mounted) => mounted,
            Err(fault) => {
                told.push(format!(
                    "what may be left on {name} was not looked for: {fault}"
                ));
                continue;
            }
        };
        let mut cleared = Ok(Vec::new());
        for (_, top) in mounted {
            cleared = clear(system, &top.path().join(directory.as_str()));
            top.unmount(system)?;
        }
        told.extend(
            cleared?
                .iter()
                .map(|one| format!("{one} of a drill that was ended in the middle is deleted")),
        );
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::FakeSystem;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn only_names_of_drills_are_ours() {
        assert!(is_ours(&name(ID, "shop@2+db")) && is_ours(&received(ID)));
        for other in [
            "shop.20261127T071304+0000",
            ".podman-btrfs-drill-",
            ".podman-btrfs-drill-shop",
            ".podman-btrfs-drill-0123-shop",
            &format!("{PREFIX}{ID}-"),
            &format!("{PREFIX}{}", ID.to_uppercase()),
            &format!("x{PREFIX}{ID}"),
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }

    /// What a run leaves that is ended anywhere goes, and nothing else; ended in the middle of that too.
    #[test]
    fn what_is_left_goes_and_nothing_else() {
        let paths = |system: &FakeSystem| {
            system
                .create_subvolume(Path::new("/s/shop.20261127T071304+0000"))
                .unwrap();
            system
                .create_subvolume(&Path::new("/s").join(name(ID, "shop")))
                .unwrap();
            system
                .create_subvolume(&Path::new("/s").join(name(ID, "shop+db")))
                .unwrap();
            let directory = Path::new("/s").join(received(ID));
            system.create_directory(&directory).unwrap();
            system
                .create_subvolume(&directory.join("shop.20261127T071304+0000"))
                .unwrap();
            system.put_text(
                &directory.join(".podman-btrfs-fetch-x").to_string_lossy(),
                "",
            );
            system.put_file("/s/.podman-btrfs-drill-notes");
        };
        let system = FakeSystem::with_directories(&["/", "/s"]);
        paths(&system);
        let before = system.changes();
        assert_eq!(clear(&system, Path::new("/s")).unwrap().len(), 3);
        let takes = system.changes() - before;
        assert!(takes >= 4, "{takes}");
        let rest = |system: &FakeSystem| system.list(Path::new("/s")).unwrap().unwrap();
        let wanted = [".podman-btrfs-drill-notes", "shop.20261127T071304+0000"];
        assert_eq!(rest(&system), wanted);
        for step in 1..=takes {
            let system = FakeSystem::with_directories(&["/", "/s"]);
            paths(&system);
            system.fail_from(Some(step));
            assert!(clear(&system, Path::new("/s")).is_err(), "{step}");
            system.fail_from(None);
            clear(&system, Path::new("/s")).unwrap();
            assert_eq!(rest(&system), wanted, "{step}");
        }
    }

    #[test]
    fn a_file_of_such_a_name_is_told_and_left() {
        let system = FakeSystem::with_directories(&["/", "/s"]);
        system.put_file(&format!("/s/{}", received(ID)));
        assert!(clear(&system, Path::new("/s")).is_err());
        assert_eq!(system.list(Path::new("/s")).unwrap().unwrap().len(), 1);
    }
}
