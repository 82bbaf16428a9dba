//! One drill, from the choice of its point to the deletion of all that was made for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use podman_btrfs_core::plan::{Instance, Placement, Plan};
use podman_btrfs_core::units::{FilesystemName, VolumeName};

use super::content::{self, Restored};
use super::engine::{self, Read, Scene};
use super::{Drill, HOST, Kind, Outcome, Request, choice, stage};
use crate::copies;
use crate::marker::Marker;
use crate::observe::usage;
use crate::remote::{Remote as _, Target, is_same};
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

struct Run<'r, 'a> {
    restorer: &'r mut Restorer<'a>,
    request: &'r Request,
    id: &'r str,
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

    /// What the point itself shows.
    fn judge(&self, point: &Point, drill: &mut Drill) {
        if !point.missing.is_empty() {
            let message = format!(
                "{} of {} lacks {}",
                point.id,
                when::shown(point.taken),
                point.missing.join(", ")
            );
            drill.found(Kind::Incomplete, None, message);
        }
        let now = self.restorer.system.now();
        let interval = choice::interval(self.restorer.plan, &drill.copy);
        if let Some(interval) = interval.filter(|one| choice::is_too_old(point.taken, now, *one)) {
            let message = format!(
                "the newest is of {}, {} old, and one is planned every {}",
                when::shown(point.taken),
                when::span(now.saturating_sub(point.taken)),
                when::span(interval)
            );
            drill.found(Kind::TooOld, None, message);
        }
    }

    /// Whether the next copy can be a difference, as `copies` tells.
    fn chain(&self, target: &str, drill: &mut Drill) -> Result<(), Stop> {
        const KINDS: [&str; 2] = ["chain-broken", "begun-anew"];
        let asked = copies::Request {
            target: Some(target.to_owned()),
            ..self.request.restore.copies.clone()
        };
        let report = copies::look(self.restorer.plan, &asked, self.restorer.system)?;
        let mut series = self.restorer.holders.iter().map(|holder| &holder.series);
        let series: BTreeSet<&String> = series.by_ref().collect();
        for finding in report.findings {
            let is_of_it = finding
                .series
                .as_ref()
                .is_some_and(|one| series.contains(one));
            if !is_of_it {
                continue;
            }
            let of = finding.series.unwrap_or_default();
            if KINDS.contains(&finding.kind) {
                drill.found(
                    Kind::ChainBroken,
                    None,
                    format!("{of}: {}", finding.message),
                );
            } else {
                drill.notes.push(format!("{of}: {}", finding.message));
            }
        }
        Ok(())
    }

    fn would(&self, point: &Point, drill: &mut Drill) {
        for (holder, path) in self.members(point) {
            let volumes: Vec<&str> = holder.volumes.iter().map(VolumeName::as_str).collect();
            drill.notes.push(format!(
                "{path} would be {} and read: {}",
                if self.request.from.is_some() {
                    "received, all of it,"
                } else {
                    "snapshotted"
                },
                volumes.join(", ")
            ));
        }
        for (name, volume) in &self.restorer.instance.volumes {
            if let Some(engine) = volume.engine {
                drill.notes.push(format!(
                    "{} would be asked to examine {name}",
                    engine.name()
                ));
            }
        }
    }

