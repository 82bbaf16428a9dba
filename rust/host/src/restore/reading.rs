//! Looks for the snapshots that hold a copy's data: on the host, and at a target.

use std::collections::BTreeMap;

use podman_btrfs_core::observed::ObservedSubvolume;
use podman_btrfs_core::units::FilesystemName;

use super::catalogue::{self, Found, Holder, Origin, Point};
use super::remote::{self, of_series};
use super::restorer::Restorer;
use crate::group::record::Record;
use crate::ledger::{Left, Why};
use crate::observe::{snapshot_names, subvolumes};
use crate::remote::{Remote, RemoteSnapshot, Target};
use crate::stop::Stop;
use crate::system::Fault;

/// Where snapper keeps the snapshots of the subvolume that it is in.
pub(super) const SNAPPER: &str = ".snapshots";

/// All subvolumes of a filesystem, by their paths.
pub(crate) type Listed = BTreeMap<String, ObservedSubvolume>;

impl<'a> Restorer<'a> {
    pub(crate) fn listed(&self, filesystem: &FilesystemName) -> Result<Listed, Fault> {
        let top = self.top(filesystem)?.to_string_lossy();
        subvolumes::look(self.system, &top)
    }

    /// The points on the host, oldest first.
    pub(crate) fn points(&self) -> Result<Vec<Point>, Stop> {
        let mut listed: BTreeMap<&FilesystemName, Listed> = BTreeMap::new();
        for holder in &self.holders {
            if !listed.contains_key(&holder.filesystem) {
                let all = self.listed(&holder.filesystem)?;
                listed.insert(&holder.filesystem, all);
            }
        }
        let mut found = Vec::new();
        for holder in &self.holders {
            let Some(all) = listed.get(&holder.filesystem) else {
                continue;
            };
            found.extend(self.of_names(holder, all)?);
            found.extend(self.of_snapper(holder, all)?);
            found.extend(self.of_ledger(holder, all));
            found.extend(self.of_undo(holder, all));
        }
        Ok(catalogue::points(found, &self.holders))
    }

    /// btrbk's, and our own, whose names are alike.
    fn of_names(&self, holder: &Holder, all: &Listed) -> Result<Vec<Found>, Stop> {
        let directory = format!("{}/", self.snapshots(&holder.filesystem)?);
        let top = self.top(&holder.filesystem)?;
        let mut found = Vec::new();
        for path in all.keys() {
            let name = path.strip_prefix(&directory);
            let Some((tag, taken)) = name.and_then(|name| of_series(name, &holder.series)) else {
                continue;
            };
            let record = Record::of(&top.join(path), self.system)?;
            found.push(Found {
                series: holder.series.clone(),
                path: path.clone(),
                tag: tag.to_owned(),
                taken,
                origin: origin(record.as_ref()),
                record,
            });
        }
        Ok(found)
    }

    /// `.snapshots/<number>/snapshot`, beside `info.xml`; one that is being made or removed has only one of them.
    fn of_snapper(&self, holder: &Holder, all: &Listed) -> Result<Vec<Found>, Stop> {
        let directory = format!("{}/{SNAPPER}/", holder.path);
        let above = self
            .top(&holder.filesystem)?
            .join(directory.trim_end_matches('/'));
        let mut found = Vec::new();
        for path in all.keys() {
            let inside = path.strip_prefix(&directory);
            let number = inside.and_then(|inside| inside.strip_suffix("/snapshot"));
            let Some(number) = number.filter(|number| number.parse::<u64>().is_ok()) else {
                continue;
            };
            let info = self
                .system
                .read_below(&above, &format!("{number}/info.xml"))?;
            let Some(info) = info else {
                continue;
            };
            let taken = snapshot_names::snapper_date(&info).ok_or_else(|| {
                Fault::Unexpected(format!(
                    "{path} has an info.xml without a date that is understood"
                ))
            })?;
            found.push(Found {
                series: holder.series.clone(),
                path: path.clone(),
                tag: number.to_owned(),
                taken,
                origin: Origin::Snapper,
                record: None,
            });
        }
        Ok(found)
    }

