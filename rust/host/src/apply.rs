//! Makes the layout of a plan, keeps the ledger of what is there, and nothing else.

mod held;
mod identity;
mod removed;
mod renamed;
mod steps;
pub(crate) use steps::create_subvolume;
pub(crate) mod top_level;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{FilesystemPlan, Plan};
use podman_btrfs_core::units::{DevicePath, FilesystemName};

use crate::action::{Action, take};
use crate::ledger::Ledger;
use crate::observe::uuid;
use crate::receipt::{Receipt, State, Step};
use crate::system::{Fault, System};

/// How to apply.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only look and say what would be done.
    pub dry_run: bool,
    /// Devices to use in place of the plan's, for images and rehearsals.
    pub devices: BTreeMap<FilesystemName, DevicePath>,
    /// A directory of ours, in which the top level of each filesystem is mounted for the time of the run.
    pub work_directory: PathBuf,
    /// Where the ledger is; `None`: nothing lasts, as in a rehearsal.
    pub ledger: Option<PathBuf>,
    /// Filesystems that are others than before, on purpose: what lay on them is forgotten.
    pub replaced: Vec<FilesystemName>,
}

/// What is heard of a run.
#[derive(Debug)]
pub enum Told<'a> {
    /// Something is about to be changed on this filesystem.
    Begins(&'a FilesystemName, &'a str),
    /// A step ended.
    Ended(&'a Step),
}

/// Applies a plan: looks first, acts only where something is missing, and never on what holds data.
///
/// `told` hears of each step. Mounts nothing of the plan's and needs none of its mounts: each filesystem's top level is mounted
/// in `work_directory`, with the plan's own options (the first mount sets them for all), and unmounted again. A dry run mounts it
/// read-only. Nothing is made in what could not be made itself; what lies elsewhere is made all the same, and the receipt tells.
/// A volume whose data lies elsewhere than planned gets no empty place beside it; one that is no longer declared is left as it
/// is, with a last snapshot. Where the ledger is not understood nothing is changed at all.
pub fn apply(
    plan: &Plan,
    system: &dyn System,
    options: &Options,
    told: &mut dyn FnMut(Told<'_>),
) -> Receipt {
    let mut receipt = Receipt::begun(system, options.dry_run);
    let read = |file: &PathBuf| Ledger::read(system, file);
    let (mut ledger, unreadable) = match options
        .ledger
        .as_ref()
        .map_or_else(|| Ok(Ledger::default()), read)
    {
        Ok(ledger) => (ledger, None),
        Err(fault) => (Ledger::default(), Some(fault.to_string())),
    };
    let mut kept = ledger.clone();
    for (name, filesystem) in &plan.filesystems {
        let mut run = Run {
            plan,
            name,
            filesystem,
            system,
            options,
            top: options.work_directory.join(name.as_str()),
            ledger: &mut ledger,
            kept: &mut kept,
            unreadable: unreadable.as_deref(),
            receipt: &mut receipt,
            told,
        };
        if let Err((what, fault)) = run.all() {
            run.record(what, State::Failed(fault.to_string()));
        }
    }
    receipt.finished = Some(system.now());
    receipt
}

/// One filesystem's part of a run.
struct Run<'a> {
    plan: &'a Plan,
    name: &'a FilesystemName,
    filesystem: &'a FilesystemPlan,
    system: &'a dyn System,
    options: &'a Options,
    /// Where its top level is mounted.
    top: PathBuf,
    ledger: &'a mut Ledger,
    /// The ledger as it is on the disk: nobody else writes it during a run, which has the lock.
    kept: &'a mut Ledger,
    /// Why nothing may be changed.
    unreadable: Option<&'a str>,
    receipt: &'a mut Receipt,
    told: &'a mut dyn FnMut(Told<'_>),
}

/// What was tried, and what came of it.
type Stopped = (String, Fault);

