//! `/proc/self/mountinfo` (`proc_pid_mountinfo(5)`): the mounts as the kernel has them.

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountInfo {
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

fn parse_line(line: &str) -> Option<MountInfo> {
    // 36 35 98:0 /root /point rw,noatime master:1 - btrfs /dev/sda rw,compress=zstd:1
    let (mount, filesystem) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(3);
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
        root: unescape(root),
        mount_point: unescape(mount_point),
        kind: kind.to_owned(),
        source: unescape(source),
        options,
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
    fn a_line_that_is_not_understood_is_not_passed_over() {
        assert_eq!(parse("22 1 254:0 / /\n"), Err("22 1 254:0 / /".into()));
    }

    #[test]
    fn a_backslash_that_escapes_nothing_stays() {
        assert_eq!(unescape("a\\zb\\134\\"), "a\\zb\\\\");
    }
}
