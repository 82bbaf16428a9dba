//! A point at a target, and how it comes back: each member under its own name among the snapshots here, so that the next copy to the
//! target starts from there and the tool that prunes them knows it. A received snapshot itself never becomes writable.

use std::collections::BTreeSet;

use podman_btrfs_core::plan::{Instance, Plan};
use podman_btrfs_core::spec::Consistency;
use podman_btrfs_core::units::{FilesystemName, TargetName};

use super::catalogue::{Origin, Point};
use super::restorer::Restorer;
use crate::copies;
use crate::group::record::Record;
use crate::observe::snapshot_names;
use crate::remote::{Remote, RemoteSnapshot, Target, is_same, is_unproven};
use crate::stop::Stop;
use crate::system::System;

/// The targets that the plan's jobs send snapshots of a workload to.
pub(super) fn targets<'p>(plan: &'p Plan, instance: &Instance) -> BTreeSet<&'p str> {
    let is_of_it = |path| {
        instance
            .volumes
            .values()
            .any(|volume| volume.subvolume == path)
    };
    let jobs = plan.protection.jobs.iter();
    let own = jobs.filter(|job| job.subvolumes.iter().any(|one| is_of_it(one.path.clone())));
    own.flat_map(|job| job.targets.keys())
        .map(TargetName::as_str)
        .collect()
}

/// The target of this name in the plan's jobs of a workload.
pub(super) fn of_plan<'s>(
    plan: &Plan,
    instance: &Instance,
    name: &str,
    copies: &copies::Request,
    system: &'s dyn System,
) -> Result<Target<'s>, Stop> {
    let known: Vec<&str> = targets(plan, instance).into_iter().collect();
    if !known.contains(&name) {
        return Err(Stop::Refused(format!(
            "the plan sends no snapshots of {} to `{}`; it sends them to {}",
            instance.name,
            name.escape_debug(),
            if known.is_empty() {
                "no target".to_owned()
            } else {
                known.join(", ")
            }
        )));
    }
    Ok(copies::open(plan, name, copies, system)?)
}

impl Restorer<'_> {
    /// Brings all members of a point to this host.
    pub(super) fn fetch(&mut self, remote: &dyn Remote, point: &Point) -> Result<Point, Stop> {
        let all = remote.list()?;
        let mut here = point.clone();
        let wanted = self.wanted_series(point)?;
        here.members.retain(|series, _| wanted.contains(series));
        for (series, path) in &mut here.members {
            let mut holders = self.holders.iter();
            let holder = holders.find(|holder| holder.series == *series);
            let Some(filesystem) = holder.map(|holder| holder.filesystem.clone()) else {
                continue;
            };
            let Some(snapshot) = all.iter().find(|one| one.name == *path) else {
                return Err(Stop::Refused(format!("{path} is gone from the target")));
            };
            let of_series: Vec<&RemoteSnapshot> =
                all.iter().filter(|one| one.series == *series).collect();
            *path = self.fetch_one(remote, &filesystem, snapshot, &of_series)?;
        }
        if here.record.is_none() {
            self.read_record(&mut here)?;
        }
        Ok(here)
    }

    /// What an encrypted copy says of itself is read where it is decrypted.
    fn read_record(&self, here: &mut Point) -> Result<(), Stop> {
        let mut records = Vec::new();
        for (series, path) in &here.members {
            let mut holders = self.holders.iter();
            if let Some(holder) = holders.find(|holder| holder.series == *series) {
                let place = self.top(&holder.filesystem)?.join(path);
                records.extend(Record::of(&place, self.system)?);
            }
        }
        let Some(first) = records.first() else {
            return Ok(());
        };
        let is_one =
            records.len() == here.members.len() && records.iter().all(|one| one.id == first.id);
        if is_one {
            here.one_moment = here.members.len() < 2 || first.reached != Consistency::None;
            first.reached.name().clone_into(&mut here.consistency);
            here.origin = Origin::Group;
            here.record = records.into_iter().next();
        }
        Ok(())
    }

    /// Brings one here, and says where it lies below the top level.
    fn fetch_one(
        &mut self,
        remote: &dyn Remote,
        filesystem: &FilesystemName,
        snapshot: &RemoteSnapshot,
        of_series: &[&RemoteSnapshot],
    ) -> Result<String, Stop> {
        let directory = self.snapshots(filesystem)?.to_string();
        let listed = self.listed(filesystem)?;
        let is_here = |one: &RemoteSnapshot| {
            let found = listed.get(&format!("{directory}/{}", one.name));
            found.is_some_and(|here| is_same(here, one))
        };
        let name = &snapshot.name;
        let place = format!("{directory}/{name}");
        let into = self.top(filesystem)?.join(&directory);
        if is_here(snapshot) && !is_unproven(self.system, &into, name)? {
            (self.told)(&format!(
                "{name} is on this host too, and is taken from there"
            ));
            return Ok(place);
        }
        // The nearest in time has the smallest difference.
        let parent = of_series
            .iter()
            .filter(|one| one.raw.is_none() && one.name != *name && is_here(one))
            .min_by_key(|one| one.taken.abs_diff(snapshot.taken));
        let parent = parent.map(|one| one.name.as_str());
        (self.told)(&match parent {
            Some(parent) => format!("receiving {name}, as its difference to {parent}"),
            None if snapshot.raw.is_some() => format!("receiving and decrypting {name}"),
            None => format!("receiving {name}, all of it: no snapshot is on both sides"),
        });
        remote.fetch(name, &into, parent)?;
        Ok(place)
    }
}

/// What stands behind the series in a snapshot's name, and when it was taken.
pub(super) fn of_series<'n>(name: &'n str, series: &str) -> Option<(&'n str, u64)> {
    let (of, taken) = snapshot_names::btrbk(name)?;
    let tag = name.strip_prefix(series)?.strip_prefix('.')?;
    (of == series && !name.contains('/')).then_some((tag, taken))
}
