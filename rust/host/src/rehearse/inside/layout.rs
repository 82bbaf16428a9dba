//! The planned layout on the disks of the rehearsal: made and verified by the code that does so on a host.

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::{DevicePath, FilesystemName};

use crate::apply::{Options, apply};
use crate::receipt::{Receipt, State, Step};
use crate::rehearse::podman::WORK;
use crate::rehearse::stage::{Seen, failed, passed};
use crate::rehearse::stand_in::WithAccounts;
use crate::verify::verify;

/// A layout and where it goes.
pub(super) struct Layout<'a> {
    pub(super) plan: &'a Plan,
    pub(super) devices: &'a BTreeMap<FilesystemName, DevicePath>,
    pub(super) system: &'a WithAccounts<'a>,
}

impl Layout<'_> {
    /// Makes it, by `apply`.
    pub(super) fn make(&self) -> Seen<()> {
        let receipt = self.apply();
        if let Some(wrong) = what_went_wrong(&receipt) {
            return failed(wrong);
        }
        let done = receipt.count(|state| matches!(state, State::Done));
        let all = receipt.steps.len();
        let stood_in = match self.system.stood_in().as_slice() {
            [] => String::new(),
            accounts => format!(
                "; accounts that this machine does not have, with a stand-in: {}",
                accounts.join(", ")
            ),
        };
        passed((), format!("{done} of {all} steps done by apply{stood_in}"))
    }

    /// Makes it again: nothing may be left to do.
    pub(super) fn make_again(&self) -> Seen<()> {
        let receipt = self.apply();
        if let Some(wrong) = what_went_wrong(&receipt) {
            return failed(wrong);
        }
        match receipt
            .steps
            .iter()
            .find(|step| step.state != State::Already)
        {
            None => passed(
                (),
                format!("nothing to do in {} steps", receipt.steps.len()),
            ),
            Some(step) => failed(format!("{}: done a second time", step.action)),
        }
    }

    /// Verifies it, with all planned mounts below `root`.
    pub(super) fn verify(&self, root: &Path) -> Seen<()> {
        let checked = verify(self.plan, self.system, root)?;
        let wrong: Vec<String> = checked
            .iter()
            .filter_map(|checked| Some(format!("{}: {}", checked.subject, checked.wrong.as_ref()?)))
            .collect();
        if !wrong.is_empty() {
            return failed(wrong.join("; "));
        }
        let filesystems = self.plan.filesystems.values();
        let mounts: usize = filesystems.map(|filesystem| filesystem.mounts.len()).sum();
        let volumes = checked.len().saturating_sub(mounts);
        let detail = format!(
            "{mounts} mounts and {volumes} volumes as planned, by the kernel and by probe files"
        );
        passed((), detail)
    }

    fn apply(&self) -> Receipt {
        let options = Options {
            dry_run: false,
            devices: self.devices.clone(),
            work_directory: Path::new(WORK).join("top"),
            ledger: None,
            replaced: Vec::new(),
        };
        apply(self.plan, self.system, &options, &mut |_| {})
    }
}

fn what_went_wrong(receipt: &Receipt) -> Option<String> {
    let wrong = |step: &Step| match &step.state {
        State::Failed(because) | State::Refused(because) => {
            Some(format!("{}: {}: {because}", step.filesystem, step.action))
        }
        State::Already | State::Wanted | State::Done => None,
    };
    let all: Vec<String> = receipt.steps.iter().filter_map(wrong).collect();
    (!all.is_empty()).then(|| all.join("; "))
}
