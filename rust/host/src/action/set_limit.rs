//! Sets the most bytes that a subvolume may refer to.

use std::path::{Path, PathBuf};

use podman_btrfs_core::units::SubvolumePath;

use super::{Action, Look};
use crate::observe::quotas;
use crate::system::{Fault, System};

/// The limit of a subvolume.
#[derive(Debug)]
pub struct SetLimit {
    /// The subvolume, through a mount of the top level.
    pub path: PathBuf,
    /// Its path below the top level.
    pub subvolume: SubvolumePath,
    /// The limit in bytes.
    pub bytes: u64,
}

impl Action for SetLimit {
    fn describe(&self) -> String {
        format!("limit {} to {} bytes", self.subvolume, self.bytes)
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn look(&self, system: &dyn System) -> Result<Look, Fault> {
        if system.look(&self.path)?.is_none() {
            return Ok(Look::Missing);
        }
        let path = self.path.to_string_lossy();
        let printed = match system.run(
            "btrfs",
            &["qgroup", "show", "-r", "-f", "--raw", "--", &path],
        ) {
            Ok(printed) => printed.stdout,
            Err(Fault::Program { stderr, .. }) if stderr.contains("quotas not enabled") => {
                return Ok(Look::Missing);
            }
            Err(fault) => return Err(fault),
        };
        Ok(match parse_limit(&printed)? {
            Some(bytes) if bytes == self.bytes => Look::AsWanted,
            _ => Look::Missing,
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        let path = self.path.to_string_lossy();
        system
            .run(
                "btrfs",
                &["qgroup", "limit", "--", &self.bytes.to_string(), &path],
            )
            .map(drop)
    }
}

/// The limit in what `btrfs qgroup show` printed for one subvolume.
fn parse_limit(printed: &str) -> Result<Option<u64>, Fault> {
    let rows = quotas::parse(printed).and_then(|rows| rows.into_values().next());
    rows.map(|row| row.limit).ok_or_else(|| {
        Fault::Unexpected(format!("`btrfs qgroup show` printed `{}`", printed.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_read_from_what_6_14_prints() {
        let printed = "Qgroupid    Referenced    Exclusive Max referenced   Path \n--------    ----------    --------- --------------   ---- \n0/257            16384        16384     1073741824   @volumes/a+b\n";
        assert_eq!(parse_limit(printed).unwrap(), Some(1 << 30));
        assert_eq!(
            parse_limit(&printed.replace("1073741824", "none")).unwrap(),
            None
        );
    }

    #[test]
    fn what_cannot_be_read_is_a_fault_and_not_no_limit() {
        assert!(parse_limit("").is_err());
        assert!(parse_limit("0/257 1").is_err());
        assert!(parse_limit("0/257 1 2 lots").is_err());
    }
}
