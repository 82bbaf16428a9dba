//! One step, taken.

use std::path::Path;
use std::time::Duration;

use podman_btrfs_core::emergency::{Act, Room, Step as Proposed};
use podman_btrfs_core::observed::Known;
use podman_btrfs_core::plan::{FilesystemPlan, MountRole, Plan};

use super::{Request, Taken};
use crate::leaked_layers::Store;
use crate::observe::{subvolumes, usage};
use crate::receipt::{Receipt, State, Step};
use crate::retire::{self, retire};
use crate::system::{Fault, NodeKind, System};
use crate::upkeep;

/// Per cent of a chunk of data that may be in use for it to be emptied; the emptiest go first.
const USAGES: [u32; 5] = [5, 10, 25, 50, 75];
/// The most chunks that are emptied in one step.
const MOST_CHUNKS: usize = 64;
/// So many looks, a second apart, without one subvolume less to clean: then it is told and no longer waited for.
const PATIENCE: u32 = 600;

/// Takes a step that was proposed just now. `told` hears of what lasts.
///
/// # Errors
/// When the filesystem is not the plan's, or what was left or leaked cannot be looked at.
pub fn take(
    plan: &Plan,
    request: &Request,
    step: &Proposed,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<Taken, Fault> {
    let Some(planned) = plan.filesystems.get(&request.filesystem) else {
        let name = &request.filesystem;
        return Err(Fault::Unexpected(format!(
            "the plan has no filesystem {name}"
        )));
    };
    let mut taking = Taking {
        plan,
        planned,
        request,
        system,
        told,
    };
    let before = taking.room();
    let mut receipt = Receipt::begun(system, false);
    receipt.steps = taking.act(step)?;
    if receipt.steps.iter().any(|step| step.state == State::Done) {
        taking.wait_for_the_cleaner();
    }
    receipt.finished = Some(system.now());
    Ok(Taken {
        step: step.name.clone(),
        receipt,
        before,
        after: taking.room(),
        takes_writes: system
            .takes_writes(Path::new(planned.mount_point.as_str()))
            .into(),
    })
}

struct Taking<'a> {
    plan: &'a Plan,
    planned: &'a FilesystemPlan,
    request: &'a Request,
    system: &'a dyn System,
    told: &'a mut dyn FnMut(&str),
}