    /// What of the group a point has, with its place.
    fn members(&self, point: &Point) -> Vec<(Holder, String)> {
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
    fn directory(&self, filesystem: &FilesystemName) -> Result<PathBuf, Fault> {
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

    /// Receives one, all of it; where it lies then, or `None` where that went wrong, which was told.
    fn receive(
        &self,
        target: &Target<'_>,
        holder: &Holder,
        name: &str,
        drill: &mut Drill,
        told: &mut dyn FnMut(&str),
    ) -> Result<Option<PathBuf>, Stop> {
        let directory = self.directory(&holder.filesystem)?;
        if !self.has_room(target, holder, name, drill)? {
            return Ok(None);
        }
        let into = directory.join(stage::received(self.id));
        if self.restorer.system.look(&into)?.is_none() {
            self.restorer.system.create_directory(&into)?;
        }
        told(&format!("receiving {name}, all of it"));
        // Without a parent here: what lies there is what is to be proven.
        let received = match target.fetch(name, &into, None) {
            Ok(received) => received,
            Err(fault) => {
                drill.found(why_not_received(&fault), None, format!("{name}: {fault}"));
                return Ok(None);
            }
        };
        self.compare(target, holder, (name, &received), drill)?;
        Ok(Some(received))
    }

    fn has_room(
        &self,
        target: &Target<'_>,
        holder: &Holder,
        name: &str,
        drill: &mut Drill,
    ) -> Result<bool, Stop> {
        let bytes = match target.size(name, None) {
            Ok(bytes) => bytes,
            Err(fault) => {
                drill.found(why_not_received(&fault), None, format!("{name}: {fault}"));
                return Ok(false);
            }
        };
        let top = self.restorer.top(&holder.filesystem)?.to_string_lossy();
        let space = usage::look(self.restorer.system, &top)?;
        let planned = self.restorer.filesystem(&holder.filesystem)?.reserve_bytes;
        let inside = space.data.iter();
        let inside: u64 = inside.map(|all| all.size.saturating_sub(all.used)).sum();
        let room = inside.saturating_add(space.room());
        let left = room.saturating_sub(space.wanted(planned));
        if bytes <= left {
            return Ok(true);
        }
        let message = format!(
            "{name} is about {}, and {} takes {} without going below its reserve: nothing was received",
            copies::size(bytes),
            holder.filesystem,
            copies::size(left)
        );
        drill.found(Kind::NoRoom, None, message);
        Ok(false)
    }

    /// With the same snapshot here, where there is one.
    fn compare(
        &self,
        target: &Target<'_>,
        holder: &Holder,
        (name, received): (&str, &Path),
        drill: &mut Drill,
    ) -> Result<(), Stop> {
        let listed = self.restorer.listed(&holder.filesystem)?;
        let directory = self.restorer.snapshots(&holder.filesystem)?;
        let here = listed.get(&format!("{directory}/{name}"));
        let there = target.list()?.into_iter().find(|one| one.name == name);
        if let (Some(here), Some(there)) = (here, there)
            && is_same(here, &there)
        {
            let place = self.directory(&holder.filesystem)?.join(name);
            content::compare(
                self.restorer.system,
                &holder.series,
                (&place, received),
                drill,
            );
        } else {
            drill.notes.push(format!(
                "{name} is not on this host any more: it was read, and there is nothing to compare it with"
            ));
        }
        Ok(())
    }
}

fn in_words(stop: Stop) -> String {
    match stop {
        Stop::Refused(why) => why,
        Stop::Fault(fault) => fault.to_string(),
    }
}

/// A target that went away in the middle, one with damage, or anything else.
fn why_not_received(fault: &Fault) -> Kind {
    match fault {
        Fault::Absent { .. } => Kind::Absent,
        Fault::ProgramMissing { .. }
        | Fault::Program { .. }
        | Fault::File { .. }
        | Fault::Unexpected(_) => {
            if fault.to_string().contains("Input/output error") {
                Kind::Damaged
            } else {
                Kind::NotReceived
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_something_was_not_received_is_told_apart() {
        let program = |stderr: &str| Fault::Program {
            command: "btrfs send".into(),
            status: 1,
            stderr: stderr.into(),
        };
        let damaged = program("ERROR: send ioctl failed with -5: Input/output error");
        assert_eq!(why_not_received(&damaged), Kind::Damaged);
        assert_eq!(why_not_received(&program("x")), Kind::NotReceived);
        let absent = Fault::Absent {
            what: "nas".into(),
            why: "x".into(),
        };
        assert_eq!(why_not_received(&absent), Kind::Absent);
    }
}
