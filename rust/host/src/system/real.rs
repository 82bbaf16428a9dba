//! This machine.

mod below;
mod extents;
mod printing;
mod put;
mod session;
mod stream;
mod tree;
mod users;

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, IFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::{
    Extents, Fault, Identity, Node, NodeKind, Printed, Printing, Probe, Put, Reading, Session,
    Survey, System, Users, Written,
};

/// The inode number of every subvolume's root (`BTRFS_FIRST_FREE_OBJECTID`).
const SUBVOLUME_INODE: u64 = 256;
/// `FS_NOCOMP_FL`, `linux/fs.h`: never to be compressed. Kept beside the flags that `rustix` names.
const NOCOMP: IFlags = IFlags::from_bits_retain(0x400);
/// The file by which it is tried whether there is space for one; what a killed run left of it the next one removes.
const PROBE: &str = ".podman-btrfs-probe";
/// Where Btrfs keeps the compression property.
const COMPRESSION: &str = "btrfs.compression";
/// Where a volume keeps who it is: of the names that only root may read and write (`xattr(7)`).
pub(crate) const MARKER: &str = "trusted.podman-btrfs";
/// Where a snapshot keeps what it says of its group.
const SNAPSHOT_RECORD: &str = "trusted.podman-btrfs.snapshot";

/// The machine that this program runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealSystem;

pub(super) fn file<E: Into<std::io::Error>>(
    what: &'static str,
    path: &Path,
) -> impl FnOnce(E) -> Fault {
    move |source| Fault::File {
        what,
        path: path.to_owned(),
        source: source.into(),
    }
}

impl System for RealSystem {
    fn run(&self, program: &str, arguments: &[&str]) -> Result<Printed, Fault> {
        let output = Command::new(program)
            .args(arguments)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .map_err(|source| not_started(program, source))?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        if output.status.success() {
            return Ok(Printed { stdout, stderr });
        }
        Err(Fault::Program {
            command: session::shown(program, arguments),
            status: output.status.code().unwrap_or(-1),
            stderr,
        })
    }

    fn run_within(
        &self,
        program: &str,
        arguments: &[&str],
        environment: &[(String, String)],
        limit: Duration,
    ) -> Result<Printed, Fault> {
        session::run_within(program, arguments, environment, limit)
    }

    fn session(
        &self,
        program: &str,
        arguments: &[&str],
        environment: &[(String, String)],
    ) -> Result<Box<dyn Session>, Fault> {
        Ok(Box::new(session::start(program, arguments, environment)?))
    }

    fn stream(&self, programs: &[&[&str]], see: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        stream::stream(programs, see)
    }

    fn print_below(
        &self,
        printing: &Printing<'_>,
        directory: &Path,
        name: &str,
    ) -> Result<Written, Fault> {
        printing::print(printing, directory, name)
    }

    fn remove_below(&self, directory: &Path, name: &str) -> Result<(), Fault> {
        printing::remove(directory, name)
    }

    fn replace_below(&self, directory: &Path, from: &str, to: &str) -> Result<(), Fault> {
        printing::replace(directory, from, to)
    }

