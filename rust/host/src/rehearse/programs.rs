//! The programs that a rehearsal needs, looked for all at once.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::stage::{Seen, failed, passed};
use crate::system::{Fault, package_of};

/// What is run inside and outside, by us or through `apply` and `verify`.
const FOR_THE_LAYOUT: [&str; 7] = [
    "btrfs",
    "findmnt",
    "losetup",
    "mkfs.btrfs",
    "mount",
    "umount",
    "unshare",
];
/// What containers need besides.
const FOR_CONTAINERS: [&str; 3] = ["busybox", "podman", "tar"];

/// Finds them, and returns where busybox is: nowhere, where no container is run.
pub(super) fn find_all(path: &std::ffi::OsStr, layout_only: bool) -> Seen<PathBuf> {
    let mut needed = FOR_THE_LAYOUT.to_vec();
    if !layout_only {
        needed.extend(FOR_CONTAINERS);
    }
    let missing: Vec<String> = needed
        .iter()
        .filter(|program| find(path, program).is_none())
        .map(|program| format!("`{program}` ({})", package_of(program)))
        .collect();
    if !missing.is_empty() {
        return failed(format!("missing: {}", missing.join("; ")));
    }
    if layout_only {
        return passed(PathBuf::new(), needed.join(" "));
    }
    let busybox = find(path, "busybox").unwrap_or_default();
    if !is_static(&busybox)? {
        return failed(format!(
            "{} needs shared libraries, which a container does not have; a static one is in {}",
            busybox.display(),
            package_of("busybox")
        ));
    }
    passed(busybox, needed.join(" "))
}

fn find(path: &std::ffi::OsStr, program: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|directory| directory.join(program))
        .find(|candidate| {
            std::fs::metadata(candidate)
                .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        })
}

fn is_static(program: &Path) -> Result<bool, Fault> {
    let bytes = std::fs::read(program).map_err(|source| Fault::File {
        what: "read",
        path: program.to_owned(),
        source,
    })?;
    asks_for_loader(&bytes).map(|asks| !asks).ok_or_else(|| {
        Fault::Unexpected(format!(
            "{} is no program of a 64-bit machine",
            program.display()
        ))
    })
}

/// Whether a 64-bit ELF file has a program header of the type `PT_INTERP`: `elf(5)`. `None`: it is no such file.
fn asks_for_loader(bytes: &[u8]) -> Option<bool> {
    const PT_INTERP: u64 = 3;
    if bytes.get(..5)? != b"\x7fELF\x02" {
        return None;
    }
    let big_endian = *bytes.get(5)? == 2;
    let number = |at: usize, length: usize| {
        let bytes = bytes.get(at..at.checked_add(length)?)?;
        let digit = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if big_endian {
            bytes.iter().fold(0, digit)
        } else {
            bytes.iter().rev().fold(0, digit)
        })
    };
    let table = usize::try_from(number(32, 8)?).ok()?;
    let entry = usize::try_from(number(54, 2)?).ok()?;
    for index in 0..usize::try_from(number(56, 2)?).ok()? {
        if number(table.checked_add(index.checked_mul(entry)?)?, 4)? == PT_INTERP {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_missing_programs_are_named_at_once_with_their_packages() {
        let fault = find_all(std::ffi::OsStr::new("/nowhere"), false)
            .unwrap_err()
            .to_string();
        for expected in [
            "`btrfs` (Debian's package btrfs-progs",
            "`podman` (",
            "`unshare` (Debian's package util-linux",
        ] {
            assert!(fault.contains(expected), "{fault}");
        }
    }

    #[test]
    fn a_program_header_of_the_loader_is_seen() {
        let mut elf = vec![0_u8; 64 + 2 * 56];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[32] = 64;
        elf[54] = 56;
        elf[56] = 2;
        elf[64] = 1;
        assert_eq!(asks_for_loader(&elf), Some(false));
        elf[64 + 56] = 3;
        assert_eq!(asks_for_loader(&elf), Some(true));
    }

    #[test]
    fn what_is_cut_or_no_program_is_neither_static_nor_not() {
        assert_eq!(asks_for_loader(b"#!/bin/sh\n"), None);
        let mut cut = vec![0_u8; 60];
        cut[..6].copy_from_slice(b"\x7fELF\x02\x01");
        cut[32] = 200;
        cut[54] = 56;
        cut[56] = 1;
        assert_eq!(asks_for_loader(&cut), None);
    }
}
