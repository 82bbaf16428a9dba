//! The life of one copy of a workload: run, write, snapshot, lose, restore, compare.

use podman_btrfs_core::plan::{Instance, Plan, WorkloadPlan};
use podman_btrfs_core::units::{SubvolumePath, VolumeName, WorkloadName};

use super::podman::Podman;
use super::restore::{Member, members, restore, set_again, snapshot};
use super::stage::{Seen, Stage, failed, passed};
use super::volumes::{Written, destroy, differing, write};
use crate::system::System;

/// One copy of a workload, and what it is played with.
pub(super) struct Life<'a> {
    pub(super) plan: &'a Plan,
    pub(super) name: &'a WorkloadName,
    pub(super) workload: &'a WorkloadPlan,
    pub(super) instance: &'a Instance,
    pub(super) podman: &'a Podman<'a>,
    pub(super) system: &'a dyn System,
}

impl Life<'_> {
    /// Plays it. A step that fails ends this life, not the others.
    pub(super) fn play(&self, stage: &mut Stage) {
        let _ = self.play_on(stage);
    }

    /// `None` as soon as a step failed.
    fn play_on(&self, stage: &mut Stage) -> Option<()> {
        let subject = self.instance.name.as_str();
        stage.step(subject, "start", || self.start())?;
        let written = stage.step(subject, "write", || self.write())?;
        self.tell_of_unprotected(stage);
        let restorable: Vec<&Written> = written
            .iter()
            .filter(|written| self.is_restorable(&written.volume))
            .collect();
        if self.instance.group.is_empty() || restorable.is_empty() {
            return Some(());
        }
        let group = stage.step(subject, "snapshot", || self.snapshot())?;
        stage.step(subject, "lose", || {
            destroy(self.podman, &restorable)?;
            passed((), format!("overwritten: {}", names(&restorable)))
        })?;
        stage.step(subject, "restore", || self.restore(&group))?;
        stage.step(subject, "compare", || {
            match differing(self.podman, &restorable)?.as_slice() {
                [] => passed((), format!("the same bytes: {}", names(&restorable))),
                wrong => failed(format!(
                    "other bytes than were written: {}",
                    wrong.join(", ")
                )),
            }
        })
    }

    fn start(&self) -> Seen<()> {
        let mut started = Vec::new();
        for (name, container) in &self.instance.containers {
            let own = self
                .podman
                .run_container(name, container, &self.instance.volumes)?;
            started.push(format!(
                "{name} ({})",
                if own { "its image" } else { "busybox" }
            ));
        }
        let user = self.workload.user.as_ref();
        let as_root = user.map_or_else(String::new, |user| {
            format!("; as root here, as {user} on the host")
        });
        passed((), started.join(", ") + &as_root)
    }

    fn write(&self) -> Seen<Vec<Written>> {
        let written = write(self.podman, self.instance)?;
        let all: Vec<&Written> = written.iter().collect();
        let detail = if all.is_empty() {
            "no volume is mounted".into()
        } else {
            format!("2 MiB each: {}", names(&all))
        };
        passed(written, detail)
    }

    fn is_restorable(&self, volume: &VolumeName) -> bool {
        let volume = self.instance.volumes.get(volume);
        volume.is_some_and(|volume| {
            volume.snapshot && self.instance.group.contains(&volume.subvolume)
        })
    }

    fn tell_of_unprotected(&self, stage: &mut Stage) {
        for unprotected in &self.plan.protection.unprotected {
            if unprotected.workload == *self.name {
                let because = format!(
                    "{} is not restorable: {}",
                    unprotected.volume, unprotected.reason
                );
                stage.skip(&self.instance.name, "restore", because);
            }
        }
    }

    fn snapshot(&self) -> Seen<Vec<Member>> {
        let group = members(self.plan, self.instance)?;
        for member in &group {
            snapshot(member, self.system)?;
        }
        let shown: Vec<&str> = self
            .instance
            .group
            .iter()
            .map(SubvolumePath::as_str)
            .collect();
        let shown = shown.join(", ");
        match group.len() {
            1 => passed(group, format!("read-only, atomic: {shown}")),
            count => passed(
                group,
                format!("read-only, {count} subvolumes one after the other, not atomic: {shown}"),
            ),
        }
    }

    fn restore(&self, group: &[Member]) -> Seen<()> {
        for name in self.instance.containers.keys().rev() {
            self.podman.stop(name)?;
        }
        for member in group {
            restore(member, self.system)?;
        }
        let mut set = Vec::new();
        for (name, volume) in &self.instance.volumes {
            if set_again(volume, self.system)? {
                set.push(name.as_str());
            }
        }
        for name in self.instance.containers.keys() {
            self.podman.start_again(name)?;
        }
        let attributes = match set.as_slice() {
            [] => "attributes as planned".to_owned(),
            set => format!("attributes set again: {}", set.join(", ")),
        };
        passed((), format!("stopped, exchanged, started; {attributes}"))
    }
}

fn names(written: &[&Written]) -> String {
    written
        .iter()
        .map(|written| written.volume.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
