//! Whose each subvolume is, and each directory that a volume is: from the plan, the list of subvolumes and the ledger.

use std::collections::{BTreeMap, BTreeSet};

use podman_btrfs_core::drift::{FilesystemOnHost, Host, is_below};
use podman_btrfs_core::observed::ObservedSubvolume;
use podman_btrfs_core::plan::{Job, JobSubvolume, MountRole, SubvolumeRole};
use podman_btrfs_core::spec::SnapshotTool;

use crate::ledger::Left;
use crate::observe::snapshot_names;

/// Who may hold something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// A volume, by its key.
    Volume(String),
    /// What lies beside the volumes in the subvolume of a copy of a workload.
    Beside(String),
    /// All snapshots of a copy of a workload.
    Snapshots(String),
    /// What is not planned, by the name of what it seems to have belonged to.
    Unplanned(String),
    /// Leaked layers of a store.
    Leaked(String),
    /// Anything else, by what it is for.
    Other(&'static str),
}

impl Who {
    /// What is counted together: a copy of a workload with its snapshots.
    pub(super) fn group(&self) -> Option<String> {
        match self {
            Self::Volume(key) => Some(key.split('/').next().unwrap_or(key).to_owned()),
            Self::Beside(copy) | Self::Snapshots(copy) => Some(copy.clone()),
            Self::Unplanned(_) | Self::Leaked(_) | Self::Other(_) => None,
        }
    }
}

/// One filesystem's subvolumes and who they are of.
pub(super) struct Holders<'h> {
    /// The filesystem's subvolumes, by path.
    subvolumes: &'h BTreeMap<String, ObservedSubvolume>,
    /// Places that are somebody's, subvolumes or directories in them.
    claims: BTreeMap<String, Who>,
    /// The names that the ledger has places by.
    left: BTreeMap<String, String>,
    /// Snapshots by series.
    pub(super) series: BTreeMap<String, Taken>,
}

/// The snapshots of one series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// How many there are.
    pub(super) count: usize,
    /// When the newest was taken, where their names say that.
    pub(super) newest: Option<u64>,
}

impl<'h> Holders<'h> {
    /// Whose everything on a filesystem is.
    pub(super) fn of(
        host: Host<'h>,
        filesystem: FilesystemOnHost<'h>,
        subvolumes: &'h BTreeMap<String, ObservedSubvolume>,
        left: &[Left],
    ) -> Self {
        let mut holders = Self {
            subvolumes,
            claims: BTreeMap::new(),
            left: BTreeMap::new(),
            series: BTreeMap::new(),
        };
        holders.planned(host, filesystem);
        holders.leaked(host, filesystem);
        holders.left(filesystem, left);
        holders.snapshots(host, filesystem);
        holders.others(filesystem);
        holders
    }

    fn claim(&mut self, path: &str, who: Who) {
        // The first who claims it has it.
        self.claims.entry(path.to_owned()).or_insert(who);
    }

    fn planned(&mut self, host: Host, filesystem: FilesystemOnHost) {
        for (_, _, volume) in host.plan.volumes() {
            if volume.planned.filesystem == *filesystem.name {
                let place = volume.planned.place(volume.name);
                self.claim(&place, Who::Volume(volume.key()));
                let copy = volume.instance.name.clone();
                self.claim(volume.planned.subvolume.as_str(), Who::Beside(copy));
            }
        }
    }

    /// What the ledger has of data that was left, and the last snapshots of it.
    fn left(&mut self, filesystem: FilesystemOnHost, left: &[Left]) {
        for of in left
            .iter()
            .filter(|of| of.place.filesystem == *filesystem.name)
        {
            let copy = of.volume.split('/').next().unwrap_or(&of.volume);
            let last = of.last_snapshot.as_ref().map(|last| &last.path);
            for path in std::iter::once(&of.place.path).chain(last) {
                self.left.insert(path.clone(), of.volume.clone());
                self.claim(path, Who::Unplanned(copy.to_owned()));
            }
        }
    }

