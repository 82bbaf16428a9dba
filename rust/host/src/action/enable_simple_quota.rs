//! Switches simple quotas on. Classic qgroups are never switched on, and never replaced unasked.

use std::path::{Path, PathBuf};

use super::{Action, Look};
use crate::observe::uuid;
use crate::system::{Fault, System};

/// Simple quotas on a filesystem.
#[derive(Debug)]
pub struct EnableSimpleQuota {
    /// A mount of the top level.
    pub top: PathBuf,
}

impl Action for EnableSimpleQuota {
    fn describe(&self) -> String {
        "switch simple quotas on".into()
    }

    fn path(&self) -> &Path {
        &self.top
    }

    fn look(&self, system: &dyn System) -> Result<Look, Fault> {
        let uuid = uuid::of_mount(system, &self.top)?;
        // The directory is there while quotas of any kind are on (`Documentation/ABI`, btrfs sysfs).
        let mode = system.read(Path::new(&format!("/sys/fs/btrfs/{uuid}/qgroups/mode")))?;
        Ok(match mode.as_deref().map(str::trim) {
            None => Look::Missing,
            Some("squota") => Look::AsWanted,
            Some(other) => Look::Refused(format!(
                "quotas of the kind `{other}` are on; `btrfs quota disable` ends them and their limits"
            )),
        })
    }

    fn execute(&self, system: &dyn System) -> Result<(), Fault> {
        let top = self.top.to_string_lossy();
        let result = system.run("btrfs", &["quota", "enable", "--simple", "--", &top]);
        match result {
            Err(Fault::Program { stderr, .. }) if knows_no_simple_quotas(&stderr) => {
                Err(Fault::Unexpected(
                    "this `btrfs` has no simple quotas; they came with btrfs-progs 6.7".into(),
                ))
            }
            other => other.map(drop),
        }
    }
}

/// Older versions print their usage, which has no such option in it, and need not name what they refuse.
fn knows_no_simple_quotas(stderr: &str) -> bool {
    stderr.contains("usage: btrfs quota enable") && !stderr.contains("--simple")
        || stderr.contains("unrecognized option")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What 6.2 prints.
    const OLD: &str = "usage: btrfs quota enable <path>\n\n    Enable subvolume quota support for a filesystem.\n";

    #[test]
    fn a_btrfs_without_simple_quotas_is_known_by_its_usage() {
        assert!(knows_no_simple_quotas(OLD));
        assert!(!knows_no_simple_quotas(
            "ERROR: quota command failed: Invalid argument"
        ));
        let newer = OLD.replace("<path>", "[options] <path>\n\n    -s|--simple");
        assert!(!knows_no_simple_quotas(&newer), "another mistake");
    }
}