impl Taking<'_> {
    fn place(&self) -> &str {
        self.planned.mount_point.as_str()
    }

    fn room(&self) -> Known<Room> {
        usage::look(self.system, self.place())
            .map(|space| Room::of(&space))
            .into()
    }

    fn step(&self, action: String, outcome: Result<State, Fault>) -> Step {
        Step {
            filesystem: self.request.filesystem.clone(),
            action,
            state: outcome.unwrap_or_else(|fault| State::Failed(fault.to_string())),
        }
    }

    fn act(&mut self, step: &Proposed) -> Result<Vec<Step>, Fault> {
        match &step.act {
            Act::Run => Ok(step
                .commands
                .iter()
                .map(|command| self.run(command))
                .collect()),
            // It is waited for after each step that did something.
            Act::Wait => Ok(vec![self.step(step.does.clone(), Ok(State::Done))]),
            Act::Compact => {
                let outcome = self.compact();
                Ok(vec![self.step(step.does.clone(), outcome)])
            }
            Act::DeleteSnapshots(uuids) => Ok(self.delete_snapshots(&step.paths, uuids)),
            Act::DeleteLeakedLayers => {
                let store = Store::of_system(self.plan, self.system)?;
                let held = store.lock(self.system)?;
                let receipt = store.delete(&held, self.system, false, &self.request.not_used_by)?;
                Ok(receipt.steps)
            }
            Act::Retire(name) => {
                let request = retire::Request {
                    name: name.clone(),
                    now: false,
                    dry_run: false,
                    not_used_by: self.request.not_used_by.clone(),
                    ledger: self.request.ledger.clone(),
                    work_directory: self.request.work_directory.clone(),
                };
                Ok(retire(self.plan, &request, self.system)?.steps)
            }
            Act::Person => {
                let why = "only a person may decide this; its commands are shown, and none was run";
                let refused = Ok(State::Refused(why.into()));
                Ok(vec![self.step(step.does.clone(), refused)])
            }
        }
    }

    fn run(&self, command: &[String]) -> Step {
        let shown = format!("run `{}`", command.join(" "));
        let outcome = match command.split_first() {
            Some((program, arguments)) => {
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                self.system.run(program, &arguments).map(|_| State::Done)
            }
            None => Err(Fault::Unexpected("the step has an empty command".into())),
        };
        self.step(shown, outcome)
    }

    /// One chunk at a time, and none once metadata has room again, or once one was filled for one that was emptied: what is
    /// moved into a new chunk frees nothing.
    fn compact(&mut self) -> Result<State, Fault> {
        let place = self.place().to_owned();
        let first = Room::of(&usage::look(self.system, &place)?);
        let mut last = first;
        let mut usages = USAGES.into_iter();
        let mut next = usages.next();
        for _ in 0..MOST_CHUNKS {
            let Some(usage) = next.filter(|_| last.metadata < 2 * last.little) else {
                break;
            };
            (self.told)(&format!(
                "{} MiB of metadata can be written: emptying a chunk of data of which at most {usage} % is used",
                last.metadata >> 20
            ));
            upkeep::empty(self.system, &place, usage, 1)?;
            let now = Room::of(&usage::look(self.system, &place)?);
            if now.unallocated < last.unallocated {
                last = now;
                break;
            }
            if now.unallocated == last.unallocated {
                next = usages.next();
            }
            last = now;
        }
        if last.metadata > first.metadata {
            return Ok(State::Done);
        }
        Ok(State::Refused(
            "no chunk of data is empty enough to be emptied into the others".into(),
        ))
    }

    fn delete_snapshots(&mut self, paths: &[String], uuids: &[String]) -> Vec<Step> {
        let place = self.place().to_owned();
        let there = subvolumes::look(self.system, &place);
        let mut steps = Vec::new();
        for (index, (path, uuid)) in paths.iter().zip(uuids).enumerate() {
            (self.told)(&format!(
                "deleting snapshot {} of {}",
                index + 1,
                paths.len()
            ));
            let outcome = match &there {
                Ok(there) => self.delete_snapshot(path, uuid, there),
                Err(fault) => Err(Fault::Unexpected(fault.to_string())),
            };
            steps.push(self.step(format!("delete the snapshot {path}"), outcome));
        }
        steps
    }

    fn delete_snapshot(
        &self,
        path: &str,
        uuid: &str,
        there: &std::collections::BTreeMap<String, podman_btrfs_core::observed::ObservedSubvolume>,
    ) -> Result<State, Fault> {
        let directory = self.planned.subvolume_of(MountRole::Snapshots);
        let name = path.rsplit('/').next().unwrap_or(path);
        let found = directory.and_then(|directory| there.get(&format!("{directory}/{name}")));
        if !found.is_some_and(|found| found.uuid == uuid && found.read_only) {
            return Ok(State::Refused("it is gone, or another one now".into()));
        }
        let path = Path::new(path);
        if self.system.look(path)?.map(|node| node.kind) != Some(NodeKind::Subvolume) {
            return Ok(State::Refused("it is no subvolume".into()));
        }
        let users = self.system.users(path)?;
        if let Some(who) = users.refusal(name, &self.request.not_used_by) {
            return Ok(State::Refused(who));
        }
        self.system.delete_subvolume(path)?;
        Ok(State::Done)
    }

    /// What was deleted gives its space back only when the cleaner went through it.
    fn wait_for_the_cleaner(&mut self) {
        let place = self.place().to_owned();
        let (mut last, mut patience) = (usize::MAX, PATIENCE);
        loop {
            let left = match subvolumes::being_cleaned(self.system, &place) {
                Ok(left) => left,
                Err(fault) => {
                    (self.told)(&format!(
                        "how far the cleaner is could not be found out: {fault}"
                    ));
                    break;
                }
            };
            if left == 0 {
                break;
            }
            if left < last {
                (self.told)(&format!(
                    "{left} deleted subvolumes are still being cleaned"
                ));
                (last, patience) = (left, PATIENCE);
            }
            if patience == 0 {
                (self.told)("the cleaner takes long, and goes on by itself");
                break;
            }
            patience -= 1;
            self.system.pause(Duration::from_secs(1));
        }
        // What is freed in a transaction can be used after it.
        if let Err(fault) = self
            .system
            .run("btrfs", &["filesystem", "sync", "--", &place])
        {
            (self.told)(&format!("the filesystem could not be synced: {fault}"));
        }
    }
}
