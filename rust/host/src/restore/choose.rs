//! Which point is restored, and what of it.

use std::collections::BTreeSet;
use std::path::Path;

use podman_btrfs_core::plan::{Placement, VolumePlan};
use podman_btrfs_core::spec::Compression;
use podman_btrfs_core::units::VolumeName;

use super::catalogue::{self, Holder, Origin, Point};
use super::journal::{Item, ItemVolume, Made, UNDO};
use super::reading::{Listed, SNAPPER};
use super::restorer::Restorer;
use super::when;
use crate::marker::Marker;
use crate::stop::Stop;
use crate::system::{Fault, NodeKind};

fn refused<T>(because: String) -> Result<T, Stop> {
    Err(Stop::Refused(because))
}

impl Restorer<'_> {
    /// The volumes that were asked for; empty: all.
    pub(super) fn asked_volumes(&self) -> Result<BTreeSet<VolumeName>, Stop> {
        let volumes = &self.instance.volumes;
        let mut found = BTreeSet::new();
        let mut unknown = Vec::new();
        for asked in &self.request.asked.volumes {
            let of = volumes.keys().find(|name| name.as_str() == asked);
            match of {
                Some(name) => drop(found.insert(name.clone())),
                None => unknown.push(format!("`{}`", asked.escape_debug())),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let known: Vec<&str> = volumes.keys().map(VolumeName::as_str).collect();
        refused(format!(
            "{} has no volume {}; it has {}",
            self.instance.name,
            unknown.join(", "),
            known.join(", ")
        ))
    }

    /// The subvolumes that what was asked for lies in.
    fn wanted(&self) -> Result<Vec<&Holder>, Stop> {
        let asked = self.asked_volumes()?;
        if asked.is_empty() {
            return Ok(catalogue::group(&self.holders));
        }
        let holders = self.holders.iter();
        Ok(holders
            .filter(|holder| holder.volumes.iter().any(|volume| asked.contains(volume)))
            .collect())
    }

    /// Their series, as far as a point has them.
    pub(super) fn wanted_series(&self, point: &Point) -> Result<BTreeSet<String>, Stop> {
        let wanted = self.wanted()?;
        let series = wanted.iter().map(|holder| holder.series.clone());
        Ok(series
            .filter(|one| point.members.contains_key(one))
            .collect())
    }

    /// The point that was asked for; without a wish the newest.
    pub(super) fn choose(&self, points: Vec<Point>) -> Result<Point, Stop> {
        let asked = &self.request.asked;
        let wanted = self.wanted()?;
        let holds_any = |point: &Point| {
            let mut series = wanted.iter().map(|holder| &holder.series);
            series.any(|series| point.members.contains_key(series))
        };
        let mut points: Vec<Point> = points.into_iter().filter(holds_any).collect();
        let before = self.before()?;
        match &asked.snapshot {
            Some(name) => points.retain(|point| catalogue::is_named(point, name)),
            // What was replaced is asked for by its name, or by `undo`.
            None => points.retain(|point| point.taken <= before && point.origin != Origin::Undo),
        }
        if asked.snapshot.is_some() && points.len() > 1 {
            let ids: Vec<&str> = points.iter().map(|point| point.id.as_str()).collect();
            return refused(format!("several are called so: {}", ids.join(", ")));
        }
        let Some(point) = points.pop() else {
            return refused(self.nothing());
        };
        Self::is_complete(&point, &wanted)?;
        Ok(point)
    }

    /// What was asked for is not younger than this, in seconds since 1970.
    pub(super) fn before(&self) -> Result<u64, Stop> {
        let Some(text) = &self.request.asked.at else {
            return Ok(u64::MAX);
        };
        let zone = when::zone(self.system)?;
        when::parse(text, self.system.now(), &zone).map_err(Stop::Refused)
    }

    fn nothing(&self) -> String {
        let asked = &self.request.asked;
        let what = match (&asked.snapshot, &asked.at) {
            (Some(name), _) => format!(
                "no snapshot of {} is called `{}`",
                self.instance.name,
                name.escape_debug()
            ),
            (None, Some(at)) => format!(
                "no snapshot of {} is as old as {}",
                self.instance.name,
                at.escape_debug()
            ),
            (None, None) => format!("there is no snapshot of {}", self.instance.name),
        };
        let from = asked.from.as_ref();
        let from = from.map_or_else(String::new, |from| format!(" --from {from}"));
        format!(
            "{what}; `podman-btrfs restore PLAN {} --list{from}` lists those that are there",
            self.instance.name
        )
    }

    fn is_complete(point: &Point, wanted: &[&Holder]) -> Result<(), Stop> {
        let (have, lack): (Vec<&Holder>, Vec<&Holder>) = wanted
            .iter()
            .partition(|holder| point.members.contains_key(&holder.series));
        if lack.is_empty() {
            return Ok(());
        }
        refused(format!(
            "{} of {} does not hold all of it: {} is missing; {} can be restored with `--volume`",
            point.id,
            when::shown(point.taken),
            names(&lack),
            names(&have)
        ))
    }

    /// What is exchanged to restore a point that is on this host.
    pub(super) fn items(&self, point: &Point, id: &str) -> Result<Vec<Item>, Stop> {
        let asked = self.asked_volumes()?;
        let mut items = Vec::new();
        let mut lacking = Vec::new();
        for holder in self.wanted()? {
            let Some(path) = point.members.get(&holder.series) else {
                continue;
            };
            let listed = self.listed(&holder.filesystem)?;
            let of_holder = |name: &&VolumeName| asked.is_empty() || asked.contains(*name);
            let chosen: Vec<&VolumeName> = holder.volumes.iter().filter(of_holder).collect();
            for name in &chosen {
                let source = self.in_snapshot(holder, path, name)?;
                let kind = self.system.look(&source)?.map(|node| node.kind);
                if !matches!(kind, Some(NodeKind::Directory | NodeKind::Subvolume)) {
                    lacking.push(name.to_string());
                }
            }
            if !lacking.is_empty() {
                continue;
            }
            let is_whole = asked.is_empty() || chosen.iter().any(|name| self.is_own(name));
            if is_whole {
                items.push(self.subvolume(holder, path, id, &listed)?);
            } else {
                for name in chosen {
                    items.push(self.directory(holder, path, name, id, &listed)?);
                }
            }
        }
        if lacking.is_empty() {
            return Ok(items);
        }
        refused(format!(
            "{} does not hold {}, which was not in its place then; name the others with `--volume`",
            point.id,
            lacking.join(", ")
        ))
    }

    pub(super) fn is_own(&self, name: &VolumeName) -> bool {
        let volume = self.instance.volumes.get(name);
        volume.is_some_and(|volume| volume.placement == Placement::OwnSubvolume)
    }

    fn in_snapshot(
        &self,
        holder: &Holder,
        path: &str,
        name: &VolumeName,
    ) -> Result<std::path::PathBuf, Fault> {
        let root = self.top(&holder.filesystem)?.join(path);
        Ok(if self.is_own(name) {
            root
        } else {
            root.join(name.as_str())
        })
    }

    /// A whole subvolume.
    pub(super) fn subvolume(
        &self,
        holder: &Holder,
        source: &str,
        id: &str,
        listed: &Listed,
    ) -> Result<Item, Stop> {
        let place = holder.path.to_string();
        let live = self.top(&holder.filesystem)?.join(&place);
        let kind = self.system.look(&live)?.map(|node| node.kind);
        if !matches!(kind, None | Some(NodeKind::Subvolume)) {
            return refused(format!(
                "{place} is no subvolume, as it is planned; `podman-btrfs migrate` makes it one, or move it away"
            ));
        }
        let mut volumes = Vec::new();
        for name in &holder.volumes {
            volumes.push(self.item_volume(holder, source, name, listed)?);
        }
        Ok(Item {
            filesystem: holder.filesystem.clone(),
            beside: format!(
                "{}/{UNDO}{id}-{}",
                self.snapshots(&holder.filesystem)?,
                holder.series
            ),
            source: source.to_owned(),
            is_subvolume: true,
            old: self.system.identity(&live)?,
            new: None,
            volumes,
            carried: self.carried(holder, listed)?,
            place,
        })
    }

    /// One volume of a group.
    fn directory(
        &self,
        holder: &Holder,
        source: &str,
        name: &VolumeName,
        id: &str,
        listed: &Listed,
    ) -> Result<Item, Stop> {
        let place = format!("{}/{name}", holder.path);
        let top = self.top(&holder.filesystem)?;
        let kind =
            |path: &str| Ok::<_, Fault>(self.system.look(&top.join(path))?.map(|node| node.kind));
        if kind(holder.path.as_str())? != Some(NodeKind::Subvolume) {
            return refused(format!(
                "{} is no subvolume; restore all of it, without `--volume`",
                holder.path
            ));
        }
        if !matches!(kind(&place)?, None | Some(NodeKind::Directory)) {
            return refused(format!(
                "{place} is no directory, as it is planned; `podman-btrfs migrate` makes it one"
            ));
        }
        let inside = format!("{place}/");
        if let Some(path) = listed.keys().find(|path| path.starts_with(&inside)) {
            return refused(format!(
                "the subvolume {path} lies in it, which no snapshot shows; move it out first"
            ));
        }
        let volume = ItemVolume {
            inside: String::new(),
            ..self.item_volume(holder, source, name, listed)?
        };
        Ok(Item {
            filesystem: holder.filesystem.clone(),
            beside: format!("{}/{UNDO}{id}-{name}", holder.path),
            source: format!("{source}/{name}"),
            is_subvolume: false,
            old: self.system.identity(&top.join(&place))?,
            new: None,
            volumes: vec![ItemVolume {
                // A directory does not leave its subvolume: its files are made anew in any case.
                made: volume.made.max(Made::Reflink),
                ..volume
            }],
            carried: Vec::new(),
            place,
        })
    }

    fn item_volume(
        &self,
        holder: &Holder,
        source: &str,
        name: &VolumeName,
        listed: &Listed,
    ) -> Result<ItemVolume, Stop> {
        let key = format!("{}/{name}", self.instance.name);
        let path = self.in_snapshot(holder, source, name)?;
        let Some(planned) = self.instance.volumes.get(name) else {
            return refused(format!("the plan has no volume {key}"));
        };
        let is_received = listed
            .get(source)
            .is_some_and(|one| one.received_uuid.is_some());
        Ok(ItemVolume {
            inside: if self.is_own(name) {
                String::new()
            } else {
                name.to_string()
            },
            id: self.identity(holder, &key, &path)?,
            made: self.made(planned, &path, is_received)?,
            key,
        })
    }

    /// What it takes that a volume lies there as planned.
    ///
    /// Sending loses nodatacow, and what is received as a difference to a snapshot that still has it keeps it for some files and
    /// not for others: nothing of what was received is taken for nodatacow.
    fn made(&self, planned: &VolumePlan, source: &Path, is_received: bool) -> Result<Made, Fault> {
        if is_received && !planned.copy_on_write {
            return Ok(Made::Copy);
        }
        let compression = planned.compression.map(Compression::name);
        // A copy that shares blocks would bring the source's property along, and cannot change nodatacow at all.
        let is_as_planned = self.system.is_nodatacow(source)? != planned.copy_on_write
            && self.system.compression(source)?.as_deref() == compression;
        Ok(if is_as_planned {
            Made::Snapshot
        } else {
            Made::Copy
        })
    }

    /// The identity that the restored volume is to say: the one that the ledger knows it by, whatever the snapshot says, as long as
    /// that is not another volume's.
    fn identity(&self, holder: &Holder, key: &str, source: &Path) -> Result<Option<String>, Stop> {
        let planned = self.ledger.planned_on(self.plan, &holder.filesystem);
        let former = planned.into_iter().find(|volume| volume.key == key);
        let former = former.and_then(|volume| volume.former);
        let known = self.ledger.known(key, former.as_deref());
        let known = known.map(|(id, _)| id.to_owned());
        let Some(found) = Marker::of(source, self.system)? else {
            return Ok(known);
        };
        let was = self.ledger.volumes.get(key).map(|entry| &entry.was);
        let mut names = was.into_iter().flatten().chain(&former).map(String::as_str);
        let is_it = known.as_ref() == Some(&found.id)
            || found.volume == key
            || names.any(|name| name == found.volume);
        if !is_it {
            return refused(format!(
                "the snapshot says of what would become {key} that it is {}; it is not taken for {key}",
                found.volume
            ));
        }
        Ok(known.or(Some(found.id)))
    }

    /// What lies in a subvolume and belongs to its place: snapper's snapshots, and what is planned there.
    fn carried(&self, holder: &Holder, listed: &Listed) -> Result<Vec<String>, Stop> {
        let inside = format!("{}/", holder.path);
        let planned = self.filesystem(&holder.filesystem)?.subvolumes.iter();
        let planned = planned.filter_map(|one| one.path.as_str().strip_prefix(&inside));
        let mut carried: BTreeSet<String> = planned.map(str::to_owned).collect();
        carried.insert(SNAPPER.to_owned());
        let nested = || listed.keys().filter_map(|path| path.strip_prefix(&inside));
        let is_inside = |path: &str, of: &str| {
            path.strip_prefix(of)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let strange: Vec<&str> = nested()
            .filter(|path| !carried.iter().any(|of| is_inside(path, of)))
            .take(5)
            .collect();
        if !strange.is_empty() {
            return refused(format!(
                "subvolumes lie in {}, which no snapshot of it shows: {}; move them out first, or restore single volumes",
                holder.path,
                strange.join(", ")
            ));
        }
        carried.retain(|of| nested().any(|path| path == of));
        Ok(carried.into_iter().collect())
    }
}

fn names(holders: &[&Holder]) -> String {
    let volumes: Vec<&str> = holders
        .iter()
        .flat_map(|holder| holder.volumes.iter().map(VolumeName::as_str))
        .collect();
    if volumes.is_empty() {
        return "nothing of it".to_owned();
    }
    volumes.join(", ")
}
