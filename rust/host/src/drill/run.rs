//! One drill, from the choice of its point to the deletion of all that was made for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use podman_btrfs_core::plan::{Instance, Placement, Plan};
use podman_btrfs_core::units::FilesystemName;

use super::content::{self, Restored};
use super::engine::{self, Read, Scene};
use super::{Drill, HOST, Kind, Outcome, Request, choice, stage};
use crate::marker::Marker;
use crate::remote::Target;
use crate::restore::catalogue::{self, Holder, Point};
use crate::restore::{self, Restorer, when};
use crate::stop::Stop;
use crate::system::{Fault, System};

/// Drills one copy. What is wrong with it is in the answer; a fault is that of the program alone.
pub(super) fn one(
    plan: &Plan,
    instance: &Instance,
    request: &Request,
    system: &dyn System,
    told: &mut dyn FnMut(&str),
) -> Result<Drill, Fault> {
    let source = request.from.as_deref().unwrap_or(HOST);
    let mut drill = Drill::begun(&instance.name, source, system.now());
    let begun = system.uptime();
    let of_it = restore::Request {
        copy: instance.name.clone(),
        work_directory: stage::work_directory(request),
        ..request.restore.clone()
    };
    let mut quiet = |_: &str| {};
    let id = Marker::born("drill/it", system)?.id;
    let done = restore::with(
        plan,
        &of_it,
        request.dry_run,
        system,
        &mut quiet,
        |restorer| {
            let run = Run {
                restorer,
                request,
                id: &id,
            };
            run.all(&mut drill, told)
        },
    );
    if let Err(stop) = done {
        let why = match stop {
            Stop::Refused(why) => why,
            Stop::Fault(fault) => fault.to_string(),
        };
        drill.found(Kind::NotDone, None, why);
    }
    drill.seconds = system.uptime().saturating_sub(begun).as_secs();
    drill.outcome = match (drill.findings.is_empty(), request.dry_run) {
        (true, true) => Outcome::Planned,
        (true, false) => Outcome::Proven,
        (false, _) => Outcome::Failed,
    };
    Ok(drill)
}

/// One drill that is held.
pub(super) struct Run<'r, 'a> {
    pub(super) restorer: &'r mut Restorer<'a>,
    pub(super) request: &'r Request,
    pub(super) id: &'r str,
}

/// A point, and the target that it lies at.
type Chosen<'a> = (Option<Target<'a>>, Point);

