//! Files and directories below one that may be a user's: no link is followed, and nothing but what was asked for opened.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::file;
use crate::system::Fault;

/// The most bytes of one file: a list of a hundred thousand layers has fewer.
const MOST: u64 = 256 << 20;

pub(super) fn read(directory: &Path, name: &str) -> Result<Option<String>, Fault> {
    let shown = directory.join(name);
    // Without `NONBLOCK` a pipe in its place would hold us up for ever.
    let Some(opened) = open(directory, name, OFlags::RDONLY | OFlags::NONBLOCK)? else {
        return Ok(None);
    };
    let found = rustix::fs::fstat(&opened).map_err(file("look at", &shown))?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return Err(Fault::Unexpected(format!("{} is no file", shown.display())));
    }
    let mut text = String::new();
    let mut limited = File::from(opened).take(MOST);
    limited
        .read_to_string(&mut text)
        .map_err(file("read", &shown))?;
    if u64::try_from(text.len()).is_ok_and(|length| length >= MOST) {
        return Err(Fault::Unexpected(format!(
            "{} is too large",
            shown.display()
        )));
    }
    Ok(Some(text))
}

pub(super) fn list(directory: &Path, inside: &str) -> Result<Option<Vec<String>>, Fault> {
    let shown = directory.join(inside);
    let inside = if inside.is_empty() { "." } else { inside };
    let Some(opened) = open(directory, inside, OFlags::RDONLY | OFlags::DIRECTORY)? else {
        return Ok(None);
    };
    let mut names = Vec::new();
    for entry in Dir::read_from(&opened).map_err(file("list", &shown))? {
        let entry = entry.map_err(file("list", &shown))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "." && name != ".." {
            names.push(name);
        }
    }
    names.sort();
    Ok(Some(names))
}

fn open(directory: &Path, inside: &str, flags: OFlags) -> Result<Option<OwnedFd>, Fault> {
    let shown = directory.join(inside);
    let found = |opened: Result<OwnedFd, Errno>| match opened {
        Ok(opened) => Ok(Some(opened)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(file("open", &shown)(error)),
    };
    let above = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Some(above) = found(rustix::fs::openat(CWD, directory, above, Mode::empty()))? else {
        return Ok(None);
    };
    let how = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let flags = flags | OFlags::CLOEXEC;
    found(rustix::fs::openat2(
        above,
        inside,
        flags,
        Mode::empty(),
        how,
    ))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_below_is_read_and_what_is_not_there_is_absent() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        std::fs::write(folder.path().join("a/list"), "[]").unwrap();
        assert_eq!(
            read(folder.path(), "a/list").unwrap().as_deref(),
            Some("[]")
        );
        assert_eq!(read(folder.path(), "b/list").unwrap(), None);
        assert_eq!(list(folder.path(), "a").unwrap().unwrap(), ["list"]);
        assert_eq!(list(folder.path(), "").unwrap().unwrap(), ["a"]);
        assert_eq!(list(&folder.path().join("b"), "").unwrap(), None);
    }

    #[test]
    fn no_link_is_followed_and_nothing_but_a_file_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
        for directory in [&inside, &outside] {
            std::fs::create_dir(directory).unwrap();
        }
        std::fs::write(outside.join("secret"), "x").unwrap();
        symlink(outside.join("secret"), inside.join("link")).unwrap();
        symlink(&outside, inside.join("way")).unwrap();
        assert!(read(&inside, "link").is_err());
        assert!(read(&inside, "way/secret").is_err());
        assert!(read(&inside, "../out/secret").is_err());
        assert!(list(&inside, "way").is_err());
        assert!(read(folder.path(), "out").is_err(), "a directory");
    }
}
