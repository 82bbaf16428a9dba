//! What is done while everything that uses the volume is stopped: the rest is copied, all is compared, the two are exchanged.

use std::path::Path;

use podman_btrfs_core::plan::Placement;

use super::copy::{self, How};
use super::engine::Work as _;
use super::journal::{Journal, Stage};
use super::mover::Mover;
use super::{Stop, estimate};
use crate::system::Fault;
use crate::units;

impl Mover<'_> {
    pub(super) fn copy(&self, journal: &Journal, how: How) -> Result<(), Stop> {
        let (source, staging) = (self.path(&journal.source.spot)?, self.staging(journal)?);
        match copy::copy(self.system, &source, &staging, how) {
            Err(fault) if copy::is_full(&fault) => {
                self.discard_staging(journal)?;
                Err(Stop::Refused(format!(
                    "the copy does not fit on {}, and was deleted; make room, and begin again ({fault})",
                    journal.target.filesystem
                )))
            }
            result => Ok(result?),
        }
    }

    pub(super) fn running(&self) -> Result<Vec<units::Unit>, Fault> {
        let host_paths = [self.volume.planned.host_path.as_str()];
        let candidates = units::candidates(self.plan, &host_paths, &self.request.units);
        units::running(self.system, &candidates, &self.request.units)
    }

    pub(super) fn short_stop(&mut self, journal: &mut Journal) -> Result<(), Stop> {
        let mut all = self.running()?;
        all.retain(|unit| {
            !journal
                .units
                .iter()
                .any(|known| known.name == unit.name && known.user == unit.user)
        });
        if !all.is_empty() {
            journal.units.append(&mut all);
            self.keep(journal)?;
        }
        self.is_source_there(journal)?;
        units::stop(self.system, &journal.units)?;
        self.nobody_uses(journal)?;
        self.survey(&journal.source.spot)?;
        self.make_staging(journal)?;
        (self.told)("copying what changed");
        self.copy(journal, How::Still)?;
        (self.told)("comparing source and copy");
        self.compare(journal)?;
        self.nobody_uses(journal)?;
        journal.before = self.known_before();
        // The journal is on the disk as soon as it is written. Were the copy's marker not yet, a power cut could leave a journal that
        // speaks of an exchange, and nothing by which to tell the two apart (`checks/kill/run migration-power-cut`).
        self.sync()?;
        self.enter(journal, Stage::Exchanging)?;
        (self.told)("exchanging them");
        self.exchange(journal)?;
        self.exchanged_now = true;
        Ok(())
    }

    /// Whoever still has something open would go on writing to what is no longer the volume.
    fn nobody_uses(&self, journal: &Journal) -> Result<(), Stop> {
        let spot = &journal.source.spot;
        self.is_unused(&self.path(spot)?, &spot.shown())?;
        let staging = self.staging(journal)?;
        if self.system.look(&staging)?.is_none() {
            return Ok(());
        }
        self.is_unused(&staging, &journal.staging)
    }

    fn compare(&self, journal: &Journal) -> Result<(), Stop> {
        let (source, staging) = (self.path(&journal.source.spot)?, self.staging(journal)?);
        let mut different = self.system.differences(&source, &staging)?;
        if !different.is_empty() {
            // A file that was written to and has its size and time of change as before: its content is looked at.
            self.copy(journal, How::StillByContent)?;
            different = self.system.differences(&source, &staging)?;
        }
        if !different.is_empty() {
            return Err(Stop::Refused(format!(
                "the copy is not the same as the source: {}",
                different.join("; ")
            )));
        }
        let nodatacow = !self.volume.planned.copy_on_write;
        if let Some(file) = self.system.first_otherwise(&staging, nodatacow)? {
            let name = file
                .strip_prefix(&staging)
                .unwrap_or(&file)
                .to_string_lossy();
            return Err(Stop::Refused(format!(
                "`{}` in the copy did not get the nodatacow attribute as planned",
                name.escape_debug()
            )));
        }
        if nodatacow {
            self.is_unshared(&staging)?;
        }
        Ok(())
    }

    /// What shares its blocks with another file is copied at the next write, nodatacow or not.
    fn is_unshared(&self, staging: &Path) -> Result<(), Stop> {
        let shown = staging.to_string_lossy();
        let arguments = ["filesystem", "du", "--raw", "--summarize", "--", &*shown];
        let printed = self.system.run("btrfs", &arguments)?.stdout;
        let shared = shared(&printed).ok_or_else(|| {
            Fault::Unexpected(
                "`btrfs filesystem du` printed something that is not understood".into(),
            )
        })?;
        // A snapshot of the group that was taken meanwhile shares them, and so do those that are taken later.
        let is_alone = self.volume.planned.placement == Placement::OwnSubvolume;
        if shared > 0 && is_alone {
            return Err(Stop::Refused(format!(
                "{} of the copy are shared with other files, although nothing should share them",
                estimate::bytes(shared)
            )));
        }
        Ok(())
    }
}

/// The shared bytes in what `btrfs filesystem du --raw --summarize` prints: total, exclusive, shared, name.
fn shared(printed: &str) -> Option<u64> {
    let mut rows = printed.lines().skip(1);
    rows.next()?.split_whitespace().nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::shared;

    #[test]
    fn shared_bytes_are_read() {
        let printed = "     Total   Exclusive  Set shared  Filename\n   4194304     4190208        4096  /mnt/a\n";
        assert_eq!(shared(printed), Some(4096));
        assert_eq!(shared(""), None);
        assert_eq!(shared(&printed.replace("4096", "-")), None);
    }
}
