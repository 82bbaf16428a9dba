//! A tree with everything in it that a copy may lose, and a list of what is in one, made without the program's help.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a part of tests, of which each takes what it needs"
)]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::{CWD, FileType, Mode, XattrFlags, makedev};

/// An access control list as the kernel keeps it (`linux/posix_acl_xattr.h`): user 1234 may read, beside owner, group and others.
const ACL: [u8; 44] = [
    2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 210, 4, 0, 0, 4, 0, 4, 0, 255, 255,
    255, 255, 16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 4, 0, 255, 255, 255, 255,
];

fn set(path: &Path, name: &str, value: &[u8]) {
    rustix::fs::lsetxattr(path, name, value, XattrFlags::empty()).unwrap();
}

/// Fills a directory.
pub fn fill(root: &Path) {
    let at = |name: &str| root.join(name);
    fs::create_dir_all(at("deep/er/est")).unwrap();
    let data: Vec<u8> = (0..700_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    fs::write(at("data"), &data).unwrap();
    fs::write(at("text"), "a line\n".repeat(50_000)).unwrap();
    fs::write(at("empty"), "").unwrap();
    for number in 0..200 {
        fs::write(at(&format!("deep/er/file{number}")), format!("{number}\n")).unwrap();
    }
    let sparse = fs::File::create(at("sparse")).unwrap();
    sparse.set_len(100 << 20).unwrap();
    sparse.write_all_at(b"in the middle", 50 << 20).unwrap();
    fs::hard_link(at("text"), at("deep/same text")).unwrap();
    fs::hard_link(at("text"), at("zz")).unwrap();
    for name in [
        &b"line\nbreak"[..],
        b"no \xff UTF-8 \xfe",
        b"-rf",
        b" blank ",
        b"*?[a]",
        "caf\u{e9}".as_bytes(),
        b"a:b",
    ] {
        fs::write(root.join(OsStr::from_bytes(name)), name).unwrap();
    }
    symlink("/etc/passwd", at("link out")).unwrap();
    symlink("../nowhere", at("dangling")).unwrap();
    symlink("deep", at("link in")).unwrap();
    let node = |name: &str, kind, device| {
        rustix::fs::mknodat(CWD, at(name), kind, Mode::from_raw_mode(0o640), device)
    };
    node("pipe", FileType::Fifo, 0).unwrap();
    node("null", FileType::CharacterDevice, makedev(1, 3)).unwrap();
    node("block", FileType::BlockDevice, makedev(7, 200)).unwrap();
    drop(std::os::unix::net::UnixListener::bind(at("socket")).unwrap());
    set(&at("text"), "user.note", b"\0binary\xff");
    set(&at("text"), "system.posix_acl_access", &ACL);
    set(&at("deep"), "system.posix_acl_default", &ACL);
    set(&at("data"), "trusted.note", b"of root");
    set(root, "user.of-the-root", b"yes");
    for (name, mode, owner) in [
        ("text", 0o4755, 1000),
        ("data", 0o2640, 999),
        ("deep", 0o3777, 70_000),
        ("empty", 0, 0),
    ] {
        chown(at(name), Some(owner), Some(owner + 1)).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    chown(root, Some(26), Some(27)).unwrap();
    fs::set_permissions(root, fs::Permissions::from_mode(0o750)).unwrap();
    let old = UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    for name in ["data", "deep/er", "empty"] {
        fs::File::open(at(name)).unwrap().set_modified(old).unwrap();
    }
}

/// Everything of a tree that must survive, by path.
pub fn list(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut links: BTreeMap<u64, PathBuf> = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let stat = fs::symlink_metadata(&path).unwrap();
        let below = path.strip_prefix(root).unwrap().to_owned();
        let mut line = vec![format!(
            "{:o} {}:{} {}.{:09} {:x}",
            stat.mode(),
            stat.uid(),
            stat.gid(),
            stat.mtime(),
            stat.mtime_nsec(),
            stat.rdev()
        )];
        if stat.is_dir() {
            let mut names: Vec<_> = fs::read_dir(&path)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect();
            names.sort();
            names.reverse();
            open.extend(names);
        } else if stat.is_file() {
            line.push(format!(
                "{} {:016x}",
                stat.len(),
                digest(&fs::read(&path).unwrap())
            ));
        } else if stat.is_symlink() {
            line.push(fs::read_link(&path).unwrap().display().to_string());
        }
        if !stat.is_dir() && stat.nlink() > 1 {
            let first = links.entry(stat.ino()).or_insert_with(|| below.clone());
            line.push(format!("links={} first={}", stat.nlink(), first.display()));
        }
        line.push(attributes(&path));
        found.insert(below, line.join(" "));
    }
    found
}

/// FNV-1a: enough to see that a file is another one, and not what the program compares by.
fn digest(data: &[u8]) -> u64 {
    data.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn attributes(path: &Path) -> String {
    let mut names = vec![0_u8; 4096];
    let length = rustix::fs::llistxattr(path, &mut names).unwrap();
    let mut all: Vec<String> = names[..length]
        .split(|byte| *byte == 0)
        .filter(|name| {
            !name.is_empty() && *name != b"trusted.podman-btrfs" && *name != b"btrfs.compression"
        })
        .map(|name| {
            let mut value = vec![0_u8; 4096];
            let length = rustix::fs::lgetxattr(path, name, &mut value).unwrap();
            let name = PathBuf::from(std::ffi::OsString::from_vec(name.to_vec()));
            format!(" {}={:?}", name.display(), &value[..length])
        })
        .collect();
    all.sort();
    all.concat()
}
