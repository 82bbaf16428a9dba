//! Puts a copy of a file or a tree into a directory that may be a user's.
//!
//! The copy is made in a directory of root's beside its name, which nobody else can enter, and which is held open: whatever is renamed
//! or linked meanwhile, it is written to nowhere else. Then it takes the name in one step.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, ResolveFlags};
use rustix::io::Errno;

use super::{RealSystem, file};
use crate::system::{Fault, Put, System as _};

const STAGING: &str = ".podman-btrfs-putting";
/// The name of the copy in it.
const COPY: &str = "copy";

pub(super) fn put(
    system: RealSystem,
    source: &Path,
    directory: &Path,
    name: &str,
    aside: &str,
) -> Result<Put, Fault> {
    let shown = directory.join(name);
    let (inside, last) = name.rsplit_once('/').unwrap_or((".", name));
    let above = open_below(directory, inside)?;
    let staging = Staging::make(&above, &shown)?;
    let result = staging
        .fill(system, source)
        .and_then(|()| take_place(&staging.opened, &above, last, aside, &shown));
    // It is empty now, or holds what did not take its place, which is ours.
    staging.remove(&above, &shown)?;
    result
}

fn open_below(directory: &Path, inside: &str) -> Result<OwnedFd, Fault> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let shown = directory.join(inside);
    let above = rustix::fs::openat(CWD, directory, flags | OFlags::NOFOLLOW, Mode::empty());
    let above = above.map_err(file("open", directory))?;
    let how = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    rustix::fs::openat2(&above, inside, flags, Mode::empty(), how).map_err(file("open", &shown))
}

struct Staging {
    opened: OwnedFd,
    name: String,
}

impl Staging {
    fn make(above: &OwnedFd, shown: &Path) -> Result<Self, Fault> {
        let name = format!("{STAGING}-{}", std::process::id());
        rustix::fs::mkdirat(above, &name, Mode::RWXU)
            .map_err(file("make a directory beside", shown))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(above, &name, flags, Mode::empty())
            .map_err(file("open the directory beside", shown))?;
        // Whoever owns the directory above may have put another one in its place.
        let found = rustix::fs::fstat(&opened).map_err(file("look at", shown))?;
        if found.st_uid != rustix::process::geteuid().as_raw() {
            return Err(Fault::Unexpected(format!(
                "somebody put a directory of his own beside {}; nothing is written there",
                shown.display()
            )));
        }
        // What a directory hands down to what is made in it is not the copy's.
        for list in ["system.posix_acl_default", "system.posix_acl_access"] {
            match rustix::fs::fremovexattr(&opened, list) {
                Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP) => {}
                Err(error) => {
                    return Err(file(
                        "take the access control list from the directory beside",
                        shown,
                    )(error));
                }
            }
        }
        rustix::fs::fchmod(&opened, Mode::RWXU).map_err(file("set the mode beside", shown))?;
        Ok(Self { opened, name })
    }

    /// The program sees the directory that is open, whatever its name is by now.
    fn fill(&self, system: RealSystem, source: &Path) -> Result<(), Fault> {
        let source = source
            .to_str()
            .ok_or_else(|| Fault::Unexpected(format!("{} is no UTF-8", source.display())))?;
        let copy = format!(
            "/proc/{}/fd/{}/{COPY}",
            std::process::id(),
            self.opened.as_raw_fd()
        );
        let arguments = [
            "--archive",
            "--reflink=auto",
            "--no-target-directory",
            "--",
            source,
            &copy,
        ];
        system.run("cp", &arguments).map(drop)
    }

    fn remove(self, above: &OwnedFd, shown: &Path) -> Result<(), Fault> {
        let path = format!("/proc/self/fd/{}/{COPY}", self.opened.as_raw_fd());
        let path = Path::new(&path);
        let removed = match std::fs::symlink_metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
            Ok(_) => std::fs::remove_file(path),
        };
        removed.map_err(file("remove what was copied beside", shown))?;
        drop(self.opened);
        rustix::fs::unlinkat(above, &self.name, AtFlags::REMOVEDIR)
            .map_err(file("remove the directory beside", shown))
    }
}

/// First it has the other name, then the two are exchanged: at every moment something has the name, and nothing is lost between.
fn take_place(
    staging: &OwnedFd,
    above: &OwnedFd,
    name: &str,
    aside: &str,
    shown: &Path,
) -> Result<Put, Fault> {
    let rename = |from: &OwnedFd, old: &str, new: &str, flags| {
        rustix::fs::renameat_with(from, old, above, new, flags)
    };
    match rename(staging, COPY, name, RenameFlags::NOREPLACE) {
        Ok(()) => return sync(above, shown).map(|()| Put::New),
        Err(Errno::EXIST) => {}
        Err(error) => return Err(file("give its name to", shown)(error)),
    }
    rename(staging, COPY, aside, RenameFlags::NOREPLACE)
        .map_err(file("keep what is there beside", shown))?;
    rename(above, name, aside, RenameFlags::EXCHANGE).map_err(file("exchange", shown))?;
    sync(above, shown).map(|()| Put::Beside)
}

fn sync(above: &OwnedFd, shown: &Path) -> Result<(), Fault> {
    rustix::fs::fsync(above).map_err(file("sync", shown))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_there_stays_under_the_other_name_and_nothing_is_left_beside() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("volume/deep")).unwrap();
        fs::write(at("old"), "old").unwrap();
        let volume = at("volume");
        let put = |name: &str| put(RealSystem, &at("old"), &volume, name, "file.before").unwrap();
        assert_eq!(put("deep/file"), Put::New);
        fs::write(at("volume/deep/file"), "newer").unwrap();
        assert_eq!(put("deep/file"), Put::Beside);
        assert_eq!(fs::read_to_string(at("volume/deep/file")).unwrap(), "old");
        assert_eq!(
            fs::read_to_string(at("volume/deep/file.before")).unwrap(),
            "newer"
        );
        let names = RealSystem.list(&at("volume/deep")).unwrap().unwrap();
        assert_eq!(names, ["file", "file.before"]);
    }

    #[test]
    fn no_way_leads_out_and_what_is_kept_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["volume", "outside"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("old"), "old").unwrap();
        symlink(at("outside"), at("volume/way")).unwrap();
        symlink(at("outside/file"), at("volume/link")).unwrap();
        let volume = at("volume");
        let put = |name: &str, aside: &str| put(RealSystem, &at("old"), &volume, name, aside);
        assert!(put("way/file", "file.before").is_err());
        assert!(put("../outside/file", "file.before").is_err());
        assert_eq!(put("link", "link.before").unwrap(), Put::Beside);
        assert!(put("link", "link.before").is_err(), "kept before");
        assert_eq!(fs::read_dir(at("outside")).unwrap().count(), 0);
        let names = RealSystem.list(&volume).unwrap().unwrap();
        assert_eq!(names, ["link", "link.before", "way"]);
    }
}
