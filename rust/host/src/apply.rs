//! Makes the layout of a plan, and nothing else.

mod steps;
mod top_level;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{FilesystemPlan, Plan};
use podman_btrfs_core::units::{DevicePath, FilesystemName};

use crate::action::{Action, take};
use crate::places::Places;
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
    /// Where it is kept which volume lies where; `None`: nothing lasts, as in a rehearsal.
    pub places: Option<PathBuf>,
}

/// Applies a plan: looks first, acts only where something is missing, and never on what holds data.
///
/// `told` hears of each step as it ends. Mounts nothing of the plan's and needs none of its mounts: each
/// filesystem's top level is mounted in `work_directory`, with the plan's own options (the first mount
/// sets them for all), and unmounted again. A dry run mounts it read-only. Nothing is made in what could
/// not be made itself; what lies elsewhere is made all the same, and the receipt tells. A volume whose data
/// lies elsewhere than planned gets no empty place beside it.
pub fn apply(
    plan: &Plan,
    system: &dyn System,
    options: &Options,
    told: &mut dyn FnMut(&Step),
) -> Receipt {
    let mut receipt = Receipt::begun(system, options.dry_run);
    let file = options.places.as_deref();
    let mut places = file.map_or_else(Places::default, |file| Places::read(system, file));
    for (name, filesystem) in &plan.filesystems {
        let mut record = |action: String, state: State| {
            let step = Step {
                filesystem: name.clone(),
                action,
                state,
            };
            told(&step);
            receipt.steps.push(step);
        };
        let device = options.devices.get(name).unwrap_or(&filesystem.device);
        let directory = options.work_directory.join(name.as_str());
        match top_level::mount(
            system,
            device,
            &directory,
            &mount_options(filesystem, options),
        ) {
            Ok(top) => {
                let closed = hold_back(&places, plan, name, &top, system, &mut record);
                if let Some(closed) = closed {
                    apply_to(
                        (plan, name, filesystem),
                        &top,
                        (system, options.dry_run),
                        closed,
                        &mut record,
                    );
                }
                if let Some(file) = file.filter(|_| !options.dry_run)
                    && let Err(fault) = remember(&mut places, (plan, name), &top, system, file)
                {
                    record(
                        "remember where its volumes lie".into(),
                        State::Failed(fault.to_string()),
                    );
                }
                if let Err(fault) = top.unmount(system) {
                    record(
                        "unmount the top level".into(),
                        State::Failed(fault.to_string()),
                    );
                }
            }
            Err(fault) => record(
                format!("mount the top level of {device}"),
                State::Failed(fault.to_string()),
            ),
        }
    }
    receipt
}

/// What is not to be made, because a volume's data lies elsewhere; `None` when that could not be found out.
fn hold_back(
    places: &Places,
    plan: &Plan,
    name: &FilesystemName,
    top: &top_level::TopLevel,
    system: &dyn System,
    record: &mut dyn FnMut(String, State),
) -> Option<Vec<PathBuf>> {
    match places.held(plan, name, top.path(), system) {
        Ok(held) => Some(
            held.into_iter()
                .map(|held| {
                    let action = format!("make a place for {}", held.volume);
                    record(action, State::Refused(held.because));
                    top.path().join(held.path)
                })
                .collect(),
        ),
        Err(fault) => {
            let action = "look for where its volumes lie".to_owned();
            record(action, State::Failed(fault.to_string()));
            None
        }
    }
}

fn remember(
    places: &mut Places,
    (plan, name): (&Plan, &FilesystemName),
    top: &top_level::TopLevel,
    system: &dyn System,
    file: &Path,
) -> Result<(), Fault> {
    let before = places.clone();
    places.note(plan, name, top.path(), system)?;
    if *places == before {
        return Ok(());
    }
    places.keep(system, file)
}

fn apply_to(
    (plan, name, filesystem): (&Plan, &FilesystemName, &FilesystemPlan),
    top: &top_level::TopLevel,
    (system, dry_run): (&dyn System, bool),
    mut closed: Vec<PathBuf>,
    record: &mut dyn FnMut(String, State),
) {
    for action in steps::steps(plan, name, filesystem, top.path()) {
        if let Some(above) = closed.iter().find(|above| action.path().starts_with(above)) {
            let above = above.strip_prefix(top.path()).unwrap_or(above).display();
            let because = format!("{above} is not as planned, so nothing is changed in it");
            record(action.describe(), State::Refused(because));
            continue;
        }
        let state = take(action.as_ref(), system, dry_run);
        let ends_here = closes(action.as_ref(), &state);
        record(action.describe(), state);
        // Simple quotas count only what is written while they are on: nothing is made before them.
        if ends_here && action.path() == top.path() {
            return;
        }
        if ends_here {
            closed.push(action.path().to_owned());
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

fn mount_options(filesystem: &FilesystemPlan, options: &Options) -> Vec<String> {
    let mut all = filesystem.mount_options.clone();
    all.extend(options.dry_run.then(|| "ro".to_owned()));
    all
}
