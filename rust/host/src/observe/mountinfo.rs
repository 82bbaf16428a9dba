//! `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`): the mounts as the kernel has them.

use std::path::Path;

use crate::system::{Fault, System};

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountInfo {
    /// The mount's number.
    pub id: u32,
    /// The number of the mount that it is mounted in.
    pub parent: u32,
    /// What of the filesystem is mounted: for Btrfs the subvolume, with a leading slash.
    pub root: String,
    /// Where.
    pub mount_point: String,
    /// Kind of filesystem.
    pub kind: String,
    /// The device, or what stands for it.
    pub source: String,
    /// Options of the mount and of the filesystem, in the kernel's order, each once.
    pub options: Vec<String>,
    /// Whether the filesystem itself is read-only, through whichever mount.
    pub read_only: bool,
}

/// The mounts as this program sees them.
///
/// # Errors
/// When they cannot be read, or a line is not understood.
pub fn read(system: &dyn System) -> Result<Vec<MountInfo>, Fault> {
    let text = system
        .read(Path::new("/proc/self/mountinfo"))?
        .ok_or_else(|| Fault::Unexpected("/proc is not mounted".into()))?;
    parse(&text).map_err(|line| Fault::Unexpected(format!("/proc/self/mountinfo holds `{line}`")))
}

/// Parses the whole file. A line that cannot be understood is an error: it might be the one looked for.
///
/// # Errors
/// The line.
pub fn parse(text: &str) -> Result<Vec<MountInfo>, String> {
    text.lines()
        .map(|line| parse_line(line).ok_or_else(|| line.to_owned()))
        .collect()
}

/// The mount that a path without links is in.
///
/// As the kernel walks: from the outermost mount inwards, at each into what is mounted in it on the way. A mount
/// that a later one above it hides is not found, which the longest mount point alone would find.
#[must_use]
pub fn covering<'a>(mounts: &'a [MountInfo], path: &Path) -> Option<&'a MountInfo> {
    let mut current = mounts.iter().find(|mount| {
        mount.mount_point == "/"
            && !mounts
                .iter()
                .any(|other| other.id == mount.parent && other.id != mount.id)
    })?;
    // Each step goes one mount inwards, and there are no more than these.
    for _ in mounts {
        let next = mounts
            .iter()
            .filter(|mount| mount.parent == current.id && mount.id != current.id)
            .filter(|mount| path.starts_with(&mount.mount_point))
            .min_by_key(|mount| mount.mount_point.len());
        match next {
            Some(inner) => current = inner,
            None => break,
        }
    }
    Some(current)
}

fn parse_line(line: &str) -> Option<MountInfo> {
    // 36 35 98:0 /root /point rw,noatime master:1 - btrfs /dev/sda rw,compress=zstd:1
    let (mount, filesystem) = line.split_once(" - ")?;
    let mut mount = mount.split(' ');
    let (id, parent) = (mount.next()?.parse().ok()?, mount.next()?.parse().ok()?);
    let mut mount = mount.skip(1);
    let (root, mount_point, own) = (mount.next()?, mount.next()?, mount.next()?);
    let mut filesystem = filesystem.split(' ');
    let (kind, source, shared) = (filesystem.next()?, filesystem.next()?, filesystem.next()?);
    let mut options: Vec<String> = own.split(',').map(str::to_owned).collect();
    options.extend(
        shared
            .split(',')
            .filter(|o| !own.split(',').any(|p| p == *o))
            .map(str::to_owned),
    );
    Some(MountInfo {
        id,
        parent,
        root: unescape(root),
        mount_point: unescape(mount_point),
        kind: kind.to_owned(),
        source: unescape(source),
        options,
        read_only: shared.split(',').any(|option| option == "ro"),
    })
}

/// Blank, tab, newline and backslash are written `\040` and so on.
fn unescape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        result.push_str(before);
        let code = after
            .get(..3)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        rest = if let Some(code) = code {
            result.push(char::from(code));
            &after[3..]
        } else {
            result.push('\\');
            after
        };
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
        90 22 0:45 /@volumes /srv/My\\040Tank rw,noatime shared:2 master:3 - btrfs /dev/loop0 rw,compress=zstd:1,space_cache=v2,subvolid=256,subvol=/@volumes\n";

    #[test]
    fn a_btrfs_mount_is_read_with_both_kinds_of_options() {
        let mounts = parse(SAMPLE).unwrap();
        assert_eq!(mounts[1].root, "/@volumes");
        assert_eq!(mounts[1].mount_point, "/srv/My Tank");
        assert_eq!(
            mounts[1].options,
            [
                "rw",
                "noatime",
                "compress=zstd:1",
                "space_cache=v2",
                "subvolid=256",
                "subvol=/@volumes"
            ]
        );
    }

    #[test]
    fn a_read_only_mount_is_not_a_read_only_filesystem() {
        let mounts = parse(&SAMPLE.replace("rw,noatime", "ro,noatime")).unwrap();
        assert!(mounts[1].options.contains(&"ro".to_owned()) && !mounts[1].read_only);
        let mounts = parse(&SAMPLE.replace("rw,compress", "ro,compress")).unwrap();
        assert!(mounts[1].read_only);
    }

    #[test]
    fn a_line_that_is_not_understood_is_not_passed_over() {
        assert_eq!(parse("22 1 254:0 / /\n"), Err("22 1 254:0 / /".into()));
    }

    #[test]
    fn the_mount_of_a_path_is_the_one_the_kernel_would_reach() {
        let found = |text: &str, path: &str| {
            let mounts = parse(text).unwrap();
            covering(&mounts, Path::new(path)).unwrap().source.clone()
        };
        assert_eq!(found(SAMPLE, "/srv/My Tank/shop"), "/dev/loop0");
        assert_eq!(found(SAMPLE, "/srv/My Tanker"), "/dev/vda");
        let covered = format!("{SAMPLE}91 90 0:46 / /srv/My\\040Tank rw - ext4 /dev/over rw\n");
        assert_eq!(found(&covered, "/srv/My Tank/shop"), "/dev/over");
        let hidden = format!("{SAMPLE}91 22 0:46 / /srv rw - ext4 /dev/above rw\n");
        assert_eq!(found(&hidden, "/srv/My Tank/shop"), "/dev/above");
    }

    #[test]
    fn a_backslash_that_escapes_nothing_stays() {
        assert_eq!(unescape("a\\zb\\134\\"), "a\\zb\\\\");
    }
}
