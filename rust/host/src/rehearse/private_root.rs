//! A root directory of the rehearsal's own: what the host shows, except for the places that it fills itself.
//!
//! A planned mount point may be missing on this machine, or be in use. Making or covering it on the host would
//! leave something behind or take something away. So the inner process gets a root on a tmpfs. Directories on
//! the way to a place of ours are made anew in it, with everything else in them bound from the host; the place
//! itself is an empty directory. Nothing on the host is created, and no file of it is covered outside the namespace.

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::fs::{self, File, FileType};
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive, unmount};

use crate::system::Fault;

/// Where the new root is put together. Any directory that every host has would do.
const BUILT_AT: &str = "/tmp";

/// Moves this process into a root in which each of `ours` is an empty directory.
pub(super) fn enter(ours: &[PathBuf]) -> Result<(), Fault> {
    let mut places: BTreeSet<PathBuf> = ours
        .iter()
        .map(|place| real(place))
        .collect::<Result<_, _>>()?;
    places.insert(BUILT_AT.into());
    // The process namespace is new, the mounts are a copy: `/proc` shows the host's processes until now.
    mount_fresh(c"proc", Path::new("/proc"))?;
    let root = Path::new(BUILT_AT);
    mount_fresh(c"tmpfs", root)?;
    copy(Path::new("/"), root, &places)?;
    for place in &places {
        let place = below(root, place);
        fs::create_dir_all(&place).map_err(file("create the directory", &place))?;
    }
    std::env::set_current_dir(root).map_err(file("enter", root))?;
    // The old root lands on top of the new one, and is taken off: `pivot_root(2)`.
    rustix::process::pivot_root(".", ".").map_err(file("make a root of", root))?;
    unmount(".", UnmountFlags::DETACH).map_err(file("leave the root of the host at", root))?;
    std::env::set_current_dir("/").map_err(file("enter", Path::new("/")))?;
    cover_shared_memory()?;
    unify_cgroups()
}

/// Podman keeps its locks in shared memory, by a name that the host's Podman has too.
fn cover_shared_memory() -> Result<(), Fault> {
    let place = Path::new("/dev/shm");
    if place.is_dir() {
        mount_fresh(c"tmpfs", place)
    } else {
        Ok(())
    }
}

/// Container runtimes refuse the old and the new cgroup trees side by side, whatever cgroups they are asked to
/// use. Where the host has the mixture, the namespace sees the new one alone.
fn unify_cgroups() -> Result<(), Fault> {
    let tree = Path::new("/sys/fs/cgroup");
    if tree.join("cgroup.controllers").exists() {
        Ok(())
    } else {
        mount_fresh(c"cgroup2", tree)
    }
}

fn mount_fresh(kind: &CStr, place: &Path) -> Result<(), Fault> {
    mount(
        kind,
        place,
        kind,
        MountFlags::NOSUID | MountFlags::NODEV,
        None::<&CStr>,
    )
    .map_err(file("mount a filesystem of our own at", place))
}

/// The place with links on the way to it followed; what does not exist has none.
fn real(place: &Path) -> Result<PathBuf, Fault> {
    match place.canonicalize() {
        Ok(found) => Ok(found),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            match (place.parent(), place.file_name()) {
                (Some(parent), Some(name)) => Ok(real(parent)?.join(name)),
                _ => Err(file("look at", place)(error)),
            }
        }
        Err(error) => Err(file("look at", place)(error)),
    }
}

/// Shows in `to` what is in `from`, except for our places.
fn copy(from: &Path, to: &Path, places: &BTreeSet<PathBuf>) -> Result<(), Fault> {
    for entry in fs::read_dir(from).map_err(file("list", from))? {
        let entry = entry.map_err(file("list", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(file("look at", &source))?;
        match treatment(&source, kind.is_dir(), places) {
            Treatment::Hide => {}
            Treatment::Open => {
                fs::create_dir(&target).map_err(file("create the directory", &target))?;
                let mode = fs::metadata(&source)
                    .map_err(file("look at", &source))?
                    .permissions();
                fs::set_permissions(&target, mode).map_err(file("set the mode of", &target))?;
                copy(&source, &target, places)?;
            }
            Treatment::Show => show(&source, &target, kind)?,
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Treatment {
    /// A place of ours: empty.
    Hide,
    /// On the way to a place of ours: made anew.
    Open,
    /// As it is on the host.
    Show,
}

fn treatment(source: &Path, is_directory: bool, places: &BTreeSet<PathBuf>) -> Treatment {
    if places.contains(source) {
        Treatment::Hide
    } else if is_directory && places.iter().any(|place| place.starts_with(source)) {
        Treatment::Open
    } else {
        Treatment::Show
    }
}

fn show(source: &Path, target: &Path, kind: FileType) -> Result<(), Fault> {
    let shown = if kind.is_symlink() {
        fs::read_link(source).and_then(|link| symlink(link, target))
    } else if kind.is_dir() {
        fs::create_dir(target).and_then(|()| Ok(mount_bind_recursive(source, target)?))
    } else {
        File::create(target).and_then(|_| Ok(mount_bind(source, target)?))
    };
    match shown {
        // Sockets and lock files come and go.
        Err(error) if error.kind() != ErrorKind::NotFound => Err(file("show", source)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// `path` seen from outside a root that is at `root`.
pub(super) fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
        .components()
        .collect()
}

fn file<E: Into<std::io::Error>>(what: &'static str, path: &Path) -> impl FnOnce(E) -> Fault {
    move |source| Fault::File {
        what,
        path: path.to_owned(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_is_hidden_and_only_the_way_to_it_is_made_anew() {
        let places = BTreeSet::from(["/srv/tank".into(), "/var/lib/containers".into()]);
        let treated = |path: &str| treatment(Path::new(path), true, &places);
        assert_eq!(treated("/srv"), Treatment::Open);
        assert_eq!(treated("/srv/tank"), Treatment::Hide);
        assert_eq!(treated("/srv/tank2"), Treatment::Show);
        assert_eq!(treated("/var/lib"), Treatment::Open);
        assert_eq!(treated("/var/lib/postgresql"), Treatment::Show);
        assert_eq!(treated("/sr"), Treatment::Show);
        assert_eq!(
            treatment(Path::new("/srv"), false, &places),
            Treatment::Show
        );
    }

    #[test]
    fn links_on_the_way_to_a_missing_place_are_followed() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        fs::create_dir(root.join("data")).unwrap();
        symlink("data", root.join("srv")).unwrap();
        assert_eq!(real(&root.join("srv/a/b")).unwrap(), root.join("data/a/b"));
    }

    #[test]
    fn a_path_below_another_root_has_no_slash_at_its_end() {
        assert_eq!(below(Path::new("/a"), Path::new("/")).as_os_str(), "/a");
        assert_eq!(
            below(Path::new("/a"), Path::new("/b/c")).as_os_str(),
            "/a/b/c"
        );
    }
}