impl<'a> Run<'_, 'a> {
    fn all(mut self, drill: &mut Drill, told: &mut dyn FnMut(&str)) -> Result<(), Stop> {
        if let Err(stop) = self.restorer.check_filesystems() {
            drill.found(Kind::Unreadable, None, in_words(stop));
            return Ok(());
        }
        let Some((target, point)) = self.choose(drill) else {
            return Ok(());
        };
        drill.point = Some(point.id.clone());
        drill.taken = Some(point.taken);
        self.judge(&point, drill);
        if let Some(target) = &self.request.from {
            self.chain(target, drill)?;
        }
        if self.request.dry_run {
            self.would(&point, drill);
            return Ok(());
        }
        told(&format!(
            "drilling {} from {}: {} of {}",
            drill.copy,
            drill.source,
            point.id,
            when::shown(point.taken)
        ));
        let done = self.prove(target.as_ref(), &point, drill, told);
        // Whatever came of it, nothing stays.
        for filesystem in self.filesystems() {
            let directory = self.directory(&filesystem)?;
            if let Err(fault) = stage::clear(self.restorer.system, &directory) {
                drill.found(Kind::NotDone, None, format!(
                    "what was made for the drill could not be deleted, and is by the next one: {fault}"
                ));
            }
        }
        done
    }

    fn choose(&mut self, drill: &mut Drill) -> Option<Chosen<'a>> {
        let found = match &self.request.from {
            None => self.restorer.points().map(|points| (None, points)),
            Some(name) => self
                .restorer
                .points_at(name)
                .map(|(target, points)| (Some(target), points)),
        };
        let (target, points) = match found {
            Ok(found) => found,
            Err(Stop::Fault(fault @ Fault::Absent { .. })) => {
                drill.found(Kind::Absent, None, fault.to_string());
                return None;
            }
            Err(stop) => {
                drill.found(Kind::Unreadable, None, in_words(stop));
                return None;
            }
        };
        let Some(point) = choice::newest(points, &self.group()) else {
            let message = format!("there is no snapshot of {} at all", drill.copy);
            drill.found(Kind::NoCopy, None, message);
            return None;
        };
        Some((target, point))
    }

    fn group(&self) -> BTreeSet<String> {
        let group = catalogue::group(&self.restorer.holders);
        group.iter().map(|holder| holder.series.clone()).collect()
    }

    /// What of the group a point has, with its place.
    pub(super) fn members(&self, point: &Point) -> Vec<(Holder, String)> {
        let group = catalogue::group(&self.restorer.holders);
        let member = |holder: &&Holder| {
            let path = point.members.get(&holder.series)?;
            Some(((*holder).clone(), path.clone()))
        };
        group.iter().filter_map(member).collect()
    }

    fn filesystems(&self) -> BTreeSet<FilesystemName> {
        let holders = self.restorer.holders.iter();
        holders.map(|holder| holder.filesystem.clone()).collect()
    }

    /// Where the snapshots of a filesystem are.
    pub(super) fn directory(&self, filesystem: &FilesystemName) -> Result<PathBuf, Fault> {
        let top = self.restorer.top(filesystem)?;
        Ok(top.join(self.restorer.snapshots(filesystem)?.as_str()))
    }

    fn prove(
        &mut self,
        target: Option<&Target<'_>>,
        point: &Point,
        drill: &mut Drill,
        told: &mut dyn FnMut(&str),
    ) -> Result<(), Stop> {
        let mut places: BTreeMap<String, PathBuf> = BTreeMap::new();
        for (holder, path) in self.members(point) {
            let source = match target {
                None => Some(self.restorer.top(&holder.filesystem)?.join(&path)),
                Some(target) => self.receive(target, &holder, &path, drill, told)?,
            };
            let Some(source) = source else {
                continue;
            };
            let directory = self.directory(&holder.filesystem)?;
            let place = directory.join(stage::name(self.id, &holder.series));
            self.restorer
                .system
                .create_writable_snapshot(&source, &place)?;
            places.insert(holder.series.clone(), place);
        }
        let instance = self.restorer.instance;
        let mut read: Vec<Read<'_>> = Vec::new();
        for (holder, _) in self.members(point) {
            let Some(place) = places.get(&holder.series) else {
                continue;
            };
            for (name, planned) in &instance.volumes {
                if !holder.volumes.contains(name) {
                    continue;
                }
                let restored = Restored {
                    name,
                    planned,
                    place: match planned.placement {
                        Placement::OwnSubvolume => place.clone(),
                        Placement::GroupDirectory => place.join(name.as_str()),
                    },
                };
                told(&format!("reading {}/{name}", drill.copy));
                let databases = content::read(self.restorer.system, &restored, point.taken, drill)?;
                read.push((restored, databases));
            }
        }
        let mut workloads = self.restorer.plan.workloads.values();
        let of_it = workloads.find(|one| one.instances.iter().any(|one| one.name == instance.name));
        let scene = Scene {
            system: self.restorer.system,
            id: self.id.to_owned(),
            user: of_it.and_then(|workload| workload.user.as_ref()),
            instance,
            wait: Duration::from_secs(self.request.wait_seconds),
        };
        Ok(engine::check(&scene, &read, point, drill, told)?)
    }
}

fn in_words(stop: Stop) -> String {
    match stop {
        Stop::Refused(why) => why,
        Stop::Fault(fault) => fault.to_string(),
    }
}