    fn look(&self, path: &Path) -> Result<Option<Node>, Fault> {
        let found = match fs::symlink_metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file("look at", path)(error)),
        };
        let mut is_empty = false;
        let kind = if found.is_dir() {
            is_empty = fs::read_dir(path)
                .map_err(file("list", path))?
                .next()
                .is_none();
            if is_root_inode(&found) && is_btrfs(path)? {
                NodeKind::Subvolume
            } else {
                NodeKind::Directory
            }
        } else if found.is_file() {
            NodeKind::File
        } else {
            NodeKind::Other
        };
        let mode = found.mode() & 0o7777;
        Ok(Some(Node {
            kind,
            is_empty,
            mode,
            uid: found.uid(),
            gid: found.gid(),
        }))
    }

    fn create_directory(&self, path: &Path) -> Result<(), Fault> {
        // Nobody but root looks in before the mode that is wanted is set.
        fs::DirBuilder::new()
            .mode(0o700)
            .create(path)
            .map_err(file("create the directory", path))
    }

    fn create_subvolume(&self, path: &Path) -> Result<(), Fault> {
        let text = path.to_string_lossy();
        self.run("btrfs", &["subvolume", "create", "--", &text])
            .map(drop)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), Fault> {
        rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)
            .map_err(file("rename", from))
    }

    fn exchange(&self, one: &Path, other: &Path) -> Result<(), Fault> {
        rustix::fs::renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)
            .map_err(file("exchange", one))
    }

    fn create_snapshot(&self, source: &Path, place: &Path) -> Result<(), Fault> {
        let (source, place) = (source.to_string_lossy(), place.to_string_lossy());
        let arguments = ["subvolume", "snapshot", "-r", "--", &source, &place];
        self.run("btrfs", &arguments).map(drop)
    }

    fn create_snapshots(&self, pairs: &[(PathBuf, PathBuf)]) -> Result<(), Fault> {
        let mut begun = Vec::new();
        for (source, place) in pairs {
            let (source, place) = (source.to_string_lossy(), place.to_string_lossy());
            let arguments = ["subvolume", "snapshot", "--", &source, &place];
            begun.push(session::start("btrfs", &arguments, &[]));
        }
        // All are waited for, also where one of them failed.
        let ended: Vec<_> = begun
            .into_iter()
            .map(|one| one.and_then(session::RealSession::finish))
            .collect();
        ended.into_iter().collect()
    }

    fn is_read_only(&self, path: &Path) -> Result<bool, Fault> {
        let shown = path.to_string_lossy();
        let printed = self.run(
            "btrfs",
            &["property", "get", "-t", "subvol", "--", &shown, "ro"],
        )?;
        match printed.stdout.trim() {
            "ro=true" => Ok(true),
            "ro=false" => Ok(false),
            other => Err(Fault::Unexpected(format!(
                "`btrfs property get {shown} ro` printed `{}`",
                other.escape_debug()
            ))),
        }
    }

    fn set_read_only(&self, path: &Path) -> Result<(), Fault> {
        let path = path.to_string_lossy();
        self.run(
            "btrfs",
            &["property", "set", "-t", "subvol", "--", &path, "ro", "true"],
        )
        .map(drop)
    }

    fn create_writable_snapshot(&self, source: &Path, place: &Path) -> Result<(), Fault> {
        let (source, place) = (source.to_string_lossy(), place.to_string_lossy());
        let arguments = ["subvolume", "snapshot", "--", &source, &place];
        self.run("btrfs", &arguments).map(drop)
    }

    fn put_below(
        &self,
        source: &Path,
        directory: &Path,
        name: &str,
        aside: &str,
    ) -> Result<Put, Fault> {
        put::put(*self, source, directory, name, aside)
    }

    fn delete_subvolume(&self, path: &Path) -> Result<(), Fault> {
        let path = path.to_string_lossy();
        self.run("btrfs", &["subvolume", "delete", "-c", "--", &path])
            .map(drop)
    }

    fn delete_directory(&self, path: &Path) -> Result<(), Fault> {
        // By descriptors, so that a link which appears meanwhile is not followed; a mount in it is not seen from the
        // mount of the top level that we look through.
        let within = walkdir::WalkDir::new(path).min_depth(1);
        for entry in within {
            let entry = entry.map_err(|error| file("list", path)(std::io::Error::from(error)))?;
            if entry.file_type().is_dir() && is_subvolume(entry.path())? {
                let inside = entry.path().display();
                return Err(Fault::Unexpected(format!(
                    "the subvolume {inside} lies in it, which nobody asked to delete"
                )));
            }
        }
        fs::remove_dir_all(path).map_err(file("delete", path))
    }

    fn marker(&self, path: &Path) -> Result<Option<String>, Fault> {
        text_attribute(path, MARKER)
    }

    fn set_marker(&self, path: &Path, text: &str) -> Result<(), Fault> {
        set_text_attribute(path, MARKER, text)
    }

    fn snapshot_record(&self, path: &Path) -> Result<Option<String>, Fault> {
        text_attribute(path, SNAPSHOT_RECORD)
    }

    fn set_snapshot_record(&self, path: &Path, text: &str) -> Result<(), Fault> {
        set_text_attribute(path, SNAPSHOT_RECORD, text)
    }

    fn clear_snapshot_record(&self, path: &Path) -> Result<(), Fault> {
        match rustix::fs::fremovexattr(open(path)?, SNAPSHOT_RECORD) {
            Ok(()) | Err(Errno::NODATA) => Ok(()),
            Err(error) => Err(file("take our attribute from", path)(error)),
        }
    }

    fn set_access(&self, path: &Path, mode: u32, uid: u32, gid: u32) -> Result<(), Fault> {
        // By descriptor: what lies in a user's directory may become a link at any moment.
        let opened = open(path)?;
        rustix::fs::fchmod(&opened, Mode::from_raw_mode(mode))
            .map_err(file("set the mode of", path))?;
        fchown(&opened, Some(uid), Some(gid)).map_err(file("set the owner of", path))
    }

    fn account(&self, name: &str) -> Result<Option<(u32, u32)>, Fault> {
        // `getent` asks what the host asks (files, systemd, LDAP), which reading /etc/passwd does not.
        let printed = match self.run("getent", &["passwd", "--", name]) {
            Ok(printed) => printed.stdout,
            Err(Fault::Program { status: 2, .. }) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let fields: Vec<&str> = printed.trim_end().split(':').collect();
        let number = |index: usize| fields.get(index).and_then(|field| field.parse().ok());
        match (number(2), number(3)) {
            (Some(uid), Some(gid)) => Ok(Some((uid, gid))),
            _ => Err(Fault::Unexpected(format!(
                "`getent passwd {name}` printed `{}`",
                printed.trim_end()
            ))),
        }
    }

    fn is_nodatacow(&self, path: &Path) -> Result<bool, Fault> {
        Ok(flags(&open(path)?, path)?.contains(IFlags::NOCOW))
    }

    fn set_nodatacow(&self, path: &Path) -> Result<(), Fault> {
        let opened = open(path)?;
        let flags = flags(&opened, path)?;
        rustix::fs::ioctl_setflags(&opened, flags | IFlags::NOCOW)
            .map_err(file("set the nodatacow attribute of", path))
    }

    fn compression(&self, path: &Path) -> Result<Option<String>, Fault> {
        compression(&open(path)?, path)
    }

    fn set_compression(&self, path: &Path, value: &str) -> Result<(), Fault> {
        rustix::fs::fsetxattr(
            open(path)?,
            COMPRESSION,
            value.as_bytes(),
            rustix::fs::XattrFlags::empty(),
        )
        .map_err(file("set the compression property of", path))
    }

    fn probe(&self, directory: &Path) -> Result<Probe, Fault> {
        let kind = OFlags::TMPFILE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o600);
        let opened = rustix::fs::openat(CWD, directory, kind, mode)
            .map_err(file("make a file in", directory))?;
        Ok(Probe {
            nodatacow: flags(&opened, directory)?.contains(IFlags::NOCOW),
            compression: compression(&opened, directory)?,
        })
    }

    fn takes_writes(&self, directory: &Path) -> Result<bool, Fault> {
        // Room for data is reserved for these few too, but none is taken: they fit into metadata. More of them could bring the kernel to
        // make a chunk of data of the last space that metadata may need.
        let bytes = [b'x'; 1000];
        // With a name: where nothing can be made any more, a file without one still can, since it needs less metadata.
        let path = directory.join(PROBE);
        self.remove_file(&path)?;
        let tried = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut opened| {
                opened.write_all(&bytes)?;
                opened.sync_all()
            });
        self.remove_file(&path)?;
        match tried {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::StorageFull => Ok(false),
            Err(error) => Err(file("write a file in", directory)(error)),
        }
    }

    fn read(&self, path: &Path) -> Result<Option<String>, Fault> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file("read", path)(error)),
        }
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), Fault> {
        replace(path, text, 0o600)
    }

    fn publish(&self, path: &Path, text: &str) -> Result<(), Fault> {
        replace(path, text, 0o644)
    }

    fn append(&self, path: &Path, line: &str) -> Result<(), Fault> {
        let options = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path);
        let mut opened = options.map_err(file("open", path))?;
        let whole = format!("{line}\n");
        opened
            .write_all(whole.as_bytes())
            .map_err(file("write", path))
    }

    fn remove_file(&self, path: &Path) -> Result<(), Fault> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(file("remove", path)(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn resolve(&self, path: &Path) -> Result<Option<PathBuf>, Fault> {
        present(fs::canonicalize(path)).map_err(file("resolve", path))
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<String>>, Fault> {
        let Some(entries) = present(fs::read_dir(path)).map_err(file("list", path))? else {
            return Ok(None);
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(file("list", path))?.file_name();
            names.push(name.to_string_lossy().into_owned());
        }
        names.sort();
        Ok(Some(names))
    }

    fn read_below(&self, directory: &Path, name: &str) -> Result<Option<String>, Fault> {
        below::read(directory, name)
    }

    fn list_below(&self, directory: &Path, inside: &str) -> Result<Option<Vec<String>>, Fault> {
        below::list(directory, inside)
    }

    fn device_numbers(&self, path: &Path) -> Result<Option<String>, Fault> {
        let found = present(fs::metadata(path)).map_err(file("look at", path))?;
        Ok(found.map(|found| {
            let device = found.rdev();
            format!(
                "{}:{}",
                rustix::fs::major(device),
                rustix::fs::minor(device)
            )
        }))
    }

    fn identity(&self, path: &Path) -> Result<Option<Identity>, Fault> {
        tree::identity(path)
    }

    fn survey(&self, root: &Path) -> Result<Survey, Fault> {
        tree::survey(root)
    }

    fn read_through(&self, root: &Path) -> Result<Reading, Fault> {
        tree::read_through(root)
    }

    fn differences(&self, source: &Path, copy: &Path) -> Result<Vec<String>, Fault> {
        tree::differences(source, copy, true)
    }

    fn differences_but_content(&self, source: &Path, copy: &Path) -> Result<Vec<String>, Fault> {
        tree::differences(source, copy, false)
    }

    fn first_otherwise(&self, root: &Path, nodatacow: bool) -> Result<Option<PathBuf>, Fault> {
        tree::first_otherwise(root, nodatacow)
    }

    fn extents(&self, place: &Path, subvolume: u64) -> Result<Option<Extents>, Fault> {
        extents::extents(place, subvolume)
    }

    fn users(&self, root: &Path) -> Result<Users, Fault> {
        users::users(root)
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn now(&self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }

    fn uptime(&self) -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
    }
}

/// Why a program could not be started.
fn not_started(program: &str, source: std::io::Error) -> Fault {
    if source.kind() == ErrorKind::NotFound {
        return Fault::ProgramMissing {
            program: program.into(),
        };
    }
    Fault::File {
        what: "start the program",
        path: program.into(),
        source,
    }
}

/// Writes beside it, then takes its place.
fn replace(path: &Path, text: &str, mode: u32) -> Result<(), Fault> {
    // A bare name has the empty path above it.
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let directory = above.unwrap_or(Path::new("."));
    let mut temporary =
        tempfile::NamedTempFile::new_in(directory).map_err(file("write in", directory))?;
    temporary
        .as_file()
        .set_permissions(fs::Permissions::from_mode(mode))
        .map_err(file("set the mode of", path))?;
    temporary
        .write_all(text.as_bytes())
        .map_err(file("write", path))?;
    temporary
        .as_file()
        .sync_all()
        .map_err(file("write", path))?;
    temporary
        .persist(path)
        .map_err(|error| file("write", path)(error.error))?;
    // The new name itself must be on the disk too.
    let opened = fs::File::open(directory).map_err(file("open", directory))?;
    opened.sync_all().map_err(file("sync", directory))
}

/// `None` for what is not there.
fn present<T>(answer: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn flags(opened: &OwnedFd, path: &Path) -> Result<IFlags, Fault> {
    rustix::fs::ioctl_getflags(opened).map_err(file("read the attributes of", path))
}

fn compression(opened: &OwnedFd, path: &Path) -> Result<Option<String>, Fault> {
    let mut buffer = [0_u8; 64];
    match rustix::fs::fgetxattr(opened, COMPRESSION, &mut buffer) {
        Ok(length) => Ok(Some(
            String::from_utf8_lossy(&buffer[..length]).into_owned(),
        )),
        // `none` is kept as a flag of the inode, and files inherit the flag without the property.
        Err(Errno::NODATA) => {
            let is_set = flags(opened, path)?.contains(NOCOMP);
            Ok(is_set.then(|| "none".to_owned()))
        }
        Err(error) => Err(file("read the compression property of", path)(error)),
    }
}

/// An extended attribute of ours, or `None` when it is not set. A link is refused, not followed.
fn text_attribute(path: &Path, name: &str) -> Result<Option<String>, Fault> {
    let mut buffer = [0_u8; 4096];
    match rustix::fs::fgetxattr(open(path)?, name, &mut buffer) {
        Ok(length) => match String::from_utf8(buffer[..length].to_vec()) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(file("understand our attribute of", path)(
                std::io::Error::from(ErrorKind::InvalidData),
            )),
        },
        Err(Errno::NODATA) => Ok(None),
        Err(error) => Err(file("read our attribute of", path)(error)),
    }
}

fn set_text_attribute(path: &Path, name: &str, text: &str) -> Result<(), Fault> {
    let flags = rustix::fs::XattrFlags::empty();
    rustix::fs::fsetxattr(open(path)?, name, text.as_bytes(), flags)
        .map_err(file("set our attribute of", path))
}

fn open(path: &Path) -> Result<OwnedFd, Fault> {
    // Without `NONBLOCK` a pipe in its place would hold us up for ever.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(file("open", path))
}

fn is_root_inode(found: &fs::Metadata) -> bool {
    found.ino() == SUBVOLUME_INODE
}

fn is_subvolume(path: &Path) -> Result<bool, Fault> {
    let found = fs::symlink_metadata(path).map_err(file("look at", path))?;
    Ok(is_root_inode(&found) && is_btrfs(path)?)
}

fn is_btrfs(path: &Path) -> Result<bool, Fault> {
    /// `BTRFS_SUPER_MAGIC`, `linux/magic.h`.
    const MAGIC: u64 = 0x9123_683E;
    let found = rustix::fs::statfs(path).map_err(file("ask for the filesystem of", path))?;
    Ok(u64::try_from(found.f_type).is_ok_and(|kind| kind == MAGIC))
}
