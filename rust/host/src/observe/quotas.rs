//! Which quotas are on, and the limits of all subvolumes.

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::observed::ObservedQuota;

use crate::system::{Fault, System};

/// Which quotas are on. The directory is there while any are (`Documentation/ABI/testing/sysfs-fs-btrfs`, Linux 5.9);
/// kernels before 6.7 do not say which, and have one kind.
///
/// # Errors
/// When the kernel cannot be asked, or names a kind that is not known here.
pub fn mode(system: &dyn System, uuid: &str) -> Result<ObservedQuota, Fault> {
    let directory = Path::new("/sys/fs/btrfs").join(uuid).join("qgroups");
    if system.list(&directory)?.is_none() {
        return Ok(ObservedQuota::None);
    }
    let mode = system.read(&directory.join("mode"))?;
    match mode.as_deref().map(str::trim) {
        Some("squota") => Ok(ObservedQuota::Simple),
        Some("qgroup") | None => Ok(ObservedQuota::Classic),
        Some("disabled") => Ok(ObservedQuota::None),
        Some(other) => Err(Fault::Unexpected(format!(
            "the kernel names quotas of the kind `{}`, which is not known here",
            other.escape_debug()
        ))),
    }
}

/// The limit of what each subvolume may refer to, by its number; one program for all.
///
/// # Errors
/// When the program fails, or what it printed is not understood.
pub fn limits(system: &dyn System, place: &str) -> Result<BTreeMap<u64, Option<u64>>, Fault> {
    let rows = rows(system, place)?.into_iter();
    Ok(rows.map(|(number, row)| (number, row.limit)).collect())
}

/// The bytes that simple quotas charge each subvolume with, by its number: what was written through it and is still held by
/// anybody, which is neither what it refers to nor what it holds alone.
///
/// # Errors
/// When the program fails, or what it printed is not understood.
pub fn charged(system: &dyn System, place: &str) -> Result<BTreeMap<u64, u64>, Fault> {
    let rows = rows(system, place)?.into_iter();
    Ok(rows.map(|(number, row)| (number, row.charged)).collect())
}

fn rows(system: &dyn System, place: &str) -> Result<BTreeMap<u64, Row>, Fault> {
    let printed = system.run("btrfs", &["qgroup", "show", "-r", "--raw", "--", place])?;
    parse(&printed.stdout).ok_or_else(|| {
        Fault::Unexpected("`btrfs qgroup show` printed something that is not understood".into())
    })
}

/// What is accounted of one subvolume, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it refers to, under classic qgroups; under simple quotas what it is charged with.
    pub charged: u64,
    /// The most that this may come to.
    pub limit: Option<u64>,
}

/// Rows of `0/257  16384  16384  104857600  [path]`, below a head that versions write in different ways. A line in a
/// name could only name a number again, which is not understood.
#[must_use]
pub fn parse(printed: &str) -> Option<BTreeMap<u64, Row>> {
    let mut limits = BTreeMap::new();
    for row in printed.lines() {
        let Some(row) = row.trim_start().strip_prefix("0/") else {
            continue;
        };
        let mut fields = row.split_whitespace();
        let number: u64 = fields.next()?.parse().ok()?;
        let charged = fields.next()?.parse().ok()?;
        let limit = match fields.nth(1)? {
            "none" => None,
            bytes => Some(bytes.parse().ok()?),
        };
        if limits.insert(number, Row { charged, limit }).is_some() {
            return None;
        }
    }
    (!limits.is_empty()).then_some(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "qgroupid         rfer         excl     max_rfer \n--------         ----         ----     -------- \n0/5             16384        16384         none \n0/257           16384        16384    104857600 \n1/0 0 0 none\n";
    const NEW: &str = "Qgroupid    Referenced    Exclusive  Max referenced   Path \n--------    ----------    ---------  --------------   ---- \n0/5              16384        16384            none   <toplevel>\n0/257            16384        16384       104857600   @v/shop\n";

    #[test]
    fn limits_are_read_from_what_old_and_new_versions_print() {
        let row = |limit| Row {
            charged: 16384,
            limit,
        };
        let wanted = BTreeMap::from([(5, row(None)), (257, row(Some(100 << 20)))]);
        assert_eq!(parse(OLD).unwrap(), wanted);
        assert_eq!(parse(NEW).unwrap(), wanted);
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        assert_eq!(parse(""), None);
        assert_eq!(parse("0/257 1 1 lots\n"), None);
        assert_eq!(parse("0/257 1\n"), None);
        assert_eq!(parse("0/257 some 1 none\n"), None);
        assert_eq!(parse(&format!("{NEW}0/257 1 1 none\n")), None);
    }
}