    fn leaked(&mut self, host: Host, filesystem: FilesystemOnHost) {
        for (store, planned) in stores(host) {
            let leaked = host.observed.engine.stores.get(store);
            let leaked = leaked.and_then(|found| found.leaked_layers.get());
            if planned.filesystem != *filesystem.name {
                continue;
            }
            let Some(mount) = filesystem.mount_of(&planned.graph_root) else {
                continue;
            };
            let inside = planned.graph_root.as_str();
            let Some(inside) = inside.strip_prefix(mount.mount_point.as_str()) else {
                continue;
            };
            for layer in leaked.into_iter().flatten() {
                let path = format!("{}{inside}/btrfs/subvolumes/{layer}", mount.subvolume);
                self.claim(&path, Who::Leaked(store.to_owned()));
            }
        }
    }

    fn snapshots(&mut self, host: Host, filesystem: FilesystemOnHost) {
        let directory = filesystem.planned.subvolume_of(MountRole::Snapshots);
        let copies = copies(host);
        let series: BTreeMap<String, (&str, String)> = jobs(host, filesystem)
            .filter_map(|(job, of)| {
                let copy = copies.get(of.path.as_str()).copied().unwrap_or(&of.name);
                let prefix = match job.tool {
                    SnapshotTool::Snapper => Some(format!("{}/.snapshots", of.path)),
                    SnapshotTool::Btrbk => {
                        directory.map(|directory| format!("{directory}/{}", of.name))
                    }
                };
                prefix.map(|prefix| (prefix, (of.name.as_str(), copy.to_owned())))
            })
            .collect();
        for path in self.subvolumes.keys() {
            // `@snapshots/shop.20270101T000000+0000`, or `@volumes/shop/.snapshots/7/snapshot`.
            let by_name = path.rsplit_once('.').map(|(series, _)| series);
            let by_number = path
                .strip_suffix("/snapshot")
                .and_then(|path| path.rsplit_once('/'))
                .map(|(above, _)| above);
            let found = by_name.and_then(|prefix| series.get(prefix));
            let found = found.or_else(|| by_number.and_then(|prefix| series.get(prefix)));
            if let Some((name, copy)) = found
                && !self.claims.contains_key(path)
            {
                let taken = self.series.entry((*name).to_owned()).or_default();
                taken.count += 1;
                let last = path.rsplit('/').next().unwrap_or(path);
                let when = snapshot_names::btrbk(last).map(|(_, when)| when);
                taken.newest = taken.newest.max(when);
                self.claims
                    .insert(path.clone(), Who::Snapshots(copy.clone()));
            }
        }
    }

    /// Subvolumes that nobody claimed: by the role of the innermost planned one that holds each.
    fn others(&mut self, filesystem: FilesystemOnHost) {
        let planned = &filesystem.planned.subvolumes;
        for path in self.subvolumes.keys() {
            if self.claims.contains_key(path) {
                continue;
            }
            let holder = planned
                .iter()
                .filter(|one| path == one.path.as_str() || is_below(path, one.path.as_str()))
                .max_by_key(|one| one.path.as_str().len());
            let is_it = holder.is_some_and(|holder| holder.path.as_str() == path);
            let who = match holder.map(|holder| holder.role) {
                Some(SubvolumeRole::Volumes | SubvolumeRole::Snapshots) if !is_it => {
                    Who::Unplanned(belonged_to(path))
                }
                role => Who::Other(what(role)),
            };
            self.claims.insert(path.clone(), who);
        }
    }

    /// Each subvolume's path and number, the top level among them, and whose it is.
    pub(super) fn subvolumes(&self) -> impl Iterator<Item = (&'h str, u64, Who)> {
        const TOP_LEVEL: (&str, u64, Who) = ("", 5, Who::Other("the top level"));
        let known = self.subvolumes.iter().map(|(path, of)| {
            let who = self.claims.get(path).cloned();
            (path.as_str(), of.id, who.unwrap_or(Who::Other(what(None))))
        });
        std::iter::once(TOP_LEVEL).chain(known)
    }