    /// What `apply` took when the workload was removed.
    fn of_ledger(&self, holder: &Holder, all: &Listed) -> Vec<Found> {
        let is_of_it = |left: &&Left| {
            let copy = left.volume.split('/').next();
            copy == Some(&*self.instance.name) && left.place.filesystem == holder.filesystem
        };
        let mut found: Vec<Found> = Vec::new();
        for left in self.ledger.left.iter().filter(is_of_it) {
            let path = match (&left.last_snapshot, left.why) {
                (Some(last), _) if last.taken => &last.path,
                (None, Why::SnapshotOnly) => &left.place.path,
                _ => continue,
            };
            let name = path.rsplit('/').next().unwrap_or(path);
            let Some((series, stamp)) = name.rsplit_once('.') else {
                continue;
            };
            let is_known = found.iter().any(|one| one.path == *path);
            if is_known || series != holder.series || !all.contains_key(path) {
                continue;
            }
            found.push(Found {
                series: holder.series.clone(),
                path: path.clone(),
                tag: stamp.to_owned(),
                taken: left.since,
                origin: Origin::Last,
                record: None,
            });
        }
        found
    }

    fn of_undo(&self, holder: &Holder, all: &Listed) -> Vec<Found> {
        let done = self
            .journals
            .iter()
            .filter(|journal| journal.copy == self.instance.name && journal.has_ended());
        let items = done.flat_map(|journal| journal.items.iter().map(move |item| (journal, item)));
        let of_it = items.filter(|(_, item)| {
            item.is_subvolume
                && item.filesystem == holder.filesystem
                && item.place == holder.path.as_str()
                && all.contains_key(&item.beside)
        });
        let found = of_it.map(|(journal, item)| Found {
            series: holder.series.clone(),
            path: item.beside.clone(),
            tag: journal.id.chars().take(8).collect(),
            taken: journal.exchanged.unwrap_or(journal.started),
            origin: Origin::Undo,
            record: None,
        });
        found.collect()
    }

    /// The point that was asked for, on this host: from a target it is received.
    pub(super) fn point(&mut self) -> Result<Point, Stop> {
        let Some(target) = &self.request.asked.from else {
            return self.choose(self.points()?);
        };
        let (remote, points) = self.points_at(target)?;
        let point = self.choose(points)?;
        self.fetch(&remote, &point)
    }

    /// A target, and the points there, oldest first.
    pub(crate) fn points_at(&self, target: &str) -> Result<(Target<'a>, Vec<Point>), Stop> {
        let copies = &self.request.copies;
        let remote = remote::of_plan(self.plan, self.instance, target, copies, self.system)?;
        let whole: Vec<RemoteSnapshot> = remote
            .list()?
            .into_iter()
            .filter(RemoteSnapshot::is_whole)
            .filter(|one| {
                let mut series = self.holders.iter().map(|holder| &holder.series);
                series.any(|series| *series == one.series)
            })
            .collect();
        let names: Vec<&str> = whole.iter().map(|one| one.name.as_str()).collect();
        let records = remote.records(&names)?;
        let mut found = Vec::new();
        for snapshot in whole {
            let holders = self.holders.iter();
            let mut of_it = holders
                .filter_map(|holder| Some((holder, of_series(&snapshot.name, &holder.series)?)));
            let Some((holder, (tag, taken))) = of_it.next() else {
                continue;
            };
            let record = match records.get(&snapshot.name) {
                Some(text) => Some(Record::parse(text).map_err(|why| {
                    Stop::Refused(format!(
                        "what {} of the target {target} says of itself is not understood ({why}); use the version of podman-btrfs that \
                         took it",
                        snapshot.name
                    ))
                })?),
                None => None,
            };
            found.push(Found {
                series: holder.series.clone(),
                path: snapshot.name.clone(),
                tag: tag.to_owned(),
                taken,
                origin: origin(record.as_ref()),
                record,
            });
        }
        Ok((remote, catalogue::points(found, &self.holders)))
    }
}

fn origin(record: Option<&Record>) -> Origin {
    if record.is_some() {
        Origin::Group
    } else {
        Origin::Btrbk
    }
}
