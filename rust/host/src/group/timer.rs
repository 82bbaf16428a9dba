//! A timer of systemd's that lets everything go on when nothing of ours lives any more.

use std::path::Path;
use std::time::Duration;

use super::podman::PATIENCE;
use crate::system::{Fault, System};

/// How long after the end of the budget: everybody else has tried by then.
const AFTER: Duration = Duration::from_secs(2);

/// A timer that waits.
#[derive(Debug)]
pub(super) struct Timer {
    unit: String,
}

impl Timer {
    /// Arms it; `None` where systemd does not run.
    pub(super) fn arm(
        system: &dyn System,
        (program, work_directory): (&Path, &Path),
        id: &str,
        budget: Duration,
    ) -> Result<Option<Self>, Fault> {
        if system.look(Path::new("/run/systemd/system"))?.is_none() {
            return Ok(None);
        }
        // `/proc/self/exe` would be systemd's own.
        let program = system
            .resolve(program)?
            .unwrap_or_else(|| program.to_owned());
        let unit = format!("podman-btrfs-thaw-{id}");
        let active = format!("--on-active={}ms", (budget + AFTER).as_millis());
        let (program, directory) = (program.to_string_lossy(), work_directory.to_string_lossy());
        let named = format!("--unit={unit}");
        let words = [
            "--quiet",
            "--collect",
            &active,
            "--timer-property=AccuracySec=100ms",
            &named,
            "--",
            &program,
            "thaw",
            "--work-directory",
            &directory,
        ];
        system.run_within("systemd-run", &words, &[], PATIENCE)?;
        Ok(Some(Self { unit }))
    }

    /// It is not needed any more.
    pub(super) fn stop(self, system: &dyn System) {
        let timer = format!("{}.timer", self.unit);
        // One that is over is gone, and one that stays thaws nothing.
        let _ = system.run_within("systemctl", &["stop", "--", &timer], &[], PATIENCE);
    }
}