    /// Everybody who is said to hold something.
    pub(super) fn everybody(&self) -> BTreeSet<Who> {
        let subvolumes = self.subvolumes().map(|(_, _, who)| who);
        subvolumes.chain(self.claims.values().cloned()).collect()
    }

    /// Directories in the root of a subvolume that are somebody's: their names, and whose.
    pub(super) fn directories(&self, subvolume: &str) -> Vec<(&str, &Who)> {
        let prefix = if subvolume.is_empty() {
            String::new()
        } else {
            format!("{subvolume}/")
        };
        let below = self.claims.range(prefix.clone()..);
        below
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter_map(|(path, who)| Some((path.get(prefix.len()..)?, path, who)))
            .filter(|(name, path, _)| !name.contains('/') && !self.subvolumes.contains_key(*path))
            .map(|(name, _, who)| (name, who))
            .collect()
    }

    /// What is not planned, by name: its places, each with the volume that the ledger has it by.
    pub(super) fn unplanned(&self) -> BTreeMap<&str, Vec<(&str, Option<&str>)>> {
        let mut found: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (path, who) in &self.claims {
            if let Who::Unplanned(name) = who {
                let volume = self.left.get(path).map(String::as_str);
                found.entry(name).or_default().push((path.as_str(), volume));
            }
        }
        found
    }
}

/// The plan's jobs on a filesystem, with what they take.
pub(super) fn jobs<'h>(
    host: Host<'h>,
    filesystem: FilesystemOnHost<'h>,
) -> impl Iterator<Item = (&'h Job, &'h JobSubvolume)> {
    let jobs = host.plan.protection.jobs.iter();
    let on_it = jobs.filter(move |job| job.filesystem == *filesystem.name);
    on_it.flat_map(|job| job.subvolumes.iter().map(move |of| (job, of)))
}

/// The copies of workloads, by the subvolumes that they have volumes in.
pub(super) fn copies(host: Host<'_>) -> BTreeMap<&str, &str> {
    let volumes = host.plan.volumes();
    volumes
        .map(|(_, _, volume)| {
            let subvolume = volume.planned.subvolume.as_str();
            (subvolume, volume.instance.name.as_str())
        })
        .collect()
}

/// The plan's stores: the system's as `root`, and users'.
pub(super) fn stores(host: Host<'_>) -> Vec<(&str, &podman_btrfs_core::plan::StorePlan)> {
    let engine = &host.plan.engine;
    let users = engine.users.iter();
    let users = users.map(|(user, planned)| (user.as_str(), planned));
    let system = engine.system.iter().map(|planned| ("root", planned));
    system.chain(users).collect()
}

/// The copy of a workload that a name seems to be of: `@volumes/shop+cache` and `@snapshots/shop.20270101T000000+0000` are `shop`.
fn belonged_to(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = match name.rsplit_once('.') {
        Some((series, stamp))
            if !series.is_empty() && stamp.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            series
        }
        Some(_) | None => name,
    };
    name.split('+').next().unwrap_or(name).to_owned()
}

/// What a subvolume is for, in words.
fn what(role: Option<SubvolumeRole>) -> &'static str {
    match role {
        None => "what the plan does not speak of",
        Some(SubvolumeRole::System) => "the system",
        Some(
            SubvolumeRole::EngineStores | SubvolumeRole::UserStore | SubvolumeRole::ImageStore,
        ) => "Podman's stores",
        Some(SubvolumeRole::Swap) => "swap",
        Some(
            SubvolumeRole::Volumes
            | SubvolumeRole::Snapshots
            | SubvolumeRole::Group
            | SubvolumeRole::Volume
            | SubvolumeRole::SnapperSnapshots,
        ) => "beside volumes and snapshots",
    }
}