impl Run<'_> {
    fn all(&mut self) -> Result<(), Stopped> {
        let device = self.options.devices.get(self.name);
        let device = device.unwrap_or(&self.filesystem.device);
        let options = self.mount_options();
        let top = top_level::mount(self.system, device, &self.top, &options)
            .map_err(|fault| (format!("mount the top level of {device}"), fault))?;
        let done = self.mounted();
        let unmounted = top.unmount(self.system);
        done?;
        unmounted.map_err(|fault| ("unmount the top level".into(), fault))
    }

    fn mount_options(&self) -> Vec<String> {
        let mut all = self.filesystem.mount_options.clone();
        all.extend(self.is_looking().then(|| "ro".to_owned()));
        all
    }

    /// Whether nothing is to be changed.
    fn is_looking(&self) -> bool {
        self.options.dry_run || self.unreadable.is_some()
    }

    fn mounted(&mut self) -> Result<(), Stopped> {
        if let Some(because) = self.unreadable {
            self.record("read the ledger".into(), State::Refused(because.to_owned()));
        }
        if !self.is_the_same_filesystem()? {
            return Ok(());
        }
        let mut closed = renamed::rename(self)?;
        closed.extend(held::hold_back(self)?);
        self.keep()?;
        self.steps(closed);
        identity::mark(self);
        self.keep()?;
        removed::leave(self)
    }

    /// Another disk at the same place holds nothing of what the ledger knows of: all volumes would begin empty.
    fn is_the_same_filesystem(&mut self) -> Result<bool, Stopped> {
        let failed = |fault| ("ask which filesystem it is".to_owned(), fault);
        let uuid = uuid::of_mount(self.system, &self.top).map_err(failed)?;
        let known = self.ledger.filesystems.get(self.name);
        let is_other = known.is_some_and(|known| *known != uuid);
        if is_other && !self.options.replaced.contains(self.name) {
            let known = known.map_or("", String::as_str);
            let because = format!(
                "it is the filesystem {uuid}, and its volumes lie on {known}: they would begin empty; if the disk was replaced on purpose, \
                 apply with `--replaced {}`, and restore into it",
                self.name
            );
            self.record("look for its volumes".into(), State::Refused(because));
            return Ok(false);
        }
        if is_other && !self.is_looking() {
            self.ledger.forget_filesystem(self.name);
        }
        self.ledger.filesystems.insert(self.name.clone(), uuid);
        Ok(true)
    }

    /// Writes the ledger, where it lasts.
    fn keep(&mut self) -> Result<(), Stopped> {
        let Some(file) = self.options.ledger.as_ref().filter(|_| !self.is_looking()) else {
            return Ok(());
        };
        // What did not change is not written: a run that finds all as planned writes nothing but its receipt.
        if self.kept == self.ledger {
            return Ok(());
        }
        let kept = self.ledger.keep(self.system, file);
        kept.map_err(|fault| ("keep the ledger".to_owned(), fault))?;
        self.kept.clone_from(self.ledger);
        Ok(())
    }

    fn steps(&mut self, mut closed: Vec<Closed>) {
        for action in steps::steps(self.plan, self.name, self.filesystem, &self.top) {
            if let Some(above) = closed.iter().find(|c| action.path().starts_with(&c.path)) {
                if above.is_told {
                    let because = format!(
                        "{} is not as planned, so nothing is changed in it",
                        self.shown(&above.path)
                    );
                    self.record(action.describe(), State::Refused(because));
                }
                continue;
            }
            let state = self.take(action.as_ref());
            let ends_here = closes(action.as_ref(), &state);
            // Simple quotas count only what is written while they are on: nothing is made before them.
            if ends_here && action.path() == self.top {
                return;
            }
            if ends_here {
                closed.push(Closed::told(action.path()));
            }
        }
    }

    /// Takes an action and records how it ended.
    fn take(&mut self, action: &dyn Action) -> State {
        let is_looking = self.is_looking();
        let (name, told) = (self.name, &mut *self.told);
        let state = take(action, self.system, is_looking, &mut || {
            told(Told::Begins(name, &action.describe()));
        });
        let state = if state == State::Wanted && self.unreadable.is_some() {
            State::Refused("the ledger is not understood, so nothing is changed".into())
        } else {
            state
        };
        self.record(action.describe(), state.clone());
        state
    }

    fn record(&mut self, action: String, state: State) {
        let step = Step {
            filesystem: self.name.clone(),
            action,
            state,
        };
        (self.told)(Told::Ended(&step));
        self.receipt.steps.push(step);
    }

    /// A path below the top level, as it is shown.
    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.top)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// What no step is to touch.
struct Closed {
    path: PathBuf,
    /// Whether steps in it are recorded as refused; not, where a dry run would have made it.
    is_told: bool,
}

impl Closed {
    fn told(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            is_told: true,
        }
    }
}

/// Whether no later step is to touch what this one was about. What was refused is somebody's own (a
/// directory with files, a link that leads elsewhere), and what failed is in an unknown state.
fn closes(action: &dyn Action, state: &State) -> bool {
    match state {
        State::Failed(_) => true,
        State::Refused(_) => action.makes(),
        State::Already | State::Wanted | State::Done => false,
    }
}
